"""What students typically write for 07.survivors, and a piece of what each is told."""

from typing import Any

import numpy as np


# %% argsort turned round: "so that turning the order puts it first"
def survivors(scores: Any, eta: int) -> Any:
    return list(np.argsort(scores, kind="stable")[::-1][: max(1, len(scores) // eta)])


# %% NaN as infinity: "leave NaN out before you sort"
def survivors(scores: Any, eta: int) -> Any:
    filled = np.nan_to_num(scores, nan=np.inf)
    return list(np.argsort(-filled, kind="stable")[: max(1, len(scores) // eta)])


# %% the worst: "Those are the worst"
def survivors(scores: Any, eta: int) -> Any:
    return list(np.argsort(scores)[: max(1, len(scores) // eta)])


# %% equals turned round: "Of equals the earlier"
def survivors(scores: Any, eta: int) -> Any:
    filled = np.nan_to_num(scores, nan=-np.inf)
    return list(np.argsort(filled, kind="stable")[::-1][: max(1, len(scores) // eta)])


# %% scores: "Those are scores"
def survivors(scores: Any, eta: int) -> Any:
    return sorted(scores[~np.isnan(scores)], reverse=True)[: max(1, len(scores) // eta)]


# %% of the sound ones only: "of *all* on the rung"
def survivors(scores: Any, eta: int) -> Any:
    sound = [i for i in range(len(scores)) if not np.isnan(scores[i])]
    return sorted(sound, key=lambda i: -scores[i])[: max(1, len(sound) // eta)]


# %% half of them: "Three go on"
def survivors(scores: Any, eta: int) -> Any:
    sound = [i for i in range(len(scores)) if not np.isnan(scores[i])]
    return sorted(sound, key=lambda i: -scores[i])[: max(1, len(scores) // 2)]


# %% one in eta stops: "*not* stopped"
def survivors(scores: Any, eta: int) -> Any:
    sound = [i for i in range(len(scores)) if not np.isnan(scores[i])]
    return sorted(sound, key=lambda i: -scores[i])[: len(scores) - len(scores) // eta]


# %% nobody: "Nobody goes on"
def survivors(scores: Any, eta: int) -> Any:
    sound = [i for i in range(len(scores)) if not np.isnan(scores[i])]
    return sorted(sound, key=lambda i: -scores[i])[: len(scores) // eta]


# %% a crash counts as nothing earned: "must not bring back a crash"
def survivors(scores: Any, eta: int) -> Any:
    filled = np.nan_to_num(scores, nan=-np.inf)
    return list(np.argsort(-filled, kind="stable")[: max(1, len(scores) // eta)])


# %% by the size of the number: "-5 is worse than -1"
def survivors(scores: Any, eta: int) -> Any:
    sound = [i for i in range(len(scores)) if not np.isnan(scores[i])]
    return sorted(sound, key=lambda i: -abs(scores[i]))[: max(1, len(scores) // eta)]


# %% one place: "list of places"
def survivors(scores: Any, eta: int) -> Any:
    return int(np.nanargmax(scores))
