from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rlhp.exercises import CheckFailed, expect

MATRIX = np.arange(6.0).reshape(2, 3)
CURVE = np.array([1.0, 2.0, 4.0, 8.0, 9.0])


def _message(call: Callable[[], object]) -> str:
    with pytest.raises(CheckFailed) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (1.0, 1.0 + 1e-9),
        (np.float32(0.1), 0.1),
        ([1, 2, 4, 8, 9], CURVE),
        (pd.Series(CURVE), CURVE),
        (pd.DataFrame(MATRIX), MATRIX),
        (np.array([1.0, np.nan]), [1.0, np.nan]),
        (0, 0.0),
    ],
)
def test_close_accepts(got: Any, wanted: Any) -> None:
    expect.close(got, wanted, "x", rtol=1e-6)


@pytest.mark.parametrize(
    ("got", "wanted", "message"),
    [
        (2.0, 1.5, "x is 2; 1.5 was expected."),
        (-1.5, 1.5, "The sign is the wrong way round."),
        (150.0, 1.5, "100 times too large"),
        (0.015, 1.5, "100 times too small"),
        (MATRIX.T, MATRIX, "Its axes are swapped: transpose it."),
        (
            MATRIX @ MATRIX.T + [[0, 1], [2, 0]],
            (MATRIX @ MATRIX.T + [[0, 1], [2, 0]]).T,
            "Rows and columns are swapped",
        ),
        (CURVE[::-1], CURVE, "reverse order"),
        ([0.0, 1.0, 2.0, 4.0, 8.0], CURVE, "shifted by one entry"),
        ([2.0, 4.0, 8.0, 9.0, 0.0], CURVE, "shifted by one entry"),
        ([1.0, 2.0, 4.0, 7.0, 9.0], CURVE, "x differs in 1 of 5 entries; entry [3] is 7, 8 was expected."),
        (CURVE[1:], CURVE, "one entry too few: off by one"),
        ([*CURVE, 1.0], CURVE, "one entry too many: off by one"),
        (3.0, CURVE, "x is one number; shape (5,) was expected. Does it work on whole arrays?"),
        (CURVE, 3.0, "x has shape (5,); one number was expected."),
        (CURVE[:, None], CURVE, "an axis of length 1 too many"),
        ([1.0, np.nan, 4.0, 8.0, 9.0], CURVE, "x contains NaN"),
        ("1.5", 1.5, "x is text ('1.5'); a number was expected."),
        (None, 1.5, "x is None; a number was expected."),
        (True, 1.5, "x is True; a number was expected."),
        (np.mean, 1.5, "x is a function (`mean`); call it, with parentheses; a number was expected."),
        ({"a": 1}, 1.5, "x is a dict; a number was expected."),
        ([[1.0, 2.0], [3.0]], MATRIX, "x has rows of unequal length"),
        (["a", "b"], [1.0, 2.0], "x is a list and not made of numbers"),
        (1j, 1.0, "x is complex"),
        (np.ones((3, 3)), CURVE, "x has shape (3, 3); (5,) was expected."),
    ],
)
def test_close_says_what_to_look_at(got: Any, wanted: Any, message: str) -> None:
    assert message in _message(lambda: expect.close(got, wanted, "x"))


def test_close_knows_typical_mistakes_first() -> None:
    mistakes = [(-1.5, "You subtracted the wrong way round."), (CURVE, "You gave the whole curve.")]
    assert _message(lambda: expect.close(-1.5, 1.5, "x", mistakes=mistakes)) == (
        "x is -1.5; 1.5 was expected. You subtracted the wrong way round."
    )
    assert _message(lambda: expect.close(CURVE, 1.5, "x", mistakes=mistakes)).endswith("You gave the whole curve.")


def test_close_can_keep_the_answer_to_itself() -> None:
    message = _message(lambda: expect.close(3.0, 1234.5, "x", reveal=False, mistakes=[(3.0, "Count all copies.")]))
    assert message == "x is 3, which is not right. Count all copies."


