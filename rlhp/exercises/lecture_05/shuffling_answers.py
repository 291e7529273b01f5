"""What students typically write for the repaired permutation importance, and a piece of what each is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Wrong = dict[str, tuple[Any, str]]


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


def _put_back_wrongly(x: Any, j: int, rng: Any) -> Any:
    """Keep a view of the column, not a copy: what is put back is what was shuffled."""
    column = x[:, j]
    x[:, j] = rng.permutation(x[:, j])
    out = x.copy()
    x[:, j] = column
    return out


def _mean_in_its_place(x: Any, j: int, rng: Any) -> Any:
    shuffled = x.copy()
    shuffled[:, j] = shuffled[:, j].mean()
    return shuffled


def _restores(predict: Any, x: Any, y: Any, *, rng: Any) -> Any:
    """Right rises, but the data are changed: the last column stays shuffled."""
    before, rises = _mean_squared(y - predict(x)), []
    for j in range(x.shape[1]):
        kept = x[:, j].copy()
        x[:, j] = rng.permutation(kept)
        rises.append(_mean_squared(y - predict(x)) - before)
        if j < x.shape[1] - 1:
            x[:, j] = kept
    return np.array(rises)


SILENT_BUG: Wrong = {
    "the bug itself": (_importance(shuffle=_in_place), "still shuffled"),
    "one rise": (_importance(give=lambda rises: rises.mean()), "one number"),
    "error before not taken off": (_importance(rise=lambda after, before: after), "not taken off"),
    "sign": (_importance(rise=lambda after, before: before - after), "sign is the wrong way round"),
    "a constant": (_importance(shuffle=_mean_in_its_place), "no shuffling"),
    "whole rows": (_importance(shuffle=lambda x, j, rng: rng.permutation(x)), "whole rows"),
    "root": (_importance(error=lambda error: np.sqrt((error**2).mean())), "*root*"),
    "sums": (_importance(error=lambda error: (error**2).sum()), "sums over the rows"),
    "shares": (_importance(give=lambda rises: rises / rises.sum()), "divided by their sum"),
    "the data stay shuffled": (_restores, "changes its argument in place"),
    "global numpy.random": (
        _importance(shuffle=lambda x, j, rng: _column(x, j, np.random)),
        "numpy.random",
    ),
    "a seed of its own": (_importance(shuffle=lambda x, j, rng: _column(x, j, np.random.default_rng(0))), "whatever"),
}
