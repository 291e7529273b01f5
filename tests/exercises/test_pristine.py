"""What a notebook replaced in a library is put back; what it added stays."""

from __future__ import annotations

import builtins
import gc
import math
import statistics
import sys
import types
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from rlhp.exercises import _examiner as examiner
from rlhp.exercises import _pristine as pristine


@pytest.fixture
def before() -> Iterator[pristine.Snapshot]:
    taken = pristine.take()
    yield taken
    pristine.put_back(taken)


def test_names_methods_code_and_modules_come_back(before: pristine.Snapshot) -> None:
    mean, default = statistics.mean, statistics.quantiles.__kwdefaults__
    builtins.abs = lambda x: 0  # type: ignore[assignment]
    np.allclose = lambda *args, **kwargs: True
    del math.sqrt
    statistics.mean.__code__ = (lambda data: 7).__code__
    statistics.quantiles.__kwdefaults__ = {"n": 1, "method": "exclusive"}
    pd.DataFrame.equals = lambda self, other: True  # type: ignore[method-assign]
    del pd.Series.dot
    pd.Series.to_numpy = lambda self: 7  # hides what it inherits
    sys.modules["numpy"] = types.ModuleType("numpy")
    assert statistics.mean([1, 2]) == 7
    pristine.put_back(before)
    assert abs(-3) == 3
    assert not np.allclose(1, 2)
    assert math.sqrt(4) == 2
    assert statistics.mean is mean
    assert statistics.mean([1, 2]) == 1.5
    assert statistics.quantiles.__kwdefaults__ is default
    assert not pd.DataFrame({"a": [1]}).equals(pd.DataFrame({"a": [2]}))
    assert pd.Series([1]).to_numpy().tolist() == [1]
    assert pd.Series([2]).dot(pd.Series([3])) == 6
    assert sys.modules["numpy"] is np


def test_after_a_call_the_most_used_names_come_back(before: pristine.Snapshot) -> None:
    builtins.abs = np.allclose = math.sqrt = lambda *args, **kwargs: 0  # type: ignore[assignment]
    pristine.put_back_often(before)
    assert (abs(-3), np.allclose(1, 2), math.sqrt(4)) == (3, False, 2)


def test_what_a_notebook_adds_stays(before: pristine.Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "mine", 3, raising=False)
    monkeypatch.setattr(builtins, "mine", 3, raising=False)
    pristine.put_back(before)
    assert np.mine == builtins.mine == 3  # type: ignore[attr-defined]


class _Arriving:
    """Garbage in a circle; when it is collected, a name is added to every module, as an import in a thread would."""

    def __init__(self, spaces: list[dict[str, object]]) -> None:
        self.spaces, self.itself = spaces, self

    def __del__(self) -> None:
        for space in self.spaces:
            space[f"arriving_{len(space)}"] = None


def test_names_that_arrive_while_they_are_copied_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    thresholds = gc.get_threshold()
    arrivals = types.ModuleType("scipy.arrivals")
    vars(arrivals).update({f"f{n}": len for n in range(500)})
    monkeypatch.setitem(sys.modules, arrivals.__name__, arrivals)
    gc.set_threshold(50)
    try:
        for _ in range(20):
            _Arriving([vars(arrivals)])
            assert "f499" in pristine._callables(vars(arrivals))
    finally:
        gc.set_threshold(*thresholds)
        gc.collect()
    assert any(name.startswith("arriving_") for name in vars(arrivals))


def test_a_check_that_was_stopped_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("traceback.extract_tb", None)
    with pytest.raises(statistics.StatisticsError) as stopped:
        statistics.mean([])
    line = stopped.traceback[-1].lineno + 1
    assert examiner._place(stopped.value) == f" at line {line} of statistics.py"
    assert examiner._place(ValueError()) == ""
