"""Figures on a dark page: drawn once, on white, and turned round by the page that shows them."""

from __future__ import annotations

DARK_PAGE = (
    "<style>[data-jp-theme-light='false'] img.rlhp-plot{filter:invert(.9) hue-rotate(180deg)}"
    "[data-jp-theme-light='false'] img.rlhp-film{filter:brightness(.75)}</style>"
)
"""A style sheet that turns pictures of the class ``rlhp-plot`` dark where JupyterLab is dark, with their hues kept.

Films (``rlhp-film``) show what an agent sees; they keep their colours and glare less.
The kernel does not know the theme, which may change while a notebook is open: so the page decides, not the drawing.
White becomes nearly black and black nearly white; tests hold that lines, words and differences of colours stay seen.
"""
