"""Tuning that trains, against random search: `python benchmarks/real.py`, or `--only dqn --repetitions 5`

Random search trains 40 configurations of `spaces.traced` to their end, with three seeds each. What it finds is what is
to be reached: how many of its environment steps do searches need that begin with few seeds and half the length? Each
repetition has tuning seeds of its own, the same for every search. At every twentieth of random search's steps, what a
search would take then is trained with ten seeds that tune nothing. Each search is kept in `benchmarks/.work`, so that a
study that was stopped goes on; `--searched` takes what there is. The table is kept in `real.md`, the figure in
`real.png`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import report
from ConfigSpace import ConfigurationSpace
from scipy import stats

import rlhp
from rlhp import hpo, objectives, spaces

HERE = Path(__file__).resolve().parent
CONFIGURATIONS, TUNING, CHOOSING, BATCH = 40, 3, 5, 8
TESTING = range(1_000, 1_010)
PARTS = np.arange(1, 21) / 20
SHOWN = (0.1, 0.2, 0.3, 0.4, 0.5, 1.0)
DRAWS = 2_000


@dataclass(frozen=True)
class Problem:
    """What is tuned, for how long a run is trained, and how often each search is repeated."""

    name: str
    algorithm: str
    env_id: str
    steps: int
    space: ConfigurationSpace
    repetitions: int

    @property
    def budget(self) -> int:
        """Environment steps of random search."""
        return CONFIGURATIONS * TUNING * self.steps

    @property
    def folder(self) -> Path:
        """Where everything that is trained is kept."""
        return HERE / ".work" / self.name

    def judging(self, repetition: int, finalists: int) -> hpo.Judging:
        """Return what a setting is worth in a repetition; of several finalists, five more seeds choose.

        No test seeds: what is judged, and where, is decided here.
        """
        seeds, more = range(TUNING * repetition, TUNING * (repetition + 1)), CHOOSING if finalists > 1 else 0
        return hpo.Judging(steps=self.steps, seeds=seeds, choice_seeds=more, test_seeds=0, finalists=finalists)


@dataclass(frozen=True)
class Line:
    """A searcher under a plan, the part of random search's steps that it has in all, and who may be taken."""

    searcher: str
    plan: str
    part: float
    finalists: int = 1

    @property
    def name(self) -> str:
        return f"{self.searcher}, {self.plan}" + (f", {self.finalists} finalists" if self.finalists > 1 else "")

    def budget(self, problem: Problem) -> int:
        """Return the environment steps of the search; choosing among finalists takes the others."""
        choosing = self.finalists * CHOOSING * problem.steps if self.finalists > 1 else 0
        return round(self.part * problem.budget) - choosing


BASE = Line("random", "full", 1.0)
LINES = (
    BASE,
    Line("random", "race", 0.5),
    Line("emukit", "race", 0.5),
    Line("random", "race", 0.5, finalists=3),
    Line("emukit", "race", 0.5, finalists=3),
)
PROBLEMS = {
    "dqn": Problem("real_dqn_cartpole", "dqn", "CartPole-v1", 50_000, spaces.traced("dqn"), 10),
    "ppo": Problem("real_ppo_acrobot", "ppo", "Acrobot-v1", 50_000, spaces.traced("ppo"), 5),
}


def path_of(problem: Problem, line: Line, repetition: int) -> Path:
    """Return where a search is kept."""
    return problem.folder / f"{line.searcher}-{line.plan}-{line.budget(problem)}-{repetition}"


def search(problem: Problem, line: Line, repetition: int) -> dict[str, Any]:
    """Search, or look up what such a search gave: when it would take what, and what the search took."""
    folder = path_of(problem, line, repetition)
    kept = folder.with_suffix(".json")
    if kept.exists():
        return dict(json.loads(kept.read_text()))
    wall, cpu = time.perf_counter(), time.process_time()
    found = hpo.optimize(
        problem.algorithm,
        problem.env_id,
        problem.space,
        judging=problem.judging(repetition, line.finalists),
        budget=line.budget(problem),
        searcher=line.searcher,
        plan=hpo.plan(line.plan, batch=BATCH),
        rng=repetition,
        out=folder,
    )
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    changed = found.history[found.history["trial"].diff() != 0]
    if line.finalists > 1:  # what is taken stands when the finalists have their seeds
        taken_then = {
            "env_steps": [round(line.part * problem.budget)],
            "trial": [int(found.finalists["trial"].iloc[0])],
        }
        changed = pd.DataFrame(taken_then)
    row = {
        "history": changed[["env_steps", "trial"]].to_dict("list"),
        "configurations": {str(n): dict(found.trials[n].configuration) for n in changed["trial"].unique().tolist()},
        "n": len(found.trials),
        **{name: found.counts[name] for name in ("env_steps", "confirming", "evaluating", "programs")},
        "wall_s": round(wall, 1),
        "cpu_s": round(cpu, 1),
    }
    kept.write_text(json.dumps(row))
    shutil.rmtree(folder)  # states of paused runs are large
    return row


