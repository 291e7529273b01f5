"""What students typically write for 01.linear_epsilon, and a piece of what each is told."""

import numpy as np


# %% over all of training: "over the whole of training"
def linear_epsilon(progress, start=1.0, end=0.05, fraction=0.5):
    return start + (end - start) * np.asarray(progress)


# %% never stops: "goes on falling"
def linear_epsilon(progress, start=1.0, end=0.05, fraction=0.5):
    return start + (end - start) * np.asarray(progress) / fraction


# %% starts falling late: "begins to fall only at"
def linear_epsilon(progress, start=1.0, end=0.05, fraction=0.5):
    return start + (end - start) * np.clip((np.asarray(progress) - fraction) / (1 - fraction), 0, 1)


# %% forgets the end: "falls to 0"
def linear_epsilon(progress, start=1.0, end=0.05, fraction=0.5):
    return start * (1 - np.minimum(np.asarray(progress) / fraction, 1.0))


# %% rises: "rises"
def linear_epsilon(progress, start=1.0, end=0.05, fraction=0.5):
    return end + (start - end) * np.minimum(np.asarray(progress) / fraction, 1.0)


# %% fraction in percent: "per cent"
def linear_epsilon(progress, start=1.0, end=0.05, fraction=0.5):
    return start + (end - start) * np.minimum(np.asarray(progress) / (fraction / 100), 1.0)


# %% whole numbers: "`//`"
def linear_epsilon(progress, start=1.0, end=0.05, fraction=0.5):
    return start + (end - start) * np.minimum(np.asarray(progress) // fraction, 1.0)


# %% one number only: "array"
def linear_epsilon(progress, start=1.0, end=0.05, fraction=0.5):
    return start + (end - start) * min(progress / fraction, 1.0)
