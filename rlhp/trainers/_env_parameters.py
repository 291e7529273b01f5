"""The parameters of an environment among the hyperparameters of a run: `env.gravity`, and what it may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlhp.algorithms import Hyperparameter
from rlhp.algorithms.values import checked
from rlhp.arguments import mapping, text
from rlhp.worlds import PREFIX, known_as, named, parameters

__all__ = ["check_world", "declared_world", "values_of"]


def declared_world(env_id: str) -> dict[str, Hyperparameter]:
    """Return the parameters of an environment as hyperparameters of its runs, by the names that these have.

    Examples
    --------
    >>> declared_world("Pendulum-v1")["env.gravity"].allowed()
    'a number from 1 to 100, or a schedule'
    """
    return {
        known_as(name): Hyperparameter(
            one.default, "float", "traced", one.low, one.high, moves=True, unit=one.unit, source=env_id
        )
        for name, one in parameters(env_id).items()
    }


def check_world(env_id: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Check the values of an environment's parameters; one that is None is left out.

    Parameters
    ----------
    env_id : str
    config : mapping
        From ``env.<name>`` to a number or a schedule.

    Returns
    -------
    dict
        Numbers, and `Schedule` objects where a parameter moves.

    Raises
    ------
    ValueError
        If the environment has no such parameter, or a value is not allowed.

    Examples
    --------
    >>> check_world("CartPole-v1", {"env.gravity": 12})
    {'env.gravity': 12.0}
    """
    env_id = text("env_id", env_id)
    found = {}
    for name, raw in mapping("config", config).items():
        named(env_id, name.removeprefix(PREFIX))
        if raw is not None:
            found[name] = checked(env_id, name, declared_world(env_id)[name], raw)
    return found


def values_of(config: Mapping[str, Any]) -> dict[str, float]:
    """Return the world of a configuration as `make_gymnasium` takes it: by the parameters' own names, as at the end.

    Examples
    --------
    >>> values_of({"gamma": 0.9, "env.gravity": 12.0})
    {'gravity': 12.0}
    """
    given = {name: value for name, value in config.items() if name.startswith(PREFIX)}
    return {name.removeprefix(PREFIX): value(1.0) if callable(value) else value for name, value in given.items()}
