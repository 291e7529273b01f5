"""What students typically write when they draw configurations, and a piece of what each is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

Wrong = dict[str, tuple[Any, str]]

_RATE, _GAMMA = (1e-5, 1e-2), (0.8, 0.9999)


def _rates(u: Any) -> Any:
    return _RATE[0] * (_RATE[1] / _RATE[0]) ** u


def _gammas(u: Any) -> Any:
    return 1 - (1 - _GAMMA[0]) * ((1 - _GAMMA[1]) / (1 - _GAMMA[0])) ** u


def _draw(
    *,
    uniform: Callable[[int, Any], tuple[Any, Any]] = lambda n, rng: (rng.random(n), rng.random(n)),
    rates: Callable[[Any], Any] = _rates,
    gammas: Callable[[Any], Any] = _gammas,
    shape: Callable[[pd.DataFrame], Any] = lambda frame: frame,
) -> Callable[..., Any]:
    """Build a wrong `fixed_draw`: the right one with one part replaced."""

    def answer(n: int, *, rng: Any) -> Any:
        first, second = uniform(n, rng)
        return shape(pd.DataFrame({"learning_rate": rates(first), "gamma": gammas(second)}))

    return answer


def _same(n: int, rng: Any) -> tuple[Any, Any]:
    u = rng.random(n)
    return u, u


def _mirrored(n: int, rng: Any) -> tuple[Any, Any]:
    u = rng.random(n)
    return u, 1 - u


def _global(n: int, rng: Any) -> tuple[Any, Any]:
    return np.random.rand(n), np.random.rand(n)  # noqa: NPY002


def _own(n: int, rng: Any) -> tuple[Any, Any]:
    fresh = np.random.default_rng(0)
    return fresh.random(n), fresh.random(n)


def _seeds_of(n: int, rng: Any) -> tuple[Any, Any]:
    return np.random.default_rng(0).random(n), rng.random(n)


SILENT_BUG: Wrong = {
    "the bug itself": (_draw(uniform=_same), "on one line"),
    "mirrored": (_draw(uniform=_mirrored), "mirror"),
    "a fixed seed": (_draw(uniform=_own), "whatever `rng`"),
    "one of them fixed": (_draw(uniform=_seeds_of), "learning rates are the same"),
    "global numpy.random": (_draw(uniform=_global), "global generator"),
    "learning rate uniform": (
        _draw(rates=lambda u: _RATE[0] + u * (_RATE[1] - _RATE[0])),
        "learning rate is drawn evenly",
    ),
    "gamma uniform": (_draw(gammas=lambda u: _GAMMA[0] + u * (_GAMMA[1] - _GAMMA[0])), "gamma is drawn evenly"),
    "gamma not flipped back": (_draw(gammas=lambda u: 1 - _gammas(u)), "one minus"),
    "exponents": (_draw(rates=lambda u: -5 + 3 * u), "exponents"),
    "another range": (_draw(rates=lambda u: 10 * _rates(u)), "outside"),
    "one row": (_draw(shape=lambda frame: frame.head(1)), "rows"),
    "a column misspelt": (_draw(shape=lambda frame: frame.rename(columns={"learning_rate": "lr"})), "no column"),
    "an array": (_draw(shape=lambda frame: frame.to_numpy()), "DataFrame"),
}

DESIGNED = ("learning_rate", "gamma", "exploration_fraction")


def _design(
    *,
    method: str = "sobol",
    names: tuple[str, ...] = DESIGNED,
    shape: Callable[[pd.DataFrame], Any] = lambda frame: frame,
    seed: bool = True,
) -> Callable[..., Any]:
    """Build a wrong `design`: the right one with one part replaced."""

    def answer(n: int, *, rng: Any) -> Any:
        from rlhp import spaces

        space = spaces.subspace(spaces.default("dqn"), names)
        return shape(spaces.sample(space, n, method=method, rng=rng if seed else 0))  # type: ignore[arg-type]

    return answer


def _uniform_rate(n: int, *, rng: Any) -> Any:
    frame = _design()(n, rng=rng)
    return frame.assign(learning_rate=1e-5 + (rng.permutation(n) + rng.random(n)) / n * (1e-2 - 1e-5))


def _uniform_gamma(n: int, *, rng: Any) -> Any:
    frame = _design()(n, rng=rng)
    return frame.assign(gamma=0.8 + (rng.permutation(n) + rng.random(n)) / n * 0.1999)


def _a_line(n: int, *, rng: Any) -> Any:
    frame = _design(method="lhs")(n, rng=rng)
    return pd.DataFrame({name: np.sort(frame[name].to_numpy()) for name in frame})


def _a_grid(n: int, *, rng: Any) -> Any:
    from rlhp import spaces

    space = spaces.subspace(spaces.default("dqn"), DESIGNED)
    return spaces.sample(space, 8, method="grid").sample(n, replace=True, random_state=int(rng.integers(99)))


DESIGN: Wrong = {
    "independent draws": (_design(method="random"), "independent draws leave"),
    "a grid": (_a_grid, "different values"),
    "two hyperparameters": (_design(names=DESIGNED[:2]), "`exploration_fraction`"),
    "the whole space": (_design(names=("tau", *DESIGNED)), "nobody asked for"),
    "uniform learning rate": (_uniform_rate, "not by its value"),
    "uniform gamma": (_uniform_gamma, "measures gamma by"),
    "half of them": (_design(shape=lambda frame: frame.head(8)), "16 rows"),
    "its own seed": (_design(seed=False), "whatever `rng`"),
    "a line": (_a_line, "move together"),
    "a list": (_design(shape=lambda frame: frame.to_dict("records")), "DataFrame"),
}
