"""Rows and columns added so that programs, which are made for one size, are few."""

from __future__ import annotations

import numpy as np

SIZES = (16, 32, 64, 96, 128, 192, 256, 384, 512)
"""Numbers of observations that programs are made for; beyond, multiples of the last."""
POINTS = (64, 512, 4096)
"""Numbers of points that are predicted at once."""
WIDTHS = (4, 8, 16, 32, 64)
"""Numbers of features."""


def size_of(n: int, sizes: tuple[int, ...]) -> int:
    """Return the size that n rows are padded to.

    Examples
    --------
    >>> size_of(17, (16, 32)), size_of(33, (16, 32))
    (32, 64)
    """
    fitting = [size for size in sizes if size >= n]
    return fitting[0] if fitting else -(-n // sizes[-1]) * sizes[-1]


def padded(rows: np.ndarray, size: int, fill: float = 0.0) -> np.ndarray:
    """Add rows of `fill` to an array [n, ...]."""
    whole = np.full((size, *rows.shape[1:]), fill)
    whole[: len(rows)] = rows
    return whole


def widened(x: np.ndarray, width: int) -> np.ndarray:
    """Add features that stand in the middle, which is zero to a network: weights from there do nothing."""
    return np.hstack([x, np.full((len(x), width - x.shape[1]), 0.5)])
