"""What every searcher holds, as a suite that anybody can run a searcher of their own through."""

from __future__ import annotations

import math
import random
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from ConfigSpace import (
    ConfigurationSpace,
    EqualsCondition,
    ForbiddenAndConjunction,
    ForbiddenEqualsClause,
    GreaterThanCondition,
)
from ConfigSpace.hyperparameters import (
    CategoricalHyperparameter,
    Constant,
    OrdinalHyperparameter,
    UniformFloatHyperparameter,
    UniformIntegerHyperparameter,
)

from rlhp import arguments, spaces
from rlhp.arguments import choice, name_list
from rlhp.hpo.search._configurations import drawn, every, valid
from rlhp.hpo.search._search import Search
from rlhp.hpo.search._searcher import Chooser, Observations, Searcher, key_of

__all__ = ["SEARCHER_RULES", "check_searcher"]

Rows = list[dict[str, Any]]


def check_searcher(searcher: Searcher, *, rules: str | Iterable[str] | None = None) -> None:
    """Run a searcher through what is asked of all.

    Parameters
    ----------
    searcher : Searcher
    rules : str or iterable of str, optional
        Some of `SEARCHER_RULES`; by default all.

    Raises
    ------
    AssertionError
        If it breaks a rule, or raises; the message says which, and how.
    TypeError
        If it cannot propose.
    ValueError
        If there is no such rule.

    Examples
    --------
    >>> from rlhp import hpo
    >>> class First:
    ...     def propose(self, space, seen, n, rng):
    ...         return [dict(space.get_default_configuration())] * n
    >>> hpo.check_searcher(First(), rules="distinct")
    Traceback (most recent call last):
        ...
    AssertionError: First breaks the rule `distinct` (no configuration twice in a batch, ...): ...
    """
    if isinstance(searcher, type) or not callable(getattr(searcher, "propose", None)):
        raise TypeError(
            f"`searcher` is {arguments.shown(searcher)}; give an object with `propose(space, seen, n, rng)`."
        )
    chosen = SEARCHER_RULES if rules is None else name_list("rules", rules, empty=False, hint="None is all rules.")
    for name in chosen:
        said, rule = _RULES[choice("rules", name, _RULES, kind="rule")]
        try:
            rule(searcher)
        except _BrokenError as broken:
            raise AssertionError(f"{type(searcher).__name__} breaks the rule `{name}` ({said}): {broken}") from None
        except Exception as raised:
            raise AssertionError(
                f"{type(searcher).__name__} breaks the rule `{name}` ({said}): it raised "
                f"{type(raised).__name__}: {raised}"
            ) from raised


class _BrokenError(Exception):
    """How a rule was broken."""


def _need(holds: bool, said: str) -> None:
    if not holds:
        raise _BrokenError(said)


def _proposed(searcher: Searcher, space: ConfigurationSpace, seen: Observations, n: int, *, seed: int = 0) -> Rows:
    """Ask a searcher, and look at each configuration."""
    found = searcher.propose(space, seen, n, np.random.default_rng(seed))
    _need(isinstance(found, list) and len(found) == n, f"asked for {n} configurations it gave {arguments.shown(found)}")
    for one in found:
        _need(isinstance(one, dict), f"it gave {arguments.shown(one)}, no dict")
        try:
            valid(space, one)
        except ValueError as error:
            raise _BrokenError(str(error)) from None
    return found


def _mixed() -> ConfigurationSpace:
    """Return a space with all there is: measures, integers, ordered and unordered levels, a condition, a clause."""
    space = ConfigurationSpace(name="mixed")
    rate = UniformFloatHyperparameter("rate", 1e-5, 1e-1, log=True)
    gamma = UniformFloatHyperparameter("gamma", 0.8, 0.9999, meta={"measure": "flipped-log"})
    layers = UniformIntegerHyperparameter("layers", 1, 4)
    size = UniformIntegerHyperparameter("size", 1, 1000, log=True)
    batch = OrdinalHyperparameter("batch", [8, 16, 32, 64])
    kind = CategoricalHyperparameter("kind", ["adam", "rmsprop", "sgd"])
    momentum = UniformFloatHyperparameter("momentum", 0.0, 0.99)
    second = UniformIntegerHyperparameter("second", 16, 256, log=True)
    fixed = Constant("fixed", 7)
    space.add([rate, gamma, layers, size, batch, kind, momentum, second, fixed])
    space.add(EqualsCondition(momentum, kind, "sgd"), GreaterThanCondition(second, layers, 1))
    space.add(ForbiddenAndConjunction(ForbiddenEqualsClause(kind, "sgd"), ForbiddenEqualsClause(batch, 64)))
    return space


