"""What students typically write for 07.thaw, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np


def _thaw(worth: Callable[[Any, float, int], float]) -> Callable[..., Any]:
    """Build a wrong `thaw` from a wrong worth of each run."""

    def answer(draws: Any, best: float, left: Any) -> Any:
        each = [float(worth(one, best, steps)) for one, steps in zip(draws, left, strict=True)]
        return int(np.argmax(each)) if max(each) > 0 else -1

    return answer


# %% the highest mean: "highest mean"
thaw = _thaw(lambda draws, best, left: draws.mean())

# %% not divided: "divide by `left`"
thaw = _thaw(lambda draws, best, left: np.maximum(draws - best, 0).mean())

# %% the nearest to its end: "nothing to gain"
thaw = _thaw(lambda draws, best, left: 1 / left)

# %% the probability: "is *sure* to improve"
thaw = _thaw(lambda draws, best, left: (draws > best).mean() / left)

# %% the mean first: "before the mean, not after"
thaw = _thaw(lambda draws, best, left: max(draws.mean() - best, 0) / left)

# %% the highest draw: "single highest draw"
thaw = _thaw(lambda draws, best, left: draws.max())


# %% always somebody: "yet run 0 is thawed"
def thaw(draws: Any, best: float, left: Any) -> Any:
    return int(np.argmax([np.maximum(one - best, 0).mean() / n for one, n in zip(draws, left, strict=True)]))


# %% nobody where one loses: "give the place of one"
def thaw(draws: Any, best: float, left: Any) -> Any:
    worth = [np.maximum(one - best, 0).mean() / n for one, n in zip(draws, left, strict=True)]
    return int(np.argmax(worth)) if min(worth) > 0 else -1


# %% nothing at all: "returned None"
def thaw(draws: Any, best: float, left: Any) -> Any:
    return max(range(len(draws)), key=lambda i: draws[i].mean() / left[i]) and None
