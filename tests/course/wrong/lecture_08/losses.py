"""What students typically write for 08.losses, and a piece of what each is told."""

from typing import Any

import numpy as np


# %% within a row: "Returns of different environments"
def losses(scores: Any) -> Any:
    return np.diag(scores)[:, None] - scores


# %% turned round: "a loss is positive"
def losses(scores: Any) -> Any:
    return scores - np.diag(scores)


# %% transposed: "a row is what was tuned on"
def losses(scores: Any) -> Any:
    return (np.diag(scores) - scores).T


# %% the best of the row: "The best of each row"
def losses(scores: Any) -> Any:
    return scores.max(axis=1, keepdims=True) - scores


# %% the first setting: "Only the first setting"
def losses(scores: Any) -> Any:
    return scores[0] - scores


# %% cut off at 0: "Losses below 0 are cut off"
def losses(scores: Any) -> Any:
    return np.maximum(np.diag(scores) - scores, 0)


# %% only the size: "Only the size is left"
def losses(scores: Any) -> Any:
    return np.abs(np.diag(scores) - scores)
