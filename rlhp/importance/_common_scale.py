"""The scores of settings in several environments, and one scale for all environments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from rlhp.arguments import real, shown
from rlhp.errors import unknown_name
from rlhp.frames import BROKEN, content_hash
from rlhp.importance._study import Array, Score, as_score
from rlhp.objectives import direction, levelled, score
from rlhp.runs import Runs

Bounds = tuple[float, float]
Normalize = Literal["percentiles", "none"] | Bounds | Mapping[str, Bounds]
_WAYS = ("percentiles", "none")
# Objectives that are no score of one run, or not without an option that environments do not share.
_REFUSED = {
    "seed_std": "judges a setting by all of its seeds, while here every run counts by itself",
    "steps_to_threshold": "needs a threshold, and environments have none in common",
}


@dataclass(frozen=True, eq=False)
class Swept:
    """One algorithm's settings in several environments: n settings, E environments.

    Attributes
    ----------
    scores : DataFrame [n, E]
        Mean over seeds; NaN where a run of the setting failed, or it was not run.
    settings : DataFrame [n, ...]
        Their hyperparameters, same index.
    """

    scores: pd.DataFrame
    settings: pd.DataFrame

    @property
    def everywhere(self) -> Swept:
        """The settings that finished in every environment."""
        complete = self.scores.dropna()
        return Swept(complete, self.settings.loc[complete.index])


@dataclass(frozen=True, eq=False)
class CommonScale:
    """What counts as 0 and as 1 in each environment.

    Attributes
    ----------
    zero, one : Series
        By `env_id`, in the objective's unit; the same number where nothing varies.
    said : str
        Where they come from, in words.
    """

    zero: pd.Series
    one: pd.Series
    said: str

    def of(self, scores: pd.DataFrame) -> pd.DataFrame:
        """Carry scores onto the scale; nothing is cut. Where nothing varies every score is 0."""
        width = (self.one - self.zero)[scores.columns]
        return ((scores - self.zero[scores.columns]) / width.where(width != 0, 1.0)).mask(
            scores.notna() & (width == 0), 0.0
        )


def swept(runs: Runs, objective: str | Score) -> Swept:
    """Score the settings of one algorithm in several environments.

    Raises
    ------
    ValueError
        If there is one environment only, several algorithms, an objective that does not judge a run by itself, or an
        environment in which no run finished.
    """
    asked = as_score(objective)
    if asked.at is not None or asked.threshold is not None:
        raise ValueError("`objective` is cut or has a threshold; settings are compared by whole runs: leave both out.")
    objective = asked.objective
    algorithms = list(dict.fromkeys(runs.table["algorithm"]))
    if len(algorithms) > 1:
        raise ValueError(
            f"these runs are of {len(algorithms)} different `algorithm` ({', '.join(map(str, algorithms))}), and "
            f"hyperparameters differ in meaning; take one, e.g. `runs.select(algorithm={algorithms[0]!r})`."
        )
    if objective in _REFUSED:
        raise ValueError(
            f"`objective` is {objective!r}, which {_REFUSED[objective]}; give another, such as 'final_return' or 'auc'."
        )
    environments = list(dict.fromkeys(runs.table["env_id"]))
    if len(environments) < 2:
        raise ValueError(f"runs on {len(environments)} environment; compare several: join their runs by `concat`.")
    alive = set(runs.table.loc[~runs.table["status"].isin(BROKEN), "env_id"])
    for env_id in environments:
        if env_id not in alive:
            raise ValueError(
                f"all runs on {env_id} failed, so that no setting finished everywhere; look at `runs.table['error']`, "
                f"or leave that environment out: `runs.select(runs.table['env_id'] != {env_id!r})`."
            )
    columns = {f"hp.{name}": name for name in runs.hyperparameters}
    hps = runs.table[list(columns)].rename(columns=columns).dropna(axis="columns", how="all")
    ids = pd.Series([content_hash(**{str(k): v for k, v in row.items()}) for row in hps.to_dict("records")], hps.index)
    values = score(runs, objective, failures="drop", last=asked.last).values
    frame = pd.DataFrame({"setting": ids, "env_id": runs.table["env_id"], "value": values})
    groups = frame.groupby(["setting", "env_id"], sort=False)["value"]
    wide = groups.agg(lambda one: one.mean(skipna=False)).unstack().reindex(columns=environments)
    size = groups.agg(lambda one: one.abs().max()).unstack().reindex(index=wide.index, columns=environments)
    for env_id in environments:
        known = wide[env_id].notna()
        wide.loc[known, env_id] = levelled(wide.loc[known, env_id].to_numpy(), size.loc[known, env_id].to_numpy())
    wide = wide.dropna(how="all")
    first = hps[~ids.duplicated()].set_axis(ids[~ids.duplicated()])
    return Swept(wide.rename_axis(columns="env_id"), first.loc[wide.index])


def need_everywhere(found: Swept, fewest: int) -> Swept:
    """Return the settings that finished everywhere.

    Raises
    ------
    ValueError
        If there are fewer than `fewest`.
    """
    complete = found.everywhere
    if len(complete.scores) < fewest:
        raise ValueError(
            f"{len(complete.scores)} of {len(found.scores)} settings finished on all {found.scores.shape[1]} "
            f"environments, fewer than {fewest}; run the same configurations everywhere: give the sweeps the same "
            f"`configs`."
        )
    return complete


def common_scale(
    several: Mapping[str, Swept], objective: str, normalize: Normalize, percentiles: tuple[float, float]
) -> CommonScale:
    """Return what is 0 and 1 in each environment, for all algorithms that are compared.

    Parameters
    ----------
    several : mapping
        Label of an algorithm to its settings.
    objective : str
    normalize : {"percentiles", "none"}, pair, or mapping of environments to pairs
        See `rlhp.importance.sensitivity`.
    percentiles : (float, float)

    Raises
    ------
    ValueError
        If an option is wrong, bounds are missing or the wrong way round, or the percentiles fall together although
        scores differ.
    """
    environments = list(dict.fromkeys(env for one in several.values() for env in one.scores.columns))
    up = direction(objective) == "maximize"
    if isinstance(normalize, str):
        if normalize not in _WAYS:
            hint = "Or give bounds: (score that is 0, score that is 1), or a mapping of environments to such pairs."
            raise ValueError(unknown_name("`normalize`", normalize, _WAYS, hint=hint))
        if normalize == "percentiles":
            ends = [
                _percentiles(env, [one.scores[env] for one in several.values() if env in one.scores], up, percentiles)
                for env in environments
            ]
            whose = f" of {', '.join(several)}" if len(several) > 1 else ""
            low, high = map(_nth, percentiles)
            return _scale(environments, ends, f"0 and 1 are the {low} and {high} percentile of all settings{whose}")
        if not up:
            raise ValueError(
                f"`normalize` is 'none', but of {objective} less is better: give bounds, (score that is 0, score that "
                f"is 1), such as (600, 60)."
            )
        return _scale(environments, [(0.0, 1.0)] * len(environments), "scores are taken as normalised already")
    return _scale(environments, _bounds(normalize, environments, up), "0 and 1 are bounds that were given")


def _scale(environments: Sequence[str], ends: Iterable[Bounds], said: str) -> CommonScale:
    frame = pd.DataFrame(list(ends), index=pd.Index(environments, name="env_id"), columns=["zero", "one"], dtype=float)
    return CommonScale(frame["zero"], frame["one"], said)


def _percentiles(env_id: str, columns: list[pd.Series], up: bool, percentiles: tuple[float, float]) -> Bounds:
    pooled: Array = np.concatenate([one.dropna().to_numpy(dtype=float) for one in columns])
    level = levelled(pooled, np.abs(pooled))
    if level.min() == level.max():
        return float(level[0]), float(level[0])
    sign = 1.0 if up else -1.0
    low, high = np.percentile(sign * level, percentiles)
    if not high > low:
        raise ValueError(
            f"the {_nth(percentiles[0])} and {_nth(percentiles[1])} percentile on {env_id} are the same score, "
            f"{sign * low:.4g}, though settings differ: most of them score alike there. Give percentiles=(0, 100), or "
            f"bounds by `normalize=`."
        )
    return sign * float(low), sign * float(high)


def checked_percentiles(value: Any) -> tuple[float, float]:
    """Check the option `percentiles`.

    Raises
    ------
    ValueError
        If it is not two rising numbers from 0 to 100.
    """
    low, high = _pair("percentiles", value)
    if not 0 <= low < high <= 100:
        raise ValueError(f"`percentiles` is {shown(value)}; give two rising numbers from 0 to 100, such as (5, 95).")
    return low, high


def _bounds(given: Any, environments: Sequence[str], up: bool) -> list[Bounds]:
    ends = []
    for env_id in environments:
        if isinstance(given, Mapping):
            if env_id not in given:
                near = unknown_name("environment", env_id, [str(one) for one in given], where="`normalize`")
                raise ValueError(f"{near} Every environment of the runs needs its bounds.")
            name, pair = f"normalize[{env_id!r}]", given[env_id]
        else:
            name, pair = "normalize", given
        zero, one = _pair(name, pair)
        if not (one > zero if up else one < zero):
            better = "more" if up else "less"
            raise ValueError(
                f"`{name}` is {shown(pair)}; give (score that is 0, score that is 1), where {better} is better."
            )
        ends.append((zero, one))
    return ends


def _pair(name: str, value: Any) -> Bounds:
    listed = isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim == 1)
    if not listed or len(value) != 2:
        raise ValueError(f"`{name}` is {shown(value)}; give a pair of numbers, such as (0.0, 500.0).")
    return real(name, value[0]), real(name, value[1])


def _nth(number: float) -> str:
    text = f"{number:g}"
    if "." in text or text[-2:] in ("11", "12", "13"):
        return f"{text}th"
    return text + {"1": "st", "2": "nd", "3": "rd"}.get(text[-1], "th")
