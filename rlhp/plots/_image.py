"""A figure becomes a PNG, and an image element with a text for those who do not see it."""

from __future__ import annotations

import base64
import html
import io
import sys

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rlhp.arguments import instance, real, shown, whole
from rlhp.plots._dark import DARK_PAGE


def to_png(figure: Figure | Axes, *, dpi: float = 144, compression: int = 6) -> bytes:
    """Draw a figure to PNG and close it, so that nothing stays open and a notebook does not show it twice.

    Parameters
    ----------
    figure : Figure or Axes
        What to draw; of an Axes, its whole figure.
    dpi : float
        Pixels per inch.
    compression : int
        From 0, the fastest, to 9, the smallest; the picture is the same.

    Returns
    -------
    bytes
        The same figure gives the same bytes.

    Examples
    --------
    >>> from rlhp import plots
    >>> plots.to_png(plots.new_axes())[1:4]
    b'PNG'
    """
    figure = _figure(figure)
    real("dpi", dpi, at_least=10, at_most=10_000)
    whole("compression", compression, at_least=0, at_most=9)
    buffer = io.BytesIO()
    figure.savefig(
        buffer, format="png", dpi=dpi, metadata={"Software": None}, pil_kwargs={"compress_level": compression}
    )
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(figure)
    return buffer.getvalue()


def to_html_img(figure: Figure | Axes, alt: str, *, dpi: float = 144) -> str:
    """Draw a figure to an HTML image element that carries its data and a text alternative, and close it.

    A page of JupyterLab that is dark shows it dark (`DARK_PAGE`).

    Parameters
    ----------
    figure : Figure or Axes
        What to draw.
    alt : str
        What the figure shows, in words; see `alt_text`.
    dpi : float
        Pixels per inch of the image; it is shown at 96 pixels per inch whatever the value.

    Raises
    ------
    ValueError
        If `alt` is empty.
    """
    if not (isinstance(alt, str) and alt.strip()):
        raise ValueError(
            f"`alt` is {shown(alt)}; say in words what the figure shows, e.g. with `plots.alt_text(summary)`."
        )
    real("dpi", dpi, at_least=10, at_most=10_000)
    width, height = _figure(figure).get_size_inches()
    data = base64.b64encode(to_png(figure, dpi=dpi)).decode()
    return (
        f'<img class="rlhp-plot" alt="{html.escape(alt)}" width="{width * 96:.0f}" height="{height * 96:.0f}" '
        f'style="max-width:100%;height:auto" src="data:image/png;base64,{data}">{DARK_PAGE}'
    )


def _figure(figure: Figure | Axes) -> Figure:
    instance("figure", figure, (Figure, Axes), hint="The functions of `rlhp.plots` return Axes.")
    if isinstance(figure, Figure):
        return figure
    owner = figure.get_figure(root=True)
    if owner is None:
        raise ValueError("`figure` is Axes that were removed from their figure; draw them anew.")
    return owner
