"""Performance against sensitivity, drawn and put into words."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

from rlhp import importance, plots
from tests.importance.test_sensitivity import BOUNDS, table


@pytest.fixture(scope="module")
def plane() -> importance.SensitivityPlane:
    return importance.sensitivity_plane(table(), rng=0, normalize=BOUNDS, n_boot=100)


def test_points_lie_where_the_table_says_and_the_line_through_the_reference(plane) -> None:
    ax = plots.sensitivity_plane(plane, reference="keen", title="calm and keen")
    found = {tuple(np.round(line.get_xydata()[0], 4)) for line in ax.lines if len(line.get_xydata()) == 1}
    rows = plane.table[["sensitivity", "performance"]].round(4)
    assert found == set(rows.itertuples(index=False, name=None))
    assert {one.get_text() for one in ax.texts} >= {"calm", "keen"}
    slanted = next(line for line in ax.lines if type(line).__name__ == "AxLine")
    assert slanted.get_slope() == 1
    assert slanted.get_xy1() == pytest.approx(rows.iloc[1], abs=1e-4)
    said = " ".join(ax.get_title(loc="left").split())
    assert "does as well as keen's" in said
    assert "95 % intervals, settings resampled" in said
    assert "0 and 1 are bounds that were given" in said
    plt.close("all")


def test_in_words(plane) -> None:
    said = plots.sensitivity_plane_alt_text(plane)
    assert "calm reaches 0.92 and loses 0.00" in said
    assert "keen reaches 1.42 and loses 0.75, with one setting for all worse than calm" in said
    assert "calm reaches 0.92 and loses 0.00, with one setting for all better than keen" in (
        plots.sensitivity_plane_alt_text(plane, reference="keen")
    )


def test_without_intervals_and_with_a_wrong_reference(plane) -> None:
    bare = importance.sensitivity_plane(table(), rng=0, normalize=BOUNDS, n_boot=0)
    assert "intervals" not in plots.sensitivity_plane(bare).get_title(loc="left")
    plt.close("all")
    for call in (plots.sensitivity_plane, plots.sensitivity_plane_alt_text):
        with pytest.raises(ValueError, match=r"unknown algorithm `kean`.*did you mean `keen`"):
            call(plane, reference="kean")
