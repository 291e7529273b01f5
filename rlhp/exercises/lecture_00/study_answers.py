"""What students typically write for the small study, and a piece of what each is told."""

from __future__ import annotations

from typing import Any

Wrong = dict[str, tuple[Any, str]]


def _study(**changes: Any) -> Any:
    """Build a plan that is right but for `changes`."""
    base = {"learning_rate": 1e-3, "n_steps": 32, "n_envs": 8, "gamma": 0.98}
    plan: dict[str, Any] = {
        "configs": [base, {**base, "gamma": 0.9}],
        "seeds": [0, 1, 2, 3, 4],
        "steps": 10_000,
        "prediction": "first",
    }
    return lambda: {key: value for key, value in {**plan, **changes}.items() if value is not None}


FAIR_COMPARISON: Wrong = {
    "two things changed": (
        _study(configs=[{"learning_rate": 1e-3, "gamma": 0.98}, {"learning_rate": 1e-4, "gamma": 0.9}]),
        "differ in 2 hyperparameters",
    ),
    "nothing changed": (_study(configs=[{"gamma": 0.98}, {"gamma": 0.98}]), "the same twice"),
    "a default in disguise": (_study(configs=[{"gamma": 0.99}, {}]), "default"),
    "a name misspelt": (_study(configs=[{"learning_rat": 1e-3}, {"learning_rat": 1e-4}]), "learning_rate"),
    "three configurations": (_study(configs=[{"gamma": 0.98}, {"gamma": 0.9}, {"gamma": 0.8}]), "exactly two"),
    "one seed": (_study(seeds=[0]), "has one seed"),
    "three seeds": (_study(seeds=[0, 1, 2]), "at least 5"),
    "the same seed five times": (_study(seeds=[0, 0, 0, 0, 0]), "repeated"),
    "the seed as hyperparameter": (_study(configs=[{"seed": 0}, {"seed": 1}]), "not a hyperparameter"),
    "too long": (_study(steps=1_000_000), "at most 20,000"),
    "no prediction": (_study(prediction=None), "prediction"),
    "a vague prediction": (_study(prediction="maybe"), "first, second, no difference"),
}
