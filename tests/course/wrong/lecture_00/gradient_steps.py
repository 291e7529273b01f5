"""What students typically write for 00.gradient_steps, and a piece of what each is told."""

import math
from typing import Any


def _updates(
    rollouts: Any = math.ceil, minibatches: Any = math.ceil, envs: bool = True, epochs: bool = True, every: bool = True
) -> Any:
    """Build one of the typical wrong counts."""

    def answer(steps: int, n_envs: int, n_steps: int, batch_size: int, n_epochs: int) -> Any:
        rollout = n_envs * n_steps if envs else n_steps
        count = rollouts(steps / rollout) * (n_epochs if epochs else 1)
        return count * minibatches(rollout / batch_size) if every else count

    return answer


# %% rollouts rounded down: "rounds the number of rollouts down"
gradient_steps = _updates(rollouts=math.floor)

# %% rollouts not rounded: "a part of a rollout"
gradient_steps = _updates(rollouts=float)

# %% one environment: "n_envs"
gradient_steps = _updates(envs=False)

# %% no epochs: "n_epochs"
gradient_steps = _updates(epochs=False)

# %% one minibatch an epoch: "minibatch"
gradient_steps = _updates(every=False)

# %% rest minibatch lost: "rest of a rollout"
gradient_steps = _updates(minibatches=math.floor)
