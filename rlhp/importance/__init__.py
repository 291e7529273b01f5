"""Which hyperparameter matters, and how sure that is: one result type, many methods, every fit stated.

>>> from rlhp import importance
>>> imp = importance.fanova(runs, space, "final_return", order=2, rng=0)  # doctest: +SKIP
>>> imp.table  # name, kind, share, low, high  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rlhp.importance.functional_anova import fanova
    from rlhp.importance.result import Importance, PoorFitError

# The modules are not named after the functions in them: importing a submodule would replace the function.
_NAMES = {
    "fanova": "rlhp.importance.functional_anova",
    "Importance": "rlhp.importance.result",
    "PoorFitError": "rlhp.importance.result",
}

__all__ = [
    "fanova",
    "Importance",
    "PoorFitError",
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(importlib.import_module(_NAMES[name]), name)
        globals()[name] = value
        return value
    from rlhp.errors import unknown_name

    raise AttributeError(unknown_name("name", name, __all__, where="rlhp.importance"))


def __dir__() -> list[str]:
    return sorted(__all__)
