"""What makes a configuration worth trying: emukit's acquisitions over any surrogate, repaired where they need it.

Everything here is an `emukit.core.acquisition.Acquisition` and can be put into emukit's own loops. emukit minimises
and we maximise: `Minimised` shows it a surrogate of scores upside down, always *without* the noise of observations,
which is no reason to go anywhere. This module imports emukit, so that it is imported inside functions only.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from emukit.bayesian_optimization.acquisitions import (
    ExpectedImprovement,
    MaxValueEntropySearch,
    NegativeLowerConfidenceBound,
)
from emukit.bayesian_optimization.acquisitions.local_penalization import LocalPenalization
from emukit.bayesian_optimization.interfaces import IEntropySearchModel
from emukit.core.acquisition import Acquisition
from emukit.core.interfaces import IDifferentiable, IModel, IModelWithNoise
from scipy.optimize import brentq
from scipy.special import erfcx, log_ndtr
from scipy.stats import norm

__all__ = ["LogExpectedImprovement", "Minimised", "Surrogate", "WithSlopes", "acquisition"]

_LOG_ROOT_2_PI = 0.5 * float(np.log(2 * np.pi))
# Below, what is lost by rounding in the formula is more than the next term of its expansion.
_FAR = -1e5
# Samples of the best value there may be, and points of the cube that they are made from.
_BEST_VALUES, _LOOKED_AT = 16, 2_000


class Surrogate(Protocol):
    """A model of scores that has been fitted."""

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation, each [n], at features [n, width], without the noise of observations."""
        ...


