"""How much is lost by who plays a bandit whose best place moves: PB2 beside draws, perturbation and Ray Tune's PB2?

`python benchmarks/drifting.py` plays a function over the unit square for 40 steps with 4 members, 40 repetitions, and
keeps the table in `drifting.md`. The function is a round bump of height 1, `exp(-d^2 / (2 * .3^2))` at distance `d` of
its top, which goes twice around the middle at a distance of .3 within the 40 steps, from a place and in a direction
drawn for each repetition. Every member of every step sees its value with noise of deviation .2; regret is 1 minus the
value without it. In a repetition all players meet the same function and the same noise.

Ray's is `_explore` of its PB2, which fits and proposes, called in this loop without a cluster. Both are told the same:
every segment begins at a score of 0 and ends at the value that was seen. Ray 2.60 needs pydantic for this module, which
the script installs for itself in `benchmarks/.work/pydantic`; without a network it leaves Ray out and says so. Resumes
where it was stopped.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import report
from ConfigSpace import ConfigurationSpace, Float
from scipy.stats import t as student

from rlhp.population import PB2, Exchange, Fitness, Meeting, Past, Perturb, Truncation, meet

HERE = Path(__file__).resolve().parent
KEPT, PYDANTIC = HERE / ".work" / "drifting.jsonl", HERE / ".work" / "pydantic"
MEMBERS, STEPS, NOISE, WIDTH, RADIUS, TURNS = 4, 40, 0.2, 0.3, 0.3, 2
SPACE = ConfigurationSpace(space=[Float("x", (0.0, 1.0)), Float("y", (0.0, 1.0))])
EVERY = 1_000  # environment steps that a step of the bandit stands for

# From what was played and seen so far, [step, member, 2] and [step, member], to the next places [member, 2].
Player = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


class Bump:
    """A bump whose top goes around the middle of the square."""

    def __init__(self, rng: np.random.Generator):
        self.start, self.way = rng.uniform(0, 2 * np.pi), rng.choice([-1, 1])

    def __call__(self, places: np.ndarray, step: int) -> np.ndarray:
        angle = self.start + self.way * 2 * np.pi * TURNS * step / STEPS
        top = 0.5 + RADIUS * np.array([np.cos(angle), np.sin(angle)])
        return np.asarray(np.exp(-((places - top) ** 2).sum(axis=-1) / (2 * WIDTH**2)))


def configs(places: np.ndarray) -> list[dict[str, float]]:
    return [{"x": float(x), "y": float(y)} for x, y in places]


def places(found: Any) -> np.ndarray:
    return np.array([[one["x"], one["y"]] for one in found])


def past(played: np.ndarray, seen: np.ndarray) -> Past:
    """Say to a population that every segment began at 0 and gained what was seen."""
    steps = np.repeat(np.arange(len(played)), MEMBERS)
    frame = pd.DataFrame(played.reshape(-1, 2), columns=["x", "y"])
    member = np.tile(np.arange(MEMBERS), len(played))
    return Past(member, steps * EVERY, (steps + 1) * EVERY, np.zeros(len(steps)), seen.ravel(), frame)


def uniform(played: np.ndarray, seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw everybody anew."""
    return rng.random((MEMBERS, 2))


