"""Run a submission, and give each check cell the points that the examiner found."""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat.v4
from nbclient.client import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_solution
from traitlets import Integer

from rlhp.exercises._examiner import REQUEST, sign
from rlhp.exercises._sizes import VARIABLE as SMALL
from rlhp.exercises.grading._notes import add_note, number

Node = Any  # nbformat's NotebookNode, which has no types

ENDED = (
    "ended Python (`os._exit`, `exit()`, a crash or no memory left). It is worth nothing; the other cells were run "
    "again without it."
)
STUCK = "did not end, and could not be interrupted. It is worth nothing; the other cells were run again without it."
GIVEN_UP = "Python ended too often in this notebook: the cells that were not reached are worth nothing."
TOO_LONG = "This notebook took more than {:,} seconds in all: the cells that were not reached are worth nothing."


QUIETLY = ["--IPKernelApp.log_level=ERROR"]
"""A kernel warns that it talks without encryption, which would stand in the midst of every line of progress."""


@dataclass(frozen=True)
class Lost:
    """A cell at which Python was lost, and how."""

    index: int
    how: str


class RunSubmission(Execute):
    """Run a notebook cell by cell, with the small sizes, and score its check cells.

    A check cell's outputs end with what was found: an error where it earned nothing, else the points. That is what
    nbgrader reads.
    """

    most_text = Integer(20_000, help="Characters of text that a cell may print; the rest is cut.").tag(config=True)
    most_rich = Integer(2_000_000, help="Characters of one picture, table or widget; a larger one is left out.").tag(
        config=True
    )
    iopub_timeout = Integer(20, help="Seconds to wait for what a cell still shows when it has ended.").tag(config=True)
    most_starts = Integer(8, help="How often Python is started again for one notebook.").tag(config=True)
    most_seconds = Integer(1_200, help="Seconds after which no further cell of a notebook is begun.").tag(config=True)

    def preprocess(self, nb: Node, resources: Any, km: Any = None) -> tuple[Node, Any]:
        """Run one notebook."""
        if not any(cell.cell_type == "code" for cell in nb.cells):
            return nb, resources
        lost: dict[int, str] = {}
        self._ends = time.monotonic() + self.most_seconds
        while True:
            replies: dict[int, dict[str, Any]] = {}
            broken = self._run(nb, resources, lost, replies)
            if broken is None:
                break
            lost[broken.index] = broken.how
            self._warn(resources, f"cell {number(nb.cells, broken.index)} {broken.how}")
            if len(lost) > self.most_starts:
                break
        too_long = broken is None and time.monotonic() > self._ends and _is_cut(nb, lost, replies)
        given_up = TOO_LONG.format(self.most_seconds) if too_long else GIVEN_UP
        for index, cell in enumerate(nb.cells):
            if cell.cell_type == "code":
                if index in lost:
                    cell.outputs = [_error("KernelLost", f"This cell {lost[index]}")]
                elif index not in replies and cell.source.strip():
                    cell.outputs = [_error("NotRun", given_up)]
                if _is_check(cell):
                    _settle(cell, replies.get(index))
                elif is_grade(cell) and not is_solution(cell):  # a test of another sort: its exception decides
                    cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]
        if lost:
            said = [f"Cell {number(nb.cells, index)} {how}" for index, how in sorted(lost.items())]
            add_note(nb, "While grading, Python was lost:", said + ([GIVEN_UP] if broken is not None else []))
        if too_long:
            self._warn(resources, given_up)
            add_note(nb, "While grading, time ran out:", [given_up])
        return nb, resources

    def _warn(self, resources: Any, said: str) -> None:
        names = resources.get("nbgrader", {})
        self.log.warning("%s of %s: %s", names.get("notebook", "a notebook"), names.get("student", "somebody"), said)

    def _run(self, nb: Node, resources: Any, lost: dict[int, str], replies: dict[int, dict[str, Any]]) -> Lost | None:
        """Run all cells but those that are lost already; give the next one at which Python is lost."""
        NotebookClient.__init__(self, nb)
        self.reset_execution_trackers()
        self._check_assign_resources(resources)
        self._asked, self._printed = False, 0
        self._reply: dict[str, Any] = {}
        self.shutdown_kernel = "graceful"
        self.extra_arguments = QUIETLY[:]  # a copy: the client adds to it
        with tempfile.TemporaryDirectory(prefix="rlhp_grading_", ignore_cleanup_errors=True) as empty:
            # Started in a folder without files: what lies beside the notebook must not pass for a library.
            with self.setup_kernel(cwd=empty, env={**os.environ, SMALL: "1"}):
                self._key = secrets.token_bytes(32)
                self._let_examiner_in(nb, resources, Path(empty))
                for index, cell in enumerate(nb.cells):
                    if cell.cell_type != "code" or index in lost:
                        continue
                    if time.monotonic() > self._ends:
                        self.shutdown_kernel = "immediate"
                        return None
                    try:
                        self._run_cell(cell, index, resources)
                    except (DeadKernelError, CellTimeoutError) as error:
                        self.shutdown_kernel = "immediate"
                        return Lost(index, STUCK if isinstance(error, CellTimeoutError) else ENDED)
                    replies[index] = self._reply
                    if _asks_to_exit(self._reply):
                        return Lost(index, ENDED)
        return None

    def _let_examiner_in(self, nb: Node, resources: Any, empty: Path) -> None:
        orders = {
            "key": self._key.hex(),
            "folder": str(Path(resources.get("metadata", {}).get("path") or ".").resolve()),
            "exercises": [name for cell in nb.cells if _is_check(cell) and (name := _exercise(cell))],
        }
        path = empty / "orders.json"
        path.write_text(json.dumps(orders), encoding="utf-8")
        code = f"import rlhp.exercises._examiner as _\n_.enter({str(path)!r})\ndel _"
        assert self.kc is not None
        # Of a cell; to import the library is the grader's own work.
        limit: int | None = self.timeout  # type: ignore[has-type]
        self.timeout = limit and max(limit, self.startup_timeout)
        reply = self.wait_for_reply(self.kc.execute(code, silent=True, store_history=False))
        self.timeout = limit
        content = reply["content"] if reply else {"status": "error", "ename": "TimeoutError", "evalue": ""}
        if content["status"] != "ok":
            raise RuntimeError(
                "the examiner cannot begin: "
                f"{content['ename']}: {content['evalue']}; is rlhp installed for the kernel that runs the notebooks?"
            )

    def _run_cell(self, cell: Node, index: int, resources: Any) -> None:
        self._asked, self._reply, self._printed = _is_check(cell), {}, 0
        self.preprocess_cell(cell, resources, index)
        if self._asked:
            reply = self._reply.get("content", {})
            expected = sign(self._key, self._request_id, {"share": 0.0, "name": "", "message": "", **reply})
            if not hmac.compare_digest(str(reply.get("proof", "")), expected):
                self._reply = {"content": {"status": "error", **_unsigned(reply)}}
            self._asked = False

    def start_new_kernel_client(self) -> Any:
        """Send a check cell to the examiner, and every other as usual."""
        client = super().start_new_kernel_client()
        execute = client.execute

        def send(code: str, **options: Any) -> Any:
            if not self._asked:
                return execute(code, **options)
            message = client.session.msg(REQUEST, {"code": code})
            self._request_id = message["header"]["msg_id"]
            client.shell_channel.send(message)
            return self._request_id

        client.execute = send
        return client

    def on_cell_executed(self, **kwargs: Any) -> None:
        """Keep the reply; nbgrader's own step looks at those of other cells."""
        self._reply = kwargs["execute_reply"]
        if not self._asked:
            super().on_cell_executed(**kwargs)

    def output(self, outs: list[Node], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Node | None:
        """Cut what a cell shows as it comes: an endless loop can print more than memory holds."""
        content = msg["content"]
        if msg["msg_type"] == "stream":
            room = self.most_text - self._printed
            self._printed += len(content["text"])
            if room <= 0:
                return None
            if len(content["text"]) > room:
                content["text"] = content["text"][:room] + f"\n[cut: a cell shows {self.most_text:,} characters]\n"
        elif "data" in content:
            for kind, data in content["data"].items():
                most = self.most_text if kind == "text/plain" else self.most_rich
                if len(data if isinstance(data, str) else json.dumps(data)) > most:
                    content["data"] = {"text/plain": f"[left out: {kind} of more than {most:,} characters]"}
                    break
        elif msg["msg_type"] == "error":
            content["evalue"] = content["evalue"][: self.most_text]
            content["traceback"] = [line[: self.most_text] for line in content["traceback"]]
        return super().output(outs, msg, display_id, cell_index)


def _is_cut(nb: Node, lost: dict[int, str], replies: dict[int, dict[str, Any]]) -> bool:
    """Return whether a cell was left that should have been run."""
    code = (index for index, cell in enumerate(nb.cells) if cell.cell_type == "code" and cell.source.strip())
    return any(index not in lost and index not in replies for index in code)


def _is_check(cell: Node) -> bool:
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell) and cell.source.startswith("check(")


