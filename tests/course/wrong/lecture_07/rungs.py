"""What students typically write for 07.rungs, and a piece of what each is told."""

import math
from typing import Any


# %% the last rung left out: "`<=`, not `<`"
def rungs(n: int, eta: int, least: int, most: int) -> Any:
    found, k = [], 0
    while least * eta**k < most:
        found.append((max(1, n // eta**k), least * eta**k))
        k += 1
    return found


# %% stopped before the first: "all `n` begin"
def rungs(n: int, eta: int, least: int, most: int) -> Any:
    found, k = [], 0
    while least * eta**k <= most:
        found.append((max(1, n // eta ** (k + 1)), least * eta**k))
        k += 1
    return found


# %% what each rung adds: "*adds*"
def rungs(n: int, eta: int, least: int, most: int) -> Any:
    found, k = [], 0
    while least * eta**k <= most:
        before = least * eta ** (k - 1) if k else 0
        found.append((max(1, n // eta**k), least * eta**k - before))
        k += 1
    return found


# %% pairs turned round: "configurations first"
def rungs(n: int, eta: int, least: int, most: int) -> Any:
    found, k = [], 0
    while least * eta**k <= most:
        found.append((least * eta**k, max(1, n // eta**k)))
        k += 1
    return found


# %% long first: "are left, the *longer*"
def rungs(n: int, eta: int, least: int, most: int) -> Any:
    found, k = [], 0
    while least <= most // eta**k:
        found.append((max(1, n // eta**k), most // eta**k))
        k += 1
    return found


# %% from the top: "begin with the lowest rung"
def rungs(n: int, eta: int, least: int, most: int) -> Any:
    found, k = [], 0
    while least * eta**k <= most:
        found.append((max(1, n // eta**k), least * eta**k))
        k += 1
    return found[::-1]


# %% nobody is left: "nobody is left"
def rungs(n: int, eta: int, least: int, most: int) -> Any:
    found, k = [], 0
    while least * eta**k <= most:
        found.append((n // eta**k, least * eta**k))
        k += 1
    return found


# %% ends with one: "It stops when one is left"
def rungs(n: int, eta: int, least: int, most: int) -> Any:
    found, k = [], 0
    while least * eta**k <= most and n // eta**k >= 1:
        found.append((n // eta**k, least * eta**k))
        k += 1
    return found


# %% rounded up: "Rounded up"
def rungs(n: int, eta: int, least: int, most: int) -> Any:
    found, k = [], 0
    while least * eta**k <= most:
        found.append((math.ceil(n / eta**k), least * eta**k))
        k += 1
    return found


# %% parts of a configuration: "A third of a configuration"
def rungs(n: int, eta: int, least: int, most: int) -> Any:
    found, k = [], 0
    while least * eta**k <= most:
        found.append((max(1, n / eta**k), least * eta**k))
        k += 1
    return found


# %% a dict: "list of pairs"
def rungs(n: int, eta: int, least: int, most: int) -> Any:
    return {n: least}
