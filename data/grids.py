"""The measured grids, and what searches find in the same box with a tenth of a grid's steps.

A grid is three levels of five hyperparameters, every combination, with three seeds. Which five: those that decide most
in the measured landscape of the same algorithm and environment, by their total share in fANOVA. Levels: as somebody
would set them who knows the algorithm and nothing of the landscape. Everything else is held.

A search has the box between the outermost levels, on the scales of the algorithm's default space, and a tenth of the
environment steps that the grid takes; five searches are five draws. What they take, and what the grid takes, is trained
with ten fresh seeds. `make.py` measures both like every other data set.
"""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ConfigSpace import (
    CategoricalHyperparameter,
    ConfigurationSpace,
    OrdinalHyperparameter,
    UniformFloatHyperparameter,
    UniformIntegerHyperparameter,
)

from rlhp import Runs, hpo, objectives, spaces

TUNING = 3  # seeds, of the grid and of each search
FRESH = range(1_000, 1_010)
SEARCHES, PART, BATCH = 5, 0.1, 8


@dataclass(frozen=True)
class Grid:
    """One algorithm on one environment: the levels that are combined, and what is held."""

    algorithm: str
    env_id: str
    steps: int
    levels: Mapping[str, Sequence[Any]]
    held: Mapping[str, Any]

    @property
    def title(self) -> str:
        return f"A grid of {self.algorithm.upper()} on {self.env_id}: {len(self.configs())} configurations"

    @property
    def description(self) -> str:
        levels = "; ".join(f"`{name}` {', '.join(map(str, given))}" for name, given in self.levels.items())
        return (
            f"Every combination of {levels}; everything else held. {TUNING} seeds each, {self.steps:,} environment "
            "steps, evaluated ten times over ten episodes. Trained by the compiled engine."
        )

    @property
    def title_of_judged(self) -> str:
        return f"What a grid and {SEARCHES} searches take of {self.algorithm.upper()} on {self.env_id}, fresh seeds"

    def description_of_judged(self, name: str) -> str:
        """Describe the second part; `name` is the grid's."""
        return (
            f"First the {SEARCHES} configurations that as many searches took (`emukit` under `race`, "
            f"{self.budget:,} environment steps each: a tenth of the grid's) in the box between the outermost levels "
            f"of `{name}`, each with draws and {TUNING} tuning seeds of its own; then that of `{name}` which the grid "
            f"takes, and those that it would take with two of its seeds. Each is trained with {len(FRESH)} seeds that "
            "had no part in choosing; everything else is the same."
        )

    @property
    def budget(self) -> int:
        """Environment steps of a search."""
        return round(PART * len(self.configs()) * TUNING * self.steps)

    def configs(self) -> list[dict[str, Any]]:
        """Combine the levels, the last one fastest."""
        combined = itertools.product(*self.levels.values())
        return [{**dict(zip(self.levels, values, strict=True)), **self.held} for values in combined]

    @property
    def box(self) -> ConfigurationSpace:
        """The space between the outermost levels, on the scales of the algorithm's default space."""
        declared = spaces.default(self.algorithm)
        given = {**{name: [value] for name, value in self.held.items()}, **self.levels}
        narrowed = [_between(declared[name], given[name]) for name in declared if name in given]
        return ConfigurationSpace(name=self.algorithm, space=narrowed)

    def judging(self, search: int) -> hpo.Judging:
        """Return what a setting is worth to a search, which has tuning seeds of its own.

        One finalist: what a search would take is what is judged, and seeds that judge have no part in choosing.
        """
        seeds = range(TUNING * search, TUNING * (search + 1))
        return hpo.Judging(steps=self.steps, seeds=seeds, choice_seeds=0, test_seeds=0, finalists=1)

    def searched(self, search: int, folder: Path) -> dict[str, Any]:
        """Return the configuration that a search takes; it is kept in a folder, and goes on there."""
        kept = folder / f"{search}.json"
        if not kept.exists():
            found = hpo.optimize(
                self.algorithm,
                self.env_id,
                self.box,
                judging=self.judging(search),
                budget=self.budget,
                searcher="emukit",
                plan=hpo.Race(batch=BATCH),
                rng=search,
                out=folder / str(search),
            )
            kept.write_text(json.dumps({"configuration": found.best_config, **found.counts}))
            shutil.rmtree(folder / str(search))  # states of paused runs are large
        return _with_lists(json.loads(kept.read_text())["configuration"])

    def taken(self, runs: Runs, seeds: Sequence[int]) -> str:
        """Return which configuration the grid takes with some of its seeds, by the rule that searches have.

        The highest mean; from the cap on all are equal, and the larger area under the curve decides.
        """
        own = runs.select(ids=list(runs.table.index[runs.table["seed"].isin(list(seeds))]))
        final, area = (
            objectives.score(own, what, failures="worst", per="config").values for what in ("final_return", "auc")
        )
        cap = hpo.Cap.of(self.env_id, self.judging(0)).score
        order = np.lexsort((area.reindex(final.index), final.clip(upper=cap)))
        return str(final.index[order[-1]])

    def judged(self, runs: Runs, folder: Path) -> list[dict[str, Any]]:
        """Return the configurations that are judged: those of the searches, then those that the grid may take."""
        ids = [self.taken(runs, seeds) for seeds in choices()]
        by_id = dict(zip(runs.config_id.drop_duplicates(), self.configs(), strict=True))
        found = [self.searched(search, folder) for search in range(SEARCHES)]
        return [*found, *(by_id[one] for one in dict.fromkeys(ids) if by_id[one] not in found)]


