"""Importances go into files and come back; whatever else is in a file is no result."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlhp import Runs, importance, spaces
from rlhp.importance import files
from rlhp.importance._settled import Settled

SPACE = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma", "batch_size"])
FEW = importance.Fit(n_boot=40, boot_trees=2, n_trees=8)


def runs() -> Runs:
    configs = spaces.sample(SPACE, 48, method="sobol", rng=0)
    unit = np.nan_to_num(spaces.to_unit(SPACE, configs))
    return Runs.from_table(configs, 2 * unit[:, 0] + unit[:, 1], algorithm="dqn")


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("fanova", {}),
        ("local", {}),
        ("ablation", {}),
        ("permutation", {}),
        ("ped_anova", {}),
        ("shapley", {"n_orders": 4}),
    ],
)
def test_a_result_of_every_method_comes_back_as_it_was(method, options, tmp_path) -> None:
    imp = getattr(importance, method)(runs(), SPACE, rng=0, fit=FEW, **options)
    back = files.read(files.write(tmp_path / "deep" / "one.json.gz", imp))
    assert repr(back) == repr(imp)
    assert back.terms == imp.terms
    np.testing.assert_array_equal(back.estimate, imp.estimate)
    np.testing.assert_array_equal(back.draws, imp.draws)
    assert back.draws.shape == imp.draws.shape
    assert set(back.curves) == set(imp.curves)
    for name in imp.curves:
        pd.testing.assert_frame_equal(back.curves[name], imp.curves[name], check_dtype=False)
    if imp.path is not None:
        pd.testing.assert_frame_equal(back.path, imp.path, check_dtype=False)
    assert back.seed_noise == imp.seed_noise or np.isnan(imp.seed_noise.share)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["one.json.gz"]


def test_equal_results_are_equal_bytes(tmp_path) -> None:
    one = Settled(np.array([0.1, 0.2]))
    assert files.write(tmp_path / "a", one).read_bytes() == files.write(tmp_path / "b", one).read_bytes()


def test_a_write_that_breaks_leaves_the_old_file(tmp_path, monkeypatch) -> None:
    path = files.write(tmp_path / "one", Settled(np.array([0.1, 0.2])))
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="disk full"):
        files.write(path, Settled(np.array([0.3, 0.4])))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_kept_is_said(tmp_path) -> None:
    with pytest.raises(TypeError, match="a complex cannot be kept"):
        files.write(tmp_path / "one", Settled(1j))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_no_result_and_no_error(tmp_path, data) -> None:
    path = files.write(tmp_path / "one", Settled(np.array([0.1, 0.2])))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    kind = data.draw(st.sampled_from(["cut", "flipped", "other"]))
    if kind == "cut":
        path.write_bytes(whole[:at])
    elif kind == "flipped":
        path.write_bytes(whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :])
    else:
        path.write_bytes(data.draw(st.binary(max_size=40)))
    found = files.read(path)
    assert found is None or found.r2s.tolist() == [0.1, 0.2]


@given(
    held=st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.fixed_dictionaries(
                {"is": st.sampled_from(["array", "frame", "tuple", "mapping", "Settled", "x"]), "items": inner}
            )
        ),
    )
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_other_json_is_no_result(tmp_path, held) -> None:
    path = tmp_path / "one"
    for whole in (held, {"format": 1, "result": held}):
        path.write_bytes(gzip.compress(json.dumps(whole).encode()))
        assert files.read(path) is None
    assert files.read(tmp_path / "none") is None
