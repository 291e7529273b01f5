"""Objects that agree with everything become plain values, or are refused; everything of a library passes."""

from __future__ import annotations

import collections
import fractions
import functools
import operator
import types
import unittest.mock
import warnings
import weakref
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlhp.exercises import CheckFailed, check, expect
from rlhp.exercises._plain import is_own, plain
from rlhp.exercises.declare import checks, exercise


def _sly(base: type) -> type:
    """A subclass as a notebook would define it: it equals everything, and all arithmetic with it gives 0."""
    names = ("__eq__", "__lt__", "__le__", "__gt__", "__ge__")
    body: dict[str, Any] = dict.fromkeys(names, lambda self, other: True)
    body |= dict.fromkeys(("__sub__", "__rsub__", "__truediv__", "__mul__"), lambda self, other: 0.0)
    body |= {"__abs__": lambda self: 0.0, "__hash__": lambda self: 1, "__module__": "__main__"}
    body |= {"__float__": lambda self: 0.5, "__pos__": lambda self: 0.5, "__iter__": lambda self: iter([0.5])}
    return type("Sly", (base,), body)


@pytest.mark.parametrize(
    ("base", "value"),
    [(float, 7.0), (int, 7), (str, "a"), (complex, 1j), (bytes, b"a"), (list, [1]), (tuple, (1,)), (dict, {"a": 1})],
)
def test_a_subclass_of_a_builtin_becomes_the_builtin(base: type, value: Any) -> None:
    sly = _sly(base)(value)
    assert sly == 12345  # it does agree with everything
    for got in (plain(sly, "it"), plain([sly], "it")[0], plain({"k": (sly,)}, "it")["k"][0]):
        assert type(got) is base
        assert got == value
        assert not got == 12345


def test_objects_of_the_notebook_are_refused_wherever_they_hide() -> None:
    sly = _sly(object)()
    frame = pd.DataFrame({"a": [1.0], "b": pd.Series([sly], dtype=object)})
    for hidden in (sly, [sly], {"a": sly}, (1, [sly]), np.array([sly], dtype=object), frame, frame["b"]):
        with pytest.raises(CheckFailed, match="your own class `Sly`; give back plain numbers"):
            plain(hidden, "`f()`")


def test_a_class_cannot_claim_to_be_of_a_library() -> None:
    liar = type("ndarray", (), {"__module__": "numpy", "__class__": property(lambda self: np.ndarray)})
    assert isinstance(liar(), np.ndarray)
    with pytest.raises(CheckFailed, match="your own class"):
        plain(liar(), "it")


def test_object_columns_and_arrays_are_looked_into() -> None:
    sly = _sly(float)(7.0)
    frame = plain(pd.DataFrame({"a": [1.0], "b": pd.Series([sly], dtype=object)}), "it")
    assert type(frame["b"].iloc[0]) is float
    assert type(plain(np.array([sly, 1], dtype=object), "it")[0]) is float
    view = np.zeros(2).view(_sly(np.ndarray))
    assert type(plain(view, "it")) is np.ndarray


SLY = _sly(object)()


def _with(value: Any, name: str, method: Any) -> Any:
    object.__setattr__(value, name, method)
    return value


class _Array(pd.arrays.IntegerArray):
    __module__ = "__main__"


