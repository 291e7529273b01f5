"""GPy's part: the model itself, with priors on its parameters and noise that is partly known.

Importing GPy takes seconds and loads matplotlib, so that this module is imported inside functions only.
"""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np

from rlhp.hpo.searchers.gp._evidence import Hyperparameters, Priors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import GPy

__all__ = ["KnownNoise", "model_of", "model_of_levels"]

# GPy tells at every model that it made one.
logging.getLogger("GP").setLevel(logging.ERROR)


class KnownNoise(GPy.likelihoods.Gaussian):
    """Gaussian noise of one variance, plus a variance of its own for each observation.

    GPy's heteroscedastic likelihood estimates each variance from the one observation that it belongs to.

    Parameters
    ----------
    variance : float
    known : array [m]
    """

    def __init__(self, variance: float, known: np.ndarray):
        super().__init__(variance=variance, name="noise")
        self.known = known

    def gaussian_variance(self, Y_metadata: Any = None) -> np.ndarray:
        """Return the variance of each observation, shape [m]."""
        return np.asarray(self.variance.values + self.known)


def model_of(x: np.ndarray, y: np.ndarray, known: np.ndarray, at: Hyperparameters, priors: Priors) -> GPy.core.GP:
    """Return GPy's model at given hyperparameters.

    Its parameters have priors and no bounds: with both, GPy writes a line for every parameter each time.
    """
    kernel = GPy.kern.Matern52(x.shape[1], variance=at.height, lengthscale=at.scales, ARD=True)
    noise = KnownNoise(at.noise, known)
    for parameter, (mean, deviation) in (
        (kernel.lengthscale, priors.scale),
        (kernel.variance, priors.height),
        (noise.variance, priors.noise),
    ):
        parameter.set_prior(GPy.priors.LogGaussian(mean, deviation), warning=False)
    return GPy.core.GP(x, y[:, None], kernel, noise, name="rlhp")


def model_of_levels(x: np.ndarray, y: np.ndarray, n_levels: int, priors: Priors) -> GPy.core.GP:
    """Return emukit's linear multi-fidelity model, the level in the last column of `x`, at the middle of the priors.

    What a level adds to the one below is expected to be smaller than the level itself.
    """
    from emukit.multi_fidelity.kernels import LinearMultiFidelityKernel
    from emukit.multi_fidelity.models import GPyLinearMultiFidelityModel

    width = x.shape[1] - 1
    kernels = []
    for level in range(n_levels):
        height = float(np.exp(priors.height[0])) * (1.0 if level == 0 else 0.3)
        kernel = GPy.kern.Matern52(width, variance=height, lengthscale=np.exp(priors.scale[0]), ARD=True)
        kernel.lengthscale.set_prior(GPy.priors.LogGaussian(*priors.scale), warning=False)
        kernel.variance.set_prior(GPy.priors.LogGaussian(np.log(height), priors.height[1]), warning=False)
        kernels.append(kernel)
    noises = [GPy.likelihoods.Gaussian(variance=0.01) for _ in range(n_levels)]
    for noise in noises:
        noise.variance.set_prior(GPy.priors.LogGaussian(*priors.noise), warning=False)
    return GPyLinearMultiFidelityModel(
        x, y, LinearMultiFidelityKernel(kernels), n_levels, likelihood=GPy.likelihoods.MixedNoise(noises)
    )
