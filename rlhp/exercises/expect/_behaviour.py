"""How an answer behaves: where its randomness comes from, and what it leaves as it was."""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from rlhp.exercises.expect._equality import same
from rlhp.exercises.expect._failing import fail
from rlhp.exercises.expect._wording import name_of


def no_global_random(answer: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call the answer on copies of the arguments, and fail when it draws from a global random generator.

    Returns
    -------
    object
        What the answer returned.

    Raises
    ------
    CheckFailed
        When the state of ``numpy.random``, ``random`` or Torch's global generator moved. It is put back.

    Examples
    --------
    >>> no_global_random(lambda n: list(range(n)), 3)
    [0, 1, 2]
    """
    torch = sys.modules.get("torch")
    # The legacy calls are the point here: a global generator is looked at, never drawn from.
    kept = _states(torch)
    # From where no seed of the answer's leads: one that seeds a generator would not be seen to move it where it stood
    # there already.
    np.random.seed()  # noqa: NPY002
    random.seed()
    if torch is not None:
        torch.seed()
    numpy_state, python_state, torch_state = _states(torch)
    try:
        result = answer(*copy.deepcopy(args), **copy.deepcopy(kwargs))
        culprits = []
        if not same(np.random.get_state(), numpy_state):  # noqa: NPY002
            culprits.append("`numpy.random`")
        if random.getstate() != python_state:
            culprits.append("`random`")
        if torch is not None and not bool((torch.get_rng_state() == torch_state).all()):
            culprits.append("`torch`")
    finally:
        np.random.set_state(kept[0])  # noqa: NPY002
        random.setstate(kept[1])
        if torch is not None:
            torch.set_rng_state(kept[2])
    if culprits:
        fail(
            f"`{name_of(answer)}` draws from the global generator of {' and '.join(culprits)}, so its result "
            "depends on whatever ran before. Use a `numpy.random.Generator` instead (`rng.random()`, "
            "`rng.integers(...)`)."
        )
    return result


def seeded(answer: Callable[..., Any], *args: Any, seed: int = 0, varies: bool = True, **kwargs: Any) -> Any:
    """Call the answer with an ``rng`` and require that all its randomness comes from there.

    Parameters
    ----------
    answer : callable
        Must take a keyword ``rng``.
    *args, **kwargs
        Its other arguments; each call gets copies.
    seed : int
        Seed of the generator.
    varies : bool
        Whether another seed must give another result.

    Returns
    -------
    object
        What the answer returned for `seed`.

    Raises
    ------
    CheckFailed
        When the answer uses a global generator, gives two results for one seed, or one result for all seeds.

    Examples
    --------
    >>> seeded(lambda n, rng: rng.random(n), 2, seed=1).shape
    (2,)
    """

    def call(call_seed: int) -> Any:
        return no_global_random(answer, *args, rng=np.random.default_rng(call_seed), **kwargs)

    first = call(seed)
    if not same(first, call(seed)):
        fail(
            f"`{name_of(answer)}` gives different results for the same `rng`. Draw every random number from "
            "the `rng` it is given: a new `default_rng()` inside has a seed that nobody knows."
        )
    if varies and all(same(first, call(seed + offset)) for offset in (1, 2, 3)):
        fail(
            f"`{name_of(answer)}` gives the same result whatever `rng` it is given. Draw from `rng`, and do "
            "not fix a seed inside."
        )
    return first


def unchanged(answer: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call the answer and require that it leaves its arguments as they were.

    Returns
    -------
    object
        What the answer returned.

    Raises
    ------
    CheckFailed
        When an argument was changed in place.

    Examples
    --------
    >>> unchanged(sorted, [2, 1])
    [1, 2]
    """
    given_args, given_kwargs = copy.deepcopy(args), copy.deepcopy(kwargs)
    result = answer(*given_args, **given_kwargs)
    if not (same(given_args, args) and same(given_kwargs, kwargs)):
        fail(
            f"`{name_of(answer)}` changes its argument in place, so whoever calls it loses their data. "
            "Make a copy first (`x = x.copy()`) or build a new object."
        )
    return result


def _states(torch: Any) -> tuple[Any, Any, Any]:
    return np.random.get_state(), random.getstate(), None if torch is None else torch.get_rng_state()  # noqa: NPY002
