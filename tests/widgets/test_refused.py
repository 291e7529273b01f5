"""An explorer that is refused leaves nothing behind: no thread, no half-made object that fails when it goes."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from rlhp import Runs
from rlhp.widgets import (
    BatchExplorer,
    Experiment,
    ImportanceExplorer,
    LandscapeExplorer,
    LandscapeView,
    LiveTrainer,
    RunExplorer,
    ScheduleExplorer,
    SeedsExplorer,
)
from tests.widgets.importance_data import SPACE, sweep


def none() -> Runs:
    return sweep().select(seed=99)


def alike() -> Runs:
    runs = sweep()
    return runs.select(runs.config_id == runs.config_id.iloc[0])


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: ImportanceExplorer({}), "`runs` is empty"),
    (lambda: ImportanceExplorer(none()), "no runs to look at"),
    (lambda: ImportanceExplorer(alike()), "no hyperparameter of the space varies"),
    (lambda: ImportanceExplorer(sweep(), SPACE, method="fanov"), "unknown method"),
    (lambda: ImportanceExplorer(sweep(), SPACE, measure="logg"), "unknown measure"),
    (lambda: ImportanceExplorer(sweep(), SPACE, prediction="leaders"), "unknown prediction"),
    (lambda: LandscapeExplorer(none(), space=SPACE), "."),
    (lambda: LandscapeExplorer(sweep(), space=SPACE, view=LandscapeView(x="gama")), "gama"),
    (lambda: SeedsExplorer(none()), "."),
    (lambda: SeedsExplorer("learning_rate_cartpole", statistic="iqr"), "iqr"),
    (lambda: RunExplorer({}), "no runs to explore"),
    (lambda: RunExplorer("learning_rate_cartpole", by="gama"), "unknown column"),
    (lambda: RunExplorer("learning_rate_cartpole", value="retrun"), "unknown value"),
    (lambda: LiveTrainer("Nowhere-v0"), "unknown environment"),
    (lambda: LiveTrainer(steps=1), "`steps` is 1"),
    (lambda: ScheduleExplorer(experiment=Experiment(config={"gama": 1})), "unknown hyperparameter"),
    (lambda: ScheduleExplorer("cubic"), "cubic"),
    (lambda: BatchExplorer(axis="hours"), "unknown axis"),
    (lambda: BatchExplorer(experiment={"steps": 10}), r"give `Experiment`\. It is `widgets\.Experiment\("),
    (lambda: LiveTrainer(execution={"workers": 2}), r"`execution` is .* give `Execution`"),
    (
        lambda: BatchExplorer(experiment=Experiment(config={"batch_size": 1})),
        "`batch_size` is what this explorer moves",
    ),
]


@pytest.fixture(scope="module")
def frozen():
    """Let the collector pass over what is there already: looking through two engines takes a second each time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize(("make_it", "message"), REFUSED)
def test_a_refused_explorer_leaves_nothing_behind(make_it, message, monkeypatch, stand_in) -> None:
    unraised: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", unraised.append)
    with pytest.raises((ValueError, TypeError), match=message):
        make_it()
    gc.collect()
    assert [str(one.exc_value) for one in unraised] == []
    assert not [one for one in threading.enumerate() if one.name.startswith("rlhp-")]
