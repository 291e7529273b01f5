"""What students typically write for 08.area, and a piece of what each is told."""

from typing import Any

import numpy as np


# %% the sum of the boxes: "where they overlap, they count twice"
def area(points: Any, reference: Any) -> float:
    sides = points - reference
    return float(sides[(sides > 0).all(axis=1)].prod(axis=1).sum())


# %% the sum of all boxes: "as a negative box"
def area(points: Any, reference: Any) -> float:
    return float((points - reference).prod(axis=1).sum())


# %% the box around them: "In its corner there is nothing"
def area(points: Any, reference: Any) -> float:
    sides = points - reference
    sound = sides[(sides > 0).all(axis=1)]
    return float(sound.max(axis=0).prod()) if len(sound) else 0.0


# %% the box around all: "even of (-1, 6)"
def area(points: Any, reference: Any) -> float:
    return float((points - reference).max(axis=0).prod())


# %% beyond the reference: "or it takes area away"
def area(points: Any, reference: Any) -> float:
    sides = points - reference
    total, highest = 0.0, 0.0
    for x, y in sides[np.argsort(-sides[:, 0])]:
        total += x * max(0.0, y - highest)
        highest = max(highest, y)
    return float(total)


# %% straight lines: "Straight lines between the points"
def area(points: Any, reference: Any) -> float:
    sides = points - reference
    sound = sides[(sides > 0).all(axis=1)]
    on = np.array([not ((sound >= one).all(axis=1) & (sound > one).any(axis=1)).any() for one in sound])
    x, y = sound[on][np.argsort(sound[on][:, 0])].T
    return float((np.diff(x) * (y[1:] + y[:-1]) / 2).sum())


# %% one box: "the largest box alone"
def area(points: Any, reference: Any) -> float:
    sides = points - reference
    return float(sides[(sides > 0).all(axis=1)].prod(axis=1).max(initial=0.0))


# %% from zero: "not from 0"
def area(points: Any, reference: Any) -> float:
    total, highest = 0.0, 0.0
    for x, y in points[np.argsort(-points[:, 0])]:
        total += max(x, 0.0) * max(0.0, y - highest)
        highest = max(highest, y)
    return float(total)
