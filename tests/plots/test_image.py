from __future__ import annotations

import base64
import re

import matplotlib.pyplot as plt
import pytest

from rlhp import plots


def test_a_png_is_the_same_every_time(summary) -> None:
    first, second = (plots.to_png(plots.curves(summary(), ax=plots.new_axes())) for _ in range(2))
    assert first.startswith(b"\x89PNG\r\n")
    assert first == second


def test_nothing_stays_open() -> None:
    ax = plt.subplots()[1]
    assert plt.get_fignums()
    plots.to_png(ax)
    assert not plt.get_fignums()


def test_new_axes_are_unknown_to_pyplot() -> None:
    before = plt.get_fignums()
    plots.new_axes()
    assert plt.get_fignums() == before


def test_an_image_element_carries_its_data_size_and_text() -> None:
    element = plots.to_html_img(plots.new_axes((5, 3)), 'returns of "a" & <b>')
    assert 'alt="returns of &quot;a&quot; &amp; &lt;b&gt;"' in element
    assert 'width="480" height="288"' in element
    data = re.search(r'src="data:image/png;base64,([^"]+)"', element)
    assert data is not None
    assert element.startswith('<img class="rlhp-plot" ')
    assert element.endswith(plots.DARK_PAGE)
    assert base64.b64decode(data.group(1)).startswith(b"\x89PNG")


def test_an_image_needs_a_text() -> None:
    with pytest.raises(ValueError, match="`alt` is ' '; say in words what the figure shows"):
        plots.to_html_img(plots.new_axes(), "  ")


def test_axes_that_were_removed_cannot_be_drawn() -> None:
    ax = plots.new_axes()
    ax.remove()
    with pytest.raises(ValueError, match="`figure` is Axes that were removed from their figure"):
        plots.to_png(ax)
