"""Every check of an argument gives the value back in one type, or names the argument and says what to give."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rlhp import arguments
from rlhp.arguments import (
    choice,
    flag,
    instance,
    mapping,
    name_list,
    number_array,
    path,
    random_generator,
    real,
    sequence,
    whole,
)


class _Rude:
    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize("value", [True, "1", None, math.nan, math.inf, 10**400, 1 + 1j, [1.0], np.array([1.0])])
def test_what_is_no_finite_number_is_refused_by_name(value):
    with pytest.raises(ValueError, match=r"^`effect` is .*; give a finite number"):
        real("effect", value)


def test_bounds_are_held_and_said():
    assert real("x", np.float32(0.5), above=0, below=1) == 0.5
    assert real("x", math.inf, finite=False) == math.inf
    for bounds in ({"above": 1}, {"at_least": 1.5}, {"below": 1}, {"at_most": 0.5}):
        with pytest.raises(ValueError, match=f"{next(iter(bounds.values()))}"):
            real("x", 1.0, **bounds)


@pytest.mark.parametrize("value", [True, 1.0, "1", None, 2**63, -1, np.float64(2), _Rude()])
def test_what_is_no_whole_number_is_refused_by_name(value):
    with pytest.raises(ValueError, match=r"^`n` is .*; give a whole number of at least 0"):
        whole("n", value, at_least=0)
    assert type(whole("n", np.uint8(3))) is int


def test_a_seed_or_a_generator():
    generator = np.random.default_rng(0)
    assert random_generator(generator) is generator
    assert random_generator(np.int64(3)).random() == np.random.default_rng(3).random()
    for bad in (-1, None, True, 1.0, "0", np.random):
        with pytest.raises(ValueError, match=r"^`rng` is .* give a seed such as rng=0"):
            random_generator(bad)


def test_names():
    assert choice("method", "a", ("a", "b")) == "a"
    assert name_list("by", ["a", "b", "a"]) == ["a", "b"]
    with pytest.raises(ValueError, match=r"unknown method `sobool`; did you mean `sobol`\?"):
        choice("method", "sobool", ("random", "sobol"))
    for bad in (5, ["a", 5], {"a": 1}, b"a", [""]):
        with pytest.raises(ValueError, match=r"^`by` is"):
            name_list("by", bad)
    with pytest.raises(ValueError, match=r"^`by` is"):
        name_list("by", [], empty=False)


def test_sequences():
    assert sequence("many", range(3)) == [0, 1, 2]
    assert sequence("many", np.array([1, 2])) == [1, 2]
    for bad in (5, "ab", b"ab", {"a": 1}, None, np.array(1.0)):
        with pytest.raises(TypeError, match=r"^`many` is .*; give a sequence"):
            sequence("many", bad)


def test_kinds():
    assert flag("x", np.bool_(True)) is True
    with pytest.raises(ValueError, match="True or False"):
        flag("x", 1)
    with pytest.raises(TypeError, match=r"^`runs` is \[1, 2\]; give `DataFrame`\. Make one"):
        instance("runs", [1, 2], pd.DataFrame, hint="Make one.")
    with pytest.raises(TypeError, match=r"^`config` is 3; give a mapping"):
        mapping("config", 3)
    with pytest.raises(ValueError, match=r"^`config` has the key 3"):
        mapping("config", {3: 1})
    assert path("out", "a/b") == Path("a/b")
    for bad, kind in ((3, TypeError), (b"a", TypeError), ("", ValueError), ("a\0b", ValueError)):
        with pytest.raises(kind, match=r"^`out` is"):
            path("out", bad)


def test_arrays():
    assert number_array("scores", pd.Series([1, 2])).dtype == np.float64
    assert number_array("scores", (i for i in range(3))).shape == (3,)
    assert math.isnan(number_array("scores", [1.0, None], finite=False)[1])
    for bad in ("123", ["1"], [[1], [1, 2]], [], [[1.0]], 5, {"a": 1}, [True], [1 + 1j], None, [pd.NA]):
        with pytest.raises(ValueError, match=r"^`scores` is"):
            number_array("scores", bad)
    with pytest.raises(ValueError, match=r"^`scores` holds nan at \(1, 0\)"):
        number_array("scores", [[1.0], [math.nan]], ndim=2)


def test_a_value_is_shown_on_one_short_line():
    assert len(arguments.shown("a\nb" * 1000)) < 130
    assert "\n" not in arguments.shown(pd.DataFrame({"a": range(100)}))
    assert arguments.shown(_Rude()).endswith("(_Rude)")
