"""Where in the space runs die, and of how many independent runs a part of them tells as much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace
from numpy.typing import NDArray

from rlhp.arguments import instance, real, whole
from rlhp.curves import number_label, wilson
from rlhp.errors import unknown_name
from rlhp.frames import BROKEN
from rlhp.importance._study import Array
from rlhp.importance.surrogates._boxes import Domain
from rlhp.importance.surrogates._marginals import is_level, values
from rlhp.importance.surrogates._measures import measures_used
from rlhp.runs import Runs
from rlhp.showing import as_html, as_text, percent
from rlhp.spaces import need_space, to_unit


@dataclass(frozen=True, eq=False)
class Fates:
    """Runs by the number of their configuration [n], which of them died [n], and how far these go together."""

    owner: NDArray[np.int64]
    dead: NDArray[np.bool_]
    clustering: float

    def counted(self, part: NDArray[np.bool_], confidence: float) -> dict[str, float]:
        """Count the runs of a part (a mask [n]) and those that died, with Wilson's interval of the rate."""
        sizes = np.bincount(self.owner[part])
        sizes = sizes[sizes > 0]
        n, n_dead = int(sizes.sum()), int(self.dead[part].sum())
        counts: dict[str, float] = {"n": n, "n_dead": n_dead, "n_configs": len(sizes)}
        if not n:
            return counts | {"n_effective": 0.0, "rate": np.nan, "low": np.nan, "high": np.nan}
        # Runs that share a configuration with m - 1 others: the mean of m over runs.
        together = float((sizes**2).sum()) / n
        effective = n / (1 + (together - 1) * np.nan_to_num(self.clustering))
        low, high = wilson(np.asarray(n_dead / n), effective, confidence)
        return counts | {"n_effective": effective, "rate": n_dead / n, "low": float(low), "high": float(high)}


def clustering(owner: NDArray[np.int64], dead: NDArray[np.bool_]) -> float:
    """Estimate the intraclass correlation of dying among the runs of a configuration, by analysis of variance.

    Parameters
    ----------
    owner : int array [n]
        Number of the configuration of each run: 0, 1, ...
    dead : bool array [n]

    Returns
    -------
    float
        In [0, 1]; 1 where all runs share one fate, since nothing then tells how far configurations differ; NaN where
        no configuration has two runs.

    References
    ----------
    M. S. Ridout, C. G. B. Demetrio, D. Firth (1999), Estimating intraclass correlation for binary data, section 2.
    """
    sizes = np.bincount(owner)
    n, k = len(owner), len(sizes)
    if n == k:
        return float("nan")
    if dead.all() or not dead.any() or k == 1:
        return 1.0
    rates = np.bincount(owner, weights=dead) / sizes
    between = float((sizes * (rates - dead.mean()) ** 2).sum()) / (k - 1)
    within = float((sizes * rates * (1 - rates)).sum()) / (n - k)
    typical = (n - float((sizes**2).sum()) / n) / (k - 1)
    return float(np.clip((between - within) / (between + (typical - 1) * within), 0.0, 1.0))


