"""What students typically write for 04.largest_sweep, and a piece of what each is told."""

import math


# %% any number: "power of two"
def largest_sweep(budget, seeds, steps):
    return budget // (seeds * steps)


# %% rounds up: "over the budget"
def largest_sweep(budget, seeds, steps):
    return 2 ** math.ceil(math.log2(budget // (seeds * steps)))


# %% rounds: "nearest"
def largest_sweep(budget, seeds, steps):
    return 2 ** round(math.log2(budget / (seeds * steps)))


# %% forgets the seeds: "Every seed"
def largest_sweep(budget, seeds, steps):
    return 2 ** int(math.log2(budget / steps))


# %% forgets the steps: "environment steps"
def largest_sweep(budget, seeds, steps):
    return 2 ** int(math.log2(budget / seeds))


# %% one too few: "Twice as many"
def largest_sweep(budget, seeds, steps):
    return 2 ** (int(math.log2(budget / (seeds * steps))) - 1)


# %% the exponent: "the exponent"
def largest_sweep(budget, seeds, steps):
    return int(math.log2(budget / (seeds * steps)))


# %% strictly below: "exactly"
def largest_sweep(budget, seeds, steps):
    return 2 ** int(math.log2((budget - 1) / (seeds * steps)))
