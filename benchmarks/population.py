"""What do populations buy, and by which of their parts? `python benchmarks/population.py --part 1` to `7`

1 PBT beside selection alone, random search and the best fixed setting; 2 the size of the population, at equal steps
an agent and at equal steps in all; 3 the rule of exploitation; 4 what is copied and how is explored; 5 the interval
between meetings; 6 the schedule of a winner, trained again; 7 what it costs.

Repetition r is the population of seed r, so lines of one problem begin with the same draws and are compared in pairs.
What is trained is kept in `benchmarks/.work/population`: a study that was stopped goes on, and `--repetitions 20` adds
to those of `--repetitions 3`. `--only pendulum_a2c` runs one problem of part 1. The tables are kept in
`population_<part>.md`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import report
from populations import PENDULUM, PROBLEMS, Problem, beside, interval, pbt, scores, search, selection, trained

from rlhp import population
from rlhp.population import (
    Independent,
    Resample,
    Tournament,
    Truncation,
    Unchanged,
    Welch,
    _pbt,
    replay,
    schedule,
    winners,
)

SIZE = 20
TOTAL = 30_000_000  # environment steps of all agents together, in the second half of part 2
FRESH = 10  # seeds of a replay
HEADER = ["populations", "the winner at the end", "less PBT", "all members, last sixth", "less PBT"]
SCORED = (
    "Undiscounted returns; means over the repetitions with 95 % bootstrap intervals. The winner is the member that is "
    "best at the evaluation before the last, scored by the last. Differences are paired: same draws, same seeds."
)


def compared(lines: dict[str, pd.DataFrame], base: str) -> list[list[str]]:
    """Return a row a line: its scores, and how they differ from those of the first."""
    rows = []
    for name, found in lines.items():
        cells = [name, str(len(found))]
        for column in ("winner", "mean"):
            other = lines[base][column]
            cells += [interval(found[column]), "" if name == base else beside(found[column], other)]
        rows.append(cells)
    return rows


def fixed(problem: Problem, seeds: range) -> pd.DataFrame:
    """Train the best setting of each random search again, with a seed that has not chosen it."""
    searched = trained(problem, search(problem), size=SIZE, seeds=seeds)
    best = winners(searched)
    again = [
        replay(searched, run, seeds=[1_000_000 + seed], values="final") for run, seed in zip(best, seeds, strict=True)
    ]
    ends = [runs.evals["return_mean"].iloc[-1] for runs in again]
    late = [runs.evals.loc[runs.evals["step"] > problem.steps * 5 / 6, "return_mean"].mean() for runs in again]
    return pd.DataFrame({"winner": ends, "mean": late})


def part_1(seeds: range, only: str) -> None:
    rows = []
    for problem in PROBLEMS:
        if only in ("", problem.name):
            lines = {
                "PBT": scores(trained(problem, pbt(problem), size=SIZE, seeds=seeds)),
                "selection alone": scores(trained(problem, selection(problem), size=SIZE, seeds=seeds)),
                "random search": scores(trained(problem, search(problem), size=SIZE, seeds=seeds)),
                "best fixed setting, one agent": fixed(problem, seeds),
            }
            rows += [[problem.name, *row] for row in compared(lines, "PBT")]
    text = (
        f"Populations of {SIZE}. {SCORED} PBT, selection and random search have equal steps, an agent and in all. The "
        f"fixed setting is the winner of the random search, trained anew with another seed: equal steps for that "
        f"agent, and {SIZE + 1} agents in all."
    )
    report.write(
        "population_1",
        "Population based training and its controls",
        text,
        ["problem", "", *HEADER],
        rows,
        command=f"population.py --part 1 --repetitions {len(seeds)}",
    )


def part_2(seeds: range, only: str) -> None:
    rows = []
    for size in (1, 5, 10, 20, 40, 100):
        for words, steps in (("300,000 an agent", PENDULUM.steps), ("30 million in all", TOTAL // size)):
            found = {
                name: scores(trained(PENDULUM, how(PENDULUM), size=size, seeds=seeds, steps=steps))
                for name, how in (("PBT", pbt), ("selection alone", selection), ("random search", search))
            }
            for name, of in found.items():
                rows.append([str(size), words, name, str(len(of)), interval(of["winner"]), interval(of["mean"])])
    header = ["size", "steps", "", "populations", "the winner at the end", "all members, last sixth"]
    report.write(
        "population_2",
        "Does a large population make the difference, or its steps?",
        f"A2C on Pendulum. {SCORED}",
        header,
        rows,
        command=f"population.py --part 2 --repetitions {len(seeds)}",
    )


def study(part: int, title: str, lines: dict[str, population.Exchange], seeds: range, evaluate: int = 0) -> None:
    """Compare exchanges on Pendulum, the first of which is what all are measured by."""
    found = {
        name: scores(trained(PENDULUM, exchange, size=SIZE, seeds=seeds, evaluate=evaluate))
        for name, exchange in lines.items()
    }
    text = f"A2C on Pendulum, {SIZE} members of {PENDULUM.steps:,} steps. {SCORED} PBT is the first line."
    report.write(
        f"population_{part}",
        title,
        text,
        ["", *HEADER],
        compared(found, next(iter(found))),
        command=f"population.py --part {part} --repetitions {len(seeds)}",
    )


def part_3(seeds: range, only: str) -> None:
    rules = {
        "truncation, 20 %": Truncation(0.2),
        "truncation, 5 %": Truncation(0.05),
        "t-test": Welch(),
        "tournament": Tournament(),
        "none: random search": Independent(),
    }
    lines = {name: pbt(PENDULUM, exploit=rule) for name, rule in rules.items()}
    study(3, "Who goes on from whom", lines | {"selection alone": selection(PENDULUM)}, seeds)


def part_4(seeds: range, only: str) -> None:
    lines = {"both, perturbed": pbt(PENDULUM)}
    for copied in ("weights", "hyperparameters", "fresh optimizer"):
        lines[f"{copied}, perturbed"] = pbt(PENDULUM, copied=copied)
    for name, explore in (("resampled", Resample()), ("unchanged", Unchanged())):
        lines[f"both, {name}"] = pbt(PENDULUM, explore=explore)
        lines[f"weights, {name}"] = pbt(PENDULUM, explore=explore, copied="weights")
    study(4, "What is copied, and how is explored", lines | {"random search": search(PENDULUM)}, seeds)


def part_5(seeds: range, only: str) -> None:
    lines = {f"every {every:,} steps": pbt(PENDULUM, every=every) for every in (10_000, 2_500, 5_000, 50_000)}
    lines["every 25,000 steps"] = pbt(PENDULUM, every=25_000)
    lines["every 10,000 steps, in four groups"] = pbt(PENDULUM, groups=4)
    lines["selection alone, every 10,000"] = selection(PENDULUM)
    lines["random search"] = search(PENDULUM)
    study(5, "How often members meet; all are evaluated every 2,500 steps", lines, seeds, evaluate=2_500)


def part_6(seeds: range, only: str) -> None:
    """Replay the winners of PBT on Pendulum: their schedules, their ends, their pieces, and each other's schedules."""
    runs = trained(PENDULUM, pbt(PENDULUM), size=SIZE, seeds=seeds)
    best = winners(runs).tolist()
    at_the_end = runs.evals.groupby("run_id")["return_mean"].last()
    found: dict[str, list[float]] = {"schedule": [], "final": [], "shuffled": []}
    for number, run in enumerate(best):
        fresh = range(2_000_000 + FRESH * number, 2_000_000 + FRESH * (number + 1))
        for values, ends in found.items():
            again = replay(runs, run, seeds=fresh, values=values)
            ends.append(float(again.evals.groupby("run_id")["return_mean"].last().mean()))
    moved = [len(schedule(runs, run)) - 1 for run in best]
    # The schedule of the winner before, with its own seeds: what of it is about the population that it came from?
    other = np.roll(found["schedule"], 1)
    own = np.array(found["schedule"])
    rows = [
        ["the winners themselves, by the evaluation that chose them", interval(at_the_end[best]), ""],
        ["the schedule", interval(own), ""],
        ["its last values, held fixed", interval(found["final"]), interval(np.array(found["final"]) - own)],
        ["its pieces in another order", interval(found["shuffled"]), interval(np.array(found["shuffled"]) - own)],
        ["the schedule of another winner", interval(other), interval(other - own)],
    ]
    text = (
        f"A2C on Pendulum, winners of PBT with {SIZE} members; each trained again with {FRESH} fresh seeds, of which "
        f"the mean counts. Returns at the end. Their schedules jump {np.mean(moved):.1f} times on average."
    )
    report.write(
        "population_6",
        "The winner's schedule, trained again",
        text,
        ["", "return", "less the schedule"],
        rows,
        command=f"population.py --part 6 --repetitions {len(seeds)}",
    )


