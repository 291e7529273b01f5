"""Real training as an evaluator: runs of the compiled engine that are paused and continued by a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rlhp import spaces
from rlhp.hpo.evaluating._evaluating import Goal, Judging, Reached
from rlhp.hpo.search._searcher import Searcher
from rlhp.objectives import OBJECTIVES
from rlhp.runs import Runs
from rlhp.sweeps import Execution, Store, advance
from rlhp.trainers import RunRequest

__all__ = ["Training", "request_of"]


class Training:
    """Trains configurations with the compiled engine, each run on from where it was paused.

    Parameters
    ----------
    algorithms : sequence of str
        Those that a configuration may name; the first is that of one which names none.
    env_id : str
    judging : Judging
        With `steps`.
    store : path or Store
        Where runs and states of paused runs are kept.
    execution : Execution
        Where it is trained, and whether policies are kept.

    Attributes
    ----------
    on_trained : callable
        Called with a number of environment steps whenever runs came on by so many, all together.

    Raises
    ------
    ValueError
        If something named is unknown or not allowed, or the compiled engine does not have it.
    """

    capacity: int | None = None

    def __init__(
        self,
        algorithms: Sequence[str],
        env_id: str,
        judging: Judging,
        store: str | Path | Store,
        execution: Execution = Execution(),
    ) -> None:
        if judging.steps is None:
            raise ValueError("`judging` does not say how long a run is trained; give `Judging(steps=...)`.")
        self.algorithms, self.env_id, self.judging = tuple(algorithms), env_id, judging
        self.execution = execution
        self.store = store if isinstance(store, Store) else Store(store)
        for name in self.algorithms:  # each must be able to act there
            self.pauses = tuple(self.request(Goal({spaces.ALGORITHM: name}, 0, 1)).eval_steps())
        self._trained: dict[str, tuple[RunRequest, int]] = {}
        self.on_trained: Callable[[int], object] = lambda steps: None

    def request(self, goal: Goal) -> RunRequest:
        """Describe the run of a goal."""
        return request_of(self.algorithms[0], self.env_id, self.judging, goal.configuration, goal.seed)

    def train(self, goals: Sequence[Goal]) -> list[Reached]:
        """Train runs on to their goals; see `rlhp.hpo.Evaluator`."""
        requests = [self.request(goal) for goal in goals]
        steps_of = _Steps(requests, goals, {name: step for name, (_, step) in self._trained.items()}, self.on_trained)
        stops = [goal.step for goal in goals]
        runs = advance(requests, stops, self.store, execution=self.execution, on_event=steps_of.hear)
        steps_of.end()
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
        return advance(requests, steps, self.store, execution=self.execution)

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


def request_of(
    algorithm: str, env_id: str, judging: Judging, configuration: Mapping[str, Any], seed: int
) -> RunRequest:
    """Describe the run of a configuration with a seed; `algorithm` is that of one which names none."""
    steps = judging.steps
    assert steps is not None
    named, own = spaces.algorithm_of(configuration)
    every, episodes = judging.evaluation.interval(steps), judging.evaluation.episodes
    return RunRequest(named or algorithm, env_id, seed, steps, own, every, episodes, "jax")


class _Steps:
    """Counts by how many environment steps runs come on while they are trained to their goals."""

    def __init__(
        self,
        requests: Sequence[RunRequest],
        goals: Sequence[Goal],
        before: Mapping[str, int],
        on_trained: Callable[[int], object],
    ) -> None:
        self._goals = {request.run_id: goal.step for request, goal in zip(requests, goals, strict=True)}
        self._at = {name: before.get(name, 0) for name in self._goals}
        self._on_trained = on_trained

    def hear(self, event: Mapping[str, Any]) -> None:
        """Take note of what a session tells."""
        step = event.get("step", event.get("row", {}).get("step"))
        if step is not None:
            self._reach(event["run_id"], step)

    def end(self) -> None:
        """Take note that all are where they were to be: held ones and those that diverged tell nothing more."""
        for name, goal in self._goals.items():
            self._reach(name, goal)

    def _reach(self, name: str, step: int) -> None:
        further = min(step, self._goals[name]) - self._at[name]
        if further > 0:
            self._at[name] += further
            self._on_trained(further)
