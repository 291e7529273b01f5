"""Explorers that are closed when a test is over."""

from __future__ import annotations

import pytest

from rlhp.widgets import BatchExplorer, Experiment, LiveTrainer, ScheduleExplorer
from tests.widgets.stand_in import StandIn, StillCompiler


@pytest.fixture
def stand_in(monkeypatch):
    """Replace the sweep: nothing trains. Gives the class, whose `made` lists what was asked for."""
    StandIn.made = []
    monkeypatch.setattr("rlhp.sweeps.Session", StandIn)
    return StandIn


@pytest.fixture(autouse=True)
def compiler(monkeypatch):
    """Nothing is compiled because an explorer is shown. Gives the class, whose `made` lists what would have been."""
    StillCompiler.made = []
    monkeypatch.setattr("rlhp.widgets.background._live_sweep.WarmUp", StillCompiler)
    return StillCompiler


@pytest.fixture(autouse=True)
def kept(monkeypatch, tmp_path):
    """Keep fits in a folder of the test's own, and let none come with the data. Gives the folder."""
    monkeypatch.setattr("rlhp.widgets.importance._store.kept_folder", lambda part: tmp_path / part)
    monkeypatch.setattr("rlhp.widgets.importance._store._beside_the_data", lambda: None)
    return tmp_path / "fits"


@pytest.fixture
def make():
    """Make explorers that are closed at the end of the test."""
    made = []

    def make_(kind, *args, **options):
        made.append(kind(*args, **options))
        if hasattr(made[-1], "retraining"):
            made[-1].retraining.auto.value = False  # what is trained here is asked for
        return made[-1]

    yield make_
    for one in made:
        one.close()


@pytest.fixture
def trainer(make):
    return lambda **options: make(LiveTrainer, **{"steps": 1_000, "n_seeds": 3, **options})


def asking(steps=1_000, n_seeds=3, config=None, **options):
    """Ask nothing, and train briefly."""
    return {"experiment": Experiment(steps=steps, n_seeds=n_seeds, config=config), "prediction": None, **options}


@pytest.fixture
def explorer(make):
    return lambda **options: make(ScheduleExplorer, **asking(**options))


@pytest.fixture
def batches(make):
    return lambda **options: make(BatchExplorer, **asking(**options))
