"""How often do the intervals of `rlhp.importance` hold the truth, over ten functions whose importances are known?

Resumes where it was stopped: what is done lies in benchmarks/.work. The cheap methods come first, a few studies of each
cell at a time, so that the table can be made at any moment: `--report` makes it of what is there.

    python benchmarks/importance_coverage.py --rounds 40
    python benchmarks/importance_coverage.py --report
"""

from __future__ import annotations

import argparse
import json
import re
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import report
from closed_forms import FORMS, Form

from rlhp import importance

WORK = Path(__file__).resolve().parent / ".work" / "importance_coverage"
SIZES = (300, 1000)
STUDIES = 5  # of a chunk


def of_game(game: str) -> Callable[..., Any]:
    return lambda form, runs, rng: importance.shapley(
        runs, form.space, rng=rng, game=game, baseline=form.config(form.base)
    )


def of_best(quantile: float) -> Callable[..., Any]:
    return lambda form, runs, rng: importance.ped_anova(runs, form.space, rng=rng, quantile=quantile)


METHODS: dict[str, Callable[[Form, Any, int], Any]] = {
    "ped_anova (best .1)": of_best(0.1),
    "ped_anova (best .2)": of_best(0.2),
    "fanova": lambda form, runs, rng: importance.fanova(runs, form.space, rng=rng),
    "permutation": lambda form, runs, rng: importance.permutation(runs, form.space, rng=rng),
    "ablation": lambda form, runs, rng: importance.ablation(
        runs, form.space, rng=rng, start=form.config(form.base), end=form.config(form.end)
    ),
    "local": lambda form, runs, rng: importance.local(runs, form.space, rng=rng, around_config=form.config(form.base)),
    "shapley (tunability)": of_game("tunability"),
    "shapley (mistunability)": of_game("mistunability"),
    "shapley (sensitivity)": of_game("sensitivity"),
}


def study(form: Form, method: str, n: int, seed: int) -> dict[str, Any]:
    """Make one study: per truth and hyperparameter, the estimate and the ends of its interval."""
    runs = form.runs(n, seed)
    start = time.process_time()
    try:
        imp = METHODS[method](form, runs, seed)
    except ValueError as problem:
        return {"refused": str(problem)[:200]}
    seconds = time.process_time() - start
    rows = imp.despite_poor_fit().table.set_index(["kind", "name"])
    found = {}
    for what in form.truths:
        if what.split(",")[0] != method:
            continue
        kind = what.split(", ")[1] if ", " in what else imp.terms[0][0]
        one = rows.loc[kind].loc[list(form.space)]
        found[what] = one[["share", "low", "high"]].to_numpy().tolist()
    return {"found": found, "seconds": seconds, "surrogate": imp.surrogate.split(" (")[0], "poor": imp.poor_fit}


def chunk(method: str, name: str, n: int, number: int) -> Path:
    return WORK / f"{re.sub('[^a-z0-9]+', '_', f'{method} {name}'.lower())}-{n}-{number}.json"


def run(rounds: int, seconds: float) -> None:
    WORK.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + seconds
    for number in range(rounds):
        for n in SIZES:
            for method in METHODS:
                for name, form in FORMS.items():
                    path = chunk(method, name, n, number)
                    if path.exists():
                        continue
                    if time.monotonic() > end:
                        return
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        done = [study(form, method, n, 1000 * number + k) for k in range(STUDIES)]
                    rest = path.with_suffix(".part")
                    rest.write_text(json.dumps(done))
                    rest.replace(path)
        print(f"round {number + 1} done, {time.process_time():.0f} s of CPU", flush=True)


def collected(method: str, name: str, n: int) -> list[dict[str, Any]]:
    found = sorted(WORK.glob(f"{chunk(method, name, n, 0).name.rsplit('-', 1)[0]}-*.json"))
    return [one for path in found for one in json.loads(path.read_text())]


