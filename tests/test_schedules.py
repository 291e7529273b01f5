from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlhp import schedules
from rlhp.schedules import Constant, Cosine, Exponential, Linear, Piecewise, Step

ALL = [
    Constant(0.3),
    Linear(1.0, 0.05, fraction=0.5),
    Exponential(1.0, 0.01, fraction=0.8),
    Cosine(1.0, 0.1, fraction=0.7),
    Step(1.0, 0.2, n_steps=4, fraction=0.8),
    Piecewise(((0.1, 1.0), (0.3, 0.2), (0.9, 0.05))),
]
ids = [schedule.kind for schedule in ALL]


@pytest.mark.parametrize("schedule", ALL, ids=ids)
def test_every_kind_is_listed_and_reads_back_equal(schedule):
    assert schedules.kinds()[schedule.kind] is type(schedule)
    assert schedules.from_json(schedule.to_json()) == schedule
    assert pickle.loads(pickle.dumps(schedule)) == schedule


def test_the_list_of_kinds_is_complete():
    assert list(schedules.kinds()) == ["constant", "linear", "exponential", "cosine", "step", "piecewise"]


@pytest.mark.parametrize(
    ("schedule", "progress", "value"),
    [
        (Linear(1.0, 0.05, 0.5), 0.0, 1.0),
        (Linear(1.0, 0.05, 0.5), 0.25, 0.525),
        (Linear(1.0, 0.05, 0.5), 0.5, 0.05),
        (Linear(1.0, 0.05, 0.5), 1.0, 0.05),
        (Exponential(1.0, 0.01), 0.5, 0.1),
        (Exponential(1.0, 0.01, 0.5), 0.25, 0.1),
        (Exponential(1.0, 0.01, 0.5), 0.75, 0.01),
        (Cosine(1.0, 0.0), 0.5, 0.5),
        (Cosine(1.0, 0.0), 1 / 3, 0.75),
        (Step(1.0, 0.0, 4), 0.24, 1.0),
        (Step(1.0, 0.0, 4), 0.25, 0.75),
        (Step(1.0, 0.0, 4, 0.8), 0.6, 0.25),
        (Step(1.0, 0.0, 4, 0.8), 0.8, 0.0),
        (Piecewise(((0.0, 1.0), (0.5, 0.2))), 0.25, 0.6),
        (Piecewise(((0.2, 1.0), (0.5, 0.2))), 0.1, 1.0),
        (Piecewise(((0.2, 1.0), (0.5, 0.2))), 0.9, 0.2),
        (Constant(0.3), 0.77, 0.3),
    ],
)
def test_values_in_closed_form(schedule, progress, value):
    assert schedule(progress) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize("schedule", ALL, ids=ids)
def test_an_array_gives_what_its_floats_give(schedule):
    progress = np.linspace(-0.2, 1.2, 57)
    np.testing.assert_allclose(schedule(progress), [schedule(float(p)) for p in progress], rtol=0, atol=1e-12)
    assert schedule(progress.reshape(3, 19)).shape == (3, 19)
    assert isinstance(schedule(0.5), float)


@pytest.mark.parametrize("schedule", ALL, ids=ids)
def test_progress_outside_training_is_its_end(schedule):
    assert schedule(-1.0) == schedule(0.0)
    assert schedule(2.0) == schedule(1.0)


@pytest.mark.parametrize("schedule", ALL, ids=ids)
def test_the_mean_is_the_integral(schedule):
    middles = (np.arange(200_000) + 0.5) / 200_000
    assert schedule.mean() == pytest.approx(schedule(middles).mean(), abs=1e-5)


@given(start=st.floats(0.01, 1), end=st.floats(0.01, 1), fraction=st.floats(0.01, 1), progress=st.floats(0, 1))
def test_decays_stay_between_their_ends(start, end, fraction, progress):
    low, high = min(start, end) - 1e-9, max(start, end) + 1e-9
    for cls in (Linear, Exponential, Cosine):
        assert low <= cls(start, end, fraction)(progress) <= high
    assert low <= Step(start, end, 3, fraction)(progress) <= high


@pytest.mark.parametrize("schedule", ALL, ids=ids)
def test_sb3_gets_progress_remaining(schedule):
    sb3 = pickle.loads(pickle.dumps(schedule.as_sb3()))
    for remaining in (1.0, 0.75, 0.2, 0.0):
        assert sb3(remaining) == schedule(1.0 - remaining)


def test_parse_takes_numbers_schedules_and_their_json():
    assert schedules.parse(0.1) == Constant(0.1)
    assert schedules.parse(np.float32(0.5)) == Constant(0.5)
    assert schedules.parse(ALL[1]) is ALL[1]
    assert schedules.parse({"schedule": "linear", "start": 1, "end": 0}) == Linear(1.0, 0.0)
    assert schedules.parse('{"schedule": "step", "start": 1, "end": 0, "n_steps": 2}') == Step(1.0, 0.0, 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Linear(1.0, 0.0, fraction=0), "`fraction` is 0.0; give the part of training"),
        (lambda: Linear(1.0, 0.0, fraction=50), "not per cent"),
        (lambda: Linear(float("nan"), 0.0), "`start` is nan; give a finite number"),
        (lambda: Exponential(1.0, 0.0), "never reaches zero"),
        (lambda: Step(1.0, 0.0, n_steps=0), "`n_steps` is 0; give a whole number"),
        (lambda: Piecewise(((0.5, 1.0), (0.2, 0.0))), "must increase strictly"),
        (lambda: Piecewise(((0.5, 1.0), (1.2, 0.0))), r"within \[0, 1\]"),
        (lambda: Piecewise(()), "at least one pair"),
        (lambda: Piecewise((1.0, 2.0)), r"give \(progress, value\) pairs"),
        (lambda: schedules.parse("often"), "not a schedule: `value` is 'often'"),
        (lambda: schedules.parse(None), "not a schedule: `value` is None; give a finite number"),
        (lambda: schedules.parse(True), "not a schedule: `value` is True"),
        (lambda: schedules.from_json({"schedule": "linea", "start": 1, "end": 0}), "did you mean `linear`"),
        (lambda: schedules.from_json({"schedule": "linear", "begin": 1, "end": 0}), "unknown field `begin`"),
        (lambda: schedules.from_json({"schedule": "linear", "end": 0}), "its fields are start, end, fraction"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(make, message):
    with pytest.raises(ValueError, match=message):
        make()
