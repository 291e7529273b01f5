"""The decomposition of trees is exact: against integration on a grid, and against what is known of it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from rlhp.importance.surrogates._boxes import Boxes
from rlhp.importance.surrogates._effects import effects, mean_effects, scaled, subsets


def by_hand() -> Boxes:
    """Give a tree of five leaves in three dimensions: x0 at .5; below, x1 at .25; above, x2 at .75 and x0 at .875."""
    low = [[0, 0, 0], [0, 0.25, 0], [0.5, 0, 0.75], [0.5, 0, 0], [0.875, 0, 0]]
    high = [[0.5, 0.25, 1], [0.5, 1, 1], [1, 1, 1], [0.875, 1, 0.75], [1, 1, 0.75]]
    value = [3.0, -1.0, 4.0, 1.0, -5.0]
    return Boxes(np.array(low, float), np.array(high, float), np.array(value), np.zeros(5, int))


def another() -> Boxes:
    low = [[0, 0, 0], [0.625, 0, 0], [0.625, 0.5, 0]]
    high = [[0.625, 1, 1], [1, 0.5, 1], [1, 1, 1]]
    return Boxes(np.array(low, float), np.array(high, float), np.array([1.0, 2.0, 7.0]), np.zeros(3, int))


def on_grid(boxes: Boxes, cells: int = 8) -> np.ndarray:
    """Evaluate at the middles of equal cells, whose edges hold every cut: integration is then exact."""
    middles = (np.arange(cells) + 0.5) / cells
    points = np.array(list(itertools.product(middles, repeat=boxes.low.shape[1])))
    inside = ((points[:, None] >= boxes.low) & (points[:, None] < boxes.high)).all(axis=2)
    return (inside @ boxes.value).reshape([cells] * boxes.low.shape[1])


def brute_force(f: np.ndarray, g: np.ndarray) -> tuple[float, dict[tuple[int, ...], float]]:
    """Split the covariance of two functions on a grid by averaging out, set by set."""
    d = f.ndim
    parts: dict[tuple[int, ...], float] = {}
    for one in subsets(d, d):
        rest = tuple(j for j in range(d) if j not in one)
        marginals = [np.mean(h, axis=rest) for h in (f, g)]
        closed = np.mean(marginals[0] * marginals[1]) - f.mean() * g.mean()
        parts[one] = closed - sum(parts[sub] for sub in parts if set(sub) < set(one))
    return float(np.mean(f * g) - f.mean() * g.mean()), parts


@pytest.mark.parametrize(("a", "b"), [(by_hand(), by_hand()), (by_hand(), another()), (another(), by_hand())])
def test_it_equals_integration_on_a_grid(a, b) -> None:
    variance, parts = brute_force(on_grid(a), on_grid(b))
    found = effects(a, b, 3)
    assert found.variance == pytest.approx(variance, abs=1e-12)
    for one, part in parts.items():
        assert found.parts[one] == pytest.approx(part, abs=1e-12)
    for j in range(3):
        whole = sum(part for one, part in parts.items() if j in one)
        assert found.total[j] == pytest.approx(whole, abs=1e-12)


def test_the_parts_of_all_orders_add_up_to_the_variance() -> None:
    found = scaled(effects(by_hand(), by_hand(), 3))
    assert sum(found.parts.values()) == pytest.approx(1.0, abs=1e-12)


def test_blocks_of_leaves_do_not_matter(monkeypatch) -> None:
    whole = effects(by_hand(), another(), 3)
    monkeypatch.setattr("rlhp.importance.surrogates._effects._BLOCK", 6)
    assert effects(by_hand(), another(), 3).parts == pytest.approx(whole.parts, abs=1e-15)


def test_what_is_never_split_has_no_effect_at_all() -> None:
    found = effects(another(), another(), 2)
    assert found.total[2] == 0.0
    assert [found.parts[one] for one in [(2,), (0, 2), (1, 2)]] == [0.0, 0.0, 0.0]


def test_a_tree_without_splits_has_no_variance() -> None:
    flat = Boxes(np.zeros((1, 2)), np.ones((1, 2)), np.array([3.0]), np.zeros(1, int))
    found = scaled(effects(flat, flat, 2))
    assert found.variance == 0.0
    assert set(found.parts.values()) == {0.0}


def test_one_hyperparameter_carries_everything() -> None:
    line = Boxes(np.array([[0.0], [0.25]]), np.array([[0.25], [1.0]]), np.array([0.0, 4.0]), np.zeros(2, int))
    found = effects(line, line, 1)
    assert found.variance == pytest.approx(3.0)
    assert (found.parts[(0,)], found.total[0]) == pytest.approx((3.0, 3.0))


def test_the_mean_is_over_parts() -> None:
    a, b = effects(by_hand(), by_hand(), 1), effects(another(), another(), 1)
    assert mean_effects([a, b]).parts[(0,)] == pytest.approx((a.parts[(0,)] + b.parts[(0,)]) / 2)
