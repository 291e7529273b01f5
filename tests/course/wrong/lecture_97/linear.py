"""What students typically write for 97.linear, and a piece of what each is told."""


# %% ignores fraction: "all of training"
def linear(x, start=1.0, end=0.05):
    return start + (end - start) * x


# %% falls on: "below its end"
def linear(x, start=1.0, end=0.05):
    return start + (end - start) * x / 0.5


# %% numbers only: "ambiguous"
def linear(x, start=1.0, end=0.05):
    return start + (end - start) * min(2 * x, 1.0)
