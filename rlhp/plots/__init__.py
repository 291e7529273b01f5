"""Figures: a result goes in, an Axes comes out, and nothing is computed on the way.

Every figure names its n and its interval on itself, reads in black and white, and has a sentence to go with it
(`alt_text`, `schedule_alt_text`) for those who do not see it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rlhp.plots.extrapolation import forecast, forecast_alt_text
    from rlhp.plots.image import to_html_img, to_png
    from rlhp.plots.learning_curves import alt_text, curves
    from rlhp.plots.schedule_curves import schedule, schedule_alt_text
    from rlhp.plots.style import Look, look, new_axes

# The modules are not named after the functions in them: importing a submodule would replace the function.
_NAMES = {
    "curves": "rlhp.plots.learning_curves",
    "alt_text": "rlhp.plots.learning_curves",
    "schedule": "rlhp.plots.schedule_curves",
    "schedule_alt_text": "rlhp.plots.schedule_curves",
    "forecast": "rlhp.plots.extrapolation",
    "forecast_alt_text": "rlhp.plots.extrapolation",
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
