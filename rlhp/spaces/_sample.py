"""Drawing configurations from a space."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import CategoricalHyperparameter, Constant, UniformFloatHyperparameter
from scipy.stats import qmc

from rlhp.arguments import choice, random_generator, whole
from rlhp.spaces import _measures as measures
from rlhp.spaces._cube import decode_rows, need_hyperparameters, to_frame
from rlhp.spaces._structure import allowed

Method = Literal["random", "sobol", "lhs", "grid"]
METHODS = ("random", "sobol", "lhs", "grid")

# A grid has all values of these.
_TAKEN_WHOLE = (CategoricalHyperparameter, Constant)
# Draws allowed for each configuration wanted before forbidden clauses are said to leave too little.
_PATIENCE = 1_000
# What a frame of configurations can sensibly hold.
_MOST = 10_000_000


def sample(
    space: ConfigurationSpace,
    n: int,
    *,
    method: Method = "random",
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    """Draw configurations from a space.

    Parameters
    ----------
    space : ConfigurationSpace
        Ours or your own.
    n : int
        Configurations wanted.
    method : {"random", "sobol", "lhs", "grid"}
        - `random`: independent draws.
        - `sobol`: the first `n` points of a scrambled Sobol sequence, evenly spread best when `n` is a power of two.
        - `lhs`: a Latin hypercube: cut each hyperparameter's measure into `n` equal parts, and each part is hit once.
        - `grid`: the largest full factorial of at most `n` points. Categoricals take all their values. All others
          start at their default; then each in turn, in the order of the space, takes one level more (two levels are
          the two ends, more are evenly spread in between by the measure) for as long as the product of the levels
          stays within `n`. Points that differ in inactive hyperparameters only are one; forbidden ones are left out.

        Except for `grid`, a configuration that is forbidden is replaced by a further draw, and two rows may be equal
        where all hyperparameters are discrete.
    rng : int or numpy.random.Generator
        Source of randomness; needed except for `grid`, which has none. Same `rng`, same sample.

    Returns
    -------
    DataFrame, n rows
        One column per hyperparameter, in the order of the space. Inactive ones are missing: NaN for a float,
        else None. Floats are rounded to 12 significant digits (of the value, or of the range) and 13 decimals.

    Raises
    ------
    ValueError
        If the method is unknown, `n` is not positive or below the smallest grid, `rng` is missing, or the forbidden
        clauses leave too little.

    Warns
    -----
    UserWarning
        If a grid has not exactly `n` points; the message gives their number.

    References
    ----------
    Bergstra & Bengio (2012), Random search for hyper-parameter optimization. McKay et al. (1979) on Latin
    hypercubes. Owen (1998), Scrambling Sobol' and Niederreiter-Xing points.

    Examples
    --------
    >>> from rlhp import spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> sample(space, 4, method="grid")
        gamma  learning_rate
    0  0.8000        0.00001
    1  0.8000        0.01000
    2  0.9999        0.00001
    3  0.9999        0.01000
    """
    choice("method", method, METHODS, kind="sampling method")
    what = f"the number of configurations wanted, a whole number of at least 1 (and at most {_MOST:,})"
    whole("n", n, at_least=1, at_most=_MOST, what=what)
    need_hyperparameters(space)
    if method == "grid":
        return _grid(space, int(n))
    if rng is None:
        raise ValueError(f'method="{method}" draws at random; give `rng=`, an int or a numpy.random.Generator.')
    draw = _drawer(method, len(space), random_generator(rng))
    rows: list[dict[str, Any]] = []
    drawn = 0
    while len(rows) < n:
        if drawn > _PATIENCE * n:
            raise ValueError(
                f"only {len(rows)} of {n} configurations after {drawn:,} draws: the forbidden clauses leave too little "
                f"of the space; drop some, or narrow the ranges."
            )
        candidates = decode_rows(space, draw(int(n) - len(rows)))
        drawn += len(candidates)
        keep = allowed(space, candidates)
        rows += [row for row, ok in zip(candidates, keep, strict=True) if ok]
    return to_frame(space, rows[:n])


def _drawer(method: str, d: int, rng: np.random.Generator) -> Callable[[int], np.ndarray]:
    """Return a function that draws at least so many points of the d-dimensional unit cube."""
    if method == "random":
        return lambda n: rng.random((n, d))
    if method == "lhs":
        lhs = qmc.LatinHypercube(d, rng=rng)
        return lambda n: np.asarray(lhs.random(n))
    sobol = qmc.Sobol(d, rng=rng)
    # A Sobol sequence is even over blocks of powers of two; whole blocks are drawn and the first points used.
    return lambda n: np.asarray(sobol.random(1 << (n - 1).bit_length()))


def _grid(space: ConfigurationSpace, n: int) -> pd.DataFrame:
    for hp in space.values():
        measures.measure_of(hp)  # refuses what has none
    counts = {name: len(measures.levels_of(hp)[0]) if isinstance(hp, _TAKEN_WHOLE) else 1 for name, hp in space.items()}
    if (smallest := math.prod(counts.values())) > n:
        raise ValueError(
            f"a grid of this space has at least {smallest} points, all combinations of its categoricals; `n` is {n}. "
            f"Ask for more, or leave some out with `subspace`."
        )
    growing = [name for name, hp in space.items() if not isinstance(hp, _TAKEN_WHOLE) and hp.size > 1]
    levels = {name: _levels(space[name], count) for name, count in counts.items()}
    while growing:
        for name in list(growing):
            finer = levels | {name: _levels(space[name], counts[name] + 1)}
            if math.prod(map(len, finer.values())) > n:
                growing.remove(name)
                continue
            counts[name], levels = counts[name] + 1, finer
            if counts[name] >= space[name].size:
                growing.remove(name)
    unit = [measures.encode(space[name], _values(space[name], level)) for name, level in levels.items()]
    points = np.array(list(itertools.product(*unit)))
    rows = decode_rows(space, points)
    unique = list({tuple(map(measures.cell_key, row.values())): row for row in rows}.values())
    rows = [row for row, ok in zip(unique, allowed(space, unique), strict=True) if ok]
    if not rows:
        raise ValueError("every point of this grid is forbidden; ask for more points, or sample at random.")
    if len(rows) != n:
        shape = " x ".join(f"{len(level)} {name}" for name, level in levels.items())
        left_out = "" if len(rows) == len(points) else ", less duplicates and forbidden points"
        # Called by `sample`: two levels up stands the line that asked.
        warnings.warn(f"grid: {n} points wanted, {len(rows)} given ({shape}{left_out}).", UserWarning, stacklevel=3)
    return to_frame(space, rows)


def _levels(hp: Any, k: int) -> np.ndarray:
    """Place k levels: the default if k is 1, else from end to end; positions in a list, whole numbers, or in [0, 1]."""
    if isinstance(hp, measures.DISCRETE):
        values = measures.levels_of(hp)[0]
        if k == 1 and len(values) > 1:
            return np.array([values.index(hp.default_value)])
        return np.unique(np.rint(np.linspace(0, len(values) - 1, k)).astype(int))
    if k == 1:
        return np.array([hp.default_value])
    if isinstance(hp, UniformFloatHyperparameter):
        return np.linspace(0.0, 1.0, k)
    spread = np.geomspace if hp.log and k < hp.size else np.linspace
    # Low on a logarithmic range neighbouring levels can round to one whole number; it is taken once.
    return np.unique(np.rint(spread(hp.lower, hp.upper, k)).astype(int))


def _values(hp: Any, levels: np.ndarray) -> list[Any]:
    if isinstance(hp, measures.DISCRETE):
        return [measures.levels_of(hp)[0][i] for i in levels]
    if isinstance(hp, UniformFloatHyperparameter) and len(levels) > 1:
        return measures.decode(hp, levels)
    return list(levels)
