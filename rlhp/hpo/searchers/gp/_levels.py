"""Several fidelities in one process: emukit's linear model, each level a multiple of the one below and more.

References
----------
M. Kennedy, A. O'Hagan (2000), Predicting the output from a complex computer code when fast approximations are
available.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rlhp.hpo.searchers.gp._evidence import Priors

__all__ = ["Levels", "fit_levels"]

_STEPS = 60


@dataclass(frozen=True, eq=False)
class Levels:
    """A process of several levels given observations.

    Attributes
    ----------
    gpy : GPyLinearMultiFidelityModel
        Of emukit; its last column is the level.
    column : int
        Which feature is the level, from 0 (the lowest) to 1.
    n_levels : int
    centres, spreads : array [n_levels]
        By which the scores of each level were standardised: short runs earn less, which says nothing of who is better.
    """

    gpy: Any
    column: int
    n_levels: int
    centres: np.ndarray
    spreads: np.ndarray

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation, each [n], at features [n, width], without the noise of observations."""
        rows, level = split(x, self.column, self.n_levels)
        mean, variance = self.gpy._raw_predict(np.column_stack([rows, level]))
        return (
            self.centres[level] + self.spreads[level] * mean[:, 0],
            self.spreads[level] * np.sqrt(np.maximum(variance[:, 0], 1e-12)),
        )

    def given(self, x: np.ndarray, y: np.ndarray) -> Levels:
        """Return the process that has seen more, features [k, width] and scores [k], at the same hyperparameters."""
        rows, level = split(x, self.column, self.n_levels)
        scaled = (y - self.centres[level]) / self.spreads[level]
        more = _model(
            np.vstack([self.gpy.X, np.column_stack([rows, level])]),
            np.vstack([self.gpy.Y, scaled[:, None]]),
            self.n_levels,
        )
        more.param_array[:] = self.gpy.param_array
        more._trigger_params_changed()
        return Levels(more, self.column, self.n_levels, self.centres, self.spreads)


def split(x: np.ndarray, column: int, n_levels: int) -> tuple[np.ndarray, np.ndarray]:
    """Take the level out of features [n, width]: the others [n, width - 1], and level numbers [n]."""
    return np.delete(x, column, axis=1), np.rint(x[:, column] * (n_levels - 1)).astype(int)


def fit_levels(
    x: np.ndarray, y: np.ndarray, noise: np.ndarray, rng: np.random.Generator, *, column: int, n_levels: int
) -> Levels:
    """Fit emukit's linear multi-fidelity process.

    Its noise is one variance a level, estimated; standard errors that were told are not used. Its maximum is searched
    from the middle of the priors alone, so that nothing is drawn.

    Parameters
    ----------
    x, y, noise, rng
        As for `rlhp.hpo.searchers.gp._process.fit`.
    column : int
        Which feature is the level, from 0 to 1.
    n_levels : int
        At least two.
    """
    del noise, rng
    rows, level = split(x, column, n_levels)
    centres, spreads = np.full(n_levels, float(y.mean())), np.full(n_levels, float(y.std()) or 1.0)
    for one in range(n_levels):
        own = y[level == one]
        if len(own):
            centres[one] = own.mean()
        if len(own) > 1 and own.std() > 1e-9:
            spreads[one] = own.std()
    model = _model(np.column_stack([rows, level]), ((y - centres[level]) / spreads[level])[:, None], n_levels)
    model.optimize("lbfgsb", max_iters=_STEPS, messages=False)
    return Levels(model, column, n_levels, centres, spreads)


def _model(x: np.ndarray, y: np.ndarray, n_levels: int) -> Any:
    from rlhp.hpo.searchers.gp import _gpy

    return _gpy.model_of_levels(x, y, n_levels, Priors())
