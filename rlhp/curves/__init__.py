"""What many runs say together: aggregates along the learning curve, their intervals, and the bands around them.

Runs in, results out: nothing here trains or draws. The unit of resampling is always a whole run, never a frame of one.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rlhp.curves.aggregate import FewRunsWarning, iqm, mean, median
    from rlhp.curves.band import simultaneous_band
    from rlhp.curves.bootstrap import percentile_interval, resampled
    from rlhp.curves.extrapolate.backtesting import Backtest, backtest
    from rlhp.curves.extrapolate.call import extrapolate
    from rlhp.curves.extrapolate.reference import Reference, reference
    from rlhp.curves.extrapolate.result import Extrapolation
    from rlhp.curves.labels import schedule_label, value_label
    from rlhp.curves.statistic import TrimmedMean, student_interval
    from rlhp.curves.summary import CurveGroup, CurveSummary

_NAMES = {
    "iqm": "rlhp.curves.aggregate",
    "mean": "rlhp.curves.aggregate",
    "median": "rlhp.curves.aggregate",
    "FewRunsWarning": "rlhp.curves.aggregate",
    "CurveSummary": "rlhp.curves.summary",
    "CurveGroup": "rlhp.curves.summary",
    "TrimmedMean": "rlhp.curves.statistic",
    "student_interval": "rlhp.curves.statistic",
    "resampled": "rlhp.curves.bootstrap",
    "percentile_interval": "rlhp.curves.bootstrap",
    "simultaneous_band": "rlhp.curves.band",
    "extrapolate": "rlhp.curves.extrapolate.call",
    "Extrapolation": "rlhp.curves.extrapolate.result",
    "reference": "rlhp.curves.extrapolate.reference",
    "Reference": "rlhp.curves.extrapolate.reference",
    "backtest": "rlhp.curves.extrapolate.backtesting",
    "Backtest": "rlhp.curves.extrapolate.backtesting",
    "schedule_label": "rlhp.curves.labels",
    "value_label": "rlhp.curves.labels",
}

__all__ = [
    "iqm",
    "mean",
    "median",
    "FewRunsWarning",
    "CurveSummary",
    "CurveGroup",
    "TrimmedMean",
    "student_interval",
    "resampled",
    "percentile_interval",
    "simultaneous_band",
    "extrapolate",
    "Extrapolation",
    "reference",
    "Reference",
    "backtest",
    "Backtest",
    "schedule_label",
    "value_label",
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(importlib.import_module(_NAMES[name]), name)
        globals()[name] = value
        return value
    from rlhp.errors import unknown_name

    raise AttributeError(unknown_name("name", name, __all__, where="rlhp.curves"))


def __dir__() -> list[str]:
    return sorted(__all__)
