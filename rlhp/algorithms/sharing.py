"""A declaration on its way to a worker process, which trains with stable-baselines3 what this process knows."""

from __future__ import annotations

import base64
import pickle

from rlhp.algorithms._declaration import Algorithm
from rlhp.algorithms._registry import keep, of_others

__all__ = ["accept", "packed"]


def packed(algorithm: str, *, compiled: bool = False) -> str | None:
    """Write what a process that imports this package does not know of an algorithm; None where it knows all.

    Only what training with stable-baselines3 needs: the functions of a declaration (which may be of a notebook, that no
    other process can import) have done their work where the request was checked. With `compiled`, all of it.

    Raises
    ------
    ValueError
        If it cannot be sent to another process.

    Examples
    --------
    >>> packed("ppo") is None
    True
    """
    one = of_others(algorithm)
    if one is None:
        return None
    if compiled:
        return _whole(one)
    plain = Algorithm(one.name, one.title, one.actions, one.hyperparameters, sb3=one.sb3, iteration=one.iteration)
    return base64.b64encode(pickle.dumps(plain)).decode()


def _whole(one: Algorithm) -> str:
    import cloudpickle

    if not isinstance(one.agent, str | None) and one.agent.__module__ == "__main__":
        why = "its agent is defined in a notebook or a script, and its `shapes` is looked for in a module"
        raise ValueError(f"{one.name} cannot be sent to another machine: {why}; register it as `module:function`.")
    try:
        return base64.b64encode(cloudpickle.dumps(one)).decode()
    except Exception as error:  # whatever its functions hold
        raise ValueError(
            f"{one.name} cannot be sent to another machine ({type(error).__name__}: {error}); define its functions in "
            f"a module that is installed there too."
        ) from error


def accept(text: str | None) -> None:
    """Make known what `packed` wrote. It is unpickled: only for what the parent of a process sends."""
    if text is not None:
        keep(pickle.loads(base64.b64decode(text)))
