"""Checks of lecture 00: the small study, a fair comparison."""

from __future__ import annotations

from typing import Any

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise
from rlhp.exercises.lecture_00 import hints, pictures, study_answers

exercise(
    "00.fair_comparison",
    title="A small study: a fair comparison",
    hints=hints.FAIR_COMPARISON,
    picture=pictures.fair_comparison,
    wrong_answers=study_answers.FAIR_COMPARISON,
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
    from rlhp import algorithms

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
