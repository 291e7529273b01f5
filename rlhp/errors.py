"""How the library says that a name is not one it knows, and that what was trained cannot be kept."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def unknown_name(kind: str, name: object, valid: Iterable[str], *, where: str = "", hint: str = "") -> str:
    """Compose the message for a name that is not among the valid ones.

    Parameters
    ----------
    kind : str
        What was being named, e.g. ``"hyperparameter"``.
    name : object
        The name that was given.
    valid : iterable of str
        The names that would have been accepted, listed in the given order.
    where : str, optional
        What the name was looked up for, e.g. ``"dqn"``.
    hint : str, optional
        A sentence on what to do, put last.

    Returns
    -------
    str
        One line with the nearest valid name, if one is near, and all valid names.

    Examples
    --------
    >>> unknown_name("hyperparameter", "gama", ["gamma", "tau"], where="dqn")
    'unknown hyperparameter `gama` for dqn; did you mean `gamma`? Valid: gamma, tau.'
    """
    names = list(valid)
    lowered = {candidate.lower(): candidate for candidate in names}
    near = difflib.get_close_matches(str(name).lower(), list(lowered), n=1, cutoff=0.6)
    guess = f"; did you mean `{lowered[near[0]]}`?" if near else "."
    place = f" for {where}" if where else ""
    listed = ", ".join(names) if names else "none"
    return f"unknown {kind} `{name}`{place}{guess} Valid: {listed}." + (f" {hint}" if hint else "")


class KeepingError(RuntimeError):
    """What was trained cannot be written, because the disk refuses: a matter of the sweep, not of the run."""
