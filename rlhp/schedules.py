"""A hyperparameter as a function of training progress in [0, 1].

A schedule is a frozen dataclass of numbers. Calling it with the progress (0 at the first step, 1 at the last)
gives the value; progress may be a float, a NumPy array or any array of the array API, traced ones included.

>>> epsilon = Linear(start=1.0, end=0.05, fraction=0.5)
>>> epsilon(0.0), epsilon(0.25), epsilon(0.9)
(1.0, 0.525, 0.05)
>>> from_json(epsilon.to_json()) == epsilon
True
"""

from __future__ import annotations

import abc
import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rlhp.arguments import choice, real, shown, whole
from rlhp.errors import unknown_name

__all__ = [
    "Constant",
    "Cosine",
    "Exponential",
    "Linear",
    "Piecewise",
    "Schedule",
    "Step",
    "from_json",
    "kinds",
    "parse",
]


@dataclass(frozen=True)
class Schedule(abc.ABC):
    """What every schedule can do; construct one of the final classes below."""

    kind: ClassVar[str]

    def __call__(self, progress: Any) -> Any:
        """Return the value at `progress`.

        Parameters
        ----------
        progress : float or array
            Fraction of training done, clipped to [0, 1].

        Returns
        -------
        float or array
            A float for a float, an array of the same shape and library for an array.
        """
        if hasattr(progress, "__array_namespace__") and not np.isscalar(progress):
            xp = progress.__array_namespace__()
            return self._value(xp.clip(progress, 0.0, 1.0), xp)
        return float(self._value(np.float64(min(max(float(progress), 0.0), 1.0)), np))

    @abc.abstractmethod
    def _value(self, progress: Any, xp: Any) -> Any:
        """Value at `progress` (already in [0, 1]), computed with the array namespace `xp`."""

    @abc.abstractmethod
    def _mean(self) -> float:
        """Average value over training, in closed form."""

    def mean(self) -> float:
        """Average value over training, exactly; times the number of steps, it is what the schedule spends."""
        return float(self._mean())

    def to_json(self) -> str:
        """Write as canonical JSON; `from_json` reads it back to an equal schedule."""
        return json.dumps({"schedule": self.kind, **dataclasses.asdict(self)})

    def as_sb3(self) -> Callable[[float], float]:
        """Return the schedule as stable-baselines3 wants it: a function of the progress *remaining* (1 to 0)."""
        return _Remaining(self)


@dataclass(frozen=True)
class _Remaining:
    """Picklable adapter: SB3 stores schedules inside the models it saves."""

    schedule: Schedule

    def __call__(self, progress_remaining: float) -> float:
        return float(self.schedule(1.0 - progress_remaining))


@dataclass(frozen=True)
class Constant(Schedule):
    """The same value throughout."""

    value: float
    kind: ClassVar[str] = "constant"

    def __post_init__(self) -> None:
        _finite(self, "value")

    def _value(self, progress: Any, xp: Any) -> Any:
        return progress * 0.0 + self.value

    def _mean(self) -> float:
        return float(self.value)


@dataclass(frozen=True)
class Linear(Schedule):
    """A straight line from `start` to `end` over `fraction` of training, then `end`."""

    start: float
    end: float
    fraction: float = 1.0
    kind: ClassVar[str] = "linear"

    def __post_init__(self) -> None:
        _finite(self, "start", "end")
        _fraction(self)

    def _value(self, progress: Any, xp: Any) -> Any:
        done = xp.clip(progress / self.fraction, 0.0, 1.0)
        return self.start * (1.0 - done) + self.end * done  # this form is exact at both ends

    def _mean(self) -> float:
        return self.fraction * (self.start + self.end) / 2 + (1 - self.fraction) * self.end


@dataclass(frozen=True)
class Exponential(Schedule):
    """Geometric decay from `start` to `end` over `fraction` of training, then `end`.

    Equal progress multiplies the value by equal factors: ``start * (end / start) ** (progress / fraction)``.
    Both ends must be positive.
    """

    start: float
    end: float
    fraction: float = 1.0
    kind: ClassVar[str] = "exponential"

    def __post_init__(self) -> None:
        _finite(self, "start", "end")
        _fraction(self)
        for name in ("start", "end"):
            if getattr(self, name) <= 0:
                raise ValueError(
                    f"exponential schedule: `{name}` is {getattr(self, name)}, but a geometric decay never reaches "
                    f"zero or below; give a small positive number such as 0.01, or use a linear schedule."
                )

    def _value(self, progress: Any, xp: Any) -> Any:
        ratio = math.log(self.end / self.start)
        return self.start * xp.exp(ratio * xp.clip(progress / self.fraction, 0.0, 1.0))

    def _mean(self) -> float:
        ratio = math.log(self.end / self.start)
        moving = self.start if ratio == 0 else (self.end - self.start) / ratio
        return self.fraction * moving + (1 - self.fraction) * self.end


