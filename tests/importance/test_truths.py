"""The truths that methods are held to, against algebra; and that each method finds them where nothing hides them."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.closed_forms import FORMS, G


def test_shares_of_a_sum_are_those_of_its_terms() -> None:
    form = FORMS["additive"]
    squares = np.array([4, 1, 9]) / 14
    np.testing.assert_allclose(form.main(), squares, atol=1e-9)
    np.testing.assert_allclose(form.total(), squares, atol=1e-9)
    np.testing.assert_allclose(form.lines(), squares, atol=1e-9)
    np.testing.assert_allclose(form.game("sensitivity"), squares, atol=1e-9)
    # From (.2, .9, .1): u0 can gain 1.6, u1 .1, u2 .3, and lose .4, .9, 2.7.
    np.testing.assert_allclose(form.game("tunability"), [0.8, 0.05, 0.15], atol=1e-9)
    np.testing.assert_allclose(form.game("mistunability"), np.array([0.4, 0.9, 2.7]) / 4, atol=1e-9)
    np.testing.assert_allclose(form.path(), np.array([1.2, 0.05, 0.15]) / 1.4, atol=1e-9)


def test_ishigami_and_g_are_the_textbook_ones() -> None:
    np.testing.assert_allclose(FORMS["Ishigami"].main(), [0.3139, 0.4424, 0.0], atol=2e-3)
    np.testing.assert_allclose(FORMS["Ishigami"].total(), [0.5576, 0.4424, 0.2437], atol=2e-3)
    own = 1 / (3 * (1 + G) ** 2)
    whole = np.prod(1 + own) - 1
    np.testing.assert_allclose(FORMS["Sobol's g"].main(), own / whole, atol=2e-3)
    np.testing.assert_allclose(FORMS["Sobol's g"].total(), own * np.prod(1 + own) / (1 + own) / whole, atol=2e-3)


def test_of_a_product_parts_multiply() -> None:
    own = (1 / 12) / np.array([0.5, 1.0, 1.5]) ** 2
    whole = np.prod(1 + own) - 1
    np.testing.assert_allclose(FORMS["product"].main(), own / whole, atol=1e-3)


def test_steps_are_counted() -> None:
    """x0 is above .5 half of the time: then 1.25 on average; .6 three times out of four."""
    form = FORMS["steps"]
    within = 0.25 * 0.75 / 2
    parts = np.array([1.25**2 / 4, 0.36 * 0.1875, 0.25 * 0.1875])
    np.testing.assert_allclose(form.main(), parts / (1.25**2 / 4 + 0.36 * 0.1875 + within), atol=1e-9)


def test_being_best_is_one_share_of_a_sum_of_one() -> None:
    """The best tenth of a monotone function of one: all of it is that one's."""
    form = FORMS["additive"]
    found = form.being_best(0.1)
    assert found.argmax() == 2
    assert 0 < found.sum() < 1
    # Noise hides who is best.
    assert FORMS["additive, noisy"].being_best(0.1).sum() < found.sum()


@pytest.mark.parametrize("name", FORMS)
def test_shares_of_every_truth_make_sense(name) -> None:
    form = FORMS[name]
    for what, truth in form.truths.items():
        assert truth.shape == (form.d,), what
        assert np.isfinite(truth).all(), what
        if what.startswith(("shapley", "local", "ablation")):
            assert truth.sum() == pytest.approx(1.0), what
        # What ends a path, or joins a coalition for its variance, can take something away.
        if what not in ("ablation", "shapley (sensitivity)"):
            assert (truth > -1e-9).all(), what
