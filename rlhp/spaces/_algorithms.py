"""A space in which the algorithm is a choice too, each with its own hyperparameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ConfigSpace import Categorical, ConfigurationSpace

from rlhp.algorithms import names as declared_names
from rlhp.arguments import choice, instance, mapping, name_list
from rlhp.spaces._defaults import default

__all__ = ["ALGORITHM", "algorithm_of", "algorithms"]

ALGORITHM = "algorithm"
"""The hyperparameter of such a space that says which algorithm a configuration is of."""


def algorithms(chosen: Sequence[str] | Mapping[str, ConfigurationSpace]) -> ConfigurationSpace:
    """Return the space of several algorithms: which one, and the hyperparameters of that one alone.

    Parameters
    ----------
    chosen : sequence of str, or mapping from algorithms to their spaces
        Two or more of `rlhp.algorithms.names()`; by their names alone, their default spaces.

    Returns
    -------
    ConfigurationSpace
        A categorical `algorithm`, and ``<algorithm>.<hyperparameter>`` that are active where it is chosen. Conditions
        and forbidden clauses of each space hold in it.

    Raises
    ------
    ValueError
        If an algorithm is unknown, or there is only one.

    Notes
    -----
    What a forbidden clause excludes is drawn again as a whole, so that an algorithm with a clause is drawn less often:
    of 200 random draws from dqn, ppo and a2c 36, 80 and 84.

    References
    ----------
    C. Thornton, F. Hutter, H. H. Hoos, K. Leyton-Brown (2013), Auto-WEKA: combined selection and hyperparameter
    optimization of classification algorithms.

    Examples
    --------
    >>> from rlhp import spaces
    >>> space = spaces.algorithms({name: spaces.traced(name) for name in ("dqn", "ppo")})
    >>> sorted(space.get_default_configuration())[:2], len(space)
    (['algorithm', 'dqn.batch_size'], 30)
    """
    if isinstance(chosen, Mapping):
        parts = mapping("chosen", chosen)
        for name, space in parts.items():
            choice("chosen", name, declared_names(), kind="algorithm")
            instance(f"chosen[{name!r}]", space, ConfigurationSpace, hint="`spaces.default('dqn')` makes one.")
    else:
        given = name_list("chosen", chosen, empty=False)
        parts = {name: default(choice("chosen", name, declared_names(), kind="algorithm")) for name in given}
    if len(parts) < 2:
        raise ValueError(f"`chosen` is {list(parts)}; give two algorithms or more, of one take its own space.")
    space = ConfigurationSpace(name=" or ".join(parts))
    space.add(Categorical(ALGORITHM, list(parts)))
    for name, own in parts.items():
        space.add_configuration_space(
            name, own, delimiter=".", parent_hyperparameter={"parent": space[ALGORITHM], "value": name}
        )
    return space


def algorithm_of(configuration: Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """Return which algorithm a configuration names, and its hyperparameters by that algorithm's own names.

    Returns
    -------
    algorithm : str or None
        None where it names none.
    own : dict
        What is of another algorithm is left out, what is of the environment (``env.*``) kept.

    Examples
    --------
    >>> algorithm_of({"algorithm": "ppo", "ppo.gamma": 0.9, "env.gravity": 5.0})
    ('ppo', {'gamma': 0.9, 'env.gravity': 5.0})
    >>> algorithm_of({"gamma": 0.9})
    (None, {'gamma': 0.9})
    """
    given = mapping("configuration", configuration)
    name = given.pop(ALGORITHM, None)
    if name is None:
        return None, given
    choice(f"configuration[{ALGORITHM!r}]", name, declared_names(), kind="algorithm")
    others = {f"{one}." for one in declared_names()}
    own = {key.removeprefix(f"{name}."): value for key, value in given.items() if key.startswith(f"{name}.")}
    rest = {key: value for key, value in given.items() if not any(key.startswith(one) for one in others)}
    return str(name), own | rest