@dataclass(frozen=True, eq=False)
class CrashMap:
    """How often runs fail or diverge, along each hyperparameter and over pairs of them.

    Attributes
    ----------
    table : DataFrame
        One row a hyperparameter and part of its range: `name`, `part` (level or range), `low_end`, `high_end`
        (coordinates in [0, 1]), `n` (runs), `n_dead`, `n_configs` (configurations with a run there), `n_effective` (of
        how many independent runs these tell as much), `rate`, `low`, `high` (Wilson interval of so many).
    points : DataFrame
        One row a run: a coordinate for each hyperparameter (NaN where inactive) and `dead`.
    parts : dict
        Per hyperparameter the texts of its parts.
    n_runs, n_dead : int
    n_configs, n_dead_configs : int
        Configurations, and those of which a run died.
    clustering : float
        Intraclass correlation of dying among the seeds of a configuration: 0 if these die independently, 1 if all share
        one fate; NaN where every configuration has one run.
    reasons : Series
        How often each status and error stands there, the commonest first.
    confidence : float
    env_id : str
    """

    table: pd.DataFrame
    points: pd.DataFrame
    parts: dict[str, list[str]]
    n_runs: int
    n_dead: int
    n_configs: int
    n_dead_configs: int
    clustering: float
    reasons: pd.Series
    confidence: float
    env_id: str

    @property
    def said(self) -> str:
        """How many runs died, in words, and of how many configurations where these have several seeds."""
        text = f"{self.n_dead:,} of {self.n_runs:,} runs on {self.env_id} failed or diverged"
        if self.n_configs == self.n_runs or not self.n_dead:
            return text
        return f"{text}, of {self.n_dead_configs} of {self.n_configs} configurations"

    @property
    def ranking(self) -> list[str]:
        """Hyperparameters, first the one along which the rate of crashes differs most (root mean square over runs)."""
        spread = {}
        for name, rows in self.table.groupby("name", sort=False):
            weight = rows["n"] / max(rows["n"].sum(), 1)
            mean = float((weight * rows["rate"].fillna(0)).sum())
            # What chance alone adds to the spread of binomial rates is taken off.
            chance = (rows["rate"] * (1 - rows["rate"]) / (rows["n_effective"] - 1).clip(lower=1)).fillna(0)
            spread[str(name)] = float((weight * ((rows["rate"] - mean) ** 2 - chance)).fillna(0).sum())
        return sorted(spread, key=lambda one: -spread[one])

    def pair(self, x: str, y: str) -> pd.DataFrame:
        """Count runs and crashes over two hyperparameters.

        Returns
        -------
        DataFrame
            One row a cell: `x`, `y` (parts), `n`, `n_dead`, `rate` (NaN where there is no run).

        Raises
        ------
        ValueError
            If a hyperparameter is unknown.
        """
        for name in (x, y):
            if name not in self.parts:
                raise ValueError(unknown_name("hyperparameter", name, self.parts))
        place = {name: self._place(name) for name in (x, y)}
        rows = []
        for i, one in enumerate(self.parts[x]):
            for k, other in enumerate(self.parts[y]):
                inside = (place[x] == i) & (place[y] == k)
                n, dead = int(inside.sum()), int((inside & self.points["dead"].to_numpy()).sum())
                rows.append({"x": one, "y": other, "n": n, "n_dead": dead, "rate": dead / n if n else np.nan})
        return pd.DataFrame(rows)

    @property
    def clustering_said(self) -> str:
        """How far the intervals take a configuration's seeds together, in words; empty where each has one run."""
        return "" if np.isnan(self.clustering) else f" (a configuration's seeds correlate by {self.clustering:.2f})"

    def _place(self, name: str) -> NDArray[np.int64]:
        rows = self.table[self.table["name"] == name]
        edges = rows["high_end"].dropna().to_numpy()
        return _placed(self.points[name].to_numpy(dtype=float), edges)

    def _title(self) -> str:
        return f"{self.said} ({100 * self.n_dead / self.n_runs:.1f} %)"

    def _notes(self) -> list[str]:
        reasons = "; ".join(f"{count} x {reason}" for reason, count in self.reasons.head(3).items())
        interval = (
            f"{percent(self.confidence)} Wilson intervals{self.clustering_said}; the parts with the highest rates:"
        )
        return [*filter(None, [reasons]), interval]

    def _worst(self) -> pd.DataFrame:
        worst = self.table.sort_values("rate", ascending=False, kind="stable").head(8)
        return worst[["name", "part", "n", "n_dead", "n_configs", "rate", "low", "high"]]

    def __repr__(self) -> str:
        return as_text("CrashMap", self._title(), self._notes(), self._worst())

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self._worst())


