"""Searches on measured landscapes: how much of random search's budget do they need? Run by `hpo.py --part pools`.

A landscape is a pool of 256 configurations that were trained with 5 or 10 seeds. In each repetition three of its seeds
tune, drawn anew, and the others test. What a search shows after so many environment steps is the mean return, on the
seeds that test, of the configuration that it would take then: taken by the seeds that tune, so that none of these seeds
chose it. Random search that trains 40 configurations to their end
with three seeds is what all are measured by.
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import peers
import report

from rlhp import hpo

POOLS = (
    "dqn_cartpole",
    "ppo_cartpole",
    "dqn_acrobot",
    "ppo_acrobot",
    "ppo_pendulum",
    "dqn_minigrid_empty",
    "dqn_mountaincar",
)
CONFIGURATIONS, SEEDS = 40, 3
WORK = Path(__file__).resolve().parent / ".work" / "hpo" / "pools.jsonl"
GRID = np.arange(1, 101) / 100
Kept = dict[tuple[str, str, int], dict[str, Any]]
"""Repetitions on disk, by settings, pool and number."""
DRAWS, HALF, OUR_END = 2_000, 49, 59
Found = tuple[np.ndarray, list[int | None], int]
"""Environment steps at which another configuration would be taken, its place, and how many were begun."""


@dataclass(frozen=True)
class Line:
    """A searcher under a plan, the part of random search's budget that it is given, and its repetitions at most."""

    searcher: str
    plan: str
    part: float = 1.0
    most: int = 100

    @property
    def name(self) -> str:
        return f"{self.searcher}, {self.plan}"

    @property
    def settings(self) -> str:
        """What is kept on disk is of these; of others it is measured again."""
        return f"{hpo.searcher(self.searcher)} {hpo.plan(self.plan)} {self.part}"

    @property
    def runs_here(self) -> bool:
        return True

    def search(self, made: hpo.Pool, budget: int, seed: int) -> Found:
        found = hpo.replay(made, budget=budget, searcher=self.searcher, plan=self.plan, rng=seed)
        taken = found.history["trial"].to_numpy()
        new = np.flatnonzero(np.diff(taken, prepend=-1))
        places = [made.place(found.trials[at].configuration) for at in taken[new]]
        return found.history["env_steps"].to_numpy()[new], places, len(found.trials)


@dataclass(frozen=True)
class Peer:
    """A searcher of another project, with a way of its own to spend the budget of random search."""

    name: str
    package: str
    steps: Callable[[hpo.Pool, int, int], Iterator[peers.Step]]
    part: float = 0.6
    most: int = 20

    @property
    def settings(self) -> str:
        return f"{self.name} {self.part}"

    @property
    def runs_here(self) -> bool:
        return peers.installed(self.package) is not None

    def search(self, made: hpo.Pool, budget: int, seed: int) -> Found:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            every = list(self.steps(made, budget, seed))
        taken = np.array([-1, *(-1 if place is None else place for _, place in every)])
        new = np.flatnonzero(np.diff(taken))
        return np.array([spent for spent, _ in every])[new], [every[at][1] for at in new], len(every)


BASE, OURS = Line("random", "full"), Line("emukit", "race", 0.6)
LINES = (
    BASE,
    Line("random", "race"),
    OURS,
    Line("random", "hyperband"),
    Line("random", "successive_halving"),
    Line("random", "asha"),
    Line("optuna", "race", 0.6),
    Line("emukit", "full", 1.0, 20),
    Line("optuna", "full", 1.0),
    Line("random", "freeze_thaw", 0.6, 20),
    Peer("SMAC3, its own races over seeds", "smac", peers.smac_on_pool),
    Peer("DEHB, its own lengths", "dehb", peers.dehb_on_pool, most=100),
)


@lru_cache(maxsize=1)
def judged(name: str, repetition: int) -> tuple[hpo.Pool, np.ndarray]:
    """Return a pool with the seeds of a repetition, and each configuration's score on the seeds that test."""
    measured = hpo.pool(name).seeds
    seeds = np.random.default_rng([len(measured), repetition]).permutation(measured).tolist()
    made = hpo.pool(name, judging=hpo.Judging(seeds=seeds[:SEEDS], choice_seeds=0, test_seeds=seeds[SEEDS:]))
    truth = made.truth(made.judging.testing)
    return made, np.where(np.isnan(truth), np.nanmin(truth), truth)


def searched(line: Line | Peer, name: str, repetition: int) -> dict[str, Any]:
    """Search once; keep where what it would take changed."""
    made, truth = judged(name, repetition)
    whole = CONFIGURATIONS * SEEDS * made.pauses[-1]
    start = time.process_time()
    spent, places, n = line.search(made, int(line.part * whole), repetition)
    cpu_s = time.process_time() - start
    found = {
        "at": (spent / whole).round(5).tolist(),
        "score": [round(float(truth[place]), 3) for place in places if place is not None],
        "least": round(float(truth.min()), 3),
        "n": n,
        "cpu_s": round(cpu_s, 3),
    }
    return found | ({"with": peers.installed(line.package)} if isinstance(line, Peer) else {})


