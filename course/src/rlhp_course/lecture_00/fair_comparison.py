"""Exercise 00.fair_comparison. A small study: a fair comparison."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp import algorithms
from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise
from rlhp.trainers import check_config

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw a plan as a table, the one difference marked."""
    names = ["learning_rate", "n_steps", "batch_size", "gamma"]
    rows = [["0.001", "32", "256", "0.98"], ["0.001", "32", "256", "0.90"]]
    table = ax.table(cellText=rows, colLabels=names, rowLabels=["first", "second"], loc="center", cellLoc="center")
    table[(2, 3)].set_facecolor("#fde2b3")
    ax.axis("off")
    ax.set_title("seeds 0, 1, 2, 3, 4 for both; 20,000 steps for both")
    return (
        "Two configurations that agree in learning rate, n_steps and batch size and differ in gamma alone, 0.98 "
        "against 0.90; both with the seeds 0 to 4 and 20,000 steps."
    )


exercise(
    "00.fair_comparison",
    title="A small study: a fair comparison",
    hints=(
        'Begin with `first = dict(GOOD)` and `second = {**GOOD, "gamma": 0.9}`: all but one entry stays the same.',
        "Five seeds: `list(range(5))`. Both configurations get the same ones.",
        (
            'The prediction is "first", "second" or "no difference". No check knows what will come out; '
            "you find out by running it."
        ),
    ),
    picture=_picture,
)

_PREDICTIONS = ("first", "second", "no difference")

_MOST_STEPS = 20_000

_MOST_SEEDS = 1_000_000
"""So many a sweep takes."""

_PLACES = ("first", "second")


def _entry(answer: Any, key: str) -> Any:
    plan = answer()
    expect.true(isinstance(plan, dict), "Give back a dictionary with `configs`, `seeds`, `steps` and `prediction`.")
    expect.true(key in plan, f"The plan has no entry `{key}`.")
    return plan[key]


def _as_trained(place: str, config: dict[str, Any]) -> dict[str, Any]:
    """Read a configuration as a sweep does, and say what the sweep would say of one that cannot be trained."""
    try:
        return check_config("ppo", config)
    except ValueError as error:
        expect.fail(f"The {place} configuration cannot be trained: {error}")


def _listed(seeds: Any) -> list[int]:
    """Give the seeds that a sweep would take: so many, or those of a list."""
    if isinstance(seeds, str | bytes | bool) or not isinstance(seeds, int | np.integer | Iterable):
        expect.fail(f"`seeds` is {seeds!r}; give how many (5 stands for 0 to 4), or a list of whole numbers.")
    if isinstance(seeds, int | np.integer):
        expect.true(seeds > 0, f"`seeds` is {seeds}; give how many, at least 5, or a list of whole numbers.")
        return list(range(min(int(seeds), _MOST_SEEDS)))
    given = list(seeds)
    for seed in given:
        whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
        expect.true(whole and 0 <= seed < 2**32, f"`seeds` has {seed!r} in it; a seed is a whole number of at least 0.")
    return given


@checks("00.fair_comparison", "two configurations that differ in one hyperparameter", weight=2)
def _one_change(answer: Any) -> None:
    configs = _entry(answer, "configs")
    expect.true(
        isinstance(configs, list | tuple) and len(configs) == 2 and all(isinstance(config, dict) for config in configs),
        "`configs` should be a list of exactly two dictionaries: the first and the second configuration.",
    )
    defaults = algorithms.defaults("ppo")
    for name in sorted({name for config in configs for name in config}):
        expect.true(
            name != "seed",
            "`seed` is not a hyperparameter: it goes into `seeds`, and both configurations get all of them.",
        )
        expect.one_of(name, defaults, "a hyperparameter of PPO in `configs`")
    first, second = ({**defaults, **_as_trained(place, config)} for place, config in zip(_PLACES, configs, strict=True))
    changed = [name for name in first if first[name] != second[name]]
    if not changed and configs[0] != configs[1]:
        expect.fail("What you changed equals the default, so both configurations are the same.")
    expect.true(bool(changed), "The two configurations are the same twice: change one number.")
    expect.true(
        len(changed) == 1,
        f"They differ in {len(changed)} hyperparameters ({', '.join(changed)}): whatever comes out, you could "
        "not say which of them did it. Change exactly one.",
    )


@checks("00.fair_comparison", "several seeds and an equal budget")
def _seeds_and_steps(answer: Any) -> None:
    seeds = _listed(_entry(answer, "seeds"))
    expect.true(
        len(set(seeds)) == len(seeds) or len(seeds) == 1,
        "A seed is repeated: the same seed gives the same run again, which is no new evidence.",
    )
    expect.several_seeds(seeds, 5, "`seeds`")
    steps = _entry(answer, "steps")
    expect.true(
        isinstance(steps, int | np.integer) and not isinstance(steps, bool) and 0 < steps <= _MOST_STEPS,
        (
            f"`steps` should be a whole number, at most {_MOST_STEPS:,}, so that the study ends in about a "
            f"minute; it is {steps!r}."
        ),
    )


@checks("00.fair_comparison", "a prediction, made before")
def _prediction(answer: Any) -> None:
    prediction = _entry(answer, "prediction")
    expect.true(
        prediction in _PREDICTIONS,
        f"`prediction` should be one of {', '.join(_PREDICTIONS)}; it is {prediction!r}. Say it before you look.",
    )
