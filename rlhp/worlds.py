"""What an environment's world may be: the numbers, such as gravity, that runs may differ in, and their defaults.

Plain data at the ground floor, as `returns` is: search spaces and analyses know it without any engine. Among the
hyperparameters of a run a parameter is named with the prefix ``env.``.

>>> parameters("CartPole-v1")["gravity"].default, known_as("gravity")
(9.8, 'env.gravity')
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from rlhp.arguments import choice, instance, mapping, name_list, real, shown, text
from rlhp.errors import unknown_name

__all__ = [
    "PREFIX",
    "Parameter",
    "check_values",
    "chosen",
    "declare_parameters",
    "world",
    "known_as",
    "named",
    "parameters",
    "split",
]

PREFIX = "env."
"""What the name of an environment's parameter begins with among the hyperparameters of a run."""

_LARGEST = 3.4e38  # both engines compute in 32 bits


@dataclass(frozen=True)
class Parameter:
    """A number of an environment that runs may differ in, such as gravity.

    Parameters
    ----------
    default : float
        What a run has that says nothing of it: what Gymnasium's environment has.
    low, high : float
        The values it may have, and between which a search space looks.
    unit : str
        In words.
    measure : {"linear", "log"}
        How a search space spreads its values.
    attribute : str
        What it is called in Gymnasium's environment, where that is another name.
    """

    default: float
    low: float
    high: float
    unit: str = ""
    measure: Literal["linear", "log"] = "linear"
    attribute: str = ""

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            value = real(name, getattr(self, name), at_least=-_LARGEST, at_most=_LARGEST)
            object.__setattr__(self, name, value)
        if not self.low < self.high:
            raise ValueError(f"`low` is {self.low:g} and `high` {self.high:g}; give the lower of the two first.")
        default = real("default", self.default, at_least=self.low, at_most=self.high)
        object.__setattr__(self, "default", default)
        for name in ("unit", "attribute"):
            text(name, getattr(self, name), empty=True)
        choice("measure", self.measure, ("linear", "log"))
        if self.measure == "log" and self.low <= 0:
            raise ValueError(f"`low` is {self.low:g}; on a log scale give a number above 0.")


def _around(default: float, unit: str, *, attribute: str = "") -> Parameter:
    """Declare what may be ten times smaller and ten times greater."""
    return Parameter(default, round(default / 10, 10), round(default * 10, 10), unit, "log", attribute)


def _goal(position: float) -> dict[str, Parameter]:
    return {
        "goal_position": Parameter(position, 0.0, 0.6, "position; the valley is at -0.52, the right end at 0.6"),
        "goal_velocity": Parameter(0.0, 0.0, 0.07, "positions a step, at least; 0.07 is the fastest"),
    }


_KNOWN: dict[str, Mapping[str, Parameter]] = {
    "CartPole-v1": {
        "gravity": Parameter(9.8, 1.0, 100.0, "m / s^2", "log"),
        "masscart": _around(1.0, "kg"),
        "masspole": _around(0.1, "kg"),
        "length": _around(0.5, "m, half the pole's"),
        "force_mag": _around(10.0, "N"),
        "tau": _around(0.02, "s between steps"),
    },
    "MountainCar-v0": {
        "force": _around(0.001, "positions a step, each step"),
        "gravity": _around(0.0025, "positions a step, each step"),
        **_goal(0.5),
    },
    # Its gravity is no attribute of Gymnasium's, but a number within the rule of motion.
    "MountainCarContinuous-v0": {
        "power": _around(0.0015, "positions a step, each step at full force"),
        **_goal(0.45),
    },
    "Pendulum-v1": {
        "gravity": _around(10.0, "m / s^2", attribute="g"),
        "mass": _around(1.0, "kg", attribute="m"),
        "length": _around(1.0, "m", attribute="l"),
        "dt": _around(0.05, "s between steps"),
    },
}
_OURS = frozenset(_KNOWN)
_NONE: Mapping[str, Parameter] = MappingProxyType({})


def parameters(env_id: str) -> Mapping[str, Parameter]:
    """Return the parameters that a run of an environment may have, by their own names; none where none are declared.

    Examples
    --------
    >>> list(parameters("Pendulum-v1")), list(parameters("LunarLander-v3"))
    (['gravity', 'mass', 'length', 'dt'], [])
    """
    env_id = text("env_id", env_id)
    name = env_id.partition(":")[2]  # a module's own environment may have the id of one of ours, and be another
    return MappingProxyType(_KNOWN.get(env_id) or _KNOWN.get("" if name in _OURS else name, _NONE))


