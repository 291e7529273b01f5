"""What students typically write for 97.draws, and a piece of what each is told."""

import numpy as np


# %% global: "global generator"
def draws(n, *, rng):
    return np.random.rand(n)


# %% own seed: "whatever `rng`"
def draws(n, *, rng):
    return np.random.default_rng(0).random(n)


# %% own generator: "nobody knows"
def draws(n, *, rng):
    return np.random.default_rng().random(n)