def perturbation(played: np.ndarray, seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The worst member goes on from the best, times .8 or 1.2 in each direction; the others stay, as in PBT."""
    met = meet(
        Exchange(every=EVERY, exploit=Truncation(0.25), explore=Perturb()),
        SPACE,
        step=len(played) * EVERY,
        total_steps=STEPS * EVERY,
        configs=configs(played[-1]),
        fitness=Fitness(seen[-1]),
        past=past(played, seen),
        ready=np.full(MEMBERS, True),
        rng=rng,
    )
    return places(met.configs)


def pb2(played: np.ndarray, seen: np.ndarray, rng: np.random.Generator, **options: Any) -> np.ndarray:
    """Everybody is a child: each goes on from its neighbour, and has nothing of it."""
    around, level = np.roll(np.arange(MEMBERS), 1), Fitness(np.zeros(MEMBERS))
    met = Meeting(len(played) * EVERY, STEPS * EVERY, tuple(configs(played[-1])), around, level, past(played, seen))
    proposed = PB2(**options).propose(SPACE, met, rng)
    return places([proposed[i] for i in range(MEMBERS)])


def still(played: np.ndarray, seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return pb2(played, seen, rng, drift=0.0)


def ray(played: np.ndarray, seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Ray's own proposer, member after member, as its scheduler calls it in one round."""
    from ray.tune.schedulers.pb2 import _explore

    np.random.seed(int(rng.integers(2**31)))  # noqa: NPY002 - Ray draws its starts from the global state
    # A segment is told twice, when it begins and when it ends.
    told = [
        [str(i), float(step + ended), *played[step, i], seen[step, i] * ended]
        for step in range(len(played))
        for ended in (0, 1)
        for i in range(MEMBERS)
    ]
    data = pd.DataFrame(told, columns=["Trial", "Time", "x", "y", "Reward"])
    bounds, chosen = {"x": [0.0, 1.0], "y": [0.0, 1.0]}, []
    for i in range(MEMBERS):
        current = np.array(chosen) if chosen else None
        found, data = _explore(data, bounds, current, str(i), str(i), configs(played[-1])[i])
        chosen.append([found["x"], found["y"]])
    return np.clip(np.array(chosen), 0.0, 1.0)


PLAYERS: dict[str, Player] = {
    "uniform draws": uniform,
    "perturbation": perturbation,
    "PB2": pb2,
    "Ray 2.60's PB2": ray,
    "PB2 that never forgets": still,
}


def play(name: str, repetition: int) -> dict[str, Any]:
    """Return the regret of each step, mean of the members, and the CPU seconds of a step's proposals."""
    bump = Bump(np.random.default_rng([repetition, 0]))
    noise = NOISE * np.random.default_rng([repetition, 1]).standard_normal((STEPS, MEMBERS))
    first = np.random.default_rng([repetition, 2]).random((MEMBERS, 2))
    rng = np.random.default_rng([repetition, 3])
    played, seen, regret, spent = np.empty((0, MEMBERS, 2)), np.empty((0, MEMBERS)), [], 0.0
    for step in range(STEPS):
        began = time.process_time()
        now = PLAYERS[name](played, seen, rng) if step else first
        spent += time.process_time() - began
        value = bump(now, step)
        regret.append(float(1 - value.mean()))
        played, seen = np.concatenate([played, now[None]]), np.vstack([seen, value + noise[step]])
    return {"player": name, "repetition": repetition, "regret": regret, "cpu_s": spent / (STEPS - 1)}


def pydantic() -> bool:
    """Make Ray's module importable; say whether it is."""
    if not PYDANTIC.exists():
        command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(PYDANTIC), "pydantic"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            print(f"pydantic cannot be installed here, so Ray is left out:\n{done.stderr[-600:]}")
            return False
    sys.path.append(str(PYDANTIC))
    return True


def kept() -> list[dict[str, Any]]:
    return [json.loads(line) for line in KEPT.read_text().splitlines()] if KEPT.exists() else []


def interval(values: np.ndarray) -> str:
    """Write a mean with Student's 95 % interval."""
    values = values[np.isfinite(values)]
    half = float(student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return f"{values.mean():.3f} ({values.mean() - half:.3f} to {values.mean() + half:.3f})"


def proposing(n: int) -> str:
    """Measure a proposal for one child of four after n segments: the median of seven, CPU seconds."""
    rng, taken = np.random.default_rng(0), []
    played = rng.random((n // MEMBERS, MEMBERS, 2))
    seen = np.array([Bump(np.random.default_rng(0))(one, step) for step, one in enumerate(played)])
    seen += NOISE * rng.standard_normal(seen.shape)
    one_child = [1, 1, 2, 3]
    level = Fitness(np.zeros(MEMBERS))
    met = Meeting(len(played) * EVERY, STEPS * EVERY, tuple(configs(played[-1])), one_child, level, past(played, seen))
    for seed in range(8):
        began = time.process_time()
        PB2().propose(SPACE, met, np.random.default_rng(seed))
        taken.append(time.process_time() - began)
    return f"{np.median(taken[1:]):.3f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=40)
    parser.add_argument("--table", action="store_true", help="play nothing, write the table of what was played")
    given = parser.parse_args()
    repetitions = given.repetitions
    warnings.simplefilter("ignore")  # scikit-learn's, of Ray's fits that end at a bound
    names = [name for name in PLAYERS if not name.startswith("Ray") or pydantic()]
    KEPT.parent.mkdir(exist_ok=True)
    done = {(one["player"], one["repetition"]) for one in kept()}
    for name in names:
        for repetition in range(repetitions):
            if not given.table and (name, repetition) not in done:
                with KEPT.open("a") as lines:
                    lines.write(json.dumps(play(name, repetition)) + "\n")
    found = {name: np.full(repetitions, np.nan) for name in names}
    spent: dict[str, list[float]] = {name: [] for name in names}
    for one in kept():
        if one["player"] in found and one["repetition"] < repetitions:
            found[one["player"]][one["repetition"]] = np.mean(one["regret"])
            spent[one["player"]].append(one["cpu_s"])
    rows = [
        [
            name,
            int(np.isfinite(found[name]).sum()),
            interval(found[name]),
            "" if name == "PB2" else interval(found["PB2"] - found[name]),
            f"{np.median(spent[name]):.3f} s",
        ]
        for name in names
    ]
    text = (
        f"Mean regret of {STEPS} steps and {MEMBERS} members, with Student's 95 % intervals over "
        f"repetitions. A round bump of height 1 and deviation {WIDTH} over the unit square, whose top goes {TURNS} "
        f"times around the middle at a distance of {RADIUS}; values are seen with noise of deviation {NOISE}. "
        "Functions and noise are the same for all players of a repetition, so that differences are paired. "
        "*Perturbation*: the worst member goes on from the best, times .8 or 1.2. *Ray*: its own proposer in the same "
        "loop. CPU seconds are those of a step's four proposals."
    )
    header = ["player", "repetitions", "regret", "PB2's minus this one's, paired", "CPU a step"]
    costs = [[f"{n} segments", proposing(n)] for n in (100, 1000)]
    more = [("What one proposal takes, on one thread.", ["after", "CPU"], costs)]
    packages = ("numpy", "scipy", "scikit-learn", "ray")
    report.write("drifting", "Who follows a best place that moves?", text, header, rows, packages=packages, more=more)


if __name__ == "__main__":
    main()
