"""What an explorer trains and has trained: configurations side by side, each from the same seeds, each only once."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rlhp.frames import encode_value
from rlhp.runs import Runs, concat
from rlhp.sweeps import Evaluation
from rlhp.trainers import choose_engine, has_engine, obstacles
from rlhp.widgets.background._experiment import Experiment
from rlhp.widgets.background._stopwatch import Stopwatch
from rlhp.widgets.background._training import seeds
from rlhp.widgets.background._warming import WarmUp

__all__ = ["LiveSweep"]

_SLOW_SEEDS = 4  # of stable-baselines3, so that an answer takes a minute and not five


class LiveSweep:
    """Trains configurations on request and keeps what came of them; knows nothing of widgets.

    Where the compiled engine can train them, it does, in seconds. Where it cannot, stable-baselines3 trains fewer
    seeds, and `why_slow` says why.

    Parameters
    ----------
    algorithm : str
        What is trained.
    examples : sequence of mapping
        Configurations of the kind that will be trained; they decide about the engine.
    experiment : Experiment
        Where, for how long, and with how many seeds.

    Raises
    ------
    ValueError
        If a name or value is not allowed.

    Examples
    --------
    >>> live = LiveSweep("dqn", [{}], Experiment(steps=1_000, n_seeds=16, engine="sb3", evaluation=500))
    >>> live.engine, live.n_seeds, [len(live.missing([{"gamma": 0.9}, {"gamma": 0.9}]))]
    ('sb3', 16, [1])
    """

    def __init__(self, algorithm: str, examples: Sequence[Mapping[str, Any]], experiment: Experiment) -> None:
        self.algorithm, self.env_id, self.steps = algorithm, experiment.env_id, experiment.steps
        asked = Evaluation.of(experiment.evaluation)
        self._evaluation = replace(asked, every=asked.interval(self.steps, times=20))
        self._execution = experiment.execution
        engines = {choose_engine(algorithm, self.env_id, config, experiment.engine) for config in examples}
        self.engine = "sb3" if "sb3" in engines else "jax"
        self.why_slow, self.n_seeds = "", experiment.n_seeds
        if experiment.engine == "auto" and self.engine == "sb3":
            self.n_seeds = min(self.n_seeds, _SLOW_SEEDS)
            self.why_slow = self._reason(examples)
        self._guard = threading.Lock()
        self._runs: dict[str, Runs] = {}
        self._seconds: dict[str, np.ndarray] = {}
        self._whole: set[str] = set()

    def _reason(self, examples: Sequence[Mapping[str, Any]]) -> str:
        if has_engine():
            against = [why for config in examples for why in obstacles("jax", self.algorithm, self.env_id, config)]
            why = f"The fast engine cannot train this ({against[0]})"
        else:
            why = "JAX is not installed (`pip install 'rlhp[jax]'` brings it)"
        n = seeds(self.n_seeds)
        return f"{why}, so stable-baselines3 trains {n} of each: that takes much longer."

    def key(self, config: Mapping[str, Any]) -> str:
        """Write a configuration so that equal ones read equal."""
        return json.dumps({name: encode_value(value) for name, value in config.items()}, sort_keys=True)

    def missing(self, configs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Keep the configurations that were not trained to their end, each once."""
        return [config for key, config in {self.key(c): c for c in configs}.items() if key not in self._whole]

    def sweep(self, configs: Sequence[Mapping[str, Any]]) -> Any:
        """Describe the training of some configurations, not yet started."""
        from rlhp.sweeps import Session

        return Session(self._requests(configs), execution=self._execution)

    def warm_up(self, groups: Sequence[Sequence[Mapping[str, Any]]]) -> WarmUp | None:
        """Compile in the background what training each group together needs; None where nothing is compiled."""
        if self.engine != "jax":
            return None
        return WarmUp([self._requests(group) for group in groups]).start()

    def _requests(self, configs: Sequence[Mapping[str, Any]]) -> list[Any]:
        from rlhp.sweeps import requests_of

        return requests_of(
            self.algorithm,
            self.env_id,
            [dict(config) for config in configs],
            steps=self.steps,
            seeds=self.n_seeds,
            engine=self.engine,
            evaluation=self._evaluation,
        )

    def read(
        self,
        sweep: Any,
        configs: Sequence[Mapping[str, Any]],
        watch: Stopwatch | None = None,
        *,
        whole_only: bool = False,
    ) -> None:
        """Take over what a sweep of `configs` knows by now; what came to its end is not trained again."""
        snapshot = sweep.snapshot()
        for place, config in enumerate(configs):
            asked = [one.run_id for one in sweep.requests[place * self.n_seeds : (place + 1) * self.n_seeds]]
            here = snapshot.select(ids=[name for name in asked if name in snapshot.table.index])
            whole = len(here) == self.n_seeds and not (here.table["status"] == "stopped").any()
            key = self.key(config)
            if key in self._whole or (whole_only and not whole):
                continue
            with self._guard:
                self._runs[key] = here
                if watch is not None and asked:
                    self._seconds[key] = np.array(watch.trained(asked[0]))
                if whole:
                    self._whole.add(key)

    def forget_unfinished(self) -> None:
        """Drop what did not come to its end."""
        with self._guard:
            self._runs = {key: runs for key, runs in self._runs.items() if key in self._whole}

    def of(self, config: Mapping[str, Any]) -> Runs | None:
        """Return the runs of a configuration that have been evaluated; None where there are none."""
        found = self._runs.get(self.key(config))
        return found if found is not None and len(found) else None

    def seconds(self, config: Mapping[str, Any]) -> np.ndarray:
        """Return the seconds that all seeds of a configuration had trained before each evaluation."""
        return self._seconds.get(self.key(config), np.empty(0))

    def whole(self, config: Mapping[str, Any]) -> bool:
        """Whether a configuration was trained to its end."""
        return self.key(config) in self._whole

    def midway(self) -> bool:
        """Whether something has been evaluated that is not at its end, of whatever configuration."""
        with self._guard:
            return any(len(runs.evals) and key not in self._whole for key, runs in self._runs.items())

    @property
    def runs(self) -> Runs | None:
        """Everything that was trained; None while there is nothing."""
        with self._guard:
            some = [runs for runs in self._runs.values() if len(runs)]
        return concat(some) if some else None
