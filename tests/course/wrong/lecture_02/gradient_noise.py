"""What students typically write for 02.gradient_noise, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np


def _noise(
    draw: Callable[..., Any] | None = None,
    average: Callable[[Any], Any] = lambda batches: batches.mean(axis=1),
    centre: Callable[[Any], Any] = lambda gradients: gradients.mean(axis=0),
    distance: Callable[[Any], Any] = lambda off: np.sqrt((off**2).sum(axis=-1).mean()),
) -> Callable[..., Any]:
    """Build a wrong `gradient_noise`: the right one with one part replaced."""

    def with_replacement(gradients: Any, batch_size: int, n_batches: int, rng: Any) -> Any:
        return rng.integers(len(gradients), size=(n_batches, batch_size))

    def answer(gradients: Any, batch_size: int, n_batches: int, *, rng: Any) -> Any:
        drawn = (draw or with_replacement)(gradients, batch_size, n_batches, rng)
        return distance(average(gradients[drawn]) - centre(gradients))

    return answer


# %% a single batch: "single batch"
gradient_noise = _noise(draw=lambda gradients, batch_size, n, rng: rng.integers(len(gradients), size=(1, batch_size)))

# %% global numpy.random: "numpy.random"
gradient_noise = _noise(draw=lambda gradients, size, n, rng: np.random.randint(len(gradients), size=(n, size)))

# %% the first examples: "whatever `rng`"
gradient_noise = _noise(draw=lambda gradients, size, n, rng: np.arange(n * size).reshape(n, size) % len(gradients))

# %% sum over the batch: "sum of a batch"
gradient_noise = _noise(average=lambda batches: batches.sum(axis=1))

# %% batches of one: "single examples"
gradient_noise = _noise(draw=lambda gradients, size, n, rng: rng.integers(len(gradients), size=(n, 1)))

# %% averaged over the batches: "over the batches"
gradient_noise = _noise(average=lambda batches: batches.mean(axis=0))

# %% not centred: "distance from 0"
gradient_noise = _noise(centre=lambda gradients: 0.0)

# %% no square root: "square root"
gradient_noise = _noise(distance=lambda off: (off**2).sum(axis=-1).mean())

# %% mean over the parameters: "over the parameters"
gradient_noise = _noise(distance=lambda off: np.sqrt((off**2).mean()))

# %% mean distance: "root of the mean"
gradient_noise = _noise(distance=lambda off: np.sqrt((off**2).sum(axis=-1)).mean())

# %% signed differences: "cancel"
gradient_noise = _noise(distance=lambda off: off.sum(axis=-1).mean())
