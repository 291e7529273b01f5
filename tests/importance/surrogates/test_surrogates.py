"""The surrogates: what each says of itself is what fitting it again says, and the one that fits is taken."""

from __future__ import annotations

import numpy as np
import pytest
from ConfigSpace import Categorical, ConfigurationSpace, EqualsCondition, Float, Integer

from rlhp import Runs, importance, spaces
from rlhp.importance._study import Study, scored
from rlhp.importance.surrogates._boosted import boost
from rlhp.importance.surrogates._boxes import Domain
from rlhp.importance.surrogates._choice import choose
from rlhp.importance.surrogates._measures import measures_used
from rlhp.importance.surrogates._process import Coding, Process, ProductKernel, process
from rlhp.importance.surrogates._projections import line_of_process, of_process

NO_INTERVAL = importance.Fit(n_boot=0)


def mixed() -> ConfigurationSpace:
    space = ConfigurationSpace(
        space=[
            Float("a", (1e-4, 1e-1), log=True),
            Integer("b", (1, 6)),
            Categorical("c", ["x", "y", "z"], weights=[1, 2, 1]),
        ]
    )
    return space


def curved(u: np.ndarray) -> np.ndarray:
    return np.sin(3 * u[:, 0]) + (u[:, 1] - 0.4) ** 2 + np.where(u[:, 2] > 0.75, u[:, 0], 0.3)


def study_of(space: ConfigurationSpace, function, n: int = 80, noise: float = 0.1) -> tuple[Study, Domain]:
    configs = spaces.sample(space, n, method="sobol", rng=0)
    scores = function(spaces.to_unit(space, configs)) + noise * np.random.default_rng(0).standard_normal(n)
    data = scored(Runs.from_table(configs, scores), space, "final_return", failures="raise")
    return data, Domain.of(space, measures_used(space, "declared"))


@pytest.fixture(scope="module")
def fitted() -> tuple[Study, Domain, Process]:
    data, domain = study_of(mixed(), curved)
    return data, domain, process(data, domain, data.y, np.random.default_rng(0))


def test_the_kernels_gradient_is_that_of_finite_differences() -> None:
    rng = np.random.default_rng(0)
    points = np.column_stack([rng.random((12, 2)), rng.integers(0, 3, 12)])
    scales = np.array([0.4, 1.3, 0.7])
    _, slopes = ProductKernel(scales, 2)(points, eval_gradient=True)
    for k in range(3):
        moved = [ProductKernel(scales * np.exp(np.eye(3)[k] * step), 2)(points) for step in (1e-5, -1e-5)]
        np.testing.assert_allclose(slopes[:, :, k], (moved[0] - moved[1]) / 2e-5, atol=1e-8)


def test_levels_and_switches_have_columns_of_their_own() -> None:
    space = ConfigurationSpace(space=[Categorical("p", ["off", "on"]), Float("k", (0.0, 1.0)), Float("x", (0.0, 1.0))])
    space.add(EqualsCondition(space["k"], space["p"], "on"))
    coding = Coding.of(space)
    names = list(space)
    assert [names[j] for j in coding.numbers] == ["x", "k"]
    assert coding.width == 4
    off = np.where([name == "k" for name in names], np.nan, 0.25)
    np.testing.assert_array_equal(coding.coded(off[None])[0], [0.25, 0.5, 0.25, 1.0])


def test_left_out_residuals_are_those_of_fitting_again(fitted) -> None:
    data, _, model = fitted
    for row in (0, 17):
        rest = np.delete(np.arange(len(data.y)), row)
        kernel = model.height * ProductKernel(model.scales, model.coding.n_numbers)(model.seen)
        covariance = kernel + (model.noise + 1e-8) * np.eye(len(kernel))
        weights = np.linalg.solve(covariance[np.ix_(rest, rest)], model.target[rest])
        told = model.centre + model.spread * (kernel[row, rest] @ weights)
        assert data.y[row] - model.left_out[row] == pytest.approx(told, abs=1e-6)
        assert model.without(np.array([row]), data.unit[row][None])[0] == pytest.approx(told, abs=1e-6)


def test_drawn_functions_have_the_posteriors_mean_and_spread(fitted) -> None:
    data, _, model = fitted
    points = spaces.to_unit(data.space, spaces.from_unit(data.space, np.random.default_rng(3).random((20, 3))))
    drawn = model.paths(3000, np.random.default_rng(1)).predict(points)
    np.testing.assert_allclose(drawn.mean(axis=0), model.predict(points), atol=0.02)
    towards = model.height * model.kernel(model.coded(points), model.seen)
    variance = model.height - np.einsum("ij,jk,ik->i", towards, model.inverse, towards)
    expected = model.reach * model.spread * np.sqrt(variance)
    np.testing.assert_allclose(drawn.std(axis=0), expected, rtol=0.25)


