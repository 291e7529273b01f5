"""What students typically write for 04.design, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

DESIGNED = ("learning_rate", "gamma", "exploration_fraction")


def _design(
    *,
    method: str = "sobol",
    names: tuple[str, ...] = DESIGNED,
    shape: Callable[[pd.DataFrame], Any] = lambda frame: frame,
    seed: bool = True,
) -> Callable[..., Any]:
    """Build a wrong `design`: the right one with one part replaced."""

    def answer(n: int, *, rng: Any) -> Any:
        from rlhp import spaces

        space = spaces.subspace(spaces.default("dqn"), names)
        return shape(spaces.sample(space, n, method=method, rng=rng if seed else 0))  # type: ignore[arg-type]

    return answer


# %% independent draws: "independent draws leave"
design = _design(method="random")


# %% a grid: "different values"
def design(n: int, *, rng: Any) -> Any:
    from rlhp import spaces

    space = spaces.subspace(spaces.default("dqn"), DESIGNED)
    return spaces.sample(space, 8, method="grid").sample(n, replace=True, random_state=int(rng.integers(99)))


# %% two hyperparameters: "`exploration_fraction`"
design = _design(names=DESIGNED[:2])

# %% the whole space: "nobody asked for"
design = _design(names=("tau", *DESIGNED))


# %% uniform learning rate: "not by its value"
def design(n: int, *, rng: Any) -> Any:
    frame = _design()(n, rng=rng)
    return frame.assign(learning_rate=1e-5 + (rng.permutation(n) + rng.random(n)) / n * (1e-2 - 1e-5))


# %% uniform gamma: "measures gamma by"
def design(n: int, *, rng: Any) -> Any:
    frame = _design()(n, rng=rng)
    return frame.assign(gamma=0.8 + (rng.permutation(n) + rng.random(n)) / n * 0.1999)


# %% half of them: "16 rows"
design = _design(shape=lambda frame: frame.head(8))

# %% its own seed: "whatever `rng`"
design = _design(seed=False)


# %% a line: "move together"
def design(n: int, *, rng: Any) -> Any:
    frame = _design(method="lhs")(n, rng=rng)
    return pd.DataFrame({name: np.sort(frame[name].to_numpy()) for name in frame})


# %% a list: "DataFrame"
design = _design(shape=lambda frame: frame.to_dict("records"))
