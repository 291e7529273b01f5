"""A sweep in several worlds of one environment, parted into a pool for each."""

from __future__ import annotations

import numbers

import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp import worlds as declared
from rlhp.arguments import instance, shown
from rlhp.frames import HP
from rlhp.hpo.evaluating._evaluating import Judging
from rlhp.hpo.evaluating._pool import Pool, pool
from rlhp.runs import Runs

__all__ = ["worlds"]


def worlds(runs: Runs, *, space: ConfigurationSpace | None = None, judging: Judging | None = None) -> dict[str, Pool]:
    """Part runs by the parameters of their environment, such as gravity: a pool for each world.

    Parameters
    ----------
    runs : Runs
        Of one environment, some with other values of ``env.*`` than others. In each world the same configurations, with
        the same seeds.
    space, judging : optional
        What the configurations were drawn from, and which seeds tune and which test, as for `rlhp.hpo.pool`.

    Returns
    -------
    dict
        From the name of a world, what sets it apart from the others ("gravity 9.8"), to its pool; in ascending order of
        the values.

    Raises
    ------
    ValueError
        If they are of several environments, there is one world alone, or a parameter follows a schedule.
    TypeError
        If they are no runs.

    Examples
    --------
    >>> from rlhp import hpo, Runs
    >>> frame = pd.DataFrame([
    ...     {"hp.gamma": gamma, "hp.env.gravity": gravity, "seed": seed, "step": 100, "return_mean": gamma * gravity}
    ...     for gamma in (0.9, 0.99) for gravity in (5.0, 20.0) for seed in range(4)
    ... ])
    >>> runs = Runs.from_frame(frame, algorithm="ppo", env_id="CartPole-v1", steps=100, status="finished")
    >>> list(hpo.worlds(runs))
    ['gravity 5', 'gravity 20']
    """
    instance("runs", runs, Runs)
    ids = sorted(set(runs.table["env_id"]))
    if len(ids) != 1:
        raise ValueError(f"`runs` are of the environments {', '.join(ids)}; give those of one, in several worlds.")
    values = _values(runs, ids[0])
    differing = [name for name in values if values[name].nunique() > 1]
    if not differing:
        raise ValueError(
            f"`runs` were all trained in one world of {ids[0]}; train the same configurations with other values of "
            f"`{declared.PREFIX}*`, see `rlhp.spaces.world`."
        )
    found = {}
    for world, part in values.groupby(differing, sort=True):
        name = ", ".join(f"{key} {value:g}" for key, value in zip(differing, world, strict=True))
        found[name] = pool(runs.select(part.index), space=space, judging=judging)
    return found


def _values(runs: Runs, env_id: str) -> pd.DataFrame:
    """Return the parameters of each run's environment, by their own names; the default where a run says nothing."""
    defaults = declared.parameters(env_id)
    columns = {}
    for name in (one for one in runs.hyperparameters if one.startswith(declared.PREFIX)):
        short, cells = name.removeprefix(declared.PREFIX), runs.table[f"{HP}{name}"]
        said = cells.dropna()
        odd = next((one for one in said if not isinstance(one, numbers.Real)), None)
        if odd is not None:
            raise ValueError(f"`{name}` is {shown(odd)} in one of `runs`; a world has one number from start to end.")
        if len(said) < len(cells) and short not in defaults:
            raise ValueError(f"`{name}` is missing in some of `runs`, and {env_id} declares no default for it.")
        columns[short] = said.astype(float).reindex(cells.index, fill_value=None)
        if short in defaults:
            columns[short] = columns[short].fillna(defaults[short].default)
    return pd.DataFrame(columns, index=runs.table.index)