def test_projections_of_a_process_are_sums_over_a_grid(fitted) -> None:
    data, domain, model = fitted
    found = of_process(model, data.unit, 2)
    axes = []
    for own in domain.cells:
        edges = np.linspace(0, 1, 101) if own is None else own[1]
        axes.append(((edges[1:] + edges[:-1]) / 2 if own is None else own[0], np.diff(edges)))
    grid = np.stack([one.ravel() for one in np.meshgrid(*(place for place, _ in axes), indexing="ij")], axis=1)
    values = ((model.predict(grid) - model.centre) / model.spread).reshape([len(place) for place, _ in axes])
    mass = np.einsum("i,j,k->ijk", *(weight for _, weight in axes))
    mean = (mass * values).sum()

    def variance(keep: tuple[int, ...]) -> float:
        rest = tuple(j for j in range(3) if j not in keep)
        weight = mass.sum(axis=rest)
        return float((weight * ((mass * values).sum(axis=rest) / weight - mean) ** 2).sum())

    sets = [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (1, 2), (0, 2), (0, 1), (0, 1, 2)]
    np.testing.assert_allclose(found.own, [variance(one) for one in sets], atol=2e-4)
    line, _ = line_of_process(model, 1, domain.cells[1][0])
    weight = mass.sum(axis=(0, 2))
    expected = model.centre + model.spread * (mass * values).sum(axis=(0, 2)) / weight
    np.testing.assert_allclose(line, expected, atol=1e-3)


def test_boosted_boxes_add_up_to_what_boosted_trees_say() -> None:
    data, domain = study_of(mixed(), curved)
    model = boost(domain, data.unit, data.y, np.random.default_rng(0))
    points = spaces.to_unit(data.space, spaces.from_unit(data.space, np.random.default_rng(5).random((50, 3))))
    boxes = model.boxes
    inside = ((points[:, None] >= boxes.low) & (points[:, None] < boxes.high)).all(axis=2)
    np.testing.assert_allclose(inside @ boxes.value, model.predict(points), atol=1e-9)


@pytest.mark.parametrize(
    ("function", "expected"),
    [(curved, "process"), (lambda u: 1.0 * (u[:, 0] > 0.5) + 1.0 * ((u[:, 0] > 0.3) & (u[:, 1] > 0.6)), "boosted")],
)
def test_auto_takes_what_predicts_best_and_the_seed_decides_all(function, expected) -> None:
    data, domain = study_of(mixed(), function, n=200, noise=0.0)
    options = {"n_trees": 16, "min_leaf": None}
    first, again = (choose(data, domain, data.y, "auto", rng=np.random.default_rng(4), **options) for _ in range(2))
    assert first.kind == expected
    assert first.r2 >= max(first.tried.values()) - 0.01
    assert first.tried == again.tried
    np.testing.assert_array_equal(first.model.predict(data.unit), again.model.predict(data.unit))


def test_an_unknown_surrogate_is_refused(cube, sampled) -> None:
    runs = sampled(cube(2), lambda u: u[:, 0], n=32)
    with pytest.raises(ValueError, match=r"unknown surrogate `forrest`; did you mean `forest`\?"):
        importance.fanova(runs, cube(2), rng=0, fit=importance.Fit(surrogate="forrest"))
    with pytest.raises(ValueError, match="only a forest's shares are given as they are"):
        importance.fanova(runs, cube(2), rng=0, fit=importance.Fit(surrogate="process"), variance="shared")
    with pytest.raises(ValueError, match="only a forest's rises are given as they are"):
        importance.permutation(runs, cube(2), rng=0, fit=importance.Fit(surrogate="boosted"), corrected=False)


def test_a_process_refuses_conditions_where_it_has_no_marginals(sampled) -> None:
    space = spaces.subspace(spaces.default("a2c"), ["use_rms_prop", "rms_prop_eps", "gamma"])
    runs = sampled(space, lambda u: np.nan_to_num(u[:, 0]), n=64)
    with pytest.raises(ValueError, match="this space has conditions: a process has no exact marginals there"):
        importance.fanova(runs, space, rng=0, fit=importance.Fit(surrogate="process"))
    assert "trees" in importance.fanova(runs, space, rng=0, fit=NO_INTERVAL).surrogate


def test_a_bar_shows_how_far_resamples_are(cube, sampled, capsys, monkeypatch) -> None:
    import tqdm.auto

    real = tqdm.auto.tqdm
    monkeypatch.setattr(
        "tqdm.auto.tqdm", lambda many, **options: real(many, **options | {"delay": 0.0, "mininterval": 0})
    )
    runs = sampled(cube(2), lambda u: u[:, 0], n=32)
    for method, options in ((importance.fanova, {"variance": "shared"}), (importance.local, {})):
        shown = []
        for progress in (True, False):
            fit = importance.Fit(surrogate="forest", n_trees=2, boot_trees=1, n_boot=40, progress=progress)
            method(runs, cube(2), rng=0, fit=fit, **options)
            shown.append("40/40" in capsys.readouterr().err)
        assert shown == [True, False]
    with pytest.raises(ValueError, match="`progress` is 'yes'; give True or False"):
        importance.fanova(runs, cube(2), rng=0, fit=importance.Fit(progress="yes"))
