"""The fits that come with the data are those that the methods compute today, and all that an explorer opens on."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from rlhp.importance import files

HERE = Path(__file__).resolve().parents[1] / "data"
REMEDY = "raise VERSION in rlhp/importance/files.py and run `python data/fits.py`"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("data_fits", HERE / "fits.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="module")
def made(script, tmp_path_factory):
    return {one: script.fits(one, tmp_path_factory.mktemp("fits")) for one in script.OBJECTIVES}


def test_every_view_an_explorer_opens_on_or_moves_to_is_there_and_nothing_else(script, made) -> None:
    names = set()
    for objective, more in script.OBJECTIVES.items():
        for setting in script.wanted(made[objective], more=more):
            result, settled = made[objective].names(setting)
            names.add(result)
            kept = files.read(HERE / "fits" / result)
            assert kept is not None, f"{setting} is not kept; {REMEDY}"
            if kept.r2 is not None:
                names.add(settled)
    assert {path.name for path in (HERE / "fits").iterdir()} == names, REMEDY


def test_they_are_what_the_methods_compute_today(script, made) -> None:
    one = made["auc"]
    opening, *others = script.wanted(one, more=True)
    quick = next(setting for setting in others if setting.method == "ped_anova")
    for setting in (opening, quick):
        kept, now = files.read(HERE / "fits" / one.names(setting)[0]), one._fitted(setting)
        np.testing.assert_allclose(kept.estimate, now.estimate, atol=1e-6, err_msg=REMEDY)
        np.testing.assert_allclose(kept.draws, now.draws, atol=1e-6, err_msg=REMEDY)
        assert kept.interval == now.interval, REMEDY


def test_the_lecture_opens_on_what_is_there(script, made) -> None:
    from rlhp import datasets, spaces

    whole = spaces.default("dqn")
    space = spaces.subspace(whole, [name for name in whole if name != "net_arch"])
    names = ("dqn_acrobot", "dqn_minigrid_empty", "dqn_cartpole")
    sets = {str((runs := datasets.load(name)).table["env_id"].iloc[0]): runs for name in names}
    lecture = script.Fits(sets, space, objective="auc")
    (opening,) = script.wanted(made["auc"], more=False)
    assert lecture.names(opening) == made["auc"].names(opening)


def test_they_are_small() -> None:
    assert sum(path.stat().st_size for path in (HERE / "fits").iterdir()) < 4e6
