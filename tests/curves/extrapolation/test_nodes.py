from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rlhp.curves.extrapolation._mixture import draws, log_likelihood, mixture, normals, posterior
from rlhp.curves.extrapolation._nodes import KNOWN, UNKNOWN, conditioned
from rlhp.curves.extrapolation._shapes import PARAMETRIC, shapes

SEEN, COUNTS, AHEAD = (10.0, 20.0, 30.0), (1, 2, 1), (60.0, 100.0)
Y = np.array([0.12, 0.3, 0.41])


def by_hand(node: int, scale):
    """Mean and covariance of the curve at all five points under one node, written out."""
    ends, noises = len(scale.ends), len(scale.noises)
    shape = shapes(PARAMETRIC)[node // (ends * noises)]
    noise, drift = (scale.drifts if shape.family == "wander" else scale.noises)[node // ends % noises]
    third = {"collapse": scale.peak, "hump": scale.hump}.get(shape.family, (0.0, 0.0))
    x = np.array(SEEN + AHEAD)
    basis = shape.basis(x)
    values = np.array([scale.start[0], scale.ends[node % ends][0], third[0]])
    spread = np.diag([scale.start[1], scale.end_sd, third[1]])
    walk = np.array([[min(a, b) / 100 for b in x] for a in x])
    covariance = basis @ spread**2 @ basis.T + drift**2 * walk
    covariance += noise**2 * np.diag(1 / np.array([*COUNTS, 1, 1]))
    return shape.offset(x) + basis @ values, covariance


@pytest.mark.parametrize("scale", [KNOWN, UNKNOWN], ids=["known", "unknown"])
def test_density_and_prediction_are_those_of_the_gaussian_written_out(scale) -> None:
    nodes = conditioned(PARAMETRIC, scale, SEEN, COUNTS, AHEAD)
    log = nodes.log_likelihood(np.stack([Y, 0.5 * Y]))
    n_nodes = log.shape[1]
    assert n_nodes == len(shapes()) * len(scale.noises) * len(scale.ends)
    for node in range(0, n_nodes, n_nodes // 97):
        mean, covariance = by_hand(node, scale)
        oracle = stats.multivariate_normal(mean[:3], covariance[:3, :3], allow_singular=True)
        for row, y in enumerate((Y, 0.5 * Y)):
            assert log[row, node] == pytest.approx(oracle.logpdf(y), rel=1e-6, abs=1e-6)
        gain = covariance[3:, :3] @ np.linalg.inv(covariance[:3, :3])
        expected = mean[3:] + gain @ (Y - mean[:3])
        sd = np.sqrt(np.diag(covariance[3:, 3:] - gain @ covariance[:3, 3:]))
        found = nodes.predict(np.array([node, node]), Y, np.array([0.0, 1.0]))
        np.testing.assert_allclose(found[0], expected, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(found[1] - found[0], sd, rtol=1e-6)


def test_posterior_is_bayes_rule() -> None:
    nodes = conditioned(PARAMETRIC, KNOWN, SEEN, COUNTS, AHEAD)
    prior = mixture().weights
    after = posterior(log_likelihood(nodes, Y[None]), prior)[0]
    likelihood = np.exp(nodes.log_likelihood(Y[None])[0])
    np.testing.assert_allclose(after, likelihood * prior / (likelihood @ prior), rtol=1e-9)


def test_prior_weights_are_shared_as_said() -> None:
    prior = mixture()
    by_family = dict(zip(prior.families, prior.by_family(prior.weights), strict=True))
    assert sum(by_family.values()) == pytest.approx(1)
    assert by_family["pow3"] == pytest.approx(0.5 / 11) == by_family["exp4"]
    assert by_family["collapse"] == pytest.approx(0.5 / 4) == by_family["wander"]
    few = mixture(("pow3", "mmf"))
    np.testing.assert_allclose(few.by_family(few.weights), [0.5, 0.5])


@pytest.mark.parametrize("name", PARAMETRIC)
def test_a_noiseless_curve_gives_its_shape_and_its_end_back(name) -> None:
    """Of every family: the shape that made the curve is found, and so is where the curve ends."""
    grid = shapes((name,))
    shape = grid[len(grid) // 3]
    x = np.arange(6.0, 73.0, 6.0)
    values = np.array([0.1, 0.8, 0.3 if name == "hump" else 0.95])
    curve, end = (shape.offset(at) + shape.basis(at) @ values for at in (x, np.array([100.0])))
    prior = mixture((name,))
    nodes = conditioned(prior.families, KNOWN, tuple(x), (1,) * len(x), (100.0,))
    found, after = draws(nodes, prior.weights, curve[None], normals(0))
    best = np.bincount(np.arange(len(after[0])) // (6 * 7), weights=after[0]).argmax()
    assert np.median(found) == pytest.approx(end.item(), abs=0.02)
    # Two shapes of a family may be one curve within a thousandth; that is no mistake.
    nearest = grid[best].basis(x) @ values + grid[best].offset(x)
    assert best == len(grid) // 3 or np.abs(nearest - curve).max() < 0.03


@pytest.mark.parametrize("scale", [KNOWN, UNKNOWN], ids=["known", "unknown"])
def test_curves_from_the_prior_end_inside_80_percent_intervals_80_times_in_100(scale) -> None:
    """The mixture is calibrated for what it believes in; 500 curves, so that the tolerance is two standard errors."""
    from rlhp.curves.extrapolation._interval import at_level

    rng = np.random.default_rng(1)
    prior = mixture(scale=scale)
    x = np.array([10.0, 20.0, 30.0, 100.0])
    nothing = conditioned(PARAMETRIC, scale, tuple(x), (1,) * 4, ())
    chosen = rng.choice(len(prior.weights), 500, p=prior.weights)
    shape, end = np.divmod(chosen, len(scale.ends))
    roots = np.linalg.inv(nothing.whiten[shape])
    centre = np.einsum("rij,rj->ri", roots, nothing.white_mean[shape, :, end])
    curves = centre + np.einsum("rij,rj->ri", roots, rng.standard_normal((500, 4)))
    nodes = conditioned(PARAMETRIC, scale, tuple(x[:3]), (1,) * 3, (100.0,))
    found, _ = draws(nodes, prior.weights, curves[:, :3], normals(0))
    low, high = at_level(found[..., 0], 0.8)
    covered = ((low <= curves[:, 3]) & (curves[:, 3] <= high)).mean()
    assert 0.76 <= covered <= 0.87
    below = (curves[:, 3] < np.median(found[..., 0], axis=1)).mean()
    assert 0.455 <= below <= 0.545


def test_learned_weights_find_what_curves_were_made_of() -> None:
    from rlhp.curves.extrapolation._mixture import learned_weights

    rng = np.random.default_rng(0)
    x = np.arange(10.0, 101.0, 10.0)
    jump = shapes(("jump",))[4]
    curves = np.stack([jump.basis(x) @ [0.1 + 0.05 * rng.normal(), 0.9, 0.0] for _ in range(60)])
    curves += 0.03 * rng.normal(size=curves.shape)
    prior = mixture()
    log = log_likelihood(conditioned(PARAMETRIC, KNOWN, tuple(x), (1,) * 10, ()), curves)
    learned = learned_weights(log, prior.weights, shrink=5.0)
    assert learned.sum() == pytest.approx(1)
    by_family = dict(zip(PARAMETRIC, prior.by_family(learned), strict=True))
    assert by_family["jump"] > 0.8
    fit, before = (
        np.log(np.exp(log - log.max(axis=1, keepdims=True)) @ weights).sum() for weights in (learned, prior.weights)
    )
    assert fit > before
    nothing_seen = learned_weights(log[:1], prior.weights, shrink=1e9)
    np.testing.assert_allclose(nothing_seen, prior.weights, atol=1e-6)
