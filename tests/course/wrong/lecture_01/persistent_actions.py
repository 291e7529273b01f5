"""What students typically write for 01.persistent_actions, and a piece of what each is told."""

import math

import numpy as np


# %% a new one each step: "changes at every step"
def persistent_actions(n_steps, n_actions, repeat, *, rng):
    return rng.integers(n_actions, size=n_steps)


# %% tiles in place of repeats: "np.tile"
def persistent_actions(n_steps, n_actions, repeat, *, rng):
    return np.resize(rng.integers(n_actions, size=repeat), n_steps)


# %% draws too few: "10 actions"
def persistent_actions(n_steps, n_actions, repeat, *, rng):
    return np.repeat(rng.integers(n_actions, size=n_steps // repeat), repeat)


# %% does not cut: "12 actions"
def persistent_actions(n_steps, n_actions, repeat, *, rng):
    return np.repeat(rng.integers(n_actions, size=math.ceil(n_steps / repeat)), repeat)


# %% never the last action: "never drawn"
def persistent_actions(n_steps, n_actions, repeat, *, rng):
    return np.repeat(rng.integers(n_actions - 1, size=math.ceil(n_steps / repeat)), repeat)[:n_steps]


# %% counts from one: "from 0"
def persistent_actions(n_steps, n_actions, repeat, *, rng):
    return np.repeat(rng.integers(1, n_actions + 1, size=math.ceil(n_steps / repeat)), repeat)[:n_steps]


# %% global numpy.random: "numpy.random"
def persistent_actions(n_steps, n_actions, repeat, *, rng):
    return np.repeat(
        np.random.randint(n_actions, size=math.ceil(n_steps / repeat)),
        repeat,
    )[:n_steps]
