"""How well is the final return forecast from the first third of training, on this project's own sweeps?

`python benchmarks/extrapolation.py` takes every data set that is there (`rlhp.datasets.list()`), or those named, and
keeps the table in `extrapolation.md`. The configurations of a fold are forecast from all others, so that nothing leaks;
the single family is the one that turns out best on these very runs, with the same knowledge of the other
configurations. Takes a few seconds per hundred runs.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import report

from rlhp import Runs, curves, datasets

SEED = 0
FIRST = 1 / 3


def alone(runs: Runs, actual: Any) -> str:
    """Forecast without a reference: error and coverage where the interval is finite."""
    table = curves.extrapolate(runs, first=FIRST, rng=SEED).table.set_index("run_id").loc[actual.index]
    finite = np.isfinite(table["high"] - table["low"])
    covered = (table["low"] <= actual) & (actual <= table["high"])
    error = (table["estimate"] - actual).abs().mean()
    share = f"{100 * covered[finite].mean():.0f} %" if finite.any() else "none"
    return f"{error:.3g}; {share} ({(~finite).sum()} infinite)"


def speed(runs: Runs) -> tuple[float, float, float]:
    """Seconds to learn from half of the runs, and per run for the other half, together and for one run by itself."""
    ids = [str(one) for one in runs.table.index]
    mine, others = runs.select(ids[1::2]), runs.select(ids[::2])
    start = time.process_time()
    learned = curves.reference(others, rng=SEED)
    curves.extrapolate(runs.select(ids[1:2]), first=FIRST, reference=learned, rng=SEED)
    learning = time.process_time() - start
    start = time.process_time()
    curves.extrapolate(mine, first=FIRST, reference=learned, rng=SEED)
    together = (time.process_time() - start) / len(mine)
    singles = [mine.select([one]) for one in ids[1::2][:10]]
    start = time.process_time()
    for one in singles:
        curves.extrapolate(one, first=FIRST, reference=learned, rng=SEED)
    return learning, together, (time.process_time() - start) / len(singles)


def rows_of(name: str) -> list[list[object]]:
    runs = datasets.load(name)
    try:
        result = curves.backtest(runs, first=FIRST, rng=SEED)
    except ValueError as error:
        print(f"{name}: {error}")
        return []
    rows: list[list[object]] = []
    for found in result.table.to_dict("records"):
        own = result.runs
        for column in ("env_id", "algorithm", "horizon"):
            own = own[own[column] == found[column]]
        actual = own.set_index("run_id")["actual"]
        some = runs.select(actual.index)
        learning, together, single = speed(some)
        rows.append(
            [
                name,
                f"{found['algorithm']} {found['env_id']}",
                f"{found['n']} / {found['n_configs']}",
                f"{found['mae']:.4g}",
                f"{found['mae_last']:.4g}",
                f"{found['mae_family']:.4g} ({found['best_family']})",
                _with_interval(found, "vs_last"),
                _with_interval(found, "vs_family"),
                _with_interval({name: 100 * found[name] for name in found if name.startswith("coverage")}, "coverage"),
                f"{100 * found['tied']:.0f}",
                f"{found['width']:.2f}",
                alone(some, actual),
                f"{learning:.1f} s; {1000 * together:.1f} ms; {1000 * single:.1f} ms",
            ]
        )
    return rows


def _with_interval(found: dict[Any, Any], name: str) -> str:
    return f"{found[name]:.3g} ({found[f'{name}_low']:.3g} to {found[f'{name}_high']:.3g})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="data sets; all there are by default")
    names = parser.parse_args().names or datasets.list()
    rows = [row for name in names for row in rows_of(name)]
    text = (
        "Mean absolute error of the final return (the last evaluation, in the unit of the return) forecast from the "
        "first third of training by `curves.backtest`: configurations in ten folds, each forecast from the others. "
        "*last*: the last value seen. *family*: the single family with the least error on these very runs, in "
        "hindsight. *saved*: error saved, with 95 % intervals by bootstrap of configurations. *coverage* of 80 % "
        "intervals in per cent, with the same interval; *tied*: per cent of outcomes at the one value that most have, "
        "where intervals cannot but cover more. *width*: mean width of intervals as a share of the range of outcomes. "
        "*alone*: error and coverage of finite intervals without any reference. *CPU time*: to learn from half of the "
        "runs; per run for the others together; for one run by itself."
    )
    header = ["data set", "", "runs / configurations", "forecast", "last", "family", "saved on last", "saved on family"]
    header += ["coverage", "tied", "width", "alone", "CPU time"]
    report.write("extrapolation", "Where will this run end?", text, header, rows)


if __name__ == "__main__":
    main()
