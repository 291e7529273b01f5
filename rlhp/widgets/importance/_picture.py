"""Bars of an importance as a picture, or the sentence that stands in their place."""

from __future__ import annotations

from rlhp.importance import Importance, Settled
from rlhp.widgets.frame._figure import png
from rlhp.widgets.importance._fits import METHODS, Setting
from rlhp.widgets.importance._words import refusal, refused

__all__ = ["picture"]

_TOP = 10


def picture(
    setting: Setting, imp: Importance, settled: Settled | None, *, width: int, height: int
) -> tuple[bytes, str]:
    """Draw the bars.

    Returns
    -------
    content : bytes
        A PNG; empty where there is no ranking.
    alt : str
        What it shows, or why there is none.
    """
    from rlhp import plots

    if refused(imp, settled):
        return b"", refusal(imp, settled)
    imp = imp.despite_poor_fit()  # what is between enough and too little is shown, and told
    title = f"{METHODS[setting.method].label}, {setting.environment}, step {setting.step:,}"
    if settled is not None and settled.verdict == "not settled":
        title += "; the fit is not settled"
    content = png(lambda ax: plots.importance(imp, top=_TOP, ax=ax, title=title), width=width, height=height)
    return content, plots.importance_alt_text(imp)
