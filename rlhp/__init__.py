"""Hyperparameters in deep reinforcement learning: train, sweep, analyse, teach.

Data flows one way::

    space -> configs -> runs -> objective -> statistics / importance -> plot / widget

`Runs` is the one table: everything that trains returns it, everything that analyses takes it.

>>> import rlhp
>>> runs = rlhp.train("ppo", "CartPole-v1", {"n_envs": 8}, steps=20_000, seed=0)  # doctest: +SKIP
>>> from rlhp import curves, plots
>>> plots.curves(curves.iqm(runs, rng=0))  # doctest: +SKIP
"""

from __future__ import annotations

from rlhp.faces import face

__version__ = "0.2.0"

# Imported on first use: `import rlhp` must cost neither Torch nor a plotting library.
__getattr__, __dir__, __all__ = face(__name__, __file__)