def _exercise(cell: Node) -> str | None:
    with contextlib.suppress(IndexError):
        return str(cell.source.split('"')[1])
    return None


def _settle(cell: Node, reply: dict[str, Any] | None) -> None:
    """Let a check cell's outputs say what was found, and nothing else that nbgrader would take for a verdict."""
    shown = [one for one in cell.outputs if one.output_type == "display_data" or one.get("name") == "stdout"]
    points = float(cell.metadata.nbgrader["points"])
    if reply is None:  # lost or not reached: it says so already
        cell.outputs = [one for one in cell.outputs if one.output_type == "error"]
        return
    content = reply["content"]
    share = min(max(float(content.get("share", 0.0)), 0.0), 1.0)
    if content.get("name"):
        said = f"{content['name']}: {content['message']}"
        if share:
            shown.append(nbformat.v4.new_output("stream", name="stdout", text=said + "\n"))
        else:
            shown.append(_error(str(content["name"]), str(content["message"])))
    elif content.get("ename"):
        shown.append(_error(content["ename"], content["evalue"], content["traceback"]))
        share = 0.0
    if share:
        score = round(points * share, 2)
        data = {"text/plain": repr(score), "text/html": f"<p>{score:g} of {points:g} points</p>"}
        shown.append(nbformat.v4.new_output("execute_result", data=data, execution_count=None))
    elif not any(one.output_type == "error" for one in shown):
        shown.append(_error("NoPoints", "Nothing was earned."))
    cell.outputs = shown


def _unsigned(reply: dict[str, Any]) -> dict[str, Any]:
    """Return what to write where the reply is not the examiner's: the time limit's, or nobody knows whose."""
    if reply.get("ename") == "CellTimeoutError":
        said = "The check did not end in time. Is there a loop that never ends?"
        return {"ename": "CellTimeoutError", "evalue": said, "traceback": [said]}
    said = "The verdict did not come from the grader, so it does not count. Was the kernel's own code changed?"
    return {"ename": "NoVerdict", "evalue": said, "traceback": [said]}


def _error(name: str, message: str, trace: list[str] | None = None) -> Node:
    return nbformat.v4.new_output("error", ename=name, evalue=message, traceback=trace or [f"{name}: {message}"])


def _asks_to_exit(reply: dict[str, Any]) -> bool:
    payload = reply.get("content", {}).get("payload") or []
    return any(one.get("source") == "ask_exit" for one in payload if isinstance(one, dict))
