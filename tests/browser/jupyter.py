"""JupyterLab as a student meets it: the server that `make lab` starts, and a notebook driven by keyboard."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from course.copies import bring

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# JupyterLab calls a kernel idle before it is connected; a cell run then is lost without a word.
CONNECTED = """() => {
    const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
# A cell has its number, and runs no more.
RAN = """index => {
    const model = window.jupyterapp.shell.currentWidget.content.widgets[index].model;
    return model.executionCount !== null && model.executionState !== 'running';
}"""
OPEN = """async path => {
    window.jupyterapp.shell.expandLeft();
    await window.jupyterapp.commands.execute('docmanager:open', { path, factory: 'Notebook' });
}"""
CLOSE = """() => {
    for (const widget of [...window.jupyterapp.shell.widgets('main')]) {
        if (widget.context) widget.context.model.dirty = false;
        widget.dispose();
    }
}"""
# Chromium's own background traffic is off, and a name that is not loopback cannot even be looked up.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@dataclass(frozen=True)
class Lab:
    """A running server: `url` without the token, the student's folder `course` that it serves, its `log`."""

    url: str
    token: str
    course: Path
    log: Path


@contextmanager
def serve(course: Path, scratch: Path) -> Iterator[Lab]:
    """Start JupyterLab on `course` by the very command of `make lab`, on a free port of loopback."""
    spec = importlib.util.spec_from_file_location("project_make", ROOT / "make.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    command, env = make.lab_command(course)
    command[0] = sys.executable
    command += ["--no-browser", f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"]
    command += [f"--LabApp.workspaces_dir={scratch / 'workspaces'}"]
    command += ["--LabApp.expose_app_in_browser=True"]  # so that the page can be asked whether its kernel is there
    # The settings of whoever runs the tests stay out of them.
    for name in ("CONFIG_DIR", "RUNTIME_DIR", "DATA_DIR"):
        env[f"JUPYTER_{name}"] = str(scratch / name.lower())
    env["IPYTHONDIR"] = str(scratch / "ipython")
    env["RLHP_SMALL"] = "1"
    # A lecture that is written outside of this repository is installed there.
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [env.get("PYTHONPATH"), str(scratch / "site")]))
    lab = Lab(url=f"http://127.0.0.1:{port}", token=token, course=course, log=scratch / "jupyterlab.log")
    with lab.log.open("w") as log:
        server = subprocess.Popen(command, env=env, cwd=course, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for_server(lab, server)
        yield lab
    finally:
        server.terminate()  # JupyterLab ends its kernels on the way out
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_for_server(lab: Lab, server: subprocess.Popen[bytes], seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{lab.url}/api/status?token={lab.token}", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{lab.log.read_text()[-3000:]}")


def sessions(lab: Lab, session: str = "", method: str = "GET", change: dict[str, Any] | None = None) -> Any:
    """Ask the server for its sessions (a notebook with its kernel), or change or delete one."""
    head = {"Authorization": f"token {lab.token}", "Content-Type": "application/json"}
    data = None if change is None else json.dumps(change).encode()
    asked = urllib.request.Request(f"{lab.url}/api/sessions/{session}".rstrip("/"), data, head, method=method)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.loads(answer.read() or b"null")


def end_kernels(lab: Lab) -> None:
    """End every kernel, so that the next test meets a fresh one; what a kernel trains ends with it."""
    for session in sessions(lab):
        sessions(lab, session["id"], "DELETE")


def hand_over(lab: Lab, name: str) -> None:
    """Give the kernel of the notebook before to `name`, emptied: what it imported need not be imported again.

    Its explorers are closed, which ends what they train, and its names are gone. JupyterLab's settings are as they
    came: a theme that one test chose would be the next one's.
    """
    from jupyter_client import BlockingKernelClient

    shutil.rmtree(lab.log.parent / "config_dir" / "lab" / "user-settings", ignore_errors=True)
    for session in sessions(lab)[:1]:
        client = BlockingKernelClient()
        client.load_connection_file(str(lab.log.parent / "runtime_dir" / f"kernel-{session['kernel']['id']}.json"))
        client.start_channels()
        emptied = "import ipywidgets\nipywidgets.Widget.close_all()\nget_ipython().run_line_magic('reset', '-f')"
        reply = client.execute_interactive(emptied, silent=True, timeout=60)
        client.stop_channels()
        assert reply["content"]["status"] == "ok", reply["content"]
        sessions(lab, session["id"], "PATCH", {"path": name, "name": name, "type": "notebook"})


@dataclass
class Watch:
    """What a page tried to reach and what it complained about."""

    left_loopback: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def attach(self, context: Any) -> None:
        """Block and count every request of a browser context that would leave this machine."""
        context.route("**/*", self._route)
        context.on("request", lambda request: self._see(request.url))
        context.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("page", lambda page: page.on("websocket", lambda socket: self._see(socket.url)))

    def _route(self, route: Any) -> None:
        if outside(route.request.url):
            route.abort()
        else:
            route.continue_()

    def _see(self, url: str) -> None:
        if outside(url):
            self.left_loopback.append(url)


def outside(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in {"data", "blob", "about"} and parts.hostname not in LOOPBACK


@dataclass
class Window:
    """One page of JupyterLab, in which a test after the other opens its notebook.

    To load the page takes about five seconds of a processor, to open a notebook in it less than one.
    """

    chromium: Any
    lab: Lab
    watch: Watch
    page: Any = None

    def show(self, name: str, size: dict[str, int]) -> Notebook:
        """Open a notebook alone, in the light theme and beside the list of files, with the kernel of the one before."""
        self.empty()
        hand_over(self.lab, name)
        if self.page is None:
            context = self.chromium.new_context(viewport=size)
            self.watch.attach(context)
            self.page = context.new_page()
            workspace = f"{self.lab.url}/lab/workspaces/{secrets.token_hex(4)}"
            self.page.goto(f"{workspace}/tree/{name}?token={self.lab.token}")
            return Notebook(self.page, self.lab, name).ready()
        self.page.set_viewport_size(size)
        book = Notebook(self.page, self.lab, name)
        if self.page.locator("body[data-jp-theme-light='false']").count():
            book.theme("Light")
        self.page.evaluate(OPEN, name)
        return book.ready()

    def empty(self) -> None:
        """Close what is open, unsaved: whoever takes its kernel next finds nobody else at it."""
        if self.page is not None:
            self.page.evaluate(CLOSE)

    def close(self) -> None:
        """Close the page: the next notebook is opened in a fresh one."""
        if self.page is not None:
            self.page.context.close()
            self.page = None


class Notebook:
    """One notebook, open in JupyterLab. Cells are counted from 0, markdown cells included."""

    def __init__(self, page: Any, lab: Lab, name: str) -> None:
        self.page = page
        self.lab = lab
        self.name = name
        self.panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        self.cells = self.panel.locator(".jp-Notebook .jp-Cell")

    def ready(self) -> Notebook:
        """Wait for the notebook's kernel and for all its cells."""
        self.panel.wait_for(timeout=90_000)
        self.page.wait_for_function(CONNECTED, timeout=90_000)
        self.page.wait_for_function(
            "n => document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell').length >= n",
            arg=len(self.sources()),
            timeout=60_000,
        )
        return self

    def sources(self) -> list[str]:
        """Give the source of every cell as the file on disk has it."""
        import nbformat

        return [cell.source for cell in nbformat.read(self.lab.course / self.name, as_version=4).cells]

    def find(self, text: str, *, kind: str | None = None) -> int:
        """Give the index of the first cell whose source holds `text`."""
        import nbformat

        cells = nbformat.read(self.lab.course / self.name, as_version=4).cells
        for index, cell in enumerate(cells):
            if text in cell.source and kind in (None, cell.cell_type):
                return index
        raise LookupError(f"no cell of {self.name} holds {text!r}")

    def wait_idle(self, seconds: float = 120) -> None:
        """Wait until the kernel has answered everything it was asked."""
        idle = self.panel.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']")
        idle.wait_for(timeout=seconds * 1000)

    def theme(self, name: str) -> None:
        """Choose JupyterLab's theme: Light or Dark."""
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", f"JupyterLab {name}"
        )
        light = "true" if name == "Light" else "false"
        self.page.locator(f"body[data-jp-theme-light='{light}']").wait_for(state="attached", timeout=30_000)

    def select(self, index: int) -> None:
        """Make a cell the active one, in command mode."""
        cell = self.cells.nth(index)
        cell.scroll_into_view_if_needed()
        cell.locator(".jp-InputPrompt, .jp-InputArea-prompt").first.click()
        self.page.keyboard.press("Escape")

    def run(self, first: int, last: int | None = None, *, seconds: float = 120, may_fail: bool = False) -> None:
        """Run the cells `first` to `last` by keyboard, each as soon as the one before is done.

        Raises
        ------
        AssertionError
            If a cell ends in an error or writes to stderr, unless it `may_fail`.
        """
        self.select(first)
        for index in range(first, (first if last is None else last) + 1):
            self.page.keyboard.press("Shift+Enter")
            self.wait_ran(index, seconds)
            # JupyterLab marks a traceback like anything on stderr; a lecture shows neither.
            if not may_fail and self.output(index).locator("[data-mime-type='application/vnd.jupyter.stderr']").count():
                raise AssertionError(f"{self.name}, cell {index}:\n{self.text(index)}")

    def wait_ran(self, index: int, seconds: float = 120) -> None:
        """Wait until a cell has its number and the kernel has sent all that the cell puts out."""
        from playwright.sync_api import expect

        cell = self.cells.nth(index)
        if "jp-CodeCell" in (cell.get_attribute("class") or ""):
            if cell.locator(".jp-InputPlaceholder").count():  # a folded cell shows no number
                self.page.wait_for_function(RAN, arg=index, timeout=seconds * 1000)
            else:
                number = re.compile(r"\[\d+\]:")
                expect(cell.locator(".jp-InputPrompt").first).to_have_text(number, timeout=seconds * 1000)
            self.wait_idle(seconds)

    def write(self, index: int, source: str) -> None:
        """Replace the source of a code cell, as one does with select-all and paste."""
        editor = self.cells.nth(index).locator(".cm-content").first
        editor.scroll_into_view_if_needed()
        editor.click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Escape")

    def output(self, index: int) -> Any:
        """Give the locator of a cell's output area."""
        return self.cells.nth(index).locator(".jp-Cell-outputArea").first

    def text(self, index: int) -> str:
        """Give what a reader sees below a cell."""
        return self.output(index).inner_text().strip() if self.output(index).count() else ""

    def wait_text(self, index: int, text: str | re.Pattern[str], seconds: float = 60) -> str:
        """Wait until the output of a cell shows `text`; give all that it shows."""
        self.output(index).get_by_text(text).first.wait_for(timeout=seconds * 1000)
        return self.text(index)

    def faults(self, index: int) -> list[str]:
        """Give the serious and critical faults that axe finds in a cell's output."""
        from axe_playwright_python.sync_playwright import Axe

        self.output(index).evaluate("element => element.setAttribute('data-axe', 'here')")
        try:
            found = Axe().run(self.page, context="[data-axe=here]").response["violations"]
        finally:
            self.output(index).evaluate("element => element.removeAttribute('data-axe')")
        return [
            f"{fault['id']} ({fault['impact']}): {fault['help']}: {node['html'][:200]}"
            for fault in found
            if fault["impact"] in {"serious", "critical"}
            for node in fault["nodes"]
        ]

    def shot(self, name: str) -> None:
        """Save a picture of the window, where RLHP_SCREENSHOTS names a folder."""
        if folder := os.environ.get("RLHP_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png")


def copy_course(to: Path) -> Path:
    """Bring a student's copies of the lectures into a folder, as `make lab` does."""
    bring(ROOT / "course", to)
    return to
