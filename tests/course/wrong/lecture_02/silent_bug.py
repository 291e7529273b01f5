"""What students typically write for 02.silent_bug, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np


def _loss(
    *,
    best: Callable[[Any], Any] = lambda next_q: next_q.max(axis=1),
    keep: Callable[[Any], Any] = lambda terminated: 1 - terminated,
    discount: Callable[[float], float] = lambda gamma: gamma,
    reduce: Callable[[Any], Any] = lambda error: (error**2).mean(),
    shape: Callable[[Any], Any] = lambda q: q[:, 0],
) -> Callable[..., Any]:
    """Build a wrong `fixed_td_loss`: the right one with one part replaced."""

    def answer(q: Any, reward: Any, next_q: Any, terminated: Any, gamma: float) -> Any:
        return reduce(shape(q) - (reward + discount(gamma) * keep(terminated) * best(next_q)))

    return answer


# %% the bug itself: "every prediction with every target"
fixed_td_loss = _loss(shape=lambda q: q)

# %% best of the whole batch: "whole batch"
fixed_td_loss = _loss(best=lambda next_q: next_q.max())

# %% average action: "mean over actions"
fixed_td_loss = _loss(best=lambda next_q: next_q.mean(axis=1))

# %% worst action: "smallest"
fixed_td_loss = _loss(best=lambda next_q: next_q.min(axis=1))

# %% first action: "first action"
fixed_td_loss = _loss(best=lambda next_q: next_q[:, 0])

# %% forgets the end: "ended"
fixed_td_loss = _loss(keep=lambda terminated: 1.0)

# %% end the wrong way round: "wrong way round"
fixed_td_loss = _loss(keep=lambda terminated: terminated)

# %% forgets gamma: "gamma"
fixed_td_loss = _loss(discount=lambda gamma: 1.0)

# %% sum: "sum over the batch"
fixed_td_loss = _loss(reduce=lambda error: (error**2).sum())

# %% root: "square root"
fixed_td_loss = _loss(reduce=lambda error: np.sqrt((error**2).mean()))

# %% absolute: "absolute"
fixed_td_loss = _loss(reduce=lambda error: np.abs(error).mean())

# %% averages first: "averaged before"
fixed_td_loss = _loss(reduce=lambda error: error.mean() ** 2)

# %% one loss a transition: "shape"
fixed_td_loss = _loss(reduce=lambda error: error**2)