def part_7(seeds: range, only: str) -> None:
    """Time what a population does besides training, for several sizes."""
    rows = []
    for size in (10, 20, 50, 100, 200, 400):
        spent: dict[str, float] = {}
        with watched(spent):
            begun = time.perf_counter()
            runs = population.evolve(
                "a2c", "Pendulum-v1", PENDULUM.space, size=size, steps=50_000, exchange=pbt(PENDULUM), seeds=[0]
            )
            whole = time.perf_counter() - begun
        evaluated = float((runs.evals["n_episodes"] * runs.evals["length_mean"]).sum())
        steps = float(runs.table["steps"].sum())
        shares = [f"{100 * spent.get(name, 0.0) / whole:.2f} %" for name in ("meet", "inherit", "assign")]
        rows.append([str(size), f"{whole:.1f}", f"{steps / whole:,.0f}", *shares, f"{100 * evaluated / steps:.0f} %"])
    header = ["members", "seconds", "steps a second", "proposing", "copying", "assigning", "steps of evaluation"]
    report.write(
        "population_7",
        "What a population costs besides training",
        "A2C on Pendulum, 50,000 steps an agent, four meetings; shares of the time on the wall, compiling "
        "included. The last column is in steps: ten episodes of 200 at each meeting, against those trained.",
        header,
        rows,
        command="population.py --part 7",
    )


@contextmanager
def watched(spent: dict[str, float]) -> Iterator[None]:
    """Add up the seconds that the parts of a meeting take."""
    names = ("meet", "inherit", "assign")
    kept = {name: getattr(_pbt, name) for name in names}

    def timed(name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return kept[name](*given, **named)
            finally:
                spent[name] = spent.get(name, 0.0) + time.perf_counter() - begun

        return call

    for name in names:
        setattr(_pbt, name, timed(name))
    try:
        yield
    finally:
        for name in names:
            setattr(_pbt, name, kept[name])


PARTS = {1: part_1, 2: part_2, 3: part_3, 4: part_4, 5: part_5, 6: part_6, 7: part_7}


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reading.add_argument("--part", type=int, choices=sorted(PARTS), required=True)
    reading.add_argument("--repetitions", type=int, default=20)
    reading.add_argument("--only", default="")
    asked = reading.parse_args()
    PARTS[asked.part](range(asked.repetitions), asked.only)


if __name__ == "__main__":
    main()
