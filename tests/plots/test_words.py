"""Whatever can be measured or scored has words for an axis."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from rlhp import objectives
from rlhp.objectives._definitions import OBJECTIVES
from rlhp.plots import _words


@pytest.mark.parametrize("name", objectives.names())
def test_every_objective_reads_in_words(name) -> None:
    label = _words.score_words(name, OBJECTIVES[name].unit)
    assert "_" not in label
    assert label.count("undiscounted return") + label.count("environment steps") <= 1, label


# Of `evals`; times and the steps used stand in `table`, and are on no axis but as objectives.
COLUMNS = sorted({one.column for name, one in OBJECTIVES.items() if name not in ("wall_time", "cpu_time", "env_steps")})


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_reads_in_words(name) -> None:
    assert "_" not in _words.column_words(name)


def test_names_of_ones_own_lose_their_underscores_only() -> None:
    assert _words.column_words("my_metric") == "my metric"
    assert _words.score_words("my_metric", "metres") == "my metric (metres)"


def test_a_normalised_score_has_no_unit() -> None:
    scores = SimpleNamespace(objective="final_return", unit="undiscounted return", normalised=True)
    assert _words.scored_words(scores) == "final return (normalised)"