def taken(row: Mapping[str, Any], at: Sequence[float]) -> list[dict[str, Any] | None]:
    """Return what a search would take after so many environment steps; None where it had nothing yet.

    >>> row = {"history": {"env_steps": [10, 30], "trial": [4, 7]}, "configurations": {"4": {"x": 1}, "7": {"x": 2}}}
    >>> taken(row, [5, 10, 29, 30])
    [None, {'x': 1}, {'x': 1}, {'x': 2}]
    """
    places = np.searchsorted(row["history"]["env_steps"], at, side="right") - 1
    return [None if i < 0 else row["configurations"][str(row["history"]["trial"][i])] for i in places]


def judged(problem: Problem, configurations: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return the mean final return of configurations over the seeds that tune nothing; a failure is the worst."""
    runs = rlhp.sweep(
        problem.algorithm,
        problem.env_id,
        configurations,
        steps=problem.steps,
        seeds=TESTING,
        engine="jax",
        out=problem.folder / "judged",
    )
    scores = objectives.score(runs, "final_return", failures="worst").values.to_numpy()
    return [float(mean) for mean in scores.reshape(len(configurations), len(TESTING)).mean(axis=1)]


def curves(problem: Problem, repetitions: int) -> dict[str, np.ndarray]:
    """Return for each line what its searches would take by parts of the budget, judged, [repetitions, parts].

    NaN where nothing is taken yet, and beyond a line's own budget.
    """
    found = {
        line.name: [taken(search(problem, line, r), PARTS * problem.budget) for r in range(repetitions)]
        for line in LINES
    }
    distinct = {json.dumps(one, sort_keys=True): one for rows in found.values() for row in rows for one in row if one}
    scores = dict(zip(distinct, judged(problem, list(distinct.values())), strict=True))
    values = {
        name: np.array([[scores[json.dumps(one, sort_keys=True)] if one else np.nan for one in row] for row in rows])
        for name, rows in found.items()
    }
    return {line.name: np.where(PARTS <= line.part + 1e-9, values[line.name], np.nan) for line in LINES}


def share(own: np.ndarray, base: np.ndarray, part: float) -> str:
    """Return the part of the budget until mean curves reach the end of random search's, and its interval, as a cell.

    The interval is by resampling repetitions, the same ones of both.
    """
    drawn = np.random.default_rng(0).integers(len(own), size=(DRAWS, len(own)))
    which = np.vstack([np.arange(len(own)), drawn])
    at = own[which].mean(axis=1) >= base[which, -1].mean(axis=1)[:, None] - 1e-9
    found = np.where(at.any(axis=1), PARTS[at.argmax(axis=1)], np.inf)
    ends = [found[0], *np.quantile(found[1:], [0.025, 0.975], method="nearest")]
    return "{} [{}, {}]".format(*(f"{one:.2f}" if np.isfinite(one) else f"> {part:.1f}" for one in ends))


def paired(apart: np.ndarray) -> str:
    """Return a mean difference over repetitions and its 95 % interval by Student's t, as a cell."""
    reach = float(stats.t.ppf(0.975, len(apart) - 1) * apart.std(ddof=1) / np.sqrt(len(apart)))
    return f"{apart.mean():+.1f} [{apart.mean() - reach:+.1f}, {apart.mean() + reach:+.1f}]"


def rows_of(problem: Problem, found: Mapping[str, np.ndarray], repetitions: int) -> list[list[object]]:
    """Return the table of a problem."""
    base, half = found[BASE.name], int(np.flatnonzero(np.isclose(PARTS, 0.5))[0])
    rows: list[list[object]] = []
    for line in LINES:
        own = found[line.name]
        means = [own[:, np.flatnonzero(np.isclose(PARTS, part))[0]].mean() for part in SHOWN]
        at = share(own, base, line.part) if line.finalists == 1 else ""
        searches = [search(problem, line, repetition) for repetition in range(repetitions)]
        rows.append(
            [
                f"{problem.algorithm.upper()} {problem.env_id}: {line.name}",
                repetitions,
                *("" if np.isnan(one) else f"{one:.1f}" for one in means),
                at,
                paired(own[:, half] - base[:, -1]),
                f"{np.mean([one['n'] for one in searches]):.0f}",
                f"{np.mean([one['cpu_s'] for one in searches]):.0f}",
            ]
        )
    return rows


def draw(found: Mapping[str, Mapping[str, np.ndarray]]) -> None:
    """Draw what searches would take by what they spent."""
    figure, axes = plt.subplots(1, len(found), figsize=(5.5 * len(found), 4), layout="constrained", squeeze=False)
    for ax, (name, lines) in zip(axes[0], found.items(), strict=True):
        problem = PROBLEMS[name]
        for at, (label, values) in enumerate(lines.items()):
            known = ~np.isnan(values).any(axis=0)
            means, spread = values[:, known].mean(axis=0), values[:, known].std(axis=0, ddof=1)
            reach = stats.t.ppf(0.975, len(values) - 1) * spread / np.sqrt(len(values))
            if known.sum() == 1:
                place = PARTS[known] + 0.01 * at  # several lines have one dot there
                ax.errorbar(place, means, reach, marker="o", capsize=3, color=f"C{at}", label=label)
                continue
            ax.plot(PARTS[known], means, marker=".", color=f"C{at}", label=label)
            ax.fill_between(PARTS[known], means - reach, means + reach, color=f"C{at}", alpha=0.15, linewidth=0)
        ax.axhline(lines[BASE.name][:, -1].mean(), color="grey", linestyle=":", linewidth=1)
        ax.set_title(f"{problem.algorithm.upper()} on {problem.env_id}, {len(values)} repetitions")
        ax.set_xlabel("part of random search's environment steps")
        ax.set_ylabel("final return on seeds that tune nothing")
        ax.legend()
    figure.savefig(HERE / "real.png", dpi=80)


def main() -> None:
    """Search and judge what is missing, and keep table and figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PROBLEMS, help="one of them; the table has what the other left")
    parser.add_argument("--repetitions", type=int, help="at most; 10 of DQN, 5 of PPO")
    parser.add_argument("--searched", action="store_true", help="search nothing more, and compare what there is")
    asked = parser.parse_args()
    rows, found = [], {}
    for name, problem in PROBLEMS.items():
        wanted = min(asked.repetitions or problem.repetitions, problem.repetitions)
        done = 0
        while done < wanted:
            there = all(path_of(problem, line, done).with_suffix(".json").exists() for line in LINES)
            if not there and (asked.searched or asked.only not in (None, name)):
                break
            for line in LINES:  # one repetition of all before the next: what is there by then is a table
                search(problem, line, done)
            done += 1
        if done > 1:
            found[name] = curves(problem, done)
            rows += rows_of(problem, found[name], done)
    if not rows:
        raise SystemExit("a table needs two repetitions of one of them at least.")
    draw(found)
    report.write(
        "real",
        "What searches that train need, against random search",
        TEXT,
        [
            "searcher, plan",
            "repetitions",
            *(f"at {part:.1f}" for part in SHOWN),
            "reached at",
            "at half, less random at 1.0",
            "configurations",
            "CPU s",
        ],
        rows,
        packages=("emukit", "GPy", "jax", "numpy", "scipy"),
    )


TEXT = """
DQN on CartPole and PPO on Acrobot over `spaces.traced`, the part of the default space that is one program; a run is
50,000 environment steps. Random search trains 40 configurations to their end with three seeds: 6 million steps. The
others have half of them. Eight configurations begin at a time. "3 finalists": the three best are trained with five more
seeds each, which with the tuning seeds choose what is taken, as `hpo.optimize` does by default; the steps of these
seeds count, so that the search itself has less.

What a search would take after a part of random search's steps is trained with ten seeds that tune nothing: "at 0.5" is
its mean final return there, over the repetitions. "Reached at": the first twentieth at which that mean is at least
random search's at its end, with a 95 % interval from resampling the repetitions. Then the difference of half the steps
to all of random search's, with a 95 % interval by Student's t over the repetitions, whose tuning seeds both have.
Configurations begun, and CPU seconds of a search, other work on the machine notwithstanding.

The third line was searched when `emukit` still had one Gaussian process at its most plausible hyperparameters; the last
one with the average over several that it has now.
"""

if __name__ == "__main__":
    main()
