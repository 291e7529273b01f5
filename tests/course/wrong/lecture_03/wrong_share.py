"""What students typically write for 03.wrong_share, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np


def _share(
    *,
    draw: Callable[..., Any] = lambda values, n, studies, rng: rng.choice(values, size=(studies, n)),
    middle: Callable[[Any], Any] = lambda drawn: drawn.mean(axis=1),
    wrong: Callable[..., Any] = lambda better, worse: (worse > better).mean(),
) -> Callable[..., Any]:
    """Build a wrong `wrong_share`: the right one with one part replaced."""

    def answer(better: Any, worse: Any, n: int, n_studies: int, *, rng: Any) -> Any:
        return wrong(middle(draw(better, n, n_studies, rng)), middle(draw(worse, n, n_studies, rng)))

    return answer


def _fixed(values: Any, n: int, studies: int, rng: Any) -> Any:
    return np.random.default_rng(0).choice(values, size=(studies, n))


# %% share of right ones: "*right*"
wrong_share = _share(wrong=lambda better, worse: (better > worse).mean())

# %% one seed: "single seed"
wrong_share = _share(draw=lambda values, n, studies, rng: rng.choice(values, size=(studies, 1)))

# %% the best seed: "best seed"
wrong_share = _share(middle=lambda drawn: drawn.max(axis=1))

# %% the median: "median"
wrong_share = _share(middle=lambda drawn: np.median(drawn, axis=1))

# %% mean over studies: "over the studies"
wrong_share = _share(middle=lambda drawn: drawn.mean(axis=0))

# %% a single study: "a single study"
wrong_share = _share(draw=lambda values, n, studies, rng: rng.choice(values, size=(1, n)))

# %% a count: "a count"
wrong_share = _share(wrong=lambda better, worse: (worse > better).sum())

# %% ties are wrong: "ties"
wrong_share = _share(wrong=lambda better, worse: (worse >= better).mean())


# %% pairs seeds: "same seeds"
def wrong_share(better: Any, worse: Any, n: int, n_studies: int, *, rng: Any) -> Any:
    drawn = rng.integers(min(len(better), len(worse)), size=(n_studies, n))
    return (worse[drawn].mean(axis=1) > better[drawn].mean(axis=1)).mean()


# %% a fixed seed: "whatever `rng`"
wrong_share = _share(draw=_fixed)

# %% without replacement: "replace is False"
wrong_share = _share(
    draw=lambda values, n, studies, rng: np.stack([rng.choice(values, size=n, replace=False) for _ in range(studies)])
)
