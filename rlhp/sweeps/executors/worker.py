"""A process that trains runs: one JSON task a line comes in, events go out the same way.

It is a plain subprocess, not a `multiprocessing` one, so that a script needs no ``if __name__ == "__main__"``, a
notebook's kernel is never copied, and exactly the run that brought a process down is known. It ends when its parent
does: a sweep that was killed leaves nothing training behind.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

__all__ = ["main"]


def main() -> None:
    """Train what comes in on standard input until it closes."""
    # Environments may print; events get a channel of their own and standard output joins standard error.
    channel = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    tasks: queue.Queue[dict[str, Any]] = queue.Queue()
    stop = threading.Event()

    def listen() -> None:
        for line in sys.stdin:
            message = json.loads(line)
            if message.get("stop"):
                stop.set()
            else:
                tasks.put(message)
        os._exit(0)  # the parent has closed the channel or died: nobody wants this run any more

    threading.Thread(target=listen, daemon=True).start()

    from rlhp.algorithms import sharing as algorithms
    from rlhp.envs import sharing as environments
    from rlhp.sweeps._ended import Ended
    from rlhp.sweeps.executors._here import train_one
    from rlhp.trainers import RunRequest
    from rlhp.trainers.sb3 import Options  # which takes seconds, before this process says "ready"

    def tell(event: dict[str, Any]) -> None:
        channel.write(json.dumps(event) + "\n")

    tell({"event": "ready"})
    while True:
        task = tasks.get()
        rows: list[dict[str, Any]] = []

        def hear(event: dict[str, Any], rows: list[dict[str, Any]] = rows) -> None:
            if event["event"] == "eval":
                rows.append(event["row"])
            tell(event)

        try:
            algorithms.accept(task["algorithm"])
            environments.accept(task["environment"])
            request = RunRequest.from_json(task["request"])
            options = Options(policy=None if task["policy"] is None else Path(task["policy"]))
            try:
                limit = task["time_limit"]  # the parent sees to a run that does not come to ask
                ended = train_one(request, options, limit, hear, stop.is_set, interrupts=False)
            except KeyboardInterrupt as error:  # Ctrl-C does not reach this process: the environment raised it
                ended = Ended(request, "failed", rows, error=f"{type(error).__name__}: {error}")
            tell({"event": "ended", "run_id": request.run_id, "run": ended.to_json()})
        except Exception as error:
            # Training itself never raises; what does (a full disk, say) concerns the whole sweep.
            where = traceback.extract_tb(error.__traceback__)[-1]
            message = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
            tell({"event": "broken", "message": message})


if __name__ == "__main__":
    main()
