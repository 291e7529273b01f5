"""What students typically write for 00.upset, and a piece of what each is told."""

import numpy as np


# %% ties lost: "ties as nothing"
def upset(better, worse):
    return float(np.mean(np.asarray(worse)[:, None] > np.asarray(better)[None, :]))


# %% ties won: "ties in full"
def upset(better, worse):
    return float(np.mean(np.asarray(worse)[:, None] >= np.asarray(better)[None, :]))


# %% the other way round: "`better` wins"
def upset(better, worse):
    return float(
        np.mean(
            (np.asarray(worse)[:, None] < np.asarray(better)[None, :])
            + 0.5 * (np.asarray(worse)[:, None] == np.asarray(better)[None, :])
        )
    )


# %% pairs of equal seeds only: "side by side"
def upset(better, worse):
    return float(np.mean([(w > b) + 0.5 * (w == b) for b, w in zip(better, worse, strict=False)]))


# %% compares the means: "compares two averages"
def upset(better, worse):
    return float(np.mean(worse) > np.mean(better))


# %% a count: "number of pairs"
def upset(better, worse):
    return float(sum((w > b) + 0.5 * (w == b) for b in better for w in worse))
