"""How the members of a population meet: when, who goes on as whose child, with what, and with which hyperparameters."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp.arguments import choice, instance, mapping, random_generator, sequence, shown, whole
from rlhp.errors import unknown_name
from rlhp.frames import encode_value
from rlhp.options import options
from rlhp.population._exploit import Exploit, Truncation
from rlhp.population._explore import Explore, Perturb
from rlhp.population._meeting import Bools, Fitness, Meeting, Past, checked_parents
from rlhp.spaces import encode, need_space

__all__ = ["COPIED", "Exchange", "meet"]

_LEARNER = ("weights", "optimizer", "memory", "playing")
COPIED = {
    "all": ("hyperparameters", *_LEARNER),
    "hyperparameters": ("hyperparameters",),
    "weights": _LEARNER,
    "fresh optimizer": ("hyperparameters", "weights", "memory", "playing"),
    "own memory": ("hyperparameters", "weights", "optimizer", "playing"),
}
"""What a child takes over from its parent, by the name of the choice. Nobody takes over a random stream."""


@options
@dataclass(frozen=True)
class Exchange:
    """How the members of a population meet.

    Attributes
    ----------
    every : int
        Environment steps of a member between two of its meetings.
    exploit : Exploit
        Who goes on as whose child: `Truncation`, `Welch`, `Tournament`, `Independent`, or an object of your own.
    explore : Explore
        Which hyperparameters the children go on with: `Perturb`, `Resample`, `Unchanged`, or an object of your own.
    copied : {"all", "hyperparameters", "weights", "fresh optimizer", "own memory"}
        What a child takes over: ``"all"`` but the random stream; the hyperparameters and nothing else; the
        ``"weights"`` with optimizer and memory but not the hyperparameters; all, with an optimizer that begins anew;
        all but the replay memory.
    groups : int
        Into how many groups the members are staggered. With 1 all of them meet at once. With more, group after group
        is ready, a part of `every` apart, and may take over from anybody: what asynchronous training does to
        selection, reproducibly. Member i is in group ``i % groups``.

    Raises
    ------
    ValueError, TypeError
        If one is not what it must be; the message names it.

    Examples
    --------
    >>> Exchange(every=10_000, copied="weights").groups
    1
    """

    every: int
    exploit: Exploit = field(default_factory=Truncation)
    explore: Explore = field(default_factory=Perturb)
    copied: str = "all"
    groups: int = 1

    def __post_init__(self) -> None:
        every: Any = self.every
        every = int(every) if isinstance(every, float) and every.is_integer() else every
        object.__setattr__(self, "every", whole("every", every, at_least=1, hint="Environment steps."))
        for name, kind, known in (
            ("exploit", Exploit, "`rlhp.population.Truncation()`"),
            ("explore", Explore, "`rlhp.population.Perturb()`"),
        ):
            given = getattr(self, name)
            hint = f"An object such as {known}; your own is a frozen dataclass."
            instance(name, given, kind, hint=hint)
            if isinstance(given, type) or not dataclasses.is_dataclass(given):
                raise TypeError(f"`{name}` is {shown(given)}, whose fields nobody can read. {hint}")
        choice("copied", self.copied, COPIED)
        whole("groups", self.groups, at_least=1)
        if self.every % self.groups:
            raise ValueError(
                f"`groups` is {self.groups}, which does not divide every={self.every}; give one that does."
            )

    @property
    def tick(self) -> int:
        """Return the environment steps from one group's meeting to the next."""
        return self.every // self.groups

    @property
    def parts(self) -> tuple[str, ...]:
        """Name the parts of a run that a child takes over; see `COPIED`."""
        return tuple(part for part in COPIED[self.copied] if part != "hyperparameters")

    def ready(self, number: int, size: int) -> Bools:
        """Say who may be replaced after a tick: the first is 1."""
        return np.array([number in self.meetings(member, number) for member in range(size)])

    def meetings(self, member: int, ticks: int) -> range:
        """Return the numbers of the ticks, of so many, after which a member may be replaced: those of its group."""
        return range(self.groups + member % self.groups, ticks + 1, self.groups)

    def described(self) -> dict[str, Any]:
        """Return everything that it is as plain data: a part of what names a population."""
        return {
            "every": self.every,
            "copied": self.copied,
            "groups": self.groups,
            "exploit": _operator(self.exploit),
            "explore": _operator(self.explore),
        }


