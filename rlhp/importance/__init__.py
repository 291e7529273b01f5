"""Which hyperparameter matters, and how sure that is: one result type, many methods, every fit stated.

>>> from rlhp import importance
>>> imp = importance.fanova(runs, space, "final_return", order=2, rng=0)  # doctest: +SKIP
>>> imp.table  # name, kind, share, low, high  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rlhp.importance.ablating import ablation
    from rlhp.importance.around_incumbent import local
    from rlhp.importance.automl_adapter import fanova_automl
    from rlhp.importance.comparing import Comparison, across, agreement, over_training
    from rlhp.importance.consistency import Consistency, thc
    from rlhp.importance.crashes import CrashMap, crash_map
    from rlhp.importance.density_anova import ped_anova
    from rlhp.importance.environments import Sensitivity, sensitivity
    from rlhp.importance.functional_anova import fanova
    from rlhp.importance.landscapes import Landscape, landscape, surrogate
    from rlhp.importance.permuting import permutation
    from rlhp.importance.planes import SensitivityPlane, sensitivity_plane
    from rlhp.importance.result import Importance, PoorFitError
    from rlhp.importance.settling import Settled, settle
    from rlhp.importance.shapley_games import shapley
    from rlhp.importance.study import scored

# The modules are not named after the functions in them: importing a submodule would replace the function.
_NAMES = {
    "fanova": "rlhp.importance.functional_anova",
    "ped_anova": "rlhp.importance.density_anova",
    "ablation": "rlhp.importance.ablating",
    "local": "rlhp.importance.around_incumbent",
    "shapley": "rlhp.importance.shapley_games",
    "permutation": "rlhp.importance.permuting",
    "fanova_automl": "rlhp.importance.automl_adapter",
    "agreement": "rlhp.importance.comparing",
    "across": "rlhp.importance.comparing",
    "over_training": "rlhp.importance.comparing",
    "Comparison": "rlhp.importance.comparing",
    "sensitivity": "rlhp.importance.environments",
    "Sensitivity": "rlhp.importance.environments",
    "sensitivity_plane": "rlhp.importance.planes",
    "SensitivityPlane": "rlhp.importance.planes",
    "thc": "rlhp.importance.consistency",
    "Consistency": "rlhp.importance.consistency",
    "crash_map": "rlhp.importance.crashes",
    "CrashMap": "rlhp.importance.crashes",
    "landscape": "rlhp.importance.landscapes",
    "surrogate": "rlhp.importance.landscapes",
    "Landscape": "rlhp.importance.landscapes",
    "settle": "rlhp.importance.settling",
    "Settled": "rlhp.importance.settling",
    "scored": "rlhp.importance.study",
    "Importance": "rlhp.importance.result",
    "PoorFitError": "rlhp.importance.result",
}

__all__ = [
    "fanova",
    "ped_anova",
    "ablation",
    "local",
    "shapley",
    "permutation",
    "fanova_automl",
    "agreement",
    "across",
    "over_training",
    "Comparison",
    "sensitivity",
    "Sensitivity",
    "sensitivity_plane",
    "SensitivityPlane",
    "thc",
    "Consistency",
    "crash_map",
    "CrashMap",
    "landscape",
    "surrogate",
    "Landscape",
    "settle",
    "Settled",
    "scored",
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