def missing(
    repetitions: int, only: list[str], kept: dict[tuple[str, str, int], Any]
) -> Iterator[tuple[Line | Peer, str, int]]:
    """Yield what is to be run, one repetition of everything before the next: what is there by then is a table."""
    for repetition in range(repetitions):
        for name in POOLS:
            for line in LINES:
                asked = (not only or line.name in only) and repetition < line.most and line.runs_here
                if asked and (line.settings, name, repetition) not in kept:
                    yield line, name, repetition


def curve(one: dict[str, Any], part: float) -> np.ndarray:
    """Return a search's score at each hundredth of random search's budget; NaN beyond its own."""
    at = np.searchsorted(one["at"], GRID + 1e-9, side="right") - 1
    values = np.where(at >= 0, np.array(one["score"])[np.maximum(at, 0)], one["least"])
    return np.where(GRID <= part + 1e-9, values, np.nan)


def reached(means: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the first hundredth of the budget at which mean scores [n, 100] are at targets [n]; inf where none is."""
    at = means >= target[:, None]
    return np.where(at.any(axis=1), GRID[at.argmax(axis=1)], np.inf)


def of_share(value: float, part: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else f"> {part:.1f}"


def resampled(curves: np.ndarray) -> np.ndarray:
    """Return mean curves: of all repetitions, and of as many drawn from them with replacement, [1 + draws, 100]."""
    drawn = np.random.default_rng(len(curves)).multinomial(len(curves), [1 / len(curves)] * len(curves), size=DRAWS)
    return np.vstack([np.ones(len(curves)), drawn]) / len(curves) @ curves


def share(line: Line | Peer, own: np.ndarray, base: np.ndarray, tie: float) -> str:
    """Return the part of the budget until mean curves reach the end of random search's, less a tie, as a cell."""
    found = reached(own, base[:, -1] - tie)
    # Quantiles that are draws: between a share and "never" nothing lies.
    ends = [found[0], *np.quantile(found[1:], [0.025, 0.975], method="nearest")]
    value, low, high = (f"{one:.2f}" if np.isfinite(one) else f"> {line.part:.1f}" for one in ends)
    return f"{value} [{low}, {high}]"


def difference(apart: np.ndarray) -> str:
    """Return a difference of means and its interval as a cell."""
    low, high = np.quantile(apart[1:], [0.025, 0.975])
    return f"{apart[0]:+.3g} [{low:+.3g}, {high:+.3g}]"


def curves_of(kept: Kept, line: Line | Peer, name: str) -> np.ndarray:
    """Return the curves of a line's repetitions from the first on, as far as there is one after the other."""
    found: list[np.ndarray] = []
    while (one := kept.get((line.settings, name, len(found)))) is not None:
        found.append(curve(one, line.part))
    return np.array(found).reshape(-1, len(GRID))


def less(ours: np.ndarray, other: np.ndarray) -> str:
    """Return how much better ours is where ours ends, over the same repetitions of both, as a cell."""
    return difference(resampled((ours - other)[:, [OUR_END]])[:, 0])


def tables(kept: Kept) -> list[list[list[object]]]:
    """Return shares of all lines, the same within the tie, scores at half of the budget, and ours less each."""
    every = {(line.name, name): curves_of(kept, line, name) for line in LINES for name in POOLS}
    number = {line.name: min(len(every[line.name, name]) for name in POOLS) for line in LINES}
    means = {key: resampled(one[: number[key[0]]]) for key, one in every.items() if number[key[0]]}
    found: list[list[list[object]]] = [[], [], [], []]
    for line in (one for one in LINES if number[one.name]):
        pairs = [(name, means[line.name, name], means[BASE.name, name]) for name in POOLS]
        used = [one for (settings, _, _), one in kept.items() if settings == line.settings]
        first: list[object] = [line.name + peers.made_with(used), number[line.name]]
        found[0].append([*first, *(share(line, own, base, 0.0) for _, own, base in pairs), _ms(kept, line)])
        found[1].append([*first, *(share(line, own, base, tie_of(name)) for name, own, base in pairs)])
        found[2].append([*first, *(difference(own[:, HALF] - base[:, -1]) for _, own, base in pairs)])
        if line != OURS and (n := min(number[line.name], number[OURS.name])):
            both = [(every[OURS.name, name][:n], every[line.name, name][:n]) for name in POOLS]
            found[3].append([first[0], n, *(less(ours, other) for ours, other in both)])
    return found


def tie_of(name: str) -> float:
    """Return what counts as equal: a hundredth of the distance between the best and the worst configuration."""
    truth = hpo.pool(name).truth()
    return float(0.01 * (np.nanmax(truth) - np.nanmin(truth)))


def _ms(kept: Kept, line: Line | Peer) -> str:
    """Return CPU milliseconds for each configuration that a replay began."""
    ran = [one for (settings, _, _), one in kept.items() if settings == line.settings]
    return f"{1e3 * sum(one['cpu_s'] for one in ran) / sum(one['n'] for one in ran):.2g}"


def run(only: list[str], fresh: bool, repetitions: int) -> None:
    WORK.parent.mkdir(parents=True, exist_ok=True)
    if fresh:
        WORK.unlink(missing_ok=True)
    rows = [json.loads(line) for line in WORK.read_text().splitlines()] if WORK.exists() else []
    kept = {(one["settings"], one["pool"], one["repetition"]): one for one in rows}
    with WORK.open("a") as file:
        for line, name, repetition in missing(repetitions, only, kept):
            key = {"settings": line.settings, "pool": name, "repetition": repetition}
            one = kept[line.settings, name, repetition] = key | searched(line, name, repetition)
            file.write(json.dumps(one) + "\n")
            file.flush()
    shares, *others = tables(kept)
    report.write(
        "hpo_pools",
        "What searches need on measured landscapes",
        TEXT,
        ["searcher, plan", "repetitions", *POOLS, "CPU ms a configuration"],
        shares,
        command="hpo.py --part pools",
        packages=("emukit", "GPy", "optuna", "numpy", "scipy"),
        more=[
            (words, ["searcher, plan", "repetitions", *POOLS], rows)
            for words, rows in zip((TIES, HALVES, LESS), others, strict=True)
        ],
    )


TEXT = """
Seven landscapes, each 256 configurations of a default space that were trained with 5 seeds (CartPole: 10). A search
takes configurations of a landscape as if it trained them: `random` and `emukit` choose among those that nobody has, and
of `optuna` (TPE) a proposal becomes the nearest of them. In each repetition three seeds tune, drawn anew, and the
others test.

Two peers stand beside ours, each used as its makers mean it. SMAC3's facade for hyperparameter optimisation trains to
the end, and its own intensifier decides which configuration is trained with how many of the three seeds. DEHB trains
with all three seeds, to a ninth, a third or the whole of the length; what goes on is not trained again. Their proposals
too become the nearest configuration that nobody has, and they are told which. What they would take is what they name.
A begun configuration of theirs in the last column is an evaluation: SMAC3's of one seed, DEHB's of three. What has not
been run has no line.

The first table: which part of the environment steps of random search (40 configurations, three seeds, trained to their
end) is needed until the configuration that would be taken then has, on the seeds that test and in the mean of all
repetitions, the score that random search has at its end. In brackets the 95 % interval from resampling repetitions, of
the line and of random search. "> 0.6": not within that part, which is all that was searched. The first line is random
search against itself. Means of few repetitions cross a line early or late by chance: look at the interval, and at the
number of repetitions.

How `race` begins (half the length, one seed; one in four goes on; half a standard error of patience), and that scores
of different lengths are standardised by themselves before `emukit` sees them, was chosen among seven settings and six
ways of telling, on four of the landscapes (dqn_cartpole, dqn_acrobot, ppo_acrobot, ppo_pendulum) with 20 to 60
repetitions from seed 1,000 on. The repetitions here are others, and three of the landscapes had no part in it.

Which configuration would be taken, the one with the highest mean of three seeds, flatters itself. Four other ways
were tried on the same four landscapes (random search, 40 configurations, 60 repetitions from seed 1,000 on): each
mean shrunk to the mean of all by its standard error, or by one between its own and that of all; the mean of the
Gaussian process; and one standard error below the mean. What they took differed by -.05 to +.03 standard deviations
of the landscape, with standard errors of up to .05; the best of the 40 is .05 to .37 above what was taken. None was
better, so that the highest mean stayed. The mean of the last three evaluations instead of the last one was .13 and
.16 better on the two landscapes of DQN and no better on those of PPO (.01 and -.03; standard errors up to .07). Under
`race` it gained nothing.
"""
TIES = """
The same until the score is within a hundredth of the landscape's range of random search's, which is what the searches
themselves count as equal: on MiniGrid and Acrobot many configurations differ by less.
"""
HALVES = """
Score at half of random search's steps, less random search's score at its end, with the 95 % interval:
"""
LESS = """
At .6 of random search's steps, the end of the lines that are given no more: the score of `emukit`, `race` less that of
each other line in the same repetitions, with the 95 % interval. What is positive speaks for `emukit`.
"""
