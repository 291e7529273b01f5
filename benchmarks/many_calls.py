"""Does a thousand small calls on one folder take time in proportion to their number?

Each call trains one run of one configuration that no call before had, on one `out=`: what a loop of one's own around
`rlhp.train` does, or a searcher that asks for one run at a time. The runs are as short as runs can be, so that what is
measured is the call, the session and the store. Beside it stands the store alone: looking for a run that is not there,
writing a chunk of one, joining chunks.

    python benchmarks/many_calls.py            # 100, 300 and 1,000 calls
    python benchmarks/many_calls.py 30 100     # fewer
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from report import write

import rlhp
from rlhp import chunks
from rlhp.runs import Runs
from rlhp.sweeps import Store

COUNTS = (100, 300, 1_000)
CONFIG = {"n_steps": 8, "n_envs": 1, "net_arch": [4]}


def train(out: Path, number: int) -> None:
    """Train the run of a number."""
    config = {**CONFIG, "gamma": 0.9 + 0.099 * number / max(COUNTS)}
    rlhp.train(
        "a2c",
        "CartPole-v1",
        config,
        steps=16,
        evaluation=rlhp.Evaluation(16, episodes=1),
        engine="jax",
        out=out,
        execution=rlhp.Execution(progress=False),
    )


def store_alone(out: Path, number: int) -> None:
    """Do to the store what a call does."""
    runs = Runs.from_table([{"gamma": float(number)}], [1.0])
    store = Store(out)
    store.acquire()
    assert store.held(runs.table.index, retry_failed=False, need_policies=False) is None
    store.write(runs)
    store.compact()
    store.release()


def measured(call: Callable[[Path, int], None], count: int) -> tuple[np.ndarray, int]:
    """Give the seconds of processor time of each of so many calls, and the chunks that are there then."""
    with tempfile.TemporaryDirectory() as folder:
        out, seconds = Path(folder), np.empty(count)
        for number in range(count):
            before = time.process_time()
            call(out, number)
            seconds[number] = time.process_time() - before
        assert len(Runs.load(out)) == count
        return seconds, len(chunks.listed(out))


def main() -> None:
    """Measure, print, keep."""
    counts = [int(one) for one in sys.argv[1:]] or list(COUNTS)
    warnings.simplefilter("ignore")
    train(Path(tempfile.mkdtemp()), 0)  # compiles
    rows = []
    for name, call in (("`rlhp.train(..., out=)`", train), ("the store alone", store_alone)):
        for count in counts:
            seconds, n_chunks = measured(call, count)
            tenth = max(1, count // 10)
            rows.append(
                [
                    name,
                    f"{count:,}",
                    f"{seconds.sum():.1f}",
                    f"{1000 * seconds.mean():.1f}",
                    f"{1000 * seconds[:tenth].mean():.1f}",
                    f"{1000 * seconds[-tenth:].mean():.1f}",
                    n_chunks,
                ]
            )
    write(
        "many_calls",
        "Many small calls on one folder",
        "Processor time of calls that each train, or write, one new run to one `out=`. Linear means that a call costs "
        "the same however many went before: compare the first tenth of the calls with the last.",
        ["what", "calls", "seconds in all", "ms a call", "ms, first tenth", "ms, last tenth", "chunks left"],
        rows,
    )


if __name__ == "__main__":
    main()