def _conditional() -> ConfigurationSpace:
    """Return a space whose only real number is switched off as a rule."""
    space = ConfigurationSpace(name="conditional")
    kind, share = CategoricalHyperparameter("kind", ["a", "b", "c"]), UniformFloatHyperparameter("share", 0.0, 1.0)
    space.add([kind, share])
    space.add(EqualsCondition(share, kind, "a"))
    return space


def _seen(space: ConfigurationSpace, n: int, *, failed: int = 0, pending: int = 0) -> Observations:
    """Return observations of a function that is smooth in the space's cube, a configuration of them told twice."""
    rows = drawn(space, n + pending, "random", np.random.default_rng(5))
    scores = [-sum((value - 0.3) ** 2 for value in one.values() if isinstance(value, float)) for one in rows[:n]]
    scores = [math.nan if at < failed else score for at, score in enumerate(scores)]
    told = rows[:n] + rows[:1]
    return Observations(tuple(told), np.array([*scores, scores[0]]), np.full(n + 1, 0.1), tuple(rows[n:]))


def _same(one: Rows, other: Rows) -> bool:
    return list(map(key_of, one)) == list(map(key_of, other))


# --- rules -------------------------------------------------------------------------------------------------------


def _first(searcher: Searcher) -> None:
    _proposed(searcher, _mixed(), Observations(), 5)


def _mixed_space(searcher: Searcher) -> None:
    space = _mixed()
    _proposed(searcher, space, _seen(space, 8), 6)
    space = _conditional()
    _proposed(searcher, space, Observations(({"kind": "b"}, {"kind": "c"}), np.array([1.0, 0.5])), 2)
    _proposed(searcher, space, _seen(space, 6), 2)


def _distinct(searcher: Searcher) -> None:
    space = ConfigurationSpace(space={"a": [1, 2, 3], "b": (1, 4)})
    rows = every(space) or []
    seen = Observations(tuple(rows[:3]), np.array([0.0, 1.0, 0.5]), pending=tuple(rows[3:7]))
    found = _proposed(searcher, space, seen, 5)
    names, pending = list(map(key_of, found)), set(map(key_of, seen.pending))
    _need(len(set(names)) == len(names), f"a batch of five holds {names}")
    _need(not pending & set(names), f"it proposes {sorted(pending & set(names))}, which is pending")


def _repeatable(searcher: Searcher) -> None:
    space = _mixed()
    seen = _seen(space, 6, pending=1)
    first = _proposed(searcher, space, seen, 2, seed=3)
    _proposed(searcher, space, Observations(), 2, seed=4)
    again = _proposed(searcher, _mixed(), seen, 2, seed=3)
    _need(_same(first, again), f"it proposed {first}, and asked the same again {again}")


def _generator(searcher: Searcher) -> None:
    space = _mixed()
    seen = _seen(space, 6)
    kept, plain = np.random.get_state(), random.getstate()  # noqa: NPY002
    try:
        found = []
        for seed in (1, 2):
            np.random.seed(seed)  # noqa: NPY002
            random.seed(seed)
            before = (np.random.get_state()[1].tobytes(), random.getstate())  # type: ignore[index] # noqa: NPY002
            found.append(_proposed(searcher, space, seen, 2))
            after = (np.random.get_state()[1].tobytes(), random.getstate())  # type: ignore[index] # noqa: NPY002
            _need(before == after, "it drew from the global state of `numpy.random` or `random`")
        _need(_same(*found), "its proposals change with the global random state")
    finally:
        np.random.set_state(kept)  # noqa: NPY002
        random.setstate(plain)


def _failures(searcher: Searcher) -> None:
    space = _mixed()
    _proposed(searcher, space, _seen(space, 8, failed=3), 2)
    _proposed(searcher, space, _seen(space, 4, failed=4), 2)


def _equal_scores(searcher: Searcher) -> None:
    space = _mixed()
    seen = _seen(space, 6)
    _proposed(searcher, space, Observations(seen.configurations, np.zeros(len(seen))), 2)


