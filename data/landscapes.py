"""The measured landscapes: Sobol configurations of a default search space, several seeds each.

Every landscape is one sweep over `spaces.default` with networks of two layers of 64 units, so that what is compared is
everything but the size of the network. `make.py` measures them like every other data set. The best configurations of
each are trained once more with seeds that had no part in choosing them, so that the choice itself can be studied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rlhp import Runs, objectives, spaces

NET_ARCH = [64, 64]
N_BEST = 10


@dataclass(frozen=True)
class Landscape:
    """One algorithm on one environment: how many configurations, seeds and environment steps.

    `n_fresh` is how many further seeds the best configurations get.
    """

    algorithm: str
    env_id: str
    steps: int
    n_configs: int = 256
    n_seeds: int = 5
    n_fresh: int = 10

    @property
    def title(self) -> str:
        return f"{self.n_configs} configurations of {self.algorithm.upper()} on {self.env_id}"

    @property
    def description(self) -> str:
        return (
            f"{self.n_configs} Sobol points (scrambled, seed 0) of `spaces.default({self.algorithm!r})` with "
            f"`net_arch` held at [64, 64], {self.n_seeds} seeds each, {self.steps:,} environment steps, evaluated ten "
            "times over ten episodes. Trained by the compiled engine."
        )

    @property
    def fresh_seeds(self) -> range:
        """Give the seeds of the best configurations' second part: the first that the landscape did not use."""
        return range(self.n_seeds, self.n_seeds + self.n_fresh)

    @property
    def title_of_best(self) -> str:
        return f"The best {N_BEST} of {self.title}, with fresh seeds"

    def description_of_best(self, name: str) -> str:
        """Describe the second part; `name` is the landscape's."""
        return (
            f"The {N_BEST} configurations of `{name}` with the highest final return (the last evaluation, averaged "
            f"over its {self.n_seeds} seeds; equals by the mean area under the curve), each trained with "
            f"{self.n_fresh} seeds that had no part in the choice; everything else is the same. For what choosing the "
            "best does to its score. Trained by the compiled engine."
        )

    def configs(self) -> list[dict[str, Any]]:
        """Draw the configurations; the same at every call."""
        space = spaces.default(self.algorithm)
        names = [name for name in space if name != "net_arch"]
        drawn = spaces.sample(spaces.subspace(space, names), self.n_configs, method="sobol", rng=0)
        return [{**row, "net_arch": NET_ARCH} for row in drawn.to_dict("records")]

    def best(self, runs: Runs) -> list[dict[str, Any]]:
        """Give the configurations that did best in the landscape's own runs, the best first.

        Raises
        ------
        ValueError
            If `runs` are not of the configurations that are drawn today.
        """
        drawn = {config["learning_rate"]: config for config in self.configs()}  # no two are drawn with the same
        rates = runs.configs["learning_rate"]
        if set(rates) != set(drawn):
            raise ValueError(
                f"these runs are of {len(rates)} other configurations than the {len(drawn)} that are drawn today; "
                "measure the landscape again."
            )
        final, area = (
            objectives.score(runs, what, failures="worst", per="config").values.reindex(rates.index).to_numpy()
            for what in ("final_return", "auc")
        )
        return [drawn[rates.iloc[place]] for place in np.lexsort((-area, -final))[:N_BEST]]


LANDSCAPES = {
    "dqn_cartpole": Landscape("dqn", "CartPole-v1", 50_000, n_seeds=10),
    "dqn_acrobot": Landscape("dqn", "Acrobot-v1", 30_000),
    "dqn_minigrid_empty": Landscape("dqn", "MiniGrid-Empty-5x5-v0", 15_000),
    "dqn_mountaincar": Landscape("dqn", "MountainCar-v0", 100_000),
    "ppo_cartpole": Landscape("ppo", "CartPole-v1", 50_000, n_seeds=10),
    "ppo_acrobot": Landscape("ppo", "Acrobot-v1", 50_000),
    "ppo_pendulum": Landscape("ppo", "Pendulum-v1", 100_000),
    "sac_pendulum": Landscape("sac", "Pendulum-v1", 10_000, n_configs=64, n_fresh=5),
}
