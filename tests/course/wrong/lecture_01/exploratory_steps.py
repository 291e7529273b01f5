"""What students typically write for 01.exploratory_steps, and a piece of what each is told."""


# %% epsilon at the start: "only the first value"
def exploratory_steps(epsilon, steps):
    return steps * epsilon(0.0)


# %% epsilon at the end: "only the last value"
def exploratory_steps(epsilon, steps):
    return steps * epsilon(1.0)


# %% epsilon half-way: "half-way"
def exploratory_steps(epsilon, steps):
    return steps * epsilon(0.5)


# %% mean of the two ends: "mean of the first and the last"
def exploratory_steps(epsilon, steps):
    return steps * (epsilon(0.0) + epsilon(1.0)) / 2


# %% a share: "share"
def exploratory_steps(epsilon, steps):
    return sum(epsilon(t / steps) for t in range(steps)) / steps


# %% step in place of progress: "not a step number"
def exploratory_steps(epsilon, steps):
    return sum(epsilon(t) for t in range(steps))


# %% whole-number progress: "`//`"
def exploratory_steps(epsilon, steps):
    return sum(epsilon(t // steps) for t in range(steps))


# %% the greedy steps: "greedy"
def exploratory_steps(epsilon, steps):
    return sum(1 - epsilon(t / steps) for t in range(steps))
