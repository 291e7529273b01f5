"""What a landscape explorer looks at: runs by environment, and a surrogate of each that is fitted once."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ConfigSpace import ConfigurationSpace

from rlhp import datasets, importance, spaces
from rlhp.importance import Landscape, Surrogate, configuration
from rlhp.objectives import Failures
from rlhp.runs import Runs, concat

__all__ = ["Models", "Source"]

Source = str | Runs | Sequence[str | Runs]


class Models:
    """One surrogate an environment, fitted when it is first asked for and then kept.

    Parameters
    ----------
    source : str, Runs, or a sequence of them
        Names of data sets, or runs of one algorithm on one or more environments.
    space : ConfigurationSpace, optional
        What was swept; by default what varies of the algorithm's default space.
    objective, failures
        As for `rlhp.importance.surrogate`.
    rng : int
        Seed of the surrogates.

    Raises
    ------
    ValueError
        If there is nothing to look at, or fewer than two hyperparameters vary.
    """

    def __init__(
        self,
        source: Source,
        *,
        space: ConfigurationSpace | None = None,
        objective: str = "final_return",
        failures: Failures = "worst",
        rng: int = 0,
    ) -> None:
        runs = _read(source)
        self._runs = {str(env_id): runs.select(env_id=env_id) for env_id in dict.fromkeys(runs.table["env_id"])}
        self.space = _swept(runs) if space is None else space
        self.objective, self.failures, self._rng = objective, failures, rng
        self._fitted: dict[str, Surrogate] = {}
        self._lock = threading.Lock()
        if len(self.space) < 2:
            raise ValueError(
                f"a landscape is over two hyperparameters; the space has {len(self.space)} ({', '.join(self.space)})."
            )

    @property
    def env_ids(self) -> list[str]:
        """The environments, in the order of the source."""
        return list(self._runs)

    def is_fitted(self, env_id: str) -> bool:
        """Return whether the surrogate of an environment is there."""
        return env_id in self._fitted

    def of(self, env_id: str) -> Surrogate:
        """Return the surrogate of an environment."""
        with self._lock:
            if env_id not in self._fitted:
                model = importance.surrogate(
                    self._runs[env_id], self.space, self.objective, rng=self._rng, failures=self.failures
                )
                _ = model.boxes  # what averaging stands on
                self._fitted[env_id] = model
            return self._fitted[env_id]

    def fit_all(self) -> None:
        """Fit what is not fitted yet."""
        for env_id in self._runs:
            self.of(env_id)

    def best(self, env_id: str) -> dict[str, Any]:
        """Return the configuration of the best mean score, without what is inactive in it."""
        study = self.of(env_id).study
        return _active(configuration(self.space, study.unit[study.best]))

    def default(self) -> dict[str, Any]:
        """Return the default configuration, without what is inactive in it."""
        return dict(self.space.get_default_configuration())

    def landscape(
        self,
        env_id: str,
        x: str,
        y: str,
        *,
        rest: Literal["held", "averaged"],
        held: Mapping[str, Any] | None = None,
        points: int = 41,
    ) -> Landscape:
        """Look at the score over two hyperparameters; what the space forbids is NaN.

        Parameters
        ----------
        env_id, x, y : str
        rest : {"held", "averaged"}
        held : mapping, optional
            Where the others are held.
        points : int
            Along each range.
        """
        others: Mapping[str, Any] | str = "averaged" if rest == "averaged" else "best"
        if rest == "held" and held is not None:
            others = {name: value for name, value in held.items() if name not in (x, y)}
        return importance.landscape(self.of(env_id), self.space, x, y, rng=self._rng, rest=others, points=points)


def _read(source: Source) -> Runs:
    parts = [source] if isinstance(source, str | Runs) else list(source)
    if not parts:
        raise ValueError("no runs to look at; give the name of a data set (`datasets.list()`) or runs.")
    read = [datasets.load(part) if isinstance(part, str) else part for part in parts]
    runs = concat(read) if len(read) > 1 else read[0]
    if not len(runs):
        raise ValueError("no runs to look at; `len(runs)` is 0.")
    algorithms = list(dict.fromkeys(runs.table["algorithm"]))
    if len(algorithms) > 1:
        raise ValueError(
            f"these runs are of {len(algorithms)} algorithms ({', '.join(algorithms)}), whose hyperparameters differ; "
            "give those of one."
        )
    return runs


def _swept(runs: Runs) -> ConfigurationSpace:
    """Return what varies of an algorithm's default space."""
    algorithm = str(runs.table["algorithm"].iloc[0])
    try:
        whole = spaces.default(algorithm)
    except ValueError as error:
        raise ValueError(f"{error} Give the space that was swept as `space=`.") from None
    configs = runs.configs
    varies = [name for name in whole if name in configs and configs[name].map(repr).nunique() > 1]
    if len(varies) < 2:
        found = f"only `{varies[0]}` varies" if varies else f"nothing varies that {algorithm}'s default space has"
        raise ValueError(f"a landscape is over two hyperparameters; in these runs {found}. Give `space=`.")
    return spaces.subspace(whole, varies)


def _active(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if not (isinstance(value, float) and math.isnan(value))}