def declare_parameters(env_id: str, declared: Mapping[str, Parameter]) -> None:
    """Tell which numbers of an environment of your own may differ between runs; they replace those told before.

    Parameters
    ----------
    env_id : str
    declared : mapping
        From names to `Parameter`.

    Raises
    ------
    TypeError, ValueError
        If it is no such mapping, or a name is none that could follow ``env.``.

    Examples
    --------
    >>> declare_parameters("MyMaze-v0", {"wind": Parameter(0.0, -1.0, 1.0, "fields a step")})
    >>> world("MyMaze-v0")
    {'env.wind': 0.0}
    """
    found = mapping("declared", declared, hint="It maps names to `Parameter`.")
    for name, parameter in found.items():
        if not name.isidentifier():
            raise ValueError(f"`declared` has the name {shown(name)}; give one of letters, digits and `_`.")
        instance(f"declared[{name!r}]", parameter, Parameter, hint="Parameter(default, low, high).")
    _KNOWN[text("env_id", env_id)] = found


def known_as(name: str) -> str:
    """Return the name of a parameter among the hyperparameters of a run."""
    return f"{PREFIX}{name}"


def split(config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part a configuration into what is of the algorithm and what, under ``env.*``, is of the environment.

    Examples
    --------
    >>> split({"gamma": 0.9, "env.gravity": 12.0})
    ({'gamma': 0.9}, {'env.gravity': 12.0})
    """
    of_world = {name: value for name, value in config.items() if name.startswith(PREFIX)}
    return {name: value for name, value in config.items() if name not in of_world}, of_world


def world(env_id: str, config: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return every parameter of an environment as a run has it: from its configuration, or the default.

    Parameters
    ----------
    env_id : str
    config : mapping, optional
        A configuration of a `RunRequest`; what is not named ``env.*`` is left out.

    Returns
    -------
    dict
        From ``env.<name>`` to a number, or to a schedule where `config` has one.

    Examples
    --------
    >>> world("Pendulum-v1", {"gamma": 0.9, "env.gravity": 1.6})
    {'env.gravity': 1.6, 'env.mass': 1.0, 'env.length': 1.0, 'env.dt': 0.05}
    """
    given = {} if config is None else mapping("config", config)
    return {known_as(name): given.get(known_as(name), one.default) for name, one in parameters(env_id).items()}


def check_values(env_id: str, parameters: Mapping[str, Any]) -> dict[str, float]:
    """Check values of an environment's parameters, by their own names, and give them as floats.

    Raises
    ------
    TypeError, ValueError
        If it is no mapping, a name is unknown, or a value is none that the parameter may have.

    Examples
    --------
    >>> check_values("Pendulum-v1", {"gravity": 12})
    {'gravity': 12.0}
    """
    checked = {}
    for name, value in mapping("parameters", parameters, hint="It maps names, such as gravity, to numbers.").items():
        one = named(env_id, name)
        unit = f" ({one.unit})" if one.unit else ""
        what = f"a number from {one.low:g} to {one.high:g}{unit}"
        checked[name] = real(f"parameters[{name!r}]", value, at_least=one.low, at_most=one.high, what=what)
    return checked


def named(env_id: str, name: str) -> Parameter:
    """Return a parameter of an environment by its own name.

    Raises
    ------
    ValueError
        If it has none of that name, or none at all.
    """
    known = _some(env_id)
    if text("name", name) not in known:
        raise ValueError(unknown_name("parameter", name, known, where=env_id))
    return known[name]


def _some(env_id: str) -> Mapping[str, Parameter]:
    known = parameters(env_id)
    if not known:
        raise ValueError(
            f"`{env_id}` has no parameters that runs could differ in; `rlhp.envs.catalogue()` lists those of the "
            f"environments that have some, and `rlhp.envs.register` declares those of one of your own."
        )
    return known


def chosen(env_id: str, names: Any) -> dict[str, tuple[Parameter, float, float]]:
    """Return the parameters that somebody names, each with the range to look in.

    Parameters
    ----------
    env_id : str
    names : None, str, sequence of str, or mapping of str to (low, high)
        None: all of them.

    Raises
    ------
    ValueError
        If the environment has none, or none of that name; or a range is not within what is allowed.
    """
    ranges = mapping("names", names) if isinstance(names, Mapping) else {}
    found = {}
    for name in _some(env_id) if names is None else list(ranges) or name_list("names", names):
        short = name.removeprefix(PREFIX)
        one = named(env_id, short)
        found[short] = (one, *_range(short, one, ranges.get(name)))
    return found


def _range(name: str, one: Parameter, given: Any) -> tuple[float, float]:
    if given is None:
        return one.low, one.high
    low, high = given if isinstance(given, tuple | list) and len(given) == 2 else (math.nan, math.nan)
    what = f"a pair of numbers from {one.low:g} to {one.high:g}, the lower first"
    ends = [real(f"names[{name!r}]", end, at_least=one.low, at_most=one.high, what=what) for end in (low, high)]
    if not ends[0] < ends[1]:
        raise ValueError(f"`names[{name!r}]` is {shown(given)}; give {what}.")
    return ends[0], ends[1]
