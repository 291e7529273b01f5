"""What is played on: a measured sweep, moved through by a few of its hyperparameters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ConfigSpace.hyperparameters import UniformFloatHyperparameter, UniformIntegerHyperparameter

from rlhp import hpo, spaces
from rlhp.arguments import choice, name_list
from rlhp.returns import return_bounds

__all__ = ["Ground", "Played"]

# What is offered where nobody says what, in this order; four of them are enough to think about.
_OFFERED = ("learning_rate", "gamma", "n_steps", "exploration_fraction", "train_freq", "ent_coef", "gae_lambda", "tau")
_MANY = 4


@dataclass(frozen=True, eq=False)
class Played:
    """One whole search.

    Attributes
    ----------
    tuned : array [evaluations]
        What the tuning seeds say of its incumbent, after each evaluation.
    worth : float
        What the test seeds say of the last incumbent.
    """

    tuned: np.ndarray
    worth: float


class Ground:
    """A pool, with a few hyperparameters that a hand sets.

    Parameters
    ----------
    name : str
        A data set.
    hyperparameters : sequence of str, optional
        Numbers of its space.
    evaluations : int
        Configurations of a search.

    Raises
    ------
    ValueError
        If there is no such data set or hyperparameter, or one is no number.
    """

    def __init__(self, name: str, hyperparameters: Sequence[str] | None, evaluations: int) -> None:
        self.pool = hpo.pool(name)
        self.evaluations = evaluations
        space = self.pool.space
        kinds = UniformFloatHyperparameter | UniformIntegerHyperparameter
        numbers = {one: hp for one, hp in space.items() if isinstance(hp, kinds)}
        wanted = [one for one in _OFFERED if one in numbers][:_MANY] if hyperparameters is None else hyperparameters
        listed = name_list("hyperparameters", wanted, empty=False)
        self.names = [choice("hyperparameters", one, numbers, kind="hyperparameter") for one in listed]
        self.space = spaces.subspace(space, self.names)
        self.measures = spaces.measure(space)
        self.numbers = {one: numbers[one] for one in self.names}
        columns = [list(space).index(one) for one in self.names]
        self._unit = np.nan_to_num(spaces.to_unit(space, self.pool.configurations)[:, columns], nan=2.0)
        judging = self.pool.judging  # nobody chooses among finalists here: all seeds that do not tune are test seeds
        self.by_seed = np.column_stack([_filled(self.pool.truth([seed])) for seed in judging.tuning])
        self.tuned, self.worth = self.by_seed.mean(axis=1), _filled(self.pool.truth(judging.held_out))
        table = self.pool.runs.table
        env_id = str(table["env_id"].iloc[0])
        self.bounds = return_bounds(env_id)
        self.label = f"{str(table['algorithm'].iloc[0]).upper()} on {env_id}"

    def nearest(self, values: Mapping[str, Any], taken: Collection[int]) -> int:
        """Return the place of the configuration that is nearest in what a hand sets, and was not tried."""
        point = spaces.to_unit(self.space, [dict(values)])[0]
        order = [list(self.space).index(one) for one in self.names]
        apart = ((self._unit - point[order]) ** 2).sum(axis=1)
        apart[list(taken)] = np.inf
        return int(np.argmin(apart))

    def by_hand(self, tried: Sequence[int]) -> Played:
        """Return what a search by hand has by now."""
        scores = self.tuned[list(tried)]
        return Played(np.maximum.accumulate(scores), float(self.worth[tried[int(np.argmax(scores))]]))

    def by_machine(self, searcher: str, seed: int) -> Played:
        """Replay a search with as many configurations, each trained to its end with every tuning seed."""
        each = self.pool.pauses[-1] * len(self.pool.judging.tuning)
        ends = each * np.arange(1, self.evaluations + 1)
        found = hpo.replay(self.pool, budget=int(ends[-1]), searcher=searcher, plan="full", rng=seed)
        at = np.searchsorted(found.history["env_steps"].to_numpy(), ends, side="right") - 1
        trials = found.history["trial"].to_numpy()[at]
        places = np.array([self.pool.place(found.trials[number].configuration) for number in trials], dtype=int)
        return Played(self.tuned[places], float(self.worth[places[-1]]))


def _filled(scores: np.ndarray) -> np.ndarray:
    """Return scores with the least of all where a run failed."""
    return np.where(np.isnan(scores), np.nanmin(scores), scores)
