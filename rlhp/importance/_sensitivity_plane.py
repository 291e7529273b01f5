"""Several algorithms in one plane: how well each does when tuned for each environment, and how much of it is tuning."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp.arguments import instance, mapping, whole
from rlhp.errors import unknown_name
from rlhp.importance._common_scale import Normalize, Swept, checked_percentiles, common_scale, swept
from rlhp.importance._sensitivity import Sensitivity, by_algorithm, measured
from rlhp.importance._study import Score, around, as_score
from rlhp.importance.surrogates._fit import Rng, checked
from rlhp.runs import Runs


@dataclass(frozen=True, eq=False)
class SensitivityPlane:
    """Performance against sensitivity, algorithm by algorithm, on one scale.

    Attributes
    ----------
    results : dict
        Label of an algorithm to its `Sensitivity`.
    """

    results: Mapping[str, Sensitivity]

    @property
    def table(self) -> pd.DataFrame:
        """One row an algorithm, in the order given.

        Columns: `algorithm`, `performance` (per-environment tuned score) with `performance_low`, `performance_high`,
        `sensitivity` with `low`, `high`, `cross_environment` (score with one setting for all), `effective` (missing
        where it cannot be told), `n_settings`.
        """
        rows = []
        for label, one in self.results.items():
            low, high = around(np.array([one.per_environment]), one.draws[:, 1:2], one.confidence)
            rows.append(
                {
                    "algorithm": label,
                    "performance": one.per_environment,
                    "performance_low": low[0],
                    "performance_high": high[0],
                    "sensitivity": one.sensitivity,
                    "low": one.low,
                    "high": one.high,
                    "cross_environment": one.cross_environment,
                    "effective": one.effective,
                    "n_settings": one.n_settings,
                }
            )
        return pd.DataFrame(rows).astype({"effective": "Int64"})

    @property
    def said(self) -> str:
        """What was compared, in words."""
        one = next(iter(self.results.values()))
        return f"{one.objective} over {', '.join(map(str, one.scores.columns))}; {one.scale}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know before the numbers are read, each once."""
        first = next(iter(self.results.values())).notes[0]
        own = [f"{label}: {note}" for label, one in self.results.items() for note in one.notes[1:]]
        return (first, *own)

    def __repr__(self) -> str:
        table = self.table.to_string(index=False, float_format=lambda number: f"{number:.3f}")
        return "\n".join([f"SensitivityPlane: {self.said}", *(f"note: {one}" for one in self.notes), table])

    def _repr_html_(self) -> str:
        table = self.table.to_html(index=False, float_format=lambda number: f"{number:.3f}")
        notes = "<br>".join(html.escape(f"note: {one}") for one in self.notes)
        return f"<p><b>{html.escape(self.said)}</b><br>{notes}</p>{table}"


def sensitivity_plane(
    runs: Runs | Mapping[str, Runs],
    spaces: Mapping[str, ConfigurationSpace] | None = None,
    objective: str | Score = "final_return",
    *,
    rng: Rng,
    normalize: Normalize = "percentiles",
    percentiles: tuple[float, float] = (5.0, 95.0),
    n_trees: int = 64,
    confidence: float = 0.95,
    n_boot: int = 1000,
) -> SensitivityPlane:
    """Compare algorithms by what they reach when tuned for each environment, and how much of that is the tuning.

    All are on one scale: percentiles are those of the settings of all algorithms together. An algorithm that lies up
    and to the left of another reaches more and needs less tuning; one that lies up and to the right reaches more and
    needs more of it, and where its sensitivity grew by more than its performance, one setting for all does worse.

    Parameters
    ----------
    runs : Runs, or mapping of labels to Runs
        Several algorithms on the same two or more environments; a mapping for variants of one algorithm.
    spaces : mapping, optional
        Label of an algorithm to what was swept, for its effective dimensionality.
    objective, rng, normalize, percentiles, n_trees, confidence, n_boot
        As for `rlhp.importance.sensitivity`.

    Raises
    ------
    ValueError
        If there is one algorithm only, they were run on different environments, `spaces` names another, and as for
        `rlhp.importance.sensitivity`.

    References
    ----------
    J. Adkins, M. Bowling, A. White (2024), A method for evaluating hyperparameter sensitivity in reinforcement
    learning.

    Examples
    --------
    >>> from rlhp import Runs, importance
    >>> configs = [{"gamma": gamma} for gamma in (0.8, 0.9, 0.99)]
    >>> scores = {"dqn": {"A-v0": [0.0, 0.6, 1.0], "B-v0": [1.0, 0.6, 0.0]},
    ...           "ppo": {"A-v0": [0.2, 0.7, 0.3], "B-v0": [0.1, 0.8, 0.2]}}
    >>> from rlhp.runs import concat
    >>> runs = concat([Runs.from_table(configs, one, env_id=env, algorithm=algorithm)
    ...     for algorithm, by_env in scores.items() for env, one in by_env.items()])
    >>> plane = importance.sensitivity_plane(runs, rng=0, normalize="none", n_boot=0)
    >>> plane.table[["algorithm", "performance", "sensitivity"]].round(2).to_dict("list")
    {'algorithm': ['dqn', 'ppo'], 'performance': [1.0, 0.75], 'sensitivity': [0.4, 0.0]}
    """
    stream = checked(rng, confidence=confidence, n_boot=n_boot, n_trees=n_trees)
    whole("n_trees", n_trees, at_least=1)
    several = _several(runs, objective)
    own = {} if spaces is None else mapping("spaces", spaces)
    for label, one in own.items():
        if label not in several:
            raise ValueError(unknown_name("algorithm", label, list(several), where="`spaces`"))
        instance(f"spaces[{label!r}]", one, ConfigurationSpace, hint="`spaces` says what was swept, by algorithm.")
    name = as_score(objective).objective
    scale = common_scale(several, name, normalize, checked_percentiles(percentiles))
    return SensitivityPlane(
        {
            label: measured(
                label,
                one,
                scale,
                own.get(label),
                name,
                n_trees=n_trees,
                confidence=confidence,
                n_boot=n_boot,
                rng=stream,
            )
            for label, one in several.items()
        }
    )


def _several(runs: Runs | Mapping[str, Runs], objective: str | Score) -> dict[str, Swept]:
    hint = "Give Runs of several algorithms, or a mapping of labels to Runs."
    if isinstance(runs, Runs):
        several = by_algorithm(runs, objective, every=True)
    else:
        given = mapping("runs", runs, hint=hint)
        several = {label: swept(instance(f"runs[{label!r}]", one, Runs), objective) for label, one in given.items()}
    if len(several) < 2:
        raise ValueError(f"`runs` are of {len(several)} algorithm, which has nothing to be compared with. {hint}")
    first, *others = several.items()
    for label, one in others:
        if set(one.scores) != set(first[1].scores):
            here, there = (", ".join(map(str, each.scores)) for each in (first[1], one))
            raise ValueError(
                f"{first[0]} was run on {here} and {label} on {there}; compare algorithms on the same environments."
            )
    return several
