"""What students typically write for 00.iqm, and a piece of what each is told."""

from typing import Any

import numpy as np


# %% the mean: "plain mean"
def iqm(returns):
    return float(np.mean(returns))


# %% the median: "median"
def iqm(returns):
    return float(np.median(returns))


# %% not sorted: "sort"
def iqm(returns):
    return float(np.mean(returns[len(returns) // 4 : len(returns) - len(returns) // 4]))


# %% drops the best only: "only the highest"
def iqm(returns):
    return float(np.mean(np.sort(returns)[: len(returns) - len(returns) // 4]))


# %% drops the worst only: "only the lowest"
def iqm(returns):
    return float(np.mean(np.sort(returns)[len(returns) // 4 :]))


# %% a quarter in all: "each side"
def iqm(returns):
    return float(np.mean(np.sort(returns)[len(returns) // 8 : len(returns) - len(returns) // 8]))


# %% empty slice for few seeds: "fewer than four"
def iqm(values: Any) -> Any:
    cut = len(values) // 4
    middle = np.sort(values)[cut:-cut]  # empty when cut is 0
    return middle.sum() / max(len(middle), 1)
