"""What students typically write for 97.study, and a piece of what each is told."""


# %% wrong axis: "wrong axis"
def mean_curve(returns):
    return returns.mean(axis=1)


def best_step(returns):
    return 2


# %% last step: "the last step"
def mean_curve(returns):
    return returns.mean(axis=0)


def best_step(returns):
    return 3
