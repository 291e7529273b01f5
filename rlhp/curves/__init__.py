"""What many runs say together: aggregates along the learning curve, their intervals, and the bands around them.

Runs in, results out: nothing here trains or draws. The unit of resampling is always a whole run, never a frame of one.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rlhp.curves._beside import SideBySide, side_by_side
    from rlhp.curves._within import Differences, compare_within
    from rlhp.curves.aggregate import FewRunsWarning, iqm, mean, median
    from rlhp.curves.band import simultaneous_band
    from rlhp.curves.bootstrap import percentile_interval, resampled
    from rlhp.curves.comparing import Comparison, adjusted, compare
    from rlhp.curves.extrapolate.backtesting import Backtest, backtest
    from rlhp.curves.extrapolate.call import extrapolate
    from rlhp.curves.extrapolate.reference import Reference, reference
    from rlhp.curves.extrapolate.result import Extrapolation
    from rlhp.curves.improvement import Improvement, probability_of_improvement
    from rlhp.curves.labels import schedule_label, value_label
    from rlhp.curves.power import Power, how_many_seeds
    from rlhp.curves.profiles import PerformanceProfile, performance_profile
    from rlhp.curves.reliable import Reliability, reliability
    from rlhp.curves.selecting import Selection, selection
    from rlhp.curves.sequential import SequentialComparison, compare_sequentially
    from rlhp.curves.statistic import TrimmedMean, student_interval
    from rlhp.curves.summarising import ScoreSummary, optimality_gap, summarise
    from rlhp.curves.summary import CurveGroup, CurveSummary
    from rlhp.curves.tolerance import Tolerance, tolerance_band

_NAMES = {
    "iqm": "rlhp.curves.aggregate",
    "mean": "rlhp.curves.aggregate",
    "median": "rlhp.curves.aggregate",
    "summarise": "rlhp.curves.summarising",
    "optimality_gap": "rlhp.curves.summarising",
    "ScoreSummary": "rlhp.curves.summarising",
    "performance_profile": "rlhp.curves.profiles",
    "PerformanceProfile": "rlhp.curves.profiles",
    "probability_of_improvement": "rlhp.curves.improvement",
    "Improvement": "rlhp.curves.improvement",
    "compare": "rlhp.curves.comparing",
    "Comparison": "rlhp.curves.comparing",
    "adjusted": "rlhp.curves.comparing",
    "compare_within": "rlhp.curves._within",
    "Differences": "rlhp.curves._within",
    "side_by_side": "rlhp.curves._beside",
    "SideBySide": "rlhp.curves._beside",
    "compare_sequentially": "rlhp.curves.sequential",
    "SequentialComparison": "rlhp.curves.sequential",
    "how_many_seeds": "rlhp.curves.power",
    "Power": "rlhp.curves.power",
    "reliability": "rlhp.curves.reliable",
    "Reliability": "rlhp.curves.reliable",
    "tolerance_band": "rlhp.curves.tolerance",
    "Tolerance": "rlhp.curves.tolerance",
    "selection": "rlhp.curves.selecting",
    "Selection": "rlhp.curves.selecting",
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
    "summarise",
    "optimality_gap",
    "ScoreSummary",
    "performance_profile",
    "PerformanceProfile",
    "probability_of_improvement",
    "Improvement",
    "compare",
    "Comparison",
    "adjusted",
    "compare_within",
    "Differences",
    "side_by_side",
    "SideBySide",
    "compare_sequentially",
    "SequentialComparison",
    "how_many_seeds",
    "Power",
    "reliability",
    "Reliability",
    "tolerance_band",
    "Tolerance",
    "selection",
    "Selection",
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
