"""Where things are kept from one session to the next, so that they are made once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["kept_folder"]


def kept_folder(part: str) -> Path:
    """Return where one kind of thing is kept: below ``$RLHP_CACHE``, or the user's cache folder; it may not exist yet.

    Parameters
    ----------
    part : str
        What is kept: ``"jax"`` for compiled programs.
    """
    if os.environ.get("RLHP_CACHE"):
        return Path(os.environ["RLHP_CACHE"]) / part
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return base / "rlhp" / part
