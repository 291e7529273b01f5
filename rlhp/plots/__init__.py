"""Figures: a result goes in, an Axes comes out, and nothing is computed on the way.

Every figure names its n and its interval on itself, reads in black and white, and has a sentence to go with it
(`alt_text`, `schedule_alt_text`) for those who do not see it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rlhp.plots.choices_seen import selection, selection_alt_text, tolerance, tolerance_alt_text
    from rlhp.plots.effects import (
        ablation_path,
        ablation_path_alt_text,
        importance_over_training,
        importance_over_training_alt_text,
        marginal,
        marginal_alt_text,
    )
    from rlhp.plots.extrapolation import forecast, forecast_alt_text
    from rlhp.plots.image import to_html_img, to_png
    from rlhp.plots.importances import heat_map, heat_map_alt_text, importance, importance_alt_text
    from rlhp.plots.learning_curves import alt_text, curves
    from rlhp.plots.planes_seen import sensitivity_plane, sensitivity_plane_alt_text
    from rlhp.plots.schedule_curves import schedule, schedule_alt_text
    from rlhp.plots.scores_seen import (
        performance_profile,
        performance_profile_alt_text,
        power,
        power_alt_text,
        probability_of_improvement,
        probability_of_improvement_alt_text,
        reliability,
        reliability_alt_text,
    )
    from rlhp.plots.spaces_seen import (
        crash_map,
        crash_map_alt_text,
        landscape,
        landscape_alt_text,
        parallel,
        parallel_alt_text,
    )
    from rlhp.plots.style import Look, look, new_axes

# The modules are not named after the functions in them: importing a submodule would replace the function.
_NAMES = {
    "curves": "rlhp.plots.learning_curves",
    "alt_text": "rlhp.plots.learning_curves",
    "schedule": "rlhp.plots.schedule_curves",
    "schedule_alt_text": "rlhp.plots.schedule_curves",
    "forecast": "rlhp.plots.extrapolation",
    "forecast_alt_text": "rlhp.plots.extrapolation",
    "importance": "rlhp.plots.importances",
    "importance_alt_text": "rlhp.plots.importances",
    "heat_map": "rlhp.plots.importances",
    "heat_map_alt_text": "rlhp.plots.importances",
    "marginal": "rlhp.plots.effects",
    "marginal_alt_text": "rlhp.plots.effects",
    "ablation_path": "rlhp.plots.effects",
    "ablation_path_alt_text": "rlhp.plots.effects",
    "importance_over_training": "rlhp.plots.effects",
    "importance_over_training_alt_text": "rlhp.plots.effects",
    "landscape": "rlhp.plots.spaces_seen",
    "landscape_alt_text": "rlhp.plots.spaces_seen",
    "parallel": "rlhp.plots.spaces_seen",
    "parallel_alt_text": "rlhp.plots.spaces_seen",
    "crash_map": "rlhp.plots.spaces_seen",
    "crash_map_alt_text": "rlhp.plots.spaces_seen",
    "performance_profile": "rlhp.plots.scores_seen",
    "performance_profile_alt_text": "rlhp.plots.scores_seen",
    "probability_of_improvement": "rlhp.plots.scores_seen",
    "probability_of_improvement_alt_text": "rlhp.plots.scores_seen",
    "power": "rlhp.plots.scores_seen",
    "power_alt_text": "rlhp.plots.scores_seen",
    "reliability": "rlhp.plots.scores_seen",
    "reliability_alt_text": "rlhp.plots.scores_seen",
    "selection": "rlhp.plots.choices_seen",
    "selection_alt_text": "rlhp.plots.choices_seen",
    "tolerance": "rlhp.plots.choices_seen",
    "tolerance_alt_text": "rlhp.plots.choices_seen",
    "sensitivity_plane": "rlhp.plots.planes_seen",
    "sensitivity_plane_alt_text": "rlhp.plots.planes_seen",
    "to_png": "rlhp.plots.image",
    "to_html_img": "rlhp.plots.image",
    "new_axes": "rlhp.plots.style",
    "look": "rlhp.plots.style",
    "Look": "rlhp.plots.style",
}

__all__ = [
    "curves",
    "alt_text",
    "schedule",
    "schedule_alt_text",
    "forecast",
    "forecast_alt_text",
    "importance",
    "importance_alt_text",
    "heat_map",
    "heat_map_alt_text",
    "marginal",
    "marginal_alt_text",
    "ablation_path",
    "ablation_path_alt_text",
    "importance_over_training",
    "importance_over_training_alt_text",
    "landscape",
    "landscape_alt_text",
    "parallel",
    "parallel_alt_text",
    "crash_map",
    "crash_map_alt_text",
    "performance_profile",
    "performance_profile_alt_text",
    "probability_of_improvement",
    "probability_of_improvement_alt_text",
    "power",
    "power_alt_text",
    "reliability",
    "reliability_alt_text",
    "selection",
    "selection_alt_text",
    "tolerance",
    "tolerance_alt_text",
    "sensitivity_plane",
    "sensitivity_plane_alt_text",
    "to_png",
    "to_html_img",
    "new_axes",
    "look",
    "Look",
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(importlib.import_module(_NAMES[name]), name)
        globals()[name] = value
        return value
    from rlhp.errors import unknown_name

    raise AttributeError(unknown_name("name", name, __all__, where="rlhp.plots"))


def __dir__() -> list[str]:
    return sorted(__all__)
