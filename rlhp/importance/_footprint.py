"""A whole search space on one sheet: configurations in two dimensions, near each other where they are alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace
from scipy.spatial import distance

from rlhp.arguments import choice, instance, random_generator, whole
from rlhp.importance._study import Array, Study
from rlhp.importance.surrogates._marginals import is_level
from rlhp.spaces import levels_of, sample, to_unit

Method = Literal["mds", "pca"]
_METHODS = {"mds": "multidimensional scaling", "pca": "principal components"}
# Steps of the scaling; the stress moves by less than a thousandth long before.
_STEPS = 100
_CLOSE = 1e-5


@dataclass(frozen=True, eq=False)
class Footprint:
    """Where configurations lie in their space, in two dimensions; made by `footprint`.

    Attributes
    ----------
    points : DataFrame, one row a configuration, index: its id
        `x`, `y`, `score`.
    background : DataFrame
        `x`, `y` of configurations that were drawn from the space by chance: how far it reaches.
    method : {"mds", "pca"}
    fit : float
        Of "mds" Kruskal's stress: by how much distances on the sheet are off, as a share; 0 is perfect. Of "pca" the
        share of the variance that the two dimensions hold; 1 is perfect.
    axes : DataFrame
        Correlation of each hyperparameter's coordinate with `x` and `y`, where it is active; one row each.
    objective, direction, unit, env_id : str
    """

    points: pd.DataFrame
    background: pd.DataFrame
    method: Method
    fit: float
    axes: pd.DataFrame
    objective: str
    direction: str
    unit: str
    env_id: str

    @property
    def fit_text(self) -> str:
        """How much of the space the two dimensions keep, in words."""
        if self.method == "mds":
            return f"multidimensional scaling, stress {self.fit:.2f} (0 keeps all distances)"
        return f"principal components, which hold {100 * self.fit:.0f} % of the variance"

    def __repr__(self) -> str:
        return (
            f"Footprint: {len(self.points)} configurations on {self.env_id} in two dimensions; {self.fit_text}\n"
            f"{self.axes.to_string(float_format=lambda number: f'{number:.2f}')}"
        )


def footprint(
    study: Study, *, method: Method = "mds", background: int = 256, rng: int | np.random.Generator
) -> Footprint:
    """Lay out configurations in two dimensions, so that alike ones lie together, over a sample of their space.

    Parameters
    ----------
    study : Study
        From `rlhp.importance.scored`.
    method : {"mds", "pca"}
        Keep distances as well as two dimensions can, or look along the two directions in which configurations differ
        most.
    background : int
        How many configurations to draw from the space and lay out beside those that were run.
    rng : int or numpy.random.Generator
        Seed of that draw.

    Returns
    -------
    Footprint

    Raises
    ------
    ValueError
        If the method is unknown, or the configurations do not differ.

    Notes
    -----
    Distances are those of the unit cube, where every declared measure is even. Two levels are as far apart as the ends
    of a range. What is inactive counts as the middle of its range: that it is inactive, its parent says already. What
    was never varied does not count. The scaling minimises the squared error of all distances, from the principal
    components on. Of a design that fills a space of many dimensions two hold little: `fit` says how little.

    References
    ----------
    J. B. Kruskal (1964), Multidimensional scaling by optimizing goodness of fit to a nonmetric hypothesis. J. de Leeuw
    (1977), Applications of convex analysis to multidimensional scaling.

    Examples
    --------
    >>> from rlhp import Runs, importance, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> configs = spaces.sample(space, 16, method="sobol", rng=0)
    >>> runs = Runs.from_table(configs, configs["gamma"], algorithm="dqn")
    >>> study = importance.scored(runs, space, "final_return", failures="raise")
    >>> round(importance.footprint(study, method="pca", rng=0).fit, 3)
    1.0
    """
    instance("study", study, Study, hint="`importance.scored(runs, space, objective, failures=...)` makes one.")
    choice("method", method, _METHODS)
    whole("background", background, at_least=0, at_most=100_000)
    rng = random_generator(rng)
    space, unit = study.space, study.unit
    drawn = np.empty((0, unit.shape[1]))
    if background:
        # By chance and not by Sobol's points: those of a sweep with the same seed would be the same ones.
        drawn = to_unit(space, sample(space, background, method="random", rng=rng))
    # What was never varied would only push the configurations and the draws from the space apart.
    varied = [j for j, column in enumerate(unit.T) if len(np.unique(column)) > 1]
    if not varied:
        raise ValueError("the configurations of `study` do not differ, so that there is nothing to lay out.")
    features = _features(space, np.vstack([unit, drawn]), varied)
    n = len(unit)
    place, fit = _projected(features, features[:n]) if method == "pca" else _scaled(features, n)
    return Footprint(
        points=pd.DataFrame(place[:n], columns=["x", "y"], index=pd.Index(study.config_ids, name="config_id")).assign(
            score=study.y
        ),
        background=pd.DataFrame(place[n:], columns=["x", "y"]),
        method=method,
        fit=fit,
        axes=_axes(study, place[:n]),
        objective=study.objective,
        direction=study.direction,
        unit=study.unit_text,
        env_id=study.env_id,
    )


def _features(space: ConfigurationSpace, unit: Array, of: Sequence[int]) -> Array:
    """Return coordinates [n, k] whose distances are those of configurations, by some of the hyperparameters."""
    columns, names = [], list(space)
    for j in of:
        name = names[j]
        active = ~np.isnan(unit[:, j])
        if is_level(space, name):
            edges = levels_of(space[name])[1]
            level = np.searchsorted(edges[1:-1], np.where(active, unit[:, j], 0.0), side="right")
            # Two different levels lie 1 apart, whichever they are; an inactive one is as far from each of them.
            own = level[:, None] == np.arange(len(edges) - 1)
            columns.append(np.where(active[:, None], own, 1 / (len(edges) - 1)) / np.sqrt(2.0))
        else:
            columns.append(np.where(active, unit[:, j], 0.5)[:, None])
    return np.hstack(columns)


def _projected(features: Array, by: Array) -> tuple[Array, float]:
    """Look along the two directions in which the points `by` differ most; give the share of their variance, too."""
    centre = by.mean(axis=0)
    spread = np.linalg.svd(by - centre, full_matrices=False)
    variance, directions = spread.S**2, spread.Vh[:2]
    # Either way round is as good; the same way round everywhere reads better.
    largest = np.abs(directions).argmax(axis=1)
    directions = directions * np.sign(directions[np.arange(len(directions)), largest])[:, None]
    place = np.zeros((len(features), 2))
    place[:, : len(directions)] = (features - centre) @ directions.T
    return place, float(variance[:2].sum() / variance.sum())


def _scaled(features: Array, n: int) -> tuple[Array, float]:
    """Move points until their distances are as near to those of the features as they get; give the stress of n."""
    from sklearn.manifold import smacof  # only here: importing it takes a second

    wanted = distance.squareform(distance.pdist(features))
    # All points start alike: from directions of the configurations only, these would lie around the others.
    start, _ = _projected(features, features)
    place, _ = smacof(wanted, init=start, n_components=2, n_init=1, max_iter=_STEPS, eps=_CLOSE)
    own, there = distance.pdist(features[:n]), distance.pdist(place[:n])
    return np.asarray(place - place[:n].mean(axis=0)), float(np.sqrt(((own - there) ** 2).sum() / (own**2).sum()))


def _axes(study: Study, place: Array) -> pd.DataFrame:
    rows = {}
    for j, name in enumerate(study.names):
        known = ~np.isnan(study.unit[:, j])
        at = study.unit[known, j]
        told = known.sum() > 2 and np.ptp(at) > 0
        rows[name] = [
            float(np.corrcoef(at, place[known, k])[0, 1]) if told and np.ptp(place[known, k]) > 0 else np.nan
            for k in range(2)
        ]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["x", "y"]).rename_axis("name")