@pytest.mark.parametrize(
    ("got", "limits", "message"),
    [
        (float("inf"), {}, "x is inf; a finite number was expected."),
        ([1.0, 2.0], {}, "x has shape (2,); one number was expected."),
        (2.0, {"low": 0, "high": 1}, "x is 2; a number between 0 and 1 was expected."),
        (-1, {"low": 0}, "x is -1; a number of at least 0 was expected."),
        (7, {"high": 5}, "x is 7; a number of at most 5 was expected."),
    ],
)
def test_number(got: Any, limits: dict[str, float], message: str) -> None:
    assert _message(lambda: expect.number(got, "x", **limits)) == message


def test_number_gives_the_number() -> None:
    assert expect.number(np.array([2]), "x", low=2, high=2) == 2.0


def test_array_gives_the_array() -> None:
    assert expect.array(MATRIX.tolist(), (2, 3), "x").dtype == np.float64


@pytest.mark.parametrize(
    ("got", "message"),
    [
        (np.ones((4, 10)), "x has shape (4, 10); (10, 4) (seed, step) was expected. Its axes are swapped"),
        (np.ones((1, 4)), "It holds one seed; 10 were expected."),
        (np.ones(4), "It holds one seed; 10 were expected."),
        (np.ones((10, 5)), "one entry too many: off by one."),
        (np.ones((10, 3)), "one entry too few: off by one."),
        (np.ones((10, 4, 1)), "an axis of length 1 too many"),
        (np.ones(()), "x is one number; shape (10, 4) (seed, step) was expected."),
    ],
)
def test_array_shapes(got: Any, message: str) -> None:
    assert message in _message(lambda: expect.array(got, (10, 4), "x", axes=("seed", "step")))


def test_array_knows_the_wrong_axis() -> None:
    returns = np.ones((10, 4))
    message = _message(lambda: expect.array(returns.mean(axis=1), (4,), "x", reduced_from=returns.shape))
    assert "That is axis=1 of shape (10, 4), the wrong axis: use axis=0." in message


def test_array_axes_fit_the_shape() -> None:
    with pytest.raises(ValueError, match="axes names 1 axes, shape has 2"):
        expect.array(MATRIX, (2, 3), "x", axes=("seed",))


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        ("a", "a"),
        ([1, "a", None], [1, "a", None]),
        ({"a": np.ones(2)}, {"a": np.ones(2)}),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]})),
        (float("nan"), float("nan")),
        (np.array(["a", None], dtype=object), np.array(["a", None], dtype=object)),
    ],
)
def test_equal_accepts(got: Any, wanted: Any) -> None:
    expect.equal(got, wanted, "x")


@pytest.mark.parametrize(
    ("got", "wanted", "message"),
    [
        ("b", "a", "x is 'b'; 'a' was expected."),
        (["b", "a", "c"], ["c", "a", "b"], "It is in reverse order."),
        (["a"], ["a", "b"], "It has 1 entries, 2 were expected."),
        ((1, 2), [1, 2], "x is (1, 2); [1, 2] was expected."),
        ({"a": 1}, {"a": 2}, "x is {'a': 1}; {'a': 2} was expected."),
        (np.ones(3), np.ones(2), "was expected."),
        (3, 2, "x is 3; 2 was expected. You counted the last one too."),
        (np.random.default_rng(0), 2, "x is Generator(PCG64)"),
    ],
)
def test_equal_says_what_to_look_at(got: Any, wanted: Any, message: str) -> None:
    mistakes = [(3, "You counted the last one too.")]
    assert message in _message(lambda: expect.equal(got, wanted, "x", mistakes=mistakes))


def test_equal_can_keep_the_answer_to_itself() -> None:
    assert _message(lambda: expect.equal("b", "secret", "x", reveal=False)) == "x is 'b', which is not right."


def test_one_of_gives_the_nearest() -> None:
    assert expect.one_of("iqm", ["mean", "iqm"], "x") == "iqm"
    assert "did you mean `median`" in _message(lambda: expect.one_of("medain", ["mean", "median"], "x"))
    assert "one of these texts was expected: mean, iqm" in _message(lambda: expect.one_of(3, ["mean", "iqm"], "x"))


