"""Real training as an evaluator: runs of the compiled engine that are paused and continued by a store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rlhp.hpo._evaluating import Goal, Judging, Reached
from rlhp.hpo._searcher import Searcher
from rlhp.objectives import OBJECTIVES
from rlhp.runs import Runs
from rlhp.sweeps import Store, advance
from rlhp.trainers import RunRequest

__all__ = ["Training"]


class Training:
    """Trains configurations with the compiled engine, each run on from where it was paused.

    Parameters
    ----------
    algorithm, env_id : str
    judging : Judging
        With `steps`.
    store : path or Store
        Where runs and states of paused runs are kept.

    Raises
    ------
    ValueError
        If something named is unknown or not allowed, or the compiled engine does not have it.
    """

    capacity: int | None = None

    def __init__(self, algorithm: str, env_id: str, judging: Judging, store: str | Path | Store) -> None:
        if judging.steps is None:
            raise ValueError("`judging` does not say how long a run is trained; give `Judging(steps=...)`.")
        self.algorithm, self.env_id, self.judging = algorithm, env_id, judging
        self.store = store if isinstance(store, Store) else Store(store)
        self.pauses = tuple(self.request(Goal({}, 0, 1)).eval_steps())
        self._trained: dict[str, tuple[RunRequest, int]] = {}

    def request(self, goal: Goal) -> RunRequest:
        """Describe the run of a goal."""
        steps = self.judging.steps
        assert steps is not None
        return RunRequest(
            self.algorithm,
            self.env_id,
            goal.seed,
            steps,
            goal.configuration,
            self.judging.evaluation.interval(steps),
            self.judging.evaluation.episodes,
            "jax",
        )

    def train(self, goals: Sequence[Goal]) -> list[Reached]:
        """Train runs on to their goals; see `rlhp.hpo.Evaluator`."""
        requests = [self.request(goal) for goal in goals]
        runs = advance(requests, [goal.step for goal in goals], self.store)
        for request, goal in zip(requests, goals, strict=True):
            before = self._trained.get(request.run_id, (request, 0))[1]
            self._trained[request.run_id] = request, max(goal.step, before)
        column = OBJECTIVES[self.judging.objective].column
        curves = dict(list(runs.evals.groupby("run_id")[["step", column]]))
        none = np.empty(0)
        found = []
        for request in requests:
            curve = curves.get(request.run_id)
            steps, values = (none, none) if curve is None else (curve["step"].to_numpy(), curve[column].to_numpy())
            found.append(Reached(steps, values, str(runs.table.loc[request.run_id, "status"])))
        return found

    def adapted(self, searcher: Searcher) -> Searcher:
        """Return the searcher: whatever it proposes can be trained."""
        return searcher

    def runs(self) -> Runs | None:
        """Return all runs that were trained, each as far as it was; None where none was."""
        if not self._trained:
            return None
        requests, steps = zip(*self._trained.values(), strict=True)
        return advance(requests, steps, self.store)

    def programs(self) -> int:
        """Count the programs that the runs needed."""
        from rlhp.trainers.compiled import prepared

        return len({prepared(one).recipe for one, _ in self._trained.values()})

    def trained(self) -> int:
        """Return the environment steps that were really trained.

        A run trains whole iterations: as many as fit before an evaluation, one at least between two.
        """
        from rlhp.trainers.compiled import prepared

        total = 0
        for request, until in self._trained.values():
            each, done = prepared(request).iteration_steps, 0
            for target in (one for one in request.eval_steps() if one <= until):
                done = max(target // each, done + 1)
            total += done * each
        return total
