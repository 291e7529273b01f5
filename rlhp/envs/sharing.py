"""A registered environment on its way to a worker process, which trains what this process knows."""

from __future__ import annotations

import base64
import pickle

from rlhp.envs._registry import Entry, find, is_ours, keep
from rlhp.worlds import declare_parameters, parameters

__all__ = ["accept", "packed"]


def packed(env_id: str, *, compiled: bool = False) -> str | None:
    """Write what a process that imports this package does not know of an environment; None where it knows all.

    Only Gymnasium's side of it, or with `compiled` only the compiled engine's.

    Raises
    ------
    ValueError
        If it cannot be sent to another process.

    Examples
    --------
    >>> packed("CartPole-v1") is None
    True
    """
    entry = find(env_id)
    if entry is None or is_ours(env_id) or ":" in env_id:
        return None
    import cloudpickle  # it sends what a notebook defines, too

    jax, gymnasium = (entry.jax, None) if compiled else (None, entry.gymnasium)
    plain = Entry(jax, gymnasium, entry.differs, entry.time_limit)
    try:
        return base64.b64encode(cloudpickle.dumps((env_id, plain, dict(parameters(env_id))))).decode()
    except Exception as error:  # whatever the function or class holds
        raise ValueError(
            f"{env_id} cannot be sent to a worker process ({type(error).__name__}: {error}); register it as the "
            f"`module:function` that makes it."
        ) from error


def accept(text: str | None) -> None:
    """Make known what `packed` wrote. It is unpickled: only for what the parent of a process sends."""
    if text is not None:
        env_id, entry, known = pickle.loads(base64.b64decode(text))
        declare_parameters(env_id, known)
        keep(env_id, entry)
