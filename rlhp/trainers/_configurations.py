"""Configurations as somebody gives them become checked ones: every name known, every value of its type and range."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from rlhp.algorithms import Hyperparameter, declared, defaults
from rlhp.algorithms.values import checked, is_missing
from rlhp.arguments import mapping, shown
from rlhp.errors import unknown_name
from rlhp.worlds import PREFIX

__all__ = ["check_config", "config_rows"]

# Names that stable-baselines3 or its zoo knows and that stand elsewhere here.
_ELSEWHERE = {
    "action_noise": "Give the standard deviation of normal noise as `action_noise_std`.",
    "noise_std": "Give the standard deviation of normal noise as `action_noise_std`.",
    "noise_type": "Give the standard deviation of normal noise as `action_noise_std`.",
    "env_wrapper": "Register the wrapped environment, and give its id.",
    "frame_stack": "Register the wrapped environment, and give its id.",
    "n_timesteps": "Give it as `steps=`.",
    "policy": "The kind of network follows from the observations: leave it out.",
    "policy_kwargs": "Give the widths of the hidden layers as `net_arch`, such as [64, 64].",
    "seed": "Give it as `seed=` or `seeds=`.",
    "tensorboard_log": "Give the folder to `rlhp.train` as `logging=rlhp.Logging(tensorboard=...)`.",
}


_OF_ENVIRONMENT = "Parameters of an environment are checked together with it, by `RunRequest`."


def config_rows(algorithm: str, configs: Any) -> list[dict[str, Any]]:
    """Return configurations, in whatever form they come, as one mapping each; values are not checked yet.

    Parameters
    ----------
    algorithm : str
        Decides which hyperparameters a frame may lack.
    configs : DataFrame, iterable of mappings, mapping or None
        None is one configuration, the default. In a frame a missing cell (None, NaN) leaves its hyperparameter out
        where that is switched off by another, or has None among its values.

    Raises
    ------
    TypeError
        If it is none of these.
    ValueError
        If a cell of a frame is missing where the hyperparameter counts: the row and column are named.

    Examples
    --------
    >>> import pandas as pd
    >>> config_rows("a2c", pd.DataFrame({"use_rms_prop": [True, False], "rms_prop_eps": [1e-5, None]}))
    [{'use_rms_prop': True, 'rms_prop_eps': 1e-05}, {'use_rms_prop': False}]
    """
    if isinstance(configs, pd.DataFrame):
        return _rows_of_frame(algorithm, configs)
    if configs is None or isinstance(configs, Mapping):
        return [mapping("configs", configs or {})]
    wanted = "Give a mapping of hyperparameters to values, a list of such mappings, or a DataFrame with a row for each."
    if isinstance(configs, str | bytes) or not isinstance(configs, Iterable) or getattr(configs, "ndim", 1) == 0:
        raise TypeError(f"`configs` is {shown(configs)}. {wanted}")
    rows = list(configs)
    for at, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise TypeError(f"item {at} of `configs` is {shown(row)}. {wanted}")
    return [mapping("configs", row) for row in rows]


def _rows_of_frame(algorithm: str, frame: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in frame.columns]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"`configs` has the column `{name}` twice; give each hyperparameter once.")
    known = declared(algorithm).hyperparameters
    # `spaces.sample` says which hyperparameters have a condition in its space; the frame alone cannot.
    conditional = frame.attrs.get("conditional", ())
    rows = []
    for at, values in enumerate(frame.itertuples(index=False, name=None)):
        row = dict(zip(names, values, strict=True))
        missing = [name for name, value in row.items() if is_missing(value)]
        rows.append({name: value for name, value in row.items() if name not in missing})
        for name in missing:
            counts = name.startswith(PREFIX) or (name in known and not _may_lack(known, name, rows[-1]))
            if counts and name not in conditional:
                raise ValueError(
                    f"`{name}` is missing ({row[name]}) in row {at} of `configs` for {algorithm}, where it counts; "
                    f"give it a value. To keep the default in some configurations, give a list of mappings that "
                    f"leave `{name}` out."
                )
    return rows


def _may_lack(known: Mapping[str, Hyperparameter], name: str, row: Mapping[str, Any]) -> bool:
    what = known[name]
    if None in what.also:
        return True
    if what.when is None:
        return False
    parent, value = what.when
    return bool(row.get(parent, known[parent].default) != value)


def check_config(algorithm: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Check a configuration and bring each value to its type; a hyperparameter that is None is left out.

    Returns
    -------
    dict
        Numbers, bools, strings, lists of widths, and `Schedule` objects where a hyperparameter moves.

    Raises
    ------
    ValueError
        Naming the hyperparameter, its value and what is allowed.

    Examples
    --------
    >>> check_config("dqn", {"batch_size": 64.0, "net_arch": (32, 32), "gamma": None})
    {'batch_size': 64, 'net_arch': [32, 32]}
    """
    one = declared(algorithm)
    known = one.hyperparameters
    found = {}
    for name, raw in mapping("config", config).items():
        if name not in known:
            hint = _OF_ENVIRONMENT if name.startswith(PREFIX) else _ELSEWHERE.get(name, "")
            raise ValueError(unknown_name("hyperparameter", name, known, where=algorithm, hint=hint))
        if raw is not None:
            found[name] = checked(algorithm, name, known[name], raw)
    if conflict := one.conflict(defaults(algorithm) | found, found):
        raise ValueError(conflict)
    return found
