"""What it costs to pause runs, to let them take over from each other, and to keep them: `python benchmarks/verbs.py`.

For agents of two sizes of memory it times the verbs of `rlhp.trainers.segments`, after a first call of each, and keeps
the table in `verbs.md`.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import report

TURNS = 5
CASES: dict[str, tuple[int, str, str, int, dict[str, Any]]] = {
    "100 runs of A2C, [64, 64]": (100, "a2c", "Pendulum-v1", 2_000, {"n_envs": 4, "n_steps": 16}),
    "16 runs of TD3, [64, 64], replay of 100,000": (
        16,
        "td3",
        "Pendulum-v1",
        100_000,
        {"net_arch": [64, 64], "buffer_size": 100_000, "learning_starts": 100_000},
    ),
}


def milliseconds(call: Callable[[], Any]) -> str:
    """Time a call: median of several, after a first one."""
    import jax

    jax.block_until_ready(call())
    took = []
    for _ in range(TURNS):
        started = time.perf_counter()
        jax.block_until_ready(call())
        took.append(1e3 * (time.perf_counter() - started))
    return f"{statistics.median(took):,.1f}"


def measured(title: str, folder: Path) -> list[str]:
    """Give a row: what each verb takes for all runs of a case together."""
    from rlhp.trainers import RunRequest
    from rlhp.trainers.segments import advance, assign, begin, inherit, join, restore, snapshot, take

    n, algorithm, env_id, steps, config = CASES[title]
    asked = [RunRequest(algorithm, env_id, seed, steps, config, steps // 10, 2, "jax") for seed in range(n)]
    training = begin(asked)
    advance(training, steps // 10)
    parents = [i % (n // 5) for i in range(n)]  # four fifths go on with what the first fifth is

    def exchanged() -> Any:
        inherit(training, parents)
        return [run.state for run in training.runs]

    def parted() -> Any:
        return len(join([take(training, range(0, n, 2)), take(training, range(1, n, 2))]))

    path = folder / "paused"
    rows = [
        milliseconds(exchanged),
        milliseconds(lambda: assign(training, {"learning_rate": 1e-4})),
        milliseconds(parted),
        milliseconds(lambda: snapshot(training, path)),
        milliseconds(lambda: len(restore(path))),
    ]
    size = sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file()) / 1e6
    return [title, *rows, f"{size:.1f}"]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = [measured(title, Path(folder) / str(number)) for number, title in enumerate(CASES)]
    report.write(
        "verbs",
        "Runs that pause and meet",
        f"Milliseconds for all runs of a case together, median of {TURNS} calls after a first one: four fifths of the "
        "runs take over all of another's state but its random stream; a new learning rate for all; half of them parted "
        "from the others and joined again; all of them written to disk and read from it. The last column is what lies "
        "on disk, in megabytes.",
        ["runs", "inherit", "assign", "take and join", "snapshot", "restore", "on disk, MB"],
        rows,
    )


if __name__ == "__main__":
    main()