def _one_point(searcher: Searcher) -> None:
    space = ConfigurationSpace(space=[Constant("only", 3)])
    (first,) = _proposed(searcher, space, Observations(), 1)
    _proposed(searcher, space, Observations((first,), np.array([1.0]), pending=(first,)), 2)


def _categories(searcher: Searcher) -> None:
    space = ConfigurationSpace(space={"a": ["x", "y", "z"], "b": [True, False]})
    seen = Observations()
    for ask in range(3):
        found = _proposed(searcher, space, seen, 2, seed=ask)
        told = seen.configurations + tuple(found)
        seen = Observations(told, np.array([float(one["a"] == "y") for one in told]))
    names = sorted(map(key_of, seen.configurations))
    _need(len(set(names)) == 6, f"of six configurations it had proposed, after six, {len(set(names))}: {names}")


def _leaves_alone(searcher: Searcher) -> None:
    space = _mixed()
    seen = _seen(space, 5, pending=1)
    before = (list(map(key_of, (*seen.configurations, *seen.pending))), seen.scores.tolist(), str(space))
    found = _proposed(searcher, space, seen, 2)
    for one in found:
        one.clear()
    after = (list(map(key_of, (*seen.configurations, *seen.pending))), seen.scores.tolist(), str(space))
    _need(before == after, "the space or the observations are others than before")


def _resumes(searcher: Searcher) -> None:
    space = _mixed()

    def converse(search: Search, turns: Iterable[int]) -> Rows:
        found: Rows = []
        for turn in turns:
            found = search.ask(2)
            search.tell(found[:1], [float(turn)])
        return found

    with tempfile.TemporaryDirectory() as folder:
        with Search(space, searcher, seed=1) as whole:
            converse(whole, range(3))
            expected = whole.ask(2)
        path = Path(folder) / "search.jsonl"
        for part in (range(2), range(2, 3)):
            with Search(space, searcher, seed=1, journal=path) as search:
                converse(search, part)
        with Search(space, searcher, seed=1, journal=path) as search:
            found = search.ask(2)
    _need(_same(found, expected), f"it goes on with {found} instead of {expected}")


def _chooses(searcher: Searcher) -> None:
    if not isinstance(searcher, Chooser):
        return
    space = _mixed()
    for seen in (Observations(), _seen(space, 8, failed=1, pending=1)):
        known = set(map(key_of, (*seen.configurations, *seen.pending)))
        free = [one for one in drawn(space, 24, "random", np.random.default_rng(6)) if key_of(one) not in known]
        among = spaces.to_unit(space, free)
        found, again = (searcher.choose(space, seen, 3, np.random.default_rng(2), among.copy()) for _ in range(2))
        fits = isinstance(found, list) and len(found) == 3 and all(isinstance(at, int) for at in found)
        _need(fits and set(found) <= set(range(len(free))), f"of {len(free)} it chose {arguments.shown(found)}")
        _need(len(set(found)) == 3, f"it chose {found}")
        _need(found == again, f"it chose {found}, and asked the same again {again}")
        every = searcher.choose(space, seen, 3, np.random.default_rng(2), among[:3])
        _need(sorted(every) == [0, 1, 2], f"of three it chose {every}")


_RULES: dict[str, tuple[str, Callable[[Searcher], None]]] = {
    "first": ("proposes where nothing is known yet", _first),
    "mixed": (
        "conditions, forbidden clauses, integers, ordered and unordered categories and constants are kept",
        _mixed_space,
    ),
    "distinct": ("no configuration twice in a batch, nor one that is pending, while the space has others", _distinct),
    "repeatable": ("same observations and same seed, same proposals; it keeps nothing between calls", _repeatable),
    "generator": ("all randomness comes from the generator: global random state is neither read nor moved", _generator),
    "failures": ("configurations that failed (NaN) are survived, also where all did", _failures),
    "equal": ("scores without any difference are survived", _equal_scores),
    "one_point": ("a space of one configuration is proposed again and again", _one_point),
    "categories": (
        "a space of categories only is searched, and each configuration found before one is repeated",
        _categories,
    ),
    "leaves_alone": ("what it is given is left as it is, and what it gives is its caller's", _leaves_alone),
    "chooses": ("where it can choose among given configurations, it gives places of some, none twice", _chooses),
    "resumes": ("a search that is read from its journal goes on as the one that was not interrupted", _resumes),
}

SEARCHER_RULES = tuple(_RULES)
"""What is asked of every searcher, by name; `check_searcher` runs them."""
