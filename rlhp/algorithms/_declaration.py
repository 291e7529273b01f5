"""What is said of an algorithm, once and as plain data: everything else reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

TINY = 1e-12  # the lowest value of what must be positive
MOST_INT = 2**31 - 1  # both engines count in 32 bits
MOST_FLOAT = 3.4e38  # and compute in 32 bits

ENGINES = ("jax", "sb3")


@dataclass(frozen=True)
class Range:
    """Where a default search space looks: between two values, spread evenly in their `measure`."""

    low: float
    high: float
    measure: Literal["linear", "log", "flipped-log"] = "linear"


@dataclass(frozen=True)
class Levels:
    """Where a default search space looks: at these values, which have an order or have none."""

    values: tuple[Any, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Hyperparameter:
    """One hyperparameter: its default, what it may be, how it may move, and what the compiled engine makes of it.

    Parameters
    ----------
    default : object
        stable-baselines3's, where it has the hyperparameter; None where the algorithm decides.
    kind : {"float", "int", "bool", "widths"}
        ``"widths"`` is a list of layer widths.
    mark : {"traced", "loop", "static"}
        What it is to a compiled program, see `rlhp.agents.agent`.
    low, high : float
        The values it may have.
    moves : bool
        Whether a schedule may move it while training.
    also : tuple
        Values allowed besides numbers, such as None or ``"auto"``.
    unit : str
        In words.
    source : str
        Where name and default are from.
    engines : tuple of str
        The engines that have it.
    when : tuple, optional
        Another hyperparameter and the value without which this one is switched off.
    search : Range or Levels, optional
        Where `spaces.default` looks; None where it leaves the default.
    searched_from : object
        The default of the search space, where it is not `default`.
    one_program : (int, int), optional
        The least and the largest value that `spaces.traced` leaves of a whole number whose size is a matter of shapes:
        within them all, configurations that agree on what is static are one compiled program.
    """

    default: Any
    kind: Literal["float", "int", "bool", "widths"]
    mark: Literal["traced", "loop", "static"]
    low: float = -MOST_FLOAT
    high: float = MOST_FLOAT
    moves: bool = False
    also: tuple[Any, ...] = ()
    unit: str = ""
    source: str = ""
    engines: tuple[str, ...] = ENGINES
    when: tuple[str, Any] | None = None
    search: Range | Levels | None = None
    searched_from: Any = None
    one_program: tuple[int, int] | None = None

    def allowed(self) -> str:
        """Return in words what values are allowed."""
        if self.kind == "widths":
            words = "a list of layer widths such as [64, 64]"
        elif self.kind == "bool":
            words = "True or False"
        else:
            noun = "a whole number" if self.kind == "int" else "a number"
            low = "" if self.low == -MOST_FLOAT else "above 0" if self.low == TINY else f"from {self.low:g}"
            high = "" if self.high in (MOST_INT, MOST_FLOAT) else f"to {self.high:g}"
            words = " ".join(part for part in (noun, low, high) if part)
        return " or ".join([words, *(repr(value) for value in self.also)]) + (", or a schedule" if self.moves else "")


def _none(config: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """Refuse nothing."""
    return ""


@dataclass(frozen=True)
class Algorithm:
    """An algorithm, as everything but its own code knows it.

    Parameters
    ----------
    name : str
        As it is asked for.
    title : str
        In words.
    actions : frozenset of str
        The Gymnasium action spaces it can act in.
    hyperparameters : mapping
        From names to `Hyperparameter`.
    agent : str or callable, optional
        The compiled engine's agent, ``agent(env, shapes, *, n_episodes) -> Agent``, as ``"module:function"`` or as the
        function itself; None where only stable-baselines3 has the algorithm. The module that defines it has
        ``shapes(config, env, steps) -> dict`` besides: what decides the program of a run, see `loading.code`.
    sb3 : str, optional
        ``"module:Class"`` that stable-baselines3's engine trains; None where only the compiled engine has it.
    iteration : tuple of str
        The hyperparameters whose product is the environment steps of an iteration.
    described : callable
        ``described(config) -> dict``: from what is asked for, every default filled in, to what the compiled agent takes
        (traced, loop and static values under its own names).
    conflict : callable
        ``conflict(config, given) -> str``: why values that are allowed one by one are not allowed together, or nothing;
        of the whole configuration and of what was given of it.
    clauses : tuple of (str, str)
        In a search space the first is never greater than the second.

    Examples
    --------
    >>> rate = Hyperparameter(0.1, "float", "traced", 0, moves=True, search=Range(1e-3, 1.0, "log"))
    >>> n_envs = Hyperparameter(8, "int", "loop", 1)
    >>> actions = frozenset({"Discrete"})
    >>> mine = Algorithm("mine", "mine", actions, {"learning_rate": rate, "n_envs": n_envs}, agent="my_module:agent")
    >>> mine.iteration
    ('n_envs',)
    """

    name: str
    title: str
    actions: frozenset[str]
    hyperparameters: Mapping[str, Hyperparameter]
    agent: str | Callable[..., Any] | None = None
    sb3: str | None = None
    iteration: tuple[str, ...] = ("n_envs",)
    described: Callable[[Mapping[str, Any]], dict[str, Any]] = dict
    conflict: Callable[[Mapping[str, Any], Mapping[str, Any]], str] = _none
    clauses: tuple[tuple[str, str], ...] = ()
