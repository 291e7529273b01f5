"""The network as a surrogate: held to closed forms where there are some."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rlhp import hpo
from rlhp.hpo.searchers.bnn import _ensemble, _fitting, _members, _network, _nuts, _prior

# What the offset of the function has as its standard deviation, and the inputs are scaled to: see `_network`.
FREQUENCY, HEIGHT, OFFSET, NOISE = 0.7, 1.3, 0.5, 0.3


def observed(n: int = 9, features: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.random((n, features))
    return x, 1.5 * x[:, 0] - x[:, 1] + NOISE * rng.standard_normal(n)


def prior(features: int = 2) -> _prior.Prior:
    scales = _network.Scales(jnp.full(features, FREQUENCY), jnp.zeros(()), jnp.asarray(HEIGHT))
    return _prior.Prior(scales, jnp.asarray(NOISE**2))


def regression(x: np.ndarray, y: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bayesian linear regression, the network without hidden layers, in closed form (Bishop 2006, 3.53 to 3.59)."""

    def design(x: np.ndarray) -> np.ndarray:
        return HEIGHT * np.column_stack([FREQUENCY * (2 * x - 1), np.full(len(x), OFFSET)])

    covariance = np.linalg.inv(np.eye(x.shape[1] + 1) + design(x).T @ design(x) / NOISE**2)
    mean = covariance @ design(x).T @ y / NOISE**2
    return design(new) @ mean, np.sqrt(np.einsum("ij,jk,ik->i", design(new), covariance, design(new)))


def padded(x: np.ndarray, y: np.ndarray, size: int = 16) -> object:
    return _ensemble.padded_data(x, y, np.full(len(y), np.nan), size)


def test_the_linear_ensemble_is_the_posterior() -> None:
    x, y = observed()
    new = np.random.default_rng(4).random((5, 2))
    with _members.computing():
        model = _fitting.anchored(jax.random.key(0), padded(x, y), prior(), (), "sin", 2000)
    mean, std = model.predict(new)
    exact, spread = regression(x, y, new)
    # Members come in opposite pairs: their mean has no error of chance.
    np.testing.assert_allclose(mean, exact, atol=1e-9)
    np.testing.assert_allclose(std, spread, rtol=0.08)


def test_the_linear_laplace_is_the_posterior_and_so_it_is_once_more_is_known() -> None:
    x, y = observed()
    new = np.random.default_rng(4).random((5, 2))
    with _members.computing():
        model = _fitting.approximated(jax.random.key(0), padded(x[:6], y[:6]), prior(), (), "sin")
    for found, known in ((model, 6), (model.given(x[6:], y[6:]), 9)):
        mean, std = found.predict(new)
        exact, spread = regression(x[:known], y[:known], new)
        np.testing.assert_allclose(mean, exact, atol=1e-8)
        np.testing.assert_allclose(std, spread, rtol=1e-6)
    functions = model.functions(new)
    np.testing.assert_allclose(functions.mean(axis=0), regression(x[:6], y[:6], new)[0], atol=0.4)


def test_the_linear_chain_is_the_posterior() -> None:
    x, y = observed()
    new = np.random.default_rng(4).random((5, 2))
    with _members.computing():
        model = _nuts.chained(jax.random.key(0), padded(x, y), prior(), (), "sin", 400)
    mean, std = model.predict(new)
    exact, spread = regression(x, y, new)
    np.testing.assert_allclose(mean, exact, atol=0.35 * spread.max())
    np.testing.assert_allclose(std, spread, rtol=0.25)


def test_the_chain_says_beforehand_that_it_will_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_nuts, "_LONG", 0.0)
    with pytest.warns(UserWarning, match=r"the chain of 800 draws will take about [\d,.]+ seconds; fewer `draws`"):
        with _members.computing():
            _nuts._say(lambda flat: jnp.sum(flat**2), jnp.zeros(3), 400)


def test_a_wide_network_drawn_from_the_prior_is_the_process_that_it_tends_to() -> None:
    """Sines of normal weights have a Gaussian kernel, where offsets reach around the circle."""
    a, b = np.array([[0.2, 0.6]]), np.array([[0.5, 0.3]])
    with _members.computing():
        keys = jax.random.split(jax.random.key(0), 4000)
        many = jax.vmap(lambda k: _network.drawn(k, 2, (128,)))(keys)
        everywhere = jax.tree.map(lambda one: jnp.broadcast_to(one, (4000, *one.shape)), prior().scales)
        said = _members.outputs(many, everywhere, jnp.asarray(np.vstack([a, b])), activation="sin")[0]
    kernel = HEIGHT**2 * (np.exp(-0.5 * ((FREQUENCY * 2 * (a - b)) ** 2).sum()) + OFFSET**2)
    found = np.cov(np.asarray(said).T)
    assert found[0, 1] == pytest.approx(kernel, rel=0.08)
    assert found[0, 0] == pytest.approx(HEIGHT**2 * (1 + OFFSET**2), rel=0.08)


