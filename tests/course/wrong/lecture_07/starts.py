"""What students typically write for 07.starts, and a piece of what each is told."""

import math
from typing import Any


def _largest(eta: int, ratio: int) -> int:
    s = 0
    while eta ** (s + 1) <= ratio:
        s += 1
    return s


# %% rounded down: "Rounded down"
def starts(eta: int, ratio: int) -> Any:
    most = _largest(eta, ratio)
    return [(most + 1) * eta**s // (s + 1) for s in range(most, -1, -1)]


# %% upwards: "The order is turned round"
def starts(eta: int, ratio: int) -> Any:
    most = _largest(eta, ratio)
    return [math.ceil((most + 1) * eta**s / (s + 1)) for s in range(most + 1)]


# %% powers: "powers of eta"
def starts(eta: int, ratio: int) -> Any:
    return [eta**s for s in range(_largest(eta, ratio), -1, -1)]


# %% s_max as factor: "The factor is (s_max + 1)"
def starts(eta: int, ratio: int) -> Any:
    most = _largest(eta, ratio)
    return [math.ceil(most * eta**s / (s + 1)) for s in range(most, -1, -1)]


# %% one bracket less: "One bracket is missing"
def starts(eta: int, ratio: int) -> Any:
    most = _largest(eta, ratio)
    return [math.ceil((most + 1) * eta**s / (s + 1)) for s in range(most, 0, -1)]


# %% not rounded: "Not rounded"
def starts(eta: int, ratio: int) -> Any:
    most = _largest(eta, ratio)
    return [(most + 1) * eta**s / (s + 1) for s in range(most, -1, -1)]


# %% not divided: "Not divided by (s + 1)"
def starts(eta: int, ratio: int) -> Any:
    most = _largest(eta, ratio)
    return [(most + 1) * eta**s for s in range(most, -1, -1)]


# %% a logarithm: "4.999"
def starts(eta: int, ratio: int) -> Any:
    most = int(math.log(ratio, eta)) if ratio > 1 else 0
    return [math.ceil((most + 1) * eta**s / (s + 1)) for s in range(most, -1, -1)]


# %% a logarithm rounded up: "*at most* `ratio`"
def starts(eta: int, ratio: int) -> Any:
    most = math.ceil(math.log(ratio, eta) - 1e-9)
    return [math.ceil((most + 1) * eta**s / (s + 1)) for s in range(most, -1, -1)]


# %% a number: "a number for each bracket"
def starts(eta: int, ratio: int) -> Any:
    return sum(eta**s for s in range(_largest(eta, ratio) + 1))
