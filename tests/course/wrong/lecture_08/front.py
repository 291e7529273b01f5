"""What students typically write for 08.front, and a piece of what each is told."""

from typing import Any

import numpy as np


# %% the cost is not turned round: "praises whoever spends most"
def front(scores: Any, better: Any) -> Any:
    gains = scores
    return np.array([not ((gains >= one).all(axis=1) & (gains > one).any(axis=1)).any() for one in gains])


# %% the wrong sign: "the front of the worst ones"
def front(scores: Any, better: Any) -> Any:
    gains = -scores * better
    return np.array([not ((gains >= one).all(axis=1) & (gains > one).any(axis=1)).any() for one in gains])


# %% better in all: "at a higher cost, so it is beaten"
def front(scores: Any, better: Any) -> Any:
    gains = scores * better
    return np.array([not (gains > one).all(axis=1).any() for one in gains])


# %% as good as itself: "a row is as good as itself"
def front(scores: Any, better: Any) -> Any:
    gains = scores * better
    return np.array([not (gains >= one).all(axis=1).any() for one in gains])


# %% equals throw each other out: "each throws the other out"
def front(scores: Any, better: Any) -> Any:
    gains = scores * better
    as_good = (gains[None] >= gains[:, None]).all(axis=2) & ~np.eye(len(gains), dtype=bool)
    return ~as_good.any(axis=1)


# %% of equals the first: "it equals row 1"
def front(scores: Any, better: Any) -> Any:
    gains = scores * better
    kept = np.array([not ((gains >= one).all(axis=1) & (gains > one).any(axis=1)).any() for one in gains])
    first = np.zeros(len(gains), dtype=bool)
    first[np.unique(gains, axis=0, return_index=True)[1]] = True
    return kept & first


# %% places: "not the places of the rows"
def front(scores: Any, better: Any) -> Any:
    gains = scores * better
    return [at for at, one in enumerate(gains) if not ((gains >= one).all(axis=1) & (gains > one).any(axis=1)).any()]


# %% two columns only: "look at every column"
def front(scores: Any, better: Any) -> Any:
    gains = (scores * better)[:, :2]
    return np.array([not ((gains >= one).all(axis=1) & (gains > one).any(axis=1)).any() for one in gains])


# %% a crash on it: "nobody seems to beat it"
def front(scores: Any, better: Any) -> Any:
    gains = scores * better
    return np.array([not ((gains >= one).all(axis=1) & (gains > one).any(axis=1)).any() for one in gains])
