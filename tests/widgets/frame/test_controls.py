"""A slider and its number box hold one number, on any measure."""

from __future__ import annotations

import pytest

from rlhp.widgets.frame._controls import Number

MEASURES = [
    ("linear", 0.0, 1.0, False, 0.25),
    ("linear", 1, 16, True, 5),
    ("log", 1e-5, 1e-1, False, 1e-3),
    ("log", 100, 1_000_000, True, 10_000),
    ("flipped-log", 0.9, 0.9999, False, 0.99),
]


@pytest.mark.parametrize(("measure", "low", "high", "integer", "value"), MEASURES)
def test_slider_box_and_value_are_one(measure, low, high, integer, value) -> None:
    number = Number("x", value, low, high, measure=measure, integer=integer)
    assert number.box.value == value
    assert type(number.number) is (int if integer else float)
    start = number.slider.value
    number.slider.value = number.slider.max
    assert number.value == number.box.value == high
    number.slider.value = number.slider.min
    assert number.value == number.box.value == low
    number.box.value = value
    assert number.value == value
    assert number.slider.value == pytest.approx(start)
    number.value = high
    assert (number.slider.value, number.box.value) == (number.slider.max, high)


def test_equal_distances_on_the_slider_are_equal_on_the_measure() -> None:
    rate = Number("rate", 1e-5, 1e-5, 1e-1, measure="log")
    rate.slider.value = 0.5
    assert rate.value == pytest.approx(1e-3, rel=1e-3)
    gamma = Number("gamma", 0.9, 0.9, 0.999, measure="flipped-log")
    gamma.slider.value = 0.5
    assert gamma.value == 0.99


def test_another_range_can_come_with_another_measure() -> None:
    number = Number("limit", 0.5, 0.0, 1.0)
    number.cover(0.05, 20.0, measure="log")
    assert (number.slider.min, number.slider.max, number.box.min, number.box.max) == (0, 1, 0.05, 20)
    assert number.value == 0.5
    number.slider.value = 0.5
    assert number.value == 1.0
    number.cover(100.0, 600.0, measure="linear")
    assert (number.slider.min, number.slider.max, number.value) == (100, 600, 100)
    number.slider.value = 350
    assert number.value == 350
    with pytest.raises(ValueError, match=r"limit: the range \[0.0, 1.0\] is empty or does not suit the measure log"):
        number.cover(0.0, 1.0, measure="log")
    with pytest.raises(ValueError, match="seeds: whole numbers stay on the measure linear"):
        Number("seeds", 2, 1, 8, integer=True).cover(1, 8, measure="log")
    assert number.value == 350


def test_what_a_slider_gives_is_rounded_and_what_is_typed_is_not() -> None:
    rate = Number("rate", 1e-5, 1e-5, 1e-1, measure="log")
    rate.slider.value = 0.333
    assert rate.value == float(f"{rate.value:.3g}")
    rate.box.value = 0.000123456789
    assert rate.value == 0.000123456789


def test_a_value_out_of_range_is_refused_with_the_range() -> None:
    number = Number("gamma", 0.99, 0.8, 0.9999, measure="flipped-log")
    with pytest.raises(ValueError, match=r"gamma: 2 is out of range; allowed: 0\.8 to 0\.9999\."):
        number.value = 2
    with pytest.raises(ValueError, match=r"gamma: nan is out of range"):
        number.value = float("nan")
    assert number.value == number.box.value == 0.99


def test_a_whole_number_stays_whole() -> None:
    number = Number("seeds", 4, 1, 16, integer=True)
    with pytest.raises(ValueError, match=r"seeds: 2\.5 is not a whole number"):
        number.value = 2.5


@pytest.mark.parametrize(
    ("low", "high", "measure"), [(1, 1, "linear"), (0, 1, "log"), (0.5, 1.0, "flipped-log"), (2, 1, "linear")]
)
def test_a_range_that_does_not_suit_the_measure_is_refused(low, high, measure) -> None:
    with pytest.raises(ValueError, match="is empty or does not suit the measure"):
        Number("x", 1, low, high, measure=measure)


def test_it_can_be_switched_off_and_renamed() -> None:
    number = Number("Start", 0.5, 0, 1, default="default 1")
    number.disabled = True
    assert number.slider.disabled
    assert number.box.disabled
    number.rename("Value")
    assert (number.slider.description, number.box.description) == ("Value", "Value, exact number")


def test_every_step_of_a_slider_is_another_number() -> None:
    for low, high in ((1e-5, 1e-1), (0.1, 1.0)):
        rate = Number("rate", low, low, high, measure="log")
        values = []
        for step in range(201):
            rate.slider.value = step / 200
            values.append(rate.value)
        assert len(set(values)) == 201
