"""What students typically write for 05.silent_bug, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np


def _mean_squared(error: Any) -> Any:
    return (error**2).mean()


def _column(x: Any, j: int, rng: Any) -> Any:
    shuffled = x.copy()
    shuffled[:, j] = rng.permutation(shuffled[:, j])
    return shuffled


def _importance(
    *,
    shuffle: Callable[[Any, int, Any], Any] = _column,
    error: Callable[[Any], Any] = _mean_squared,
    rise: Callable[[Any, Any], Any] = lambda after, before: after - before,
    give: Callable[[Any], Any] = lambda rises: rises,
    copied: bool = False,
) -> Callable[..., Any]:
    """Build a wrong `fixed_permutation`: the right one with one part replaced."""

    def answer(predict: Any, x: Any, y: Any, *, rng: Any) -> Any:
        x = x.copy() if copied else x
        before = error(y - predict(x))
        rises = [rise(error(y - predict(shuffle(x, j, rng))), before) for j in range(x.shape[1])]
        return give(np.array(rises))

    return answer


def _in_place(x: Any, j: int, rng: Any) -> Any:
    x[:, j] = rng.permutation(x[:, j])
    return x


def _mean_in_its_place(x: Any, j: int, rng: Any) -> Any:
    shuffled = x.copy()
    shuffled[:, j] = shuffled[:, j].mean()
    return shuffled


# %% the bug itself: "still shuffled"
fixed_permutation = _importance(shuffle=_in_place)

# %% one rise: "one number"
fixed_permutation = _importance(give=lambda rises: rises.mean())

# %% error before not taken off: "not taken off"
fixed_permutation = _importance(rise=lambda after, before: after)

# %% sign: "sign is the wrong way round"
fixed_permutation = _importance(rise=lambda after, before: before - after)

# %% a constant: "no shuffling"
fixed_permutation = _importance(shuffle=_mean_in_its_place)

# %% whole rows: "whole rows"
fixed_permutation = _importance(shuffle=lambda x, j, rng: rng.permutation(x))

# %% root: "*root*"
fixed_permutation = _importance(error=lambda error: np.sqrt((error**2).mean()))

# %% sums: "sums over the rows"
fixed_permutation = _importance(error=lambda error: (error**2).sum())

# %% shares: "divided by their sum"
fixed_permutation = _importance(give=lambda rises: rises / rises.sum())


# %% the data stay shuffled: "changes its argument in place"
def fixed_permutation(predict: Any, x: Any, y: Any, *, rng: Any) -> Any:
    """Right rises, but the data are changed: the last column stays shuffled."""
    before, rises = _mean_squared(y - predict(x)), []
    for j in range(x.shape[1]):
        kept = x[:, j].copy()
        x[:, j] = rng.permutation(kept)
        rises.append(_mean_squared(y - predict(x)) - before)
        if j < x.shape[1] - 1:
            x[:, j] = kept
    return np.array(rises)


# %% global numpy.random: "numpy.random"
fixed_permutation = _importance(shuffle=lambda x, j, rng: _column(x, j, np.random))

# %% a seed of its own: "whatever"
fixed_permutation = _importance(shuffle=lambda x, j, rng: _column(x, j, np.random.default_rng(0)))
