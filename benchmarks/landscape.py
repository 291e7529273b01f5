"""How long a whole landscape takes, and how much memory: `python benchmarks/landscape.py dqn_cartpole`.

Trains a landscape of `data/landscapes.py` from nothing, in one piece, as `python data/make.py` does: a new folder for
the runs and an empty cache of compiled programs, both thrown away afterwards. Nothing else should run meanwhile; the
table, `landscape.md`, has the machine's load. A landscape is half an hour's work, so one is measured, not all.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import report

sys.path.insert(0, str(report.HERE.parent / "data"))
from landscapes import LANDSCAPES


def measured(name: str, folder: Path) -> list[str]:
    """Train one landscape in `folder` and give its row."""
    os.environ["RLHP_CACHE"] = str(folder / "cache")
    import rlhp

    landscape = LANDSCAPES[name]
    wall, cpu = time.perf_counter(), time.process_time()
    runs = rlhp.sweep(
        landscape.algorithm,
        landscape.env_id,
        landscape.configs(),
        steps=landscape.steps,
        seeds=landscape.n_seeds,
        engine="jax",
        out=folder / "runs",
    )
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # GiB: Linux counts in KiB
    statuses = runs.table["status"].value_counts()
    return [
        f"{landscape.title}, {landscape.n_seeds} seeds, {landscape.steps:,} steps",
        ", ".join(f"{count:,} {status}" for status, count in statuses.items()),
        f"{len(runs.evals) / len(runs.table):.1f}",
        f"{wall / 60:.1f}",
        f"{cpu / 60:.1f}",
        f"{len(runs.table) * landscape.steps / wall:,.0f}",
        f"{peak:.2f}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", default="dqn_cartpole", choices=LANDSCAPES, help="which landscape")
    name = parser.parse_args().name
    with tempfile.TemporaryDirectory() as folder:
        row = measured(name, Path(folder))
    report.write(
        "landscape",
        "A whole landscape, from nothing",
        "Minutes of wall-clock and of processor time for one sweep in one piece, programs compiled anew, and the peak "
        "memory of the process that trains (GiB, resident). Load of the machine over the last fifteen minutes: "
        f"{os.getloadavg()[2]:.1f}; the sweep's own share of that is about 2.",
        ["sweep", "runs", "evaluations a run", "wall, min", "processor, min", "steps/s", "peak memory, GiB"],
        [row],
    )


if __name__ == "__main__":
    main()
