"""What students typically write for 08.take, and a piece of what each is told."""

from typing import Any

import numpy as np


# %% the highest score: "500 is no better than 495"
def take(scores: Any, areas: Any, enough: float) -> int:
    return int(np.nanargmax(scores))


# %% the largest area: "but it ends at 300"
def take(scores: Any, areas: Any, enough: float) -> int:
    return int(np.nanargmax(areas))


# %% above it only: "counts: `>=`"
def take(scores: Any, areas: Any, enough: float) -> int:
    if (scores > enough).any():
        return int(np.where(scores > enough, areas, -np.inf).argmax())
    return int(np.nanargmax(scores))


# %% the sum of both: "largest sum of both"
def take(scores: Any, areas: Any, enough: float) -> int:
    return int(np.nanargmax(scores + areas))


# %% nobody is good enough: "over nobody gives place 0"
def take(scores: Any, areas: Any, enough: float) -> int:
    return int(np.where(scores >= enough, areas, -np.inf).argmax())


# %% the area where nobody is: "the score decides."
def take(scores: Any, areas: Any, enough: float) -> int:
    if (scores >= enough).any():
        return int(np.where(scores >= enough, areas, -np.inf).argmax())
    return int(np.nanargmax(areas))


# %% a crash is taken: "takes NaN for the largest"
def take(scores: Any, areas: Any, enough: float) -> int:
    if (scores >= enough).any():
        return int(np.where(scores >= enough, areas, -np.inf).argmax())
    return int(np.argmax(scores))
