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

    from rlhp.algorithms.sharing import accept
    from rlhp.sweep.limit import TimeLimit, failed, stopped_by_limit
    from rlhp.sweep.store import Store
    from rlhp.trainers.request import RunRequest
    from rlhp.trainers.sb3 import Options, train_run

    def tell(event: dict[str, Any]) -> None:
        channel.write(json.dumps(event) + "\n")

    tell({"event": "ready"})
    while True:
        task = tasks.get()
        try:
            accept(task["algorithm"])
            store, request = Store(task["store"]), RunRequest.from_json(task["request"])
            policy = store.policy(request.run_id) if task["keep_policy"] else None
            limit = TimeLimit(task["time_limit"])  # the parent sees to a run that does not come to ask
            rows: list[dict[str, Any]] = []

            def told(event: dict[str, Any], rows: list[dict[str, Any]] = rows) -> None:
                if event["event"] == "eval":
                    rows.append(event["row"])
                tell(event)

            def over(limit: TimeLimit = limit) -> bool:
                return stop.is_set() or limit.passed()

            try:
                runs = train_run(request, Options(policy=policy), on_event=told, should_stop=over)
            except KeyboardInterrupt as error:  # Ctrl-C does not reach this process: the environment raised it
                runs = failed(request, rows, f"{type(error).__name__}: {error}")
            if limit.passed() and not stop.is_set():
                runs = stopped_by_limit(runs, limit.seconds or 0.0)
            row = runs.table.iloc[0]
            ended = {"run_id": request.run_id, "status": row["status"], "error": row["error"]}
            if row["status"] != "stopped":
                ended["chunk"] = store.write(runs).name
            tell({"event": "finished", **ended})
        except Exception as error:
            # Training itself never raises; what does (a full disk, say) concerns the whole sweep.
            where = traceback.extract_tb(error.__traceback__)[-1]
            message = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
            tell({"event": "broken", "message": message})


if __name__ == "__main__":
    main()