@runtime_checkable
class WithSlopes(Surrogate, Protocol):
    """A surrogate that knows how its predictions change."""

    def slopes(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients of mean and standard deviation, each [n, width]."""
        ...


class Minimised(IModel, IModelWithNoise, IEntropySearchModel):
    """A surrogate of scores as emukit wants it: of a function to be minimised, predicted without noise.

    Parameters
    ----------
    surrogate : Surrogate
    x : array [m, width]
        Features of what was observed.
    y : array [m]
        Scores, higher is better.
    """

    # emukit lets only models of this interface into its entropy search, of which it then uses `predict` alone.

    def __init__(self, surrogate: Surrogate, x: np.ndarray, y: np.ndarray):
        self.surrogate = surrogate
        self._x, self._y = x, y

    @property
    def X(self) -> np.ndarray:
        """Features of what was observed, shape [m, width]."""
        return self._x

    @property
    def Y(self) -> np.ndarray:
        """What is minimised there, shape [m, 1]."""
        return -self._y[:, None]

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and variance, each [n, 1]."""
        mean, std = self.surrogate.predict(X)
        return -mean[:, None], np.maximum(std[:, None], 1e-12) ** 2

    def predict_noiseless(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the same: predictions never have the noise in them."""
        return self.predict(X)


class MinimisedWithSlopes(Minimised, IDifferentiable):
    """The same of a surrogate that has slopes."""

    surrogate: WithSlopes

    def get_prediction_gradients(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients of mean and variance, each [n, width]."""
        _, std = self.surrogate.predict(X)
        of_mean, of_std = self.surrogate.slopes(X)
        return -of_mean, 2.0 * std[:, None] * of_std


def minimised(surrogate: Surrogate, x: np.ndarray, y: np.ndarray) -> Minimised:
    """Show a surrogate to emukit, with its slopes where it has some."""
    kind = MinimisedWithSlopes if isinstance(surrogate, WithSlopes) else Minimised
    return kind(surrogate, x, y)


class LogExpectedImprovement(Acquisition):
    """The logarithm of the expected improvement on the best posterior mean among what was observed.

    emukit's `LogAcquisition` takes the logarithm of a number that has been rounded to zero wherever little is expected,
    and is flat there; its `ExpectedImprovement` compares with the luckiest observation. Here neither is so.

    References
    ----------
    S. Ament et al. (2023), Unexpected improvements to expected improvement for Bayesian optimization. V. Picheny et al.
    (2013), A benchmark of kriging-based infill criteria for noisy optimization (on the mean as the plug-in).
    """

    def __init__(self, model: Minimised):
        self.model = model
        self.least = float(model.predict(model.X)[0].min())

    @property
    def has_gradients(self) -> bool:
        """Whether the surrogate has slopes."""
        return isinstance(self.model, IDifferentiable)

    def evaluate(self, x: np.ndarray) -> np.ndarray:
        """Return it at features, shape [n, 1]."""
        mean, variance = self.model.predict(x)
        std = np.sqrt(variance)
        return np.asarray(np.log(std) + log_improvement((self.least - mean) / std))

    def evaluate_with_gradients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return it, shape [n, 1], and its gradients, shape [n, width]."""
        mean, variance = self.model.predict(x)
        of_mean, of_variance = self.model.get_prediction_gradients(x)
        std = np.sqrt(variance)
        u = (self.least - mean) / std
        log_h = log_improvement(u)
        # d log EI = (pdf(u) d std - cdf(u) d mean) / (std h(u)), in logarithms until the end.
        by_std = np.exp(-0.5 * u**2 - _LOG_ROOT_2_PI - log_h) / std
        by_mean = -np.exp(log_ndtr(u) - log_h) / std
        return np.log(std) + log_h, by_mean * of_mean + by_std * of_variance / (2.0 * std)


def log_improvement(u: np.ndarray) -> np.ndarray:
    """Return log(pdf(u) + u cdf(u)) of the standard normal, for any u.

    Examples
    --------
    >>> log_improvement(np.array([0.0, -40.0, -1e6])).round().tolist()
    [-1.0, -808.0, -500000000029.0]
    """
    u = np.asarray(u, dtype=float)
    near = np.maximum(u, -1.0)
    direct = np.log(np.exp(-0.5 * near**2 - _LOG_ROOT_2_PI) + near * np.exp(log_ndtr(near)))
    below = np.clip(u, _FAR, -1.0)
    # cdf / pdf is Mills' ratio, which erfcx gives without underflow.
    rest = np.log1p(below * np.sqrt(np.pi / 2) * erfcx(-below / np.sqrt(2)))
    far = np.where(u < _FAR, -2.0 * np.log(np.maximum(-u, 1.0)), rest)
    return np.asarray(np.where(u > -1.0, direct, -0.5 * u**2 - _LOG_ROOT_2_PI + far))


class SeededMaxValueEntropySearch(MaxValueEntropySearch):
    """emukit's max-value entropy search with its sample of best values drawn from a generator.

    emukit draws from NumPy's global state, and its fit of the Gumbel distribution turns arrays of one element into
    floats, which NumPy 2.4 refuses.

    Parameters
    ----------
    model : Minimised
    looked_at : array [n, width]
        Features of configurations all over the space.
    rng : numpy.random.Generator

    References
    ----------
    Z. Wang, S. Jegelka (2017), Max-value entropy search for efficient Bayesian optimization.
    """

    def __init__(self, model: Minimised, looked_at: np.ndarray, rng: np.random.Generator):
        super().__init__(model, space=None, num_samples=_BEST_VALUES, grid_size=len(looked_at))
        mean, variance = model.predict(np.vstack([model.X, looked_at]))
        location, scale = gumbel_of_minimum(mean[:, 0], np.sqrt(variance[:, 0]))
        self.mins = location + scale * np.log(-np.log1p(-rng.random(_BEST_VALUES)))

    def update_parameters(self) -> None:
        """Keep the sample: it was drawn when this was made."""


def gumbel_of_minimum(mean: np.ndarray, std: np.ndarray) -> tuple[float, float]:
    """Fit a Gumbel distribution to the least of independent normal variables, by its quartiles.

    P(least < v) = 1 - exp(-exp((v - location) / scale)).

    Returns
    -------
    location, scale : float
    """

    def quantile(p: float) -> float:
        # log P(least > v) falls from 0 to -inf as v rises.
        def beyond(v: float) -> float:
            return float(np.sum(log_ndtr((mean - v) / std)) - np.log1p(-p))

        low, high = float(np.min(mean - 8 * std)), float(np.min(mean + 8 * std))
        return float(brentq(beyond, low - 1e-9, high + 1e-9))

    first, third = quantile(0.25), quantile(0.75)
    a, b = np.log(-np.log1p(-0.25)), np.log(-np.log1p(-0.75))
    scale = max((third - first) / float(b - a), 1e-12)
    return first - scale * float(a), scale


class LogSoftplus(Acquisition):
    """log(log(1 + exp(a))) of an acquisition a: increasing in it, and what local penalties can be added to.

    References
    ----------
    J. González, Z. Dai, P. Hennig, N. Lawrence (2016), Batch Bayesian optimization via local penalization.
    """

    def __init__(self, acquisition: Acquisition):
        self.acquisition = acquisition

    @property
    def has_gradients(self) -> bool:
        """Whether the acquisition has gradients."""
        return bool(self.acquisition.has_gradients)

    def evaluate(self, x: np.ndarray) -> np.ndarray:
        """Return it at features, shape [n, 1]."""
        return _log_softplus(self.acquisition.evaluate(x))

    def evaluate_with_gradients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return it, shape [n, 1], and its gradients, shape [n, width]."""
        inner, gradients = self.acquisition.evaluate_with_gradients(x)
        value = _log_softplus(inner)
        # sigmoid(a) / softplus(a), in logarithms.
        return value, np.exp(-np.logaddexp(0.0, -inner) - value) * gradients


def _log_softplus(a: np.ndarray) -> np.ndarray:
    # softplus(a) is exp(a) to the last digit where a is far below zero.
    return np.where(a < -35.0, a, np.log(np.logaddexp(0.0, np.maximum(a, -35.0))))


class Penalties(LocalPenalization):
    """emukit's penalties around what is in the batch already, as logarithms, with gradients that do not overflow.

    emukit divides by a probability that rounds to zero next to a point of the batch.
    """

    def evaluate_with_gradients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return them, shape [n, 1], and their gradients, shape [n, width]."""
        if self.x_batch is None:
            return np.zeros((len(x), 1)), np.zeros(x.shape)
        apart = x[:, None, :] - self.x_batch[None]
        distance = np.sqrt((apart**2).sum(axis=-1))
        z = (distance - self.radius) / self.scale
        log_cdf = norm.logcdf(z)
        ratio = np.exp(-0.5 * z**2 - _LOG_ROOT_2_PI - log_cdf) / (self.scale * np.maximum(distance, 1e-12))
        return log_cdf.sum(axis=1, keepdims=True), (ratio[:, :, None] * apart).sum(axis=1)


def acquisition(
    name: str, model: Minimised, *, kappa: float, looked_at: np.ndarray, rng: np.random.Generator
) -> Acquisition:
    """Return an acquisition by its name, to be made large.

    Parameters
    ----------
    name : {"log_ei", "ei", "lcb", "mes"}
        `ei` is the textbook's: emukit's own, on the best *observation*, however lucky.
    model : Minimised
    kappa : float
        How many standard deviations the confidence bound is away from the mean.
    looked_at : array [n, width]
        Features of configurations all over the space, for `mes`.
    rng : numpy.random.Generator
        For `mes`.
    """
    if name == "ei":
        return ExpectedImprovement(model)
    if name == "lcb":
        return NegativeLowerConfidenceBound(model, beta=kappa)
    if name == "mes":
        return SeededMaxValueEntropySearch(model, looked_at[:_LOOKED_AT], rng)
    return LogExpectedImprovement(model)


def steepest(model: Minimised, x: np.ndarray) -> float:
    """Estimate how steep the mean is at most, from its slopes at features [n, width]; 1 where it is flat.

    emukit starts an optimiser from points of the global generator for this, once for every member of a batch.
    """
    if isinstance(model, MinimisedWithSlopes):
        gradients = model.surrogate.slopes(x)[0]
    else:
        step, base = 1e-3, model.surrogate.predict(x)[0]
        ahead = (x[:, None, :] + step * np.eye(x.shape[1])).reshape(-1, x.shape[1])
        gradients = (model.surrogate.predict(ahead)[0].reshape(x.shape) - base[:, None]) / step
    found = float(np.sqrt((gradients**2).sum(axis=1)).max())
    return found if found > 1e-7 else 1.0


def penalised(base: Acquisition, name: str, model: Minimised, batch: np.ndarray, steepness: float) -> Any:
    """Add penalties around a batch, features [k, width], to an acquisition.

    The best mean is handed to emukit as its `f_min`: its own calculator takes the least *acquisition* for it, and so
    proposed the same point eight times.
    """
    penalties = Penalties(model)
    penalties.update_batches(batch if len(batch) else None, steepness, float(model.predict(model.X)[0].min()))
    return (base if name == "log_ei" else LogSoftplus(base)) + penalties