def crash_map(runs: Runs, space: ConfigurationSpace, *, bins: int = 6, confidence: float = 0.95) -> CrashMap:
    """Map where in the space runs fail or diverge.

    Parameters
    ----------
    runs : Runs
        On one environment.
    space : ConfigurationSpace
        What was swept.
    bins : int
        Parts of a range, of equal weight by its declared measure; levels are parts of their own.
    confidence : float
        Of the Wilson intervals.

    Raises
    ------
    ValueError
        If there are no runs, several environments, or the runs do not record the space.

    Notes
    -----
    Seeds of one configuration tend to share its fate, so that five dead seeds are not five accidents. Each interval
    rests on as many independent runs as its own tell as much as: n / (1 + (m - 1) r) of them, with m seeds a
    configuration and the intraclass correlation r of all runs together, estimated by analysis of variance. While no
    run dies r cannot be estimated and is taken as 1: every configuration counts once.

    References
    ----------
    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference. E. L. Korn and
    B. I. Graubard (1998), Confidence intervals for proportions with small expected number of positive counts
    estimated from survey data. M. S. Ridout, C. G. B. Demetrio, D. Firth (1999), Estimating intraclass correlation for
    binary data.

    Examples
    --------
    >>> from rlhp import Runs, importance, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate"])
    >>> runs = Runs.from_table([{"learning_rate": 1e-4}, {"learning_rate": 1e-2}], [1.0, float("nan")])
    >>> importance.crash_map(runs, space, bins=2).table[["part", "rate"]].to_dict("list")
    {'part': ['0.00001 to 0.000316', '0.000316 to 0.01'], 'rate': [0.0, 1.0]}
    """
    instance("runs", runs, Runs)
    need_space(space)
    whole("bins", bins, at_least=1)
    real("confidence", confidence, above=0, below=1)
    if not len(runs):
        raise ValueError("no runs to map; `len(runs)` is 0.")
    environments = list(runs.table["env_id"].unique())
    if len(environments) > 1:
        raise ValueError(
            f"runs on {len(environments)} environments; map one: `runs.select(env_id={environments[0]!r})`."
        )
    missing = [name for name in space if name not in runs.hyperparameters]
    if missing:
        raise ValueError(f"the runs do not record {', '.join(missing)}; give the space that was swept.")
    # Each configuration is converted once, however many seeds it has.
    config_of = runs.config_id
    owner, configs = pd.factorize(config_of)
    unit = pd.DataFrame(to_unit(space, runs.configs), index=runs.configs.index, columns=list(space)).loc[config_of]
    dead = runs.table["status"].isin(BROKEN).to_numpy()
    domain = Domain.of(space, measures_used(space, "declared"))
    fates = Fates(owner, dead, clustering(owner, dead))
    frames = [_along(space, domain, name, unit[name].to_numpy(), fates, bins, confidence) for name in space]
    table = pd.concat(frames, ignore_index=True)
    texts = zip(runs.table["status"][dead], runs.table["error"][dead], strict=True)
    why = pd.Series([": ".join(filter(None, one)) for one in texts], dtype="str")
    return CrashMap(
        table=table,
        points=unit.reset_index(drop=True).assign(dead=dead),
        parts={str(name): rows["part"].tolist() for name, rows in table.groupby("name", sort=False)},
        n_runs=len(runs),
        n_dead=int(dead.sum()),
        n_configs=len(configs),
        n_dead_configs=len(np.unique(owner[dead])),
        clustering=fates.clustering,
        reasons=why.value_counts(),
        confidence=confidence,
        env_id=str(environments[0]),
    )


def _along(
    space: ConfigurationSpace,
    domain: Domain,
    name: str,
    unit: Array,
    fates: Fates,
    bins: int,
    confidence: float,
) -> pd.DataFrame:
    own = domain.cells[list(space).index(name)]
    levels = is_level(space, name) or (own is not None and len(own[0]) <= bins)
    edges = own[1] if own is not None and levels else np.linspace(0.0, 1.0, bins + 1)
    place = _placed(unit, edges[1:])
    rows, ends_said = [], [] if levels else _told_apart(values(space, name, edges))
    for k in range(len(edges)):
        inactive = k == len(edges) - 1
        counts = fates.counted(place == k, confidence)
        if inactive and not counts["n"]:
            continue
        if inactive:
            part, ends = "inactive", (np.nan, np.nan)
        elif levels:
            part, ends = str(values(space, name, (edges[[k]] + edges[[k + 1]]) / 2)[0]), (edges[k], edges[k + 1])
        else:
            part, ends = f"{ends_said[k]} to {ends_said[k + 1]}", (edges[k], edges[k + 1])
        rows.append({"name": name, "part": part, "low_end": ends[0], "high_end": ends[1], **counts})
    return pd.DataFrame(rows)


def _told_apart(numbers: list[float]) -> list[str]:
    """Write numbers with as few digits as tell them apart, three at least: 0.9997 is not 1."""
    for digits in range(3, 12):
        said = [number_label(number, digits) for number in numbers]
        if len(set(said)) == len(set(numbers)):
            break
    return said


def _placed(unit: Array, upper: Array) -> NDArray[np.int64]:
    """Return which part each coordinate is in, by the upper ends of the parts; inactive ones are in a last part."""
    inside = np.searchsorted(upper[:-1], unit, side="right")
    return np.where(np.isnan(unit), len(upper), inside)
