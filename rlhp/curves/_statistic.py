"""The trimmed mean, with IQM, mean and median as its named cases, and its Student-t interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from rlhp.arguments import instance, number_array, shown
from rlhp.curves._options import share

Array = NDArray[np.float64]
"""An array of floats, of any shape."""

# Below three runs there is no spread worth the name (two runs: one degree of freedom, and a factor of 12.7).
FEWEST_FOR_INTERVAL = 3


@dataclass(frozen=True)
class TrimmedMean:
    """The mean of what is left after the share `trim` of the runs is cut from either end.

    The number cut from an end is ``int(trim * n)``, as in `scipy.stats.trim_mean`. With a trim of a quarter (the
    IQM) nothing is cut from three runs, one at either end from four to seven, two from eight to eleven.

    Parameters
    ----------
    name : str
        What to call it in results and figures.
    trim : float
        Share cut from each end, in [0, 0.5].

    Examples
    --------
    >>> IQM([0.0, 10.0, 20.0, 1000.0])
    array(15.)
    """

    name: str
    trim: float

    def __post_init__(self) -> None:
        if not 0 <= self.trim <= 0.5:
            raise ValueError(f"`trim` is {self.trim}; give the share cut from each end, in [0, 0.5].")

    def cut(self, n: int) -> int:
        """Count the runs cut from each end when there are `n`."""
        return min(int(self.trim * n), (n - 1) // 2)

    def dof(self, n: int) -> int:
        """Degrees of freedom of the t interval: the runs kept, less one."""
        return n - 2 * self.cut(n) - 1

    def __call__(self, values: Any, axis: int = -1) -> Array:
        """Take the trimmed mean of `values` along `axis`."""
        array = np.asarray(values, dtype=np.float64)
        n = array.shape[axis]
        cut = self.cut(n)
        if cut:
            # Partition, not sort: only who is cut matters, not the order of those who stay.
            array = np.partition(array, (cut, n - cut - 1), axis=axis)
            array = array[_slice(array.ndim, axis, cut, n - cut)]
        return mean_within(array, axis)

    def standard_error(self, values: Any, axis: int = -1, *, strata: NDArray[np.int64] | None = None) -> Array:
        """Return the standard error, ``sqrt(SSD_w / (h (h - 1)))`` with h the number of runs kept.

        SSD_w is the sum of squared deviations after every value cut is replaced by the nearest value kept. Without
        trimming it is the usual ``s / sqrt(n)``. With `strata` (the stratum of each run, 0, 1, ...) only deviations
        from the mean of the own stratum count. Undefined (NaN) where fewer than two runs are kept, or a stratum has
        one.

        References
        ----------
        J. W. Tukey and D. H. McLaughlin (1963), Less vulnerable confidence and significance procedures for location
        based on a single sample: trimming/winsorization 1, Sankhya A 25, 331-352.
        """
        squares, kept = self._deviations(values, axis, strata)
        if kept < 2:
            return np.full(squares.shape[1:], np.nan)
        return np.asarray(np.sqrt(squares.sum(axis=0) / (kept * (kept - 1))))

    def effective_dof(self, values: Any, axis: int = -1, *, strata: NDArray[np.int64]) -> Array:
        """Degrees of freedom of the stratified standard error (Welch 1938, Satterthwaite 1946); NaN without spread."""
        squares, _ = self._deviations(values, axis, strata)
        sizes = np.bincount(strata).reshape(-1, *[1] * (squares.ndim - 1))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(squares.sum(axis=0) ** 2 / (squares**2 / (sizes - 1)).sum(axis=0))

    def _deviations(self, values: Any, axis: int, strata: NDArray[np.int64] | None) -> tuple[Array, int]:
        """Return the winsorised sum of squares of each stratum [K, ...], on the scale of one of all runs, and h."""
        array = np.moveaxis(np.asarray(values, dtype=np.float64), axis, 0)
        n = len(array)
        cut, kept = self.cut(n), self.dof(n) + 1
        if cut:
            ordered = np.partition(array, (cut, n - cut - 1), axis=0)
            array = np.clip(array, ordered[cut], ordered[n - cut - 1])
        if strata is None:
            return ((array - mean_within(array, 0)) ** 2).sum(axis=0)[None], kept
        order = np.argsort(strata, kind="stable")
        sizes = np.bincount(strata)
        first = np.cumsum(sizes) - sizes
        array, each = array[order], sizes.reshape(-1, *[1] * (array.ndim - 1))
        apart = array - np.repeat(np.add.reduceat(array, first, axis=0) / each, sizes, axis=0)
        squares = np.add.reduceat(apart**2, first, axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            # So scaled that one stratum gives the formula without strata.
            return squares * each / (each - 1) * (n - 1) / n, kept


def mean_within(values: Array, axis: int = 0) -> Array:
    """Take the mean, and keep it between the smallest and the largest value, where rounding may put it outside.

    So equal values have just their value as mean, and no spread: five times 0.93 have a sum that divides to something
    else, and 1e-17 of spread would make any difference infinitely significant.
    """
    return np.asarray(np.clip(values.mean(axis=axis), values.min(axis=axis), values.max(axis=axis)))


IQM = TrimmedMean("IQM", 0.25)
"""The interquartile mean: a quarter of the runs is cut at either end."""
MEAN = TrimmedMean("mean", 0.0)
"""The mean: nothing is cut."""
MEDIAN = TrimmedMean("median", 0.5)
"""The median: all but the middle is cut."""
STATISTICS = {"iqm": IQM, "mean": MEAN, "median": MEDIAN}
"""The statistics by their names."""


def strata_option(strata: Any, n: int) -> NDArray[np.int64] | None:
    """Return the stratum of each of `n` runs as whole numbers."""
    if strata is None:
        return None
    codes = number_array("strata", strata, hint="The stratum of each run: 0, 1, ...")
    if len(codes) != n or set(codes) != set(range(len(set(codes)))):
        raise ValueError(
            f"`strata` is {shown(strata)}; give the stratum of each of the {n} runs: 0, 1, ..., none left out."
        )
    return codes.astype(np.int64)


def student_interval(
    curves: Any, statistic: TrimmedMean = IQM, *, confidence: float = 0.95, strata: NDArray[np.int64] | None = None
) -> tuple[Array, Array]:
    """Student-t interval of a trimmed mean at each step, by the winsorised variance (Tukey and McLaughlin 1963).

    Parameters
    ----------
    curves : array [n, T]
        One row a run, one column a step.
    statistic : TrimmedMean
        What the interval is of.
    confidence : float
        Probability with which the interval at *one* step covers, in (0, 1).
    strata : int array [n], optional
        Stratum of each run (0, 1, ...); the degrees of freedom are then those of Welch and Satterthwaite.

    Returns
    -------
    low, high : arrays [T]
        NaN with fewer than three runs, and for the median, of which no run but one or two is kept.

    Notes
    -----
    The IQM of four runs rests on two of them, so that one degree of freedom is left and the interval is wider than
    that of three or five runs. That is what four runs say about an IQM.

    Examples
    --------
    >>> low, high = student_interval([[1.0], [2.0], [3.0]], MEAN)
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (-0.484, 4.484)
    """
    values = number_array("curves", curves, ndim=(1, 2))
    instance("statistic", statistic, TrimmedMean)
    share("confidence", confidence)
    n = values.shape[0]
    strata = strata_option(strata, n)
    centre = statistic(values, axis=0)
    if n < FEWEST_FOR_INTERVAL or statistic.trim == 0.5:
        return np.full_like(centre, np.nan), np.full_like(centre, np.nan)
    dof: Any = statistic.dof(n)
    if strata is not None and strata.max() > 0:
        # Without spread any number does, the reach is nil; trimming costs as many degrees as without strata.
        dof = np.nan_to_num(statistic.effective_dof(values, axis=0, strata=strata), nan=1.0)
        dof = np.maximum(dof - 2 * statistic.cut(n), 1.0)
    error = statistic.standard_error(values, axis=0, strata=strata)
    reach = stats.t.ppf((1 + confidence) / 2, dof) * error
    return centre - reach, centre + reach


def _slice(ndim: int, axis: int, start: int, stop: int) -> tuple[slice, ...]:
    index = [slice(None)] * ndim
    index[axis] = slice(start, stop)
    return tuple(index)