@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a cosine from `start` to `end` over `fraction` of training (slow, fast, slow), then `end`."""

    start: float
    end: float
    fraction: float = 1.0
    kind: ClassVar[str] = "cosine"

    def __post_init__(self) -> None:
        _finite(self, "start", "end")
        _fraction(self)

    def _value(self, progress: Any, xp: Any) -> Any:
        done = xp.clip(progress / self.fraction, 0.0, 1.0)
        weight = (1.0 + xp.cos(math.pi * done)) / 2.0
        return self.start * weight + self.end * (1.0 - weight)

    def _mean(self) -> float:
        return self.fraction * (self.start + self.end) / 2 + (1 - self.fraction) * self.end


@dataclass(frozen=True)
class Step(Schedule):
    """`n_steps` equal drops from `start` to `end`, evenly spaced, the last one at `fraction` of training."""

    start: float
    end: float
    n_steps: int = 4
    fraction: float = 1.0
    kind: ClassVar[str] = "step"

    def __post_init__(self) -> None:
        _finite(self, "start", "end")
        _fraction(self)
        drops = self.n_steps
        if isinstance(drops, float | np.floating) and float(drops).is_integer():  # as JSON and tables may have it
            drops = int(drops)
        what = "a whole number of drops, 1 or more"
        try:
            object.__setattr__(self, "n_steps", whole("n_steps", drops, at_least=1, what=what))
        except ValueError as error:
            raise ValueError(f"step schedule: {error}") from error

    def _value(self, progress: Any, xp: Any) -> Any:
        # A drop is due at k * fraction / n_steps; the small term keeps 0.3 / 0.1 from being 2.9999999999999996.
        drops = xp.clip(xp.floor(progress * self.n_steps / self.fraction + 1e-9), 0.0, float(self.n_steps))
        return self.start * (1.0 - drops / self.n_steps) + self.end * (drops / self.n_steps)

    def _mean(self) -> float:
        level = self.start + (self.end - self.start) * (self.n_steps - 1) / (2 * self.n_steps)
        return self.fraction * level + (1 - self.fraction) * self.end


@dataclass(frozen=True)
class Piecewise(Schedule):
    """Straight lines through `points`, a tuple of (progress, value) pairs; flat before the first and after the last."""

    points: tuple[tuple[float, float], ...]
    kind: ClassVar[str] = "piecewise"

    def __post_init__(self) -> None:
        try:
            points = tuple((real("progress", at), real("value", value)) for at, value in self.points)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"piecewise schedule: `points` is {shown(self.points)}; give (progress, value) pairs such as "
                f"((0, 1.0), (0.2, 0.1), (1, 0.01))."
            ) from error
        object.__setattr__(self, "points", points)
        where = [at for at, _ in points]
        if not points or not all(math.isfinite(number) for point in points for number in point):
            raise ValueError("piecewise schedule: `points` needs at least one pair, all of finite numbers.")
        if where != sorted(set(where)) or where[0] < 0 or where[-1] > 1:
            raise ValueError(
                f"piecewise schedule: the progress of the points is {where}; it must increase strictly within [0, 1]."
            )

    def _value(self, progress: Any, xp: Any) -> Any:
        value = progress * 0.0 + self.points[0][1]
        for (left, low), (right, high) in zip(self.points[:-1], self.points[1:], strict=True):
            # Each segment adds its own rise once it is entered, so no branch depends on a traced value.
            value = value + (high - low) * xp.clip((progress - left) / (right - left), 0.0, 1.0)
        heights = [height for _, height in self.points]
        return xp.clip(value, min(heights), max(heights))  # sums may round to just outside

    def _mean(self) -> float:
        at, value = (list(column) for column in zip(*self.points, strict=True))
        return float(np.trapezoid([value[0], *value, value[-1]], [0.0, *at, 1.0]))


_KINDS: dict[str, type[Schedule]] = {cls.kind: cls for cls in (Constant, Linear, Exponential, Cosine, Step, Piecewise)}


def kinds() -> dict[str, type[Schedule]]:
    """List the schedule classes by the name that stands in their JSON."""
    return dict(_KINDS)


def from_json(text: str | Mapping[str, Any]) -> Schedule:
    """Read a schedule from what `Schedule.to_json` wrote, or from the same as a mapping.

    Raises
    ------
    ValueError
        If the JSON is not a schedule, names an unknown kind or lacks a field.
    """
    return _read(text, "text")


def _read(text: str | Mapping[str, Any], name: str) -> Schedule:
    try:
        fields = dict(json.loads(text) if isinstance(text, str) else text)
        kind = fields.pop("schedule")
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f"not a schedule: `{name}` is {shown(text)}; expected JSON such as "
            '{"schedule": "linear", "start": 1.0, "end": 0.05, "fraction": 0.5}.'
        ) from error
    choice("schedule", kind, _KINDS)
    cls = _KINDS[kind]
    names = [one.name for one in dataclasses.fields(cls)]
    for field in fields:
        if field not in names:
            raise ValueError(unknown_name("field", field, names, where=f"a {kind} schedule"))
    try:
        return cls(**fields)
    except TypeError as error:
        raise ValueError(f"{kind} schedule: {error}; its fields are {', '.join(names)}.") from error


def parse(value: Any) -> Schedule:
    """Turn a number, a schedule, or a schedule's JSON or mapping into a schedule; a number is the constant one.

    Raises
    ------
    ValueError
        If `value` is none of these.
    """
    if isinstance(value, Schedule):
        return value
    if isinstance(value, str | Mapping):
        return _read(value, "value")
    try:
        return Constant(real("value", value))
    except ValueError as error:
        raise ValueError(
            f"not a schedule: `value` is {shown(value)}; give a finite number, one of {', '.join(_KINDS)}, or its JSON."
        ) from error


def _finite(schedule: Any, *names: str) -> None:
    for name in names:
        value = getattr(schedule, name)
        try:
            object.__setattr__(schedule, name, real(name, value))
        except ValueError as error:
            raise ValueError(f"{schedule.kind} schedule: {error}") from error


def _fraction(schedule: Any) -> None:
    _finite(schedule, "fraction")
    if not 0 < schedule.fraction <= 1:
        percent = " (a fraction, not per cent)" if schedule.fraction > 1 else ""
        raise ValueError(
            f"{schedule.kind} schedule: `fraction` is {schedule.fraction}; give the part of training over which the "
            f"value moves, in (0, 1]{percent}."
        )
