"""What students typically write for 04.silent_bug, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

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
    return np.random.rand(n), np.random.rand(n)


def _own(n: int, rng: Any) -> tuple[Any, Any]:
    fresh = np.random.default_rng(0)
    return fresh.random(n), fresh.random(n)


def _seeds_of(n: int, rng: Any) -> tuple[Any, Any]:
    return np.random.default_rng(0).random(n), rng.random(n)


# %% the bug itself: "on one line"
fixed_draw = _draw(uniform=_same)

# %% mirrored: "mirror"
fixed_draw = _draw(uniform=_mirrored)

# %% a fixed seed: "whatever `rng`"
fixed_draw = _draw(uniform=_own)

# %% one of them fixed: "learning rates are the same"
fixed_draw = _draw(uniform=_seeds_of)

# %% global numpy.random: "global generator"
fixed_draw = _draw(uniform=_global)

# %% learning rate uniform: "learning rate is drawn evenly"
fixed_draw = _draw(rates=lambda u: _RATE[0] + u * (_RATE[1] - _RATE[0]))

# %% gamma uniform: "gamma is drawn evenly"
fixed_draw = _draw(gammas=lambda u: _GAMMA[0] + u * (_GAMMA[1] - _GAMMA[0]))

# %% gamma not flipped back: "one minus"
fixed_draw = _draw(gammas=lambda u: 1 - _gammas(u))

# %% exponents: "exponents"
fixed_draw = _draw(rates=lambda u: -5 + 3 * u)

# %% another range: "outside"
fixed_draw = _draw(rates=lambda u: 10 * _rates(u))

# %% one row: "rows"
fixed_draw = _draw(shape=lambda frame: frame.head(1))

# %% a column misspelt: "no column"
fixed_draw = _draw(shape=lambda frame: frame.rename(columns={"learning_rate": "lr"}))

# %% an array: "DataFrame"
fixed_draw = _draw(shape=lambda frame: frame.to_numpy())
