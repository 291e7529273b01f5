"""What students typically write for 00.discounted_return, and a piece of what each is told."""


# %% plain sum: "does not use `gamma`"
def discounted_return(rewards, gamma):
    return sum(rewards)


# %% starts at gamma to the 1: "off by one"
def discounted_return(rewards, gamma):
    return sum(gamma ** (t + 1) * r for t, r in enumerate(rewards))


# %% discounts backwards: "the last reward counts in full"
def discounted_return(rewards, gamma):
    return sum(gamma**t * r for t, r in enumerate(reversed(rewards)))


# %% gamma once for all: "the same weight"
def discounted_return(rewards, gamma):
    return gamma * sum(rewards)


# %% gamma times t: "power"
def discounted_return(rewards, gamma):
    return sum(gamma * t * r for t, r in enumerate(rewards))


# %% the mean: "sum, not a mean"
def discounted_return(rewards, gamma):
    return sum(gamma**t * r for t, r in enumerate(rewards)) / len(rewards)


# %% one weighted reward a step: "one number"
def discounted_return(rewards, gamma):
    return [gamma**t * r for t, r in enumerate(rewards)]
