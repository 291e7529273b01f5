"""How the site is made: `make docs` builds it from this folder into docs/build/html, where it reads from disk."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]  # the extensions, and the library as it stands here

import rlhp  # noqa: E402

project = "rlhp"
author = "The rlhp developers"
project_copyright = "the rlhp developers, BSD 3-Clause"
version = release = rlhp.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "numpydoc",
    "extensions.brought",
    "extensions.gallery",
    "extensions.mathml",
    "extensions.reference",
]
exclude_patterns = ["build", "extensions", "_static"]
templates_path = ["_templates"]

# Markdown: equations between dollars, ::: fences, and an anchor for each heading down to the third level.
myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
myst_links_external_new_tab = False

# Docstrings: `name` in single backticks links where there is such a public name, and is code where there is none.
default_role = "py:name"
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "none"  # types stand in the list of parameters, once
autodoc_preserve_defaults = True
add_module_names = False
python_maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "furo"
html_title = "rlhp"
html_static_path = ["_static"]
html_css_files = ["house.css"]
html_favicon = "_static/logo.svg"
html_logo = "_static/logo.svg"
html_copy_source = False
html_show_sourcelink = False
html_show_search_summary = False  # a page read from disk may not fetch the others for it
html_math_renderer = "mathml"
html_permalinks_icon = "#"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_theme_options = {
    "navigation_with_keys": True,
    "light_css_variables": {
        "color-brand-primary": "#0a5a8f",
        "color-brand-content": "#0a5a8f",
        "color-brand-visited": "#6b4a8a",
        "color-api-name": "#0a5a8f",
        "color-api-pre-name": "#494f55",
        "color-background-primary": "#fffefb",
        "color-background-secondary": "#f6f3ec",
        "color-background-border": "#e4dfd3",
        "color-foreground-primary": "#1b1e21",
        "color-foreground-secondary": "#494f55",
        "color-inline-code-background": "#f3f0e8",
        "color-highlight-on-target": "#fff3c9",
        "color-admonition-background": "transparent",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7cc4ee",
        "color-brand-content": "#7cc4ee",
        "color-brand-visited": "#c3a6e0",
        "color-api-name": "#7cc4ee",
        "color-api-pre-name": "#aab3bb",
        "color-background-primary": "#14181c",
        "color-background-secondary": "#1a2026",
        "color-background-border": "#323b44",
        "color-foreground-primary": "#e4e7ea",
        "color-foreground-secondary": "#aab3bb",
        "color-inline-code-background": "#222a31",
        "color-highlight-on-target": "#3a3413",
        "color-admonition-background": "transparent",
    },
}