DISGUISES = {
    "a proxy": weakref.proxy(SLY),
    "a reference": weakref.ref(SLY),
    "one that a library makes": unittest.mock.ANY,
    "a class with operators": _sly(type)("Class", (), {}),
    "an iterator": map(lambda _: SLY, [1]),
    "a queue": collections.deque([SLY]),
    "values of a dict": {"a": SLY}.values(),
    "a view of a dict": types.MappingProxyType({"a": SLY}),
    "dicts side by side": collections.ChainMap({"a": SLY}),
    "names in a space": types.SimpleNamespace(a=SLY),
    "a table's method": _with(pd.DataFrame({"a": [1.0]}), "equals", lambda other: True),
    "a column's method": _with(pd.Series([1.0]), "to_numpy", functools.partial(operator.truth, 1)),
    "an array of rows": np.array([(SLY,)], dtype=[("a", object)]),
    "an array half masked": np.ma.masked_array([0.5, 99.0], mask=[False, True]),
    "an index": pd.Index([SLY], dtype=object),
    "labels": pd.Series([1.0], index=pd.Index([SLY], dtype=object)),
    "a column's array": pd.Series(_Array(np.zeros(2, dtype=int), np.zeros(2, dtype=bool))),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_nothing_stands_for_an_object_of_the_notebook(disguise: str) -> None:
    for value in (DISGUISES[disguise], [DISGUISES[disguise]]):
        with pytest.raises(CheckFailed, match=r"^`f\(\)` "):
            plain(value, "`f()`")


def test_a_class_put_into_a_library_is_still_the_notebooks(monkeypatch: pytest.MonkeyPatch) -> None:
    space = {"__name__": "numpy"}
    exec(compile("class Mine:\n    def __eq__(self, other):\n        return True\n", "/mine/cell.py", "exec"), space)
    monkeypatch.setattr(np, "Mine", space["Mine"], raising=False)
    with pytest.raises(CheckFailed, match="your own class `Mine`"):
        plain(space["Mine"](), "it")


def test_a_dict_makes_nothing_up_and_functions_give_plain_values() -> None:
    made = plain(collections.defaultdict(lambda: SLY, a=1), "it")
    assert type(made) is dict
    assert made == {"a": 1}
    for function in (functools.partial(_sly(float), 7.0), _sly(float)(7.0).__float__.__func__.__get__(SLY)):
        assert type(plain(function, "it")()) is float
    with pytest.raises(CheckFailed, match="what `f\\(\\)` gives, called, is an object of your own class"):
        plain(functools.partial(lambda: SLY), "`f()`")()


def test_what_is_a_list_to_whoever_wrote_it_becomes_one() -> None:
    for value in (collections.deque([1, 2]), {1: 0, 2: 0}.keys(), {0: 1, 9: 2}.values()):
        assert plain(value, "it") == [1, 2]
    assert type(plain(np.ma.masked_array([1.0, 2.0]), "it")) is np.ndarray
    with pytest.raises(CheckFailed, match="gives a `zip`, which only begins to run when it is asked: put `list"):
        plain(zip([1], [2], strict=True), "it")


@pytest.mark.parametrize(
    "value",
    [
        fractions.Fraction(1, 3),
        pd.Timestamp(0),
        pd.NA,
        pd.Index(["a"]),
        pd.Series([1, 2], dtype="Int64"),
        pd.Series(["a", "b"], dtype="category"),
        np.linalg.slogdet(np.eye(2)),
        np.sqrt,
        np.float64(1.0),
        np.arange(3),
        [1, [2, "a"]],
        {"a": (1, None)},
        pd.DataFrame({"a": [1], "b": ["x"]}),
        pd.Series([1, "x"], dtype=object),
        collections.OrderedDict(a=1),
        collections.Counter("aa"),
        np.random.default_rng(0),
        range(3),
        len,
        float,
    ],
)
def test_what_a_library_made_stays_the_same_object(value: Any) -> None:
    assert plain(value, "it") is value


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
    max_leaves=10,
)


@given(values)
def test_plain_values_are_left_alone(value: Any) -> None:
    assert plain(value, "it") is value


def test_a_list_that_holds_itself_ends() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(CheckFailed, match="nested more than 20 deep"):
        plain(endless, "it")


def test_types_of_libraries_are_not_the_notebooks() -> None:
    assert not any(is_own(cls) for cls in (int, np.ndarray, pd.DataFrame, collections.Counter, type(lambda: 0)))
    assert is_own(type("X", (), {}))
    assert is_own(type("X", (), {"__module__": "__main__"}))


# Answers of another kind


