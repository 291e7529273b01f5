"""Exercise 00.fair_comparison. A small study: a fair comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rlhp import algorithms
from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

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


def _entry(answer: Any, key: str) -> Any:
    plan = answer()
    expect.true(isinstance(plan, dict), "Give back a dictionary with `configs`, `seeds`, `steps` and `prediction`.")
    expect.true(key in plan, f"The plan has no entry `{key}`.")
    return plan[key]


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
    first, second = ({**defaults, **config} for config in configs)
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
    seeds = _entry(answer, "seeds")
    seeds = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    expect.true(
        len(set(seeds)) == len(seeds) or len(seeds) == 1,
        "A seed is repeated: the same seed gives the same run again, which is no new evidence.",
    )
    expect.several_seeds(seeds, 5, "`seeds`")
    steps = _entry(answer, "steps")
    expect.true(
        isinstance(steps, int) and 0 < steps <= _MOST_STEPS,
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
