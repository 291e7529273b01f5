"""The style sheet and the script that an explorer brings along, and a bar that says how far it is."""

from __future__ import annotations

import functools
import html
from importlib import resources
from typing import Any

import ipywidgets

__all__ = ["assets", "progress_bar"]

_PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


def assets() -> Any:
    """Make the widget that holds the style sheet and the script; it shows nothing."""
    return ipywidgets.HTML(_markup()).add_class("rlhp-asset")


def progress_bar(done: int, total: int) -> str:
    """Write a progress bar as HTML."""
    return f'<progress max="{max(total, 1)}" value="{done}" aria-label="Training progress"></progress>'


@functools.cache
def _markup() -> str:
    from rlhp.plots import DARK_PAGE

    room = resources.files("rlhp.widgets.frame")
    style = room.joinpath("style.css").read_text(encoding="utf-8")
    script = html.escape(room.joinpath("accessibility.js").read_text(encoding="utf-8"))
    # A script element in an HTML widget never runs; the handler of an image that has loaded does.
    return f'<style>{style}</style>{DARK_PAGE}<img src="{_PIXEL}" alt="" onload="{script}">'
