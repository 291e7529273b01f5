"""What students typically write for 04.to_value, and a piece of what each is told."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np


def _linear(u: Any, low: float, high: float) -> Any:
    return low + np.asarray(u) * (high - low)


def _log(u: Any, low: float, high: float) -> Any:
    return np.exp(_linear(u, np.log(low), np.log(high)))


def _flipped(u: Any, low: float, high: float) -> Any:
    return 1 - _log(u, 1 - low, 1 - high)


def _to_value(
    *, linear: Callable[..., Any] = _linear, log: Callable[..., Any] = _log, flipped: Callable[..., Any] = _flipped
) -> Callable[..., Any]:
    """Build a wrong `to_value`: the right one with one measure replaced."""

    def answer(u: Any, low: float, high: float, measure: str) -> Any:
        return {"linear": linear, "log": log, "flipped-log": flipped}[measure](u, low, high)

    return answer


# %% linear whatever is asked: "evenly in the value itself"
to_value = _to_value(log=_linear, flipped=_linear)

# %% log whatever is asked: "`linear` was asked"
to_value = _to_value(linear=_log)

# %% the share alone: "starts at 0"
to_value = _to_value(linear=lambda u, low, high: np.asarray(u) * (high - low))

# %% stays in logarithms: "undo the logarithm"
to_value = _to_value(log=lambda u, low, high: _linear(u, np.log(low), np.log(high)))

# %% stays in powers of ten: "the exponent"
to_value = _to_value(log=lambda u, low, high: _linear(u, np.log10(low), np.log10(high)))

# %% mixes the bases: "`np.exp` undoes `np.log`"
to_value = _to_value(log=lambda u, low, high: np.exp(_linear(u, np.log10(low), np.log10(high))))

# %% backwards: "from high to low"
to_value = _to_value(log=lambda u, low, high: _log(1 - np.asarray(u), low, high))

# %% flipped as log: "logarithm of the value"
to_value = _to_value(flipped=_log)

# %% flipped as linear: "not flipped"
to_value = _to_value(flipped=_linear)

# %% not flipped back: "one minus the value"
to_value = _to_value(flipped=lambda u, low, high: _log(u, 1 - low, 1 - high))

# %% flipped backwards: "wrong end"
to_value = _to_value(flipped=lambda u, low, high: _flipped(1 - np.asarray(u), low, high))

# %% one number only: "TypeError"
to_value = _to_value(log=lambda u, low, high: math.exp(_linear(u, math.log(low), math.log(high))))
