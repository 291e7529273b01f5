"""What the acquisition explorer says in words: what is believed, what comes next, what whole searches found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rlhp.curves import number_label
from rlhp.widgets.acquisition._belief import Belief, Sample
from rlhp.widgets.acquisition._ground import Curve
from rlhp.widgets.acquisition._searches import Choosing, Repeated, paired
from rlhp.widgets.frame._markup import table

__all__ = ["belief_table", "believed", "repeated_table", "sampled_table", "score_words"]

_NAMES = {"log_ei": "the log of the expected improvement", "ei": "the expected improvement on the best sample"}


def believed(curve: Curve, samples: Sequence[Sample], belief: Belief, how: Choosing, *, truth_shown: bool) -> str:
    """Return what is believed after the samples, and where the next one would go."""
    best = max(samples, key=lambda one: one.score)
    there, nearest = belief.recommended, belief.next
    mean = float(np.interp(there, belief.u, belief.mean))
    said = (
        f"After {len(samples)} samples the best one is {score_words(best.score)} at {_at(curve, best.u)}. "
        f"By its mean the {how.surrogate} recommends {_at(curve, there)}, {score_words(mean)} there."
    )
    if truth_shown:
        top = float(curve.truth(np.linspace(0.0, 1.0, 2001)).max())
        worth = float(curve.truth(np.array([there]))[0])
        said += f" In truth that is worth {score_words(worth)}, and the highest there is {score_words(top)}."
    what = _NAMES.get(how.acquisition, f"mean + {how.kappa:g} sd")
    said += (
        f" Next: {_at(curve, float(belief.u[nearest]))}, where {what} is highest "
        f"(mean {score_words(belief.mean[nearest])}, sd {score_words(belief.std[nearest])})."
    )
    if belief.length_scale is not None:
        held = "held" if how.length_scale is not None else "fitted"
        said += f" Length scale, {held}: {belief.length_scale:.2g} of the axis."
    return said


def repeated_table(found: Sequence[Repeated]) -> str:
    """Return what whole searches recommend at the end, as HTML."""
    rows = []
    for one in found:
        mean, low, high = (float(part[-1]) for part in one.interval())
        interval = f"{score_words(low)} to {score_words(high)}" if np.isfinite(low) else "too few"
        behind = ""
        if one is not found[0] and min(len(one.worth), len(found[0].worth)) > 2:
            gain, least, most = paired(one, found[0])
            behind = f"{gain:+.3g} ({least:+.3g} to {most:+.3g})"
        done = f"{len(one.worth)} of {one.asked}" if len(one.worth) < one.asked else str(one.asked)
        rows.append([one.choosing.words, done, score_words(mean), interval, behind])
    return table(["search", "searches", "recommended", "95 % interval", "more than the first"], rows, named=True)


def sampled_table(curve: Curve, samples: Sequence[Sample]) -> str:
    """Return all samples in order, as HTML."""
    rows = [
        [k, f"{float(curve.value(np.array(one.u))):.3g}", score_words(one.score)]
        for k, one in enumerate(samples, start=1)
    ]
    return table(["sample", curve.name, "score"], rows)


def belief_table(curve: Curve, belief: Belief) -> str:
    """Return the figure's curves at nine places, as HTML."""
    rows = []
    for at in np.linspace(0, len(belief.u) - 1, 9).astype(int):
        numbers = [score_words(float(part[at])) for part in (belief.mean, belief.std, belief.worth)]
        rows.append([f"{float(curve.value(belief.u[at])):.3g}", *numbers])
    return table([curve.name, "mean", "sd", "acquisition"], rows)


def score_words(value: float) -> str:
    """Write a score plainly."""
    return number_label(float(value), 3)


def _at(curve: Curve, u: float) -> str:
    return f"{curve.name} {float(curve.value(np.array(u))):.3g}"
