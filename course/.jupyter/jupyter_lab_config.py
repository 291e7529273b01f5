"""How `make lab` serves the course: on this machine alone, with a token, asking nothing of the network."""

from pathlib import Path

c = get_config()  # noqa: F821  (Jupyter defines it where it reads this file)

c.ServerApp.ip = "127.0.0.1"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"  # its list would be fetched from the package index
# Tabs of the reader's other work stay out of the course, and the course's out of theirs.
c.LabApp.workspaces_dir = str(Path(__file__).resolve().parent / "workspaces")
# In a container one is root; whoever reaches loopback there and holds the token is root already.
c.ServerApp.allow_root = True
c.ContentsManager.hide_globs = ["__pycache__", "*.pyc"]