def meet(
    exchange: Exchange,
    space: ConfigurationSpace,
    *,
    step: int,
    total_steps: int,
    configs: Sequence[Mapping[str, Any]],
    fitness: Fitness,
    past: Past,
    ready: Bools,
    rng: int | np.random.Generator,
) -> Meeting:
    """Let a population meet: decide who goes on as whose child, with which hyperparameters.

    Parameters
    ----------
    exchange : Exchange
    space : ConfigurationSpace
    step, total_steps : int
        Environment steps of a member so far, and in all.
    configs : sequence of mappings, n
        What each has been trained with.
    fitness : Fitness
    past : Past
    ready : array of bool, shape (n,)
        Who may be replaced.
    rng : int or numpy.random.Generator

    Returns
    -------
    Meeting
        Its `configs` are what each member goes on with, explored.

    Raises
    ------
    ValueError
        If an operator gives what cannot be: a parent that diverged, a member replaced that is not ready, or a value
        outside the space; the message says which operator.
    """
    instance("exchange", exchange, Exchange)
    need_space(space)
    own = [mapping("configs", one) for one in sequence("configs", configs)]
    n, who = len(own), type(exchange.exploit).__name__
    if len(instance("fitness", fitness, Fitness)) != n:
        raise ValueError(f"`fitness` has {len(fitness)} members, and `configs` {n}; give both of the same ones.")
    instance("past", past, Past)
    step, total_steps = whole("step", step, at_least=0), whole("total_steps", total_steps, at_least=1)
    ready, rng = _flags("ready", ready, n), random_generator(rng)
    try:
        parents = checked_parents(exchange.exploit.parents(fitness, ready, rng), n)
    except ValueError as error:
        raise ValueError(f"{who}: {error}") from error
    children = np.flatnonzero(parents != np.arange(n))
    if not fitness.alive[parents[children]].all():
        raise ValueError(f"{who} makes a parent of a member that diverged; take those of `fitness.alive`.")
    if not ready[children].all():
        raise ValueError(f"{who} replaces a member that is not ready; replace those of `ready`.")
    shared = "hyperparameters" in COPIED[exchange.copied]
    passed = tuple(dict(own[parent]) if shared else own[i] for i, parent in enumerate(parents.tolist()))
    meeting = Meeting(step, total_steps, passed, parents, fitness, past)
    proposed = exchange.explore.propose(space, meeting, rng)
    _check(type(exchange.explore).__name__, space, meeting, proposed)
    new = tuple(dict(proposed[i]) if i in proposed else one for i, one in enumerate(passed))
    return dataclasses.replace(meeting, configs=new)


def _flags(name: str, value: Any, n: int) -> Bools:
    given = sequence(name, value)
    if len(given) != n or not all(isinstance(one, bool | np.bool_) for one in given):
        raise ValueError(f"`{name}` is {shown(value)}; give True or False for each of {n} members.")
    return np.array(given, dtype=bool)


def _check(who: str, space: ConfigurationSpace, meeting: Meeting, proposed: Mapping[int, Mapping[str, Any]]) -> None:
    """Refuse a proposal that is not for the children, or outside the space."""
    if sorted(proposed) != meeting.children.tolist():
        raise ValueError(f"{who} proposes for {sorted(proposed)}, and the children are {meeting.children.tolist()}.")
    for child, config in proposed.items():
        for name in config:
            if name not in space:
                raise ValueError(f"{who}: " + unknown_name("hyperparameter", name, list(space), where="the space"))
        for name, hp in space.items():
            if name not in config:
                raise ValueError(f"{who} proposes nothing for `{name}` of member {child}; give all of {list(space)}.")
            try:
                encode(hp, [config[name]])
            except ValueError as error:
                raise ValueError(f"{who}, member {child}: {error}") from error


def _operator(one: Any) -> dict[str, Any]:
    """Describe an operator by its class and its fields."""
    fields = {item.name: encode_value(getattr(one, item.name)) for item in dataclasses.fields(one)}
    return {"name": type(one).__name__, **fields}
