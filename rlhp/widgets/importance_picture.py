"""Bars of an importance as a picture, or the sentence that stands in their place."""

from __future__ import annotations

from rlhp.importance import Importance
from rlhp.widgets.figure import png
from rlhp.widgets.importance_fits import METHODS, Setting
from rlhp.widgets.importance_words import refusal

__all__ = ["picture"]

_TOP = 10


def picture(setting: Setting, imp: Importance, *, width: int, height: int) -> tuple[bytes, str]:
    """Draw the bars.

    Returns
    -------
    content : bytes
        A PNG; empty where there is no ranking.
    alt : str
        What it shows, or why there is none.
    """
    from rlhp import plots

    if imp.poor_fit and not imp.allow_poor_fit:
        return b"", refusal(imp)
    title = f"{METHODS[setting.method].label}, {setting.environment}, step {setting.step:,}"
    content = png(lambda ax: plots.importance(imp, top=_TOP, ax=ax, title=title), width=width, height=height)
    return content, plots.importance_alt_text(imp)
