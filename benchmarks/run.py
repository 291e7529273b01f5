"""Run every benchmark, or those named: `python benchmarks/run.py known_good`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ALL = (
    "throughput",
    "limits",
    "landscape",
    "parity",
    "known_good",
    "overhead",
    "many_calls",
    "verbs",
    "explorer",
    "responses",
    "curves",
    "coverage",
    "importance_coverage",
    "extrapolation",
    "importance",
    "hpo",
    "grid",
    "real",
    "tuning_speed",
    "teams",
)


def main() -> None:
    for name in sys.argv[1:] or ALL:
        if name not in ALL:
            sys.exit(f"unknown benchmark `{name}`; there are: {', '.join(ALL)}.")
        subprocess.run([sys.executable, str(HERE / f"{name}.py")], check=True)


if __name__ == "__main__":
    main()
