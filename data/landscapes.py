"""The measured landscapes: Sobol configurations of a default search space, several seeds each.

Every landscape is one sweep over `spaces.default` with networks of two layers of 64 units, so that what is compared is
everything but the size of the network. `make.py` measures them like every other data set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rlhp import spaces

NET_ARCH = [64, 64]


@dataclass(frozen=True)
class Landscape:
    """One algorithm on one environment: how many configurations, seeds and environment steps."""

    algorithm: str
    env_id: str
    steps: int
    n_configs: int = 256
    n_seeds: int = 5

    @property
    def title(self) -> str:
        return f"{self.n_configs} configurations of {self.algorithm.upper()} on {self.env_id}"

    @property
    def description(self) -> str:
        return (
            f"{self.n_configs} Sobol points (scrambled, seed 0) of `spaces.default({self.algorithm!r})` with "
            f"`net_arch` held at [64, 64], {self.n_seeds} seeds each, {self.steps:,} environment steps, evaluated ten "
            "times over ten episodes."
        )

    def configs(self) -> list[dict[str, Any]]:
        """Draw the configurations; the same at every call."""
        space = spaces.default(self.algorithm)
        names = [name for name in space if name != "net_arch"]
        drawn = spaces.sample(spaces.subspace(space, names), self.n_configs, method="sobol", rng=0)
        return [{**row, "net_arch": NET_ARCH} for row in drawn.to_dict("records")]


LANDSCAPES = {
    "dqn_cartpole": Landscape("dqn", "CartPole-v1", 50_000, n_seeds=10),
    "dqn_acrobot": Landscape("dqn", "Acrobot-v1", 50_000),
    "dqn_minigrid_empty": Landscape("dqn", "MiniGrid-Empty-5x5-v0", 30_000),
    "dqn_mountaincar": Landscape("dqn", "MountainCar-v0", 100_000),
    "ppo_cartpole": Landscape("ppo", "CartPole-v1", 50_000, n_seeds=10),
    "ppo_acrobot": Landscape("ppo", "Acrobot-v1", 100_000),
    "ppo_pendulum": Landscape("ppo", "Pendulum-v1", 100_000),
    "sac_pendulum": Landscape("sac", "Pendulum-v1", 10_000, n_configs=64),
}
