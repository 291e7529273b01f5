"""A figure as HTML: a picture with a sentence that says what it shows."""

from __future__ import annotations

import base64
import html
import threading
from collections.abc import Callable
from typing import Any

import ipywidgets
import traitlets

__all__ = ["Figure", "png"]

# Figures are drawn from the kernel's main thread and from the one that follows a training.
_DRAWING = threading.Lock()
_INCH = 96  # CSS pixels


def png(draw: Callable[[Any], object], *, width: int = 520, height: int = 320, zoom: float = 2.0) -> bytes:
    """Draw into fresh axes and give the picture as PNG bytes.

    Parameters
    ----------
    draw : callable
        Gets the matplotlib Axes.
    width, height : int
        Size in CSS pixels.
    zoom : float
        Pixels per CSS pixel; 2 stays sharp on dense screens.
    """
    from rlhp import plots

    with _DRAWING:
        ax = plots.new_axes((width / _INCH, height / _INCH))
        draw(ax)
        return plots.to_png(ax, dpi=_INCH * zoom, compression=1)  # fast: it goes no further than to the browser


class Figure(ipywidgets.HTML):
    """A picture with its alt text. It is as wide as its place allows, in a shape that never changes, so nothing jumps.

    Parameters
    ----------
    empty : str
        What stands in the picture's place until there is one.
    width, height : int
        The shape, and the size at which letters have their natural size, in CSS pixels.
    widest : int
        CSS pixels beyond which it does not grow.
    """

    alt = traitlets.Unicode(help="What the picture shows, in a sentence.")

    def __init__(self, empty: str, *, width: int = 520, height: int = 320, widest: int = 660) -> None:
        super().__init__()
        self.add_class("rlhp-figure")
        self._empty, self._size, self._widest = empty, {"width": width, "height": height}, widest
        self._picked = ""
        self.clear()

    def draw(self, draw: Callable[[Any], object], *, alt: str) -> None:
        """Show what `draw(axes)` draws; `alt` says it in a sentence."""
        self._show("image/png", png(draw, **self._size), alt, "rlhp-plot")

    def pick(self, left: float, right: float, low: float, high: float) -> None:
        """Let a click into the picture set a number and press a button: those of class `rlhp-picked` and `rlhp-press`.

        Both are controls beside it, so that nothing can be done by the click alone.

        Parameters
        ----------
        left, right : float
            Where the axis begins and ends, as parts of the picture's width.
        low, high : float
            The numbers there, evenly spread over their logarithm in between.
        """
        self._picked = f' data-pick="{left:g} {right:g} {low!r} {high!r}"'

    def show_png(self, content: bytes, *, alt: str) -> None:
        """Show a picture that `png` drew before."""
        self._show("image/png", content, alt, "rlhp-plot")

    def show_gif(self, content: bytes, *, alt: str) -> None:
        """Show an animation."""
        self._show("image/gif", content, alt, "rlhp-film")

    def clear(self, empty: str | None = None) -> None:
        """Take the picture away and say what will stand there."""
        self._empty = self._empty if empty is None else empty
        self.alt = self._empty
        self.value = f'<div class="rlhp-empty" style="{self._shape()}">{html.escape(self._empty)}</div>'

    def _show(self, mime: str, content: bytes, alt: str, kind: str) -> None:
        code = base64.b64encode(content).decode()
        shape = self._shape() if kind == "rlhp-plot" else f"max-width:{self._widest}px"
        self.alt = alt
        picked = self._picked if kind == "rlhp-plot" else ""
        said = html.escape(alt)
        self.value = f'<img class="{kind}" alt="{said}" style="{shape}"{picked} src="data:{mime};base64,{code}">'

    def _shape(self) -> str:
        return f"max-width:{self._widest}px;aspect-ratio:{self._size['width']}/{self._size['height']}"