def test_columns_give_the_nearest() -> None:
    frame = pd.DataFrame({"seed": [0], "final_retrun": [1.0]})
    expect.columns(frame, ["seed"], "x")
    message = _message(lambda: expect.columns(frame, ["seed", "final_return"], "x"))
    assert message.startswith("x has no column `final_return`: ")
    assert "did you mean `final_retrun`" in message
    assert "x is a list; a pandas DataFrame was expected." in _message(lambda: expect.columns([1], ["seed"], "x"))


def test_monotone() -> None:
    expect.monotone([3, 2, 2], "falling", "x")
    expect.monotone([1, 1, 2], "rising", "x")
    assert "goes from 2 to 3 (entries 1 and 2)" in _message(lambda: expect.monotone([4, 2, 3], "falling", "x"))
    assert "(entries 0 and 1)" in _message(lambda: expect.monotone([1, 1, 2], "rising", "x", strict=True))
    assert "(entries 0 and 1)" in _message(lambda: expect.monotone([1, np.nan], "rising", "x"))
    with pytest.raises(ValueError, match="did you mean `falling`"):
        expect.monotone([1], "fallin", "x")


class _Runs:
    table = pd.DataFrame({"seed": [0, 0, 1]})


def test_several_seeds() -> None:
    expect.several_seeds(range(5), 5, "x")
    expect.several_seeds(_Runs(), 2, "x")
    assert "x has one seed; at least 5 were expected. One seed lies" in _message(
        lambda: expect.several_seeds([7, 7], 5, "x")
    )
    assert "x has 2 different seeds" in _message(lambda: expect.several_seeds(_Runs().table, 3, "x"))
    assert "x is 3; several seeds were expected" in _message(lambda: expect.several_seeds(3, 2, "x"))
    assert "has no column `seed`" in _message(lambda: expect.several_seeds(pd.DataFrame({"a": [1]}), 2, "x"))


def _global_numpy(rng: Any = None) -> Any:
    return np.random.rand(2)  # noqa: NPY002


def _global_seeded(rng: Any = None) -> Any:
    np.random.seed(0)  # noqa: NPY002
    return np.random.rand(2)  # noqa: NPY002


def _global_python(rng: Any = None) -> Any:
    return random.random()


@pytest.mark.parametrize(
    ("answer", "module"),
    [(_global_numpy, "`numpy.random`"), (_global_seeded, "`numpy.random`"), (_global_python, "`random`")],
)
def test_global_generators_are_found_and_left_as_they_were(answer: Callable[..., Any], module: str) -> None:
    if answer is _global_seeded:
        answer()  # the generator stands where the answer will leave it: another test may have left it there
    before = np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    assert f"draws from the global generator of {module}" in _message(lambda: expect.no_global_random(answer))
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before  # noqa: NPY002
    assert f"`{answer.__name__}` draws" in _message(lambda: expect.seeded(answer))


def test_torch_global_generator_is_found() -> None:
    torch = pytest.importorskip("torch")
    assert "generator of `torch`" in _message(lambda: expect.no_global_random(lambda: torch.rand(2)))


def test_seeded() -> None:
    result = expect.seeded(lambda n, rng: rng.random(n), 2, seed=3)
    np.testing.assert_array_equal(result, np.random.default_rng(3).random(2))
    fixed, fresh = (
        (lambda rng: np.random.default_rng(0).random()),
        (lambda rng: np.random.default_rng().random()),
    )
    assert "whatever `rng` it is given" in _message(lambda: expect.seeded(fixed))
    assert "different results for the same `rng`" in _message(lambda: expect.seeded(fresh))
    assert expect.seeded(lambda rng: 1, varies=False) == 1


def test_seeded_gives_each_call_its_own_arguments() -> None:
    def shuffles(values: list[int], rng: Any) -> list[int]:
        rng.shuffle(values)
        return values

    given = list(range(20))
    expect.seeded(shuffles, given)
    assert given == list(range(20))


def test_unchanged() -> None:
    def sorts_in_place(values: Any) -> Any:
        values.sort()
        return values

    given = np.array([2.0, 1.0])
    assert "changes its argument in place" in _message(lambda: expect.unchanged(sorts_in_place, given))
    assert given.tolist() == [2.0, 1.0]
    assert expect.unchanged(sorted, [2, 1]) == [1, 2]
    expect.unchanged(lambda rng: rng.random(), np.random.default_rng(0))
