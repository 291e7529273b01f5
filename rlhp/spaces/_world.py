"""The search space of an environment's parameters, to be searched beside an algorithm's hyperparameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ConfigSpace import ConfigurationSpace, Float

from rlhp.worlds import chosen, known_as

__all__ = ["world"]


def world(
    env_id: str, names: str | Sequence[str] | Mapping[str, tuple[float, float]] | None = None
) -> ConfigurationSpace:
    """Return the search space of an environment's parameters, such as ``env.gravity``.

    Parameters
    ----------
    env_id : str
        An environment with parameters: `rlhp.envs.catalogue` lists them.
    names : str, sequence of str, or mapping of str to (low, high), optional
        Which of them, by their own names; a mapping says where to look. By default all, over all they may be.

    Returns
    -------
    ConfigurationSpace
        A new one at each call. Its hyperparameters can be added to the space of an algorithm.

    Raises
    ------
    ValueError
        If the environment has no such parameters, or a range goes beyond what one may be.

    Examples
    --------
    >>> from rlhp.spaces import default, subspace
    >>> space = subspace(default("ppo"), ["learning_rate"])
    >>> added = space.add(list(world("CartPole-v1", {"gravity": (5, 20)}).values()))
    >>> list(space)
    ['env.gravity', 'learning_rate']
    """
    found = chosen(env_id, names)
    searched = []
    for name, (one, low, high) in found.items():
        default = min(max(one.default, low), high)
        searched.append(Float(known_as(name), (low, high), default=default, log=one.measure == "log"))
    return ConfigurationSpace(name=env_id, space=searched)