def choices() -> list[tuple[int, ...]]:
    """Return the seeds with which the grid is asked what it takes: all of them, then any but one."""
    return [tuple(range(TUNING)), *itertools.combinations(range(TUNING), TUNING - 1)]


def _between(hp: Any, levels: Sequence[Any]) -> Any:
    """Narrow a hyperparameter to the range of levels; of a single one, to that."""
    if len(levels) == 1:
        return CategoricalHyperparameter(hp.name, [str(levels[0]) if isinstance(levels[0], list) else levels[0]])
    low, high = min(levels), max(levels)
    if isinstance(hp, OrdinalHyperparameter):
        return OrdinalHyperparameter(hp.name, [one for one in hp.sequence if low <= one <= high], meta=hp.meta)
    kind = UniformIntegerHyperparameter if isinstance(hp, UniformIntegerHyperparameter) else UniformFloatHyperparameter
    return kind(hp.name, low, high, log=hp.log, meta=hp.meta)


def _with_lists(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration whose lists are lists, which spaces write as text."""
    return {
        name: json.loads(value) if isinstance(value, str) and value.startswith("[") else value
        for name, value in configuration.items()
    }


GRIDS = {
    "grid_dqn_cartpole": Grid(
        "dqn",
        "CartPole-v1",
        50_000,
        {
            "learning_rate": (1e-4, 1e-3, 1e-2),
            "n_steps": (1, 4, 16),
            "target_update_interval": (10, 100, 1_000),
            "tau": (0.01, 0.1, 1.0),
            "train_freq": (1, 4, 16),
        },
        {
            "net_arch": [64, 64],
            "batch_size": 32,
            "buffer_size": 50_000,
            "learning_starts": 1_000,
            "gamma": 0.99,
            "gradient_steps": 1,
        },
    ),
    "grid_ppo_acrobot": Grid(
        "ppo",
        "Acrobot-v1",
        50_000,
        {
            "learning_rate": (1e-4, 1e-3, 1e-2),
            "n_steps": (128, 512, 2_048),
            "n_envs": (1, 4, 16),
            "gamma": (0.9, 0.99, 0.999),
            "n_epochs": (3, 10, 30),
        },
        {"net_arch": [64, 64], "batch_size": 128},
    ),
}