@pytest.fixture
def _two() -> None:
    exercise("99.two", title="Two", hints=("two",))

    @checks("99.two", "is two")
    def _is_two(answer: Any) -> None:
        expect.close(answer(1), 2, "`two(1)`")


class _AClass:
    pass


async def _a_coroutine(x: int) -> int:
    return x


def _a_generator(x: int) -> Any:
    yield x


@pytest.mark.usefixtures("_two")
@pytest.mark.parametrize(
    ("answer", "piece"),
    [
        (2.0, "A function is expected here; this is a float (2.0)."),
        ("two", "A function is expected here; this is text ('two')."),
        (_AClass, "A function is expected here; this is a class (`_AClass`)."),
        (_AClass(), "A function is expected here; this is a _AClass"),
        (np.zeros(2), "A function is expected here; this is a ndarray"),
        ({"a": 1}, "A function is expected here; this is a dict"),
        (_a_generator(1), "this is a generator, which is what *calling* a function gives"),
        (_a_coroutine(1), "this is a coroutine, which is what *calling* a function gives"),
        (_a_generator, "`_a_generator(1)` gives a generator: it holds `yield`, where `return` was expected."),
        (_a_coroutine, "`_a_coroutine(1)` gives a coroutine: write `def` in place of `async def`."),
        (lambda x: len, "is a function (`len`)"),
        (
            lambda x: _AClass(),
            "is an object of the class `tests.exercises.test_plain._AClass`; give back plain numbers",
        ),
        (lambda x: {"a": 1}, "a number was expected"),
    ],
)
def test_answers_of_another_kind_get_the_usual_verdict(answer: Any, piece: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a coroutine that nobody awaited warns
        with pytest.raises(CheckFailed) as caught:
            check("99.two", answer)
    assert piece in str(caught.value)


def test_a_list_of_functions_names_the_one_that_is_none() -> None:
    exercise("99.pair", title="Pair", hints=("two",))

    @checks("99.pair", "both")
    def _both(answer: Any) -> None:
        expect.equal([answer[0](), answer[1]()], [1, 2], "both")

    check("99.pair", [lambda: 1, lambda: 2])
    with pytest.raises(CheckFailed, match="A function is expected here; this is an int"):
        check("99.pair", [lambda: 1, 2])


def test_what_a_check_cannot_look_at_is_a_verdict_too() -> None:
    exercise("99.rows", title="Rows", hints=("two",))

    @checks("99.rows", "has a name")
    def _named(answer: Any) -> None:
        expect.equal(answer()["name"], "a", "the name")

    with pytest.raises(
        CheckFailed, match="The check cannot go on with what your answer gives back \\(KeyError: 'name'"
    ):
        check("99.rows", lambda: {})
    with pytest.raises(CheckFailed, match="Is it of the kind and shape that the exercise asks for"):
        check("99.rows", lambda: 3)


def test_exceptions_of_the_students_own_are_verdicts() -> None:
    class Odd(BaseException):
        def __str__(self) -> str:
            raise ValueError

    def odd(x: int) -> int:
        raise Odd

    exercise("99.odd", title="Odd", hints=("two",))

    @checks("99.odd", "is two")
    def _is_two(answer: Any) -> None:
        expect.close(answer(1), 2, "`odd(1)`")

    with pytest.raises(CheckFailed, match="`odd\\(1\\)` raised Odd"):
        check("99.odd", odd)


def test_a_function_that_claims_to_wrap_itself_is_called_all_the_same() -> None:
    def circle(x: int) -> int:
        return x + 1

    circle.__wrapped__ = circle  # type: ignore[attr-defined]
    exercise("99.circle", title="Circle", hints=("two",))

    @checks("99.circle", "is two")
    def _is_two(answer: Any) -> None:
        expect.close(answer(1), 2, "`circle(1)`")

    check("99.circle", circle)


def test_takes_is_one_of_two_words() -> None:
    with pytest.raises(ValueError, match="did you mean `function`"):
        exercise("99.wrong", title="Wrong", hints=("two",), takes="fuction")
