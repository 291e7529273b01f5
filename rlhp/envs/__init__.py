"""Environments for both engines: pure functions for the compiled one, and what stable-baselines3 trains on beside it.

The calls::

    rlhp.envs.catalogue()                      # what there is, which numbers of it runs may differ in
    rlhp.envs.make_jax("CartPole-v1")          # for the compiled engine
    rlhp.envs.make_gymnasium("CartPole-v1")    # for stable-baselines3, and to look at
    rlhp.envs.register("Mine-v0", jax=..., gymnasium=...)      # one of your own, for either engine or both
    rlhp.envs.register("Catch-v0", jax=rlhp.envs.from_gymnax("Catch-bsuite"))

What agents share, copies that restart by themselves, stands in `rlhp.envs.playing`.
"""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