@pytest.mark.parametrize("fit", ["ensemble", "laplace"])
def test_padding_changes_nothing(fit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = observed()
    new = np.random.default_rng(4).random((5, 2))
    found = []
    for sizes in ((16,), (24,)):
        monkeypatch.setattr(_fitting, "SIZES", sizes)
        model = hpo.Bnn(fit=fit, members=8, widths=(8,)).fitted(x, y, np.full(9, np.nan), np.random.default_rng(0))
        found.append(model.predict(new))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("fit", ["ensemble", "laplace"])
def test_slopes_are_those_of_the_predictions(fit: str) -> None:
    x, y = observed()
    model = hpo.Bnn(fit=fit, members=8, widths=(8,)).fitted(x, y, np.full(9, np.nan), np.random.default_rng(0))
    here = np.array([[0.3, 0.6]])
    for which in (0, 1):
        slope = model.slopes(here)[which][0]
        for j, step in enumerate(1e-5 * np.eye(2)):
            ahead, behind = model.predict(here + step)[which], model.predict(here - step)[which]
            assert slope[j] == pytest.approx(float((ahead - behind)[0]) / 2e-5, rel=1e-4, abs=1e-6)


def test_the_same_seed_gives_the_same_fit_whatever_numpy_draws_besides() -> None:
    x, y = observed()
    found = []
    for scrambled in (0, 1):
        np.random.seed(scrambled)  # noqa: NPY002 - what must not matter
        model = hpo.Bnn(members=8, widths=(8,)).fitted(x, y, np.full(9, np.nan), np.random.default_rng(7))
        found.append(model.predict(x))
    np.testing.assert_array_equal(found[0], found[1])


def test_scores_that_are_known_better_are_followed_more_closely() -> None:
    x, y = observed()
    bent = y.copy()
    bent[0] += 2.0
    off = []
    for error in (0.02, 2.0):
        noise = np.full(9, 0.3)
        noise[0] = error
        model = hpo.Bnn(members=8, widths=(8,)).fitted(x, bent, noise, np.random.default_rng(0))
        off.append(abs(float(model.predict(x[:1])[0][0]) - bent[0]))
    assert off[0] < 0.3 < off[1]


def test_a_pair_that_interacts_stands_first() -> None:
    space = hpo.Search({"a": (0.0, 1.0), "b": (0.0, 1.0), "c": (0.0, 1.0)}).space
    rng = np.random.default_rng(0)
    rows = [dict(zip("abc", map(float, row), strict=True)) for row in rng.random((40, 3))]
    scores = [4 * (row["a"] - 0.5) * (row["c"] - 0.5) + 0.5 * row["b"] for row in rows]
    found = hpo.interactions(space, hpo.Observations(rows, scores), searcher=hpo.Bnn(members=8, widths=(24,)), rng=0)
    first = found.table.iloc[0]
    assert (first["first"], first["second"]) == ("a", "c")
    # 16 Var(a) Var(c) = 1/9 of it, against 1/48 for b: what the pair does together is all of what a and c do.
    assert abs(first["share"] - (1 / 9) / (1 / 9 + 1 / 48)) < 0.25
    assert first["low"] < first["share"] < first["high"]
    assert found.table["share"].iloc[1:].max() < 0.3
    assert found.shares.shape == (8, 3)
    assert repr(found).startswith("Interactions")
    with pytest.raises(ValueError, match="fewer than two scores"):
        hpo.interactions(space, hpo.Observations(rows[:1], scores[:1]))


def test_a_wrong_option_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown fit `ensembl`; did you mean `ensemble`"):
        hpo.Bnn(fit="ensembl")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`members` is 1"):
        hpo.Bnn(members=1)


@pytest.mark.hard
def test_it_finds_more_of_a_noisy_function_than_random_search() -> None:
    """Hartmann's function, noise .1, 40 evaluations, 20 repetitions: regret at most .8, its interval below random's."""
    found = np.array([hartmann_regret(hpo.Bnn(), seed) for seed in range(20)])
    by_chance = np.array([hartmann_regret(hpo.Random(), seed) for seed in range(20)])
    half = 2.093 * np.array([found.std(ddof=1), by_chance.std(ddof=1)]) / np.sqrt(20)
    assert found.mean() <= 0.8
    assert found.mean() + half[0] < by_chance.mean() - half[1]


def hartmann_regret(searcher: hpo.Searcher, seed: int) -> float:
    a = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
    p = [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
    names = [f"x{j}" for j in range(6)]
    space = hpo.Search(dict.fromkeys(names, (0.0, 1.0))).space
    noise, told, scores, true = np.random.default_rng([seed, 11]), [], [], []
    for k in range(40):
        told += searcher.propose(space, hpo.Observations(told, scores), 1, np.random.default_rng([seed, k]))
        x = np.array([told[-1][name] for name in names])
        bumps = np.exp(-(np.array(a) * (x - 1e-4 * np.array(p)) ** 2).sum(axis=1))
        true.append(float(np.array([1, 1.2, 3, 3.2]) @ bumps))
        scores.append(true[-1] + 0.1 * noise.standard_normal())
    return 3.32237 - true[int(np.argmax(scores))]