def summary(what: str, name: str, n: int) -> dict[str, Any] | None:
    """Sum up a cell: coverage over studies and hyperparameters, error, width, and how many were refused."""
    method = what.split(",")[0]
    studies = collected(method, name, n)
    done = [one for one in studies if "found" in one]
    if not done:
        return None
    truth = FORMS[name].truths[what]
    table = np.array([one["found"][what] for one in done])
    low, high = table[..., 1] - 1e-9, table[..., 2] + 1e-9
    held = (low <= truth) & (truth <= high)
    order = [np.array_equal(np.argmax(one[:, 0]), np.argmax(truth)) for one in table]
    return {
        "covered": held.mean(),
        "n": len(done),
        "refused": len(studies) - len(done),
        "off": np.abs(table[..., 0].mean(axis=0) - truth).max(),
        "width": (table[..., 2] - table[..., 1]).mean(),
        "leader": np.mean(order),
        "seconds": np.median([one["seconds"] for one in done]),
        "surrogates": [one["surrogate"] for one in done],
    }


def write() -> None:
    rows, cells, fewest, most = [], [], 10**9, 0
    whats = list(next(iter(FORMS.values())).truths)
    for what in whats:
        for name in FORMS:
            row: list[object] = [what, name]
            for n in SIZES:
                one = summary(what, name, n)
                if one is None:
                    row += ["-", "-", "-"]
                    continue
                fewest, most = min(fewest, one["n"]), max(most, one["n"])
                cells.append((what, n, one))
                said = f"{100 * one['covered']:.0f}"
                said = said if abs(one["covered"] - 0.95) <= 0.03 else f"**{said}**"
                if one["refused"]:
                    said += f" ({one['refused']} refused)"
                row += [said, f"{one['off']:.3f}", f"{one['width']:.3f}"]
            rows.append(row)
    table = [
        "| method | " + " | ".join(f"n = {n}" for n in SIZES) + " | CPU s, n = 1,000 |",
        "| --- | --- | --- | --- |",
    ]
    for what in whats:
        row = [what]
        for n in SIZES:
            own = [one for which, size, one in cells if which == what and size == n]
            covered = np.average([one["covered"] for one in own], weights=[one["n"] for one in own]) if own else np.nan
            within = sum(abs(one["covered"] - 0.95) <= 0.03 for one in own)
            short = sum(one["covered"] < 0.92 for one in own)
            counts = f"{within} within, {short} below, {len(own) - within - short} above"
            row.append(f"{100 * covered:.1f}; {counts}" if own else "-")
        times = [one["seconds"] for which, size, one in cells if which == what and size == SIZES[-1]]
        row.append(f"{np.median(times):.1f} (to {max(times):.1f})" if times else "-")
        table.append("| " + " | ".join(row) + " |")
    text = f"""Per cent of 95 % intervals that hold the truth, over the hyperparameters of a function and {fewest} to {most} studies a cell, so that a cell of three hyperparameters is known to about {100 * np.sqrt(0.95 * 0.05 / (3 * most)):.0f} points at best; "-" is not measured yet (Sobol configurations with a scramble of their own, noise of their own). *Off*: how far the mean share is from the truth, for the hyperparameter where that is largest; *width*: mean width of the intervals. **Bold**: further than 3 points from 95. Intervals of noise-free functions cover more than they say: they are never told closer than about .002, and errors that are not chance are counted as if they were. All options at their defaults (`surrogate="auto"`); PED-ANOVA's truth is of the scores that a study sees, noise included.

By method: coverage over all functions, and how many of the {len(FORMS)} are within 3 points of 95, below, and above.

{chr(10).join(table)}

By function:"""  # noqa: E501
    header = ["method", "function", *(f"{what}, n = {n}" for n in SIZES for what in ("covers", "off", "width"))]
    report.write("importance_coverage", "How often intervals of importances hold the truth", text, header, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help=f"of {STUDIES} studies a cell")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after that long")
    parser.add_argument("--report", action="store_true", help="only make the table of what is done")
    given = parser.parse_args()
    if not given.report:
        run(given.rounds, given.seconds)
    write()


if __name__ == "__main__":
    main()
