"""Figures: a result goes in, an Axes comes out, and nothing is computed on the way.

Every figure names its n and its interval on itself, reads in black and white, and has a sentence to go with it
(`alt_text`, `schedule_alt_text`) for those who do not see it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rlhp.plots._curves import alt_text, curves
    from rlhp.plots._diagram import diagram, diagram_alt_text
    from rlhp.plots._effects import (
        ablation_path,
        ablation_path_alt_text,
        importance_over_training,
        importance_over_training_alt_text,
        marginal,
        marginal_alt_text,
    )
    from rlhp.plots._forecast import forecast, forecast_alt_text
    from rlhp.plots._forest import forest, forest_alt_text
    from rlhp.plots._image import to_html_img, to_png
    from rlhp.plots._importance import heat_map, heat_map_alt_text, importance, importance_alt_text
    from rlhp.plots._plane import sensitivity_plane, sensitivity_plane_alt_text
    from rlhp.plots._schedules import schedule, schedule_alt_text
    from rlhp.plots._scores import (
        performance_profile,
        performance_profile_alt_text,
        power,
        power_alt_text,
        probability_of_improvement,
        probability_of_improvement_alt_text,
        reliability,
        reliability_alt_text,
    )
    from rlhp.plots._selection import selection, selection_alt_text, tolerance, tolerance_alt_text
    from rlhp.plots._spaces import (
        crash_map,
        crash_map_alt_text,
        landscape,
        landscape_alt_text,
        parallel,
        parallel_alt_text,
    )
    from rlhp.plots._style import Look, look, new_axes

# Name to module; the modules begin with an underscore, so that importing one never replaces a function.
_NAMES = {
    "curves": "rlhp.plots._curves",
    "alt_text": "rlhp.plots._curves",
    "schedule": "rlhp.plots._schedules",
    "schedule_alt_text": "rlhp.plots._schedules",
    "diagram": "rlhp.plots._diagram",
    "diagram_alt_text": "rlhp.plots._diagram",
    "forest": "rlhp.plots._forest",
    "forest_alt_text": "rlhp.plots._forest",
    "forecast": "rlhp.plots._forecast",
    "forecast_alt_text": "rlhp.plots._forecast",
    "importance": "rlhp.plots._importance",
    "importance_alt_text": "rlhp.plots._importance",
    "heat_map": "rlhp.plots._importance",
    "heat_map_alt_text": "rlhp.plots._importance",
    "marginal": "rlhp.plots._effects",
    "marginal_alt_text": "rlhp.plots._effects",
    "ablation_path": "rlhp.plots._effects",
    "ablation_path_alt_text": "rlhp.plots._effects",
    "importance_over_training": "rlhp.plots._effects",
    "importance_over_training_alt_text": "rlhp.plots._effects",
    "landscape": "rlhp.plots._spaces",
    "landscape_alt_text": "rlhp.plots._spaces",
    "parallel": "rlhp.plots._spaces",
    "parallel_alt_text": "rlhp.plots._spaces",
    "crash_map": "rlhp.plots._spaces",
    "crash_map_alt_text": "rlhp.plots._spaces",
    "performance_profile": "rlhp.plots._scores",
    "performance_profile_alt_text": "rlhp.plots._scores",
    "probability_of_improvement": "rlhp.plots._scores",
    "probability_of_improvement_alt_text": "rlhp.plots._scores",
    "power": "rlhp.plots._scores",
    "power_alt_text": "rlhp.plots._scores",
    "reliability": "rlhp.plots._scores",
    "reliability_alt_text": "rlhp.plots._scores",
    "selection": "rlhp.plots._selection",
    "selection_alt_text": "rlhp.plots._selection",
    "tolerance": "rlhp.plots._selection",
    "tolerance_alt_text": "rlhp.plots._selection",
    "sensitivity_plane": "rlhp.plots._plane",
    "sensitivity_plane_alt_text": "rlhp.plots._plane",
    "to_png": "rlhp.plots._image",
    "to_html_img": "rlhp.plots._image",
    "new_axes": "rlhp.plots._style",
    "look": "rlhp.plots._style",
    "Look": "rlhp.plots._style",
}

__all__ = [
    "curves",
    "alt_text",
    "schedule",
    "schedule_alt_text",
    "diagram",
    "diagram_alt_text",
    "forest",
    "forest_alt_text",
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
