"""Search spaces: which hyperparameters there are, between which values, and how each is measured.

A space is a `ConfigSpace.ConfigurationSpace`, ours or your own. Each hyperparameter has a *measure*, which says
how its values are spread: evenly (linear), evenly in the logarithm (log), evenly in the logarithm of one minus
the value (flipped-log: for a discount, .9 to .99 is as far as .99 to .999), or over levels (categorical).
On the unit cube that `to_unit` and `from_unit` speak of, every measure is the uniform one.

>>> from rlhp.spaces import default, sample, subspace
>>> space = subspace(default("dqn"), ["learning_rate", "gamma"])
>>> sample(space, 2, method="sobol", rng=0).shape
(2, 2)
"""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
