"""The algorithm as a part of what is searched: the space, pools of several, real training, and the verdict."""

from __future__ import annotations

import numpy as np
import pytest
from ConfigSpace import ConfigurationSpace, Constant

from rlhp import Runs, hpo, spaces
from rlhp.runs import concat

BOTH = ["dqn_cartpole", "ppo_cartpole"]


def test_each_algorithm_has_its_own_hyperparameters() -> None:
    space = spaces.algorithms(["dqn", "ppo", "a2c"])
    drawn = spaces.sample(space, 200, method="random", rng=0)
    counts = drawn["algorithm"].value_counts()
    assert set(counts.index) == {"dqn", "ppo", "a2c"}
    assert counts.min() > 25
    for name in ("dqn", "ppo", "a2c"):
        alone = spaces.default(name)
        mine = [f"{name}.{one}" for one in alone]
        assert set(mine) <= set(space)
        assert drawn.loc[drawn["algorithm"] != name, mine].isna().all(axis=None)
        always = [f"{name}.{one}" for one in alone if not alone.parent_conditions_of[one]]
        assert drawn.loc[drawn["algorithm"] == name, always].notna().all(axis=None)
        assert [spaces.measure(space)[f"{name}.{one}"] for one in alone] == [*spaces.measure(alone).values()]
    a2c = drawn[drawn["algorithm"] == "a2c"]
    assert (a2c["a2c.rms_prop_eps"].notna() == (a2c["a2c.use_rms_prop"] == True)).all()  # noqa: E712
    dqn = drawn[drawn["algorithm"] == "dqn"]
    assert (dqn["dqn.gradient_steps"] <= dqn["dqn.train_freq"]).all()
    with pytest.raises(ValueError, match="did you mean `dqn`"):
        spaces.algorithms(["dqm", "ppo"])
    with pytest.raises(ValueError, match="give two algorithms or more"):
        spaces.algorithms(["ppo"])


@pytest.mark.parametrize("searcher", ["random", "sobol", "optuna"])
def test_searchers_propose_one_algorithm_and_its_hyperparameters(searcher) -> None:
    pytest.importorskip("optuna")
    space = spaces.algorithms({name: spaces.subspace(spaces.default(name), ["gamma"]) for name in ("dqn", "ppo")})
    search = hpo.Search(space, searcher, seed=0)
    for _ in range(6):
        for one in search.ask(2):
            name, own = spaces.algorithm_of(one)
            assert set(own) == {"gamma"}
            search.tell([one], [1.0 if name == "ppo" else 0.0])


def test_a_pool_of_two_algorithms_says_what_each_says_alone() -> None:
    both, alone = hpo.pool(BOTH), hpo.pool("ppo_cartpole")
    assert both.capacity == 512
    ours = [at for at, one in enumerate(both.configurations) if one["algorithm"] == "ppo"]
    assert [spaces.algorithm_of(both.configurations[at])[1] for at in ours] == list(alone.configurations)
    assert [str(spaces.algorithm_of(both.configurations[at])[1]) for at in ours] == [*map(str, alone.configurations)]
    np.testing.assert_array_equal(both.truth()[ours], alone.truth())
    assert spaces.allowed(both.space, both.configurations).all()
    with pytest.raises(ValueError, match="`space` is of one algorithm"):
        hpo.pool(BOTH, space=spaces.default("ppo"))
    with pytest.raises(ValueError, match="several environments or lengths"):
        hpo.pool(["dqn_cartpole", "dqn_acrobot"])


def test_a_replay_says_which_algorithm_and_by_how_much() -> None:
    found = hpo.replay(BOTH, budget=3_000_000, searcher="random", rng=0)
    table = found.algorithms.set_index("algorithm")
    assert set(table.index) == {"dqn", "ppo"}
    assert table["env_steps"].sum() == found.counts["env_steps"]
    assert table["trials"].sum() == len(found.trials)
    assert found.best_config["algorithm"] == table.index[0]
    assert (table.loc[table.index[0], ["behind", "behind.low", "behind.high"]] == 0).all()
    second = table.iloc[1]
    assert second["behind.low"] < second["behind"] < second["behind.high"]
    assert second["behind"] == pytest.approx(table["confirmed"].iloc[0] - second["confirmed"])
    assert len(found.finalists) >= found.judging.finalists
    assert f"algorithm: {table.index[0]}; {table.index[1]} " in repr(found)
    assert hpo.replay("ppo_cartpole", budget=900_000, searcher="random").algorithms.empty


def made_up(levels: dict[str, float]) -> Runs:
    parts = []
    for name, level in levels.items():
        configs = [{"gamma": gamma} for gamma in (0.9, 0.95, 0.99) for _ in range(6)]
        values = [level + 0.01 * seed + gamma for gamma in (0.0, 0.1, 0.2) for seed in range(6)]
        parts.append(Runs.from_table(configs, values, seeds=[*range(6)] * 3, algorithm=name, env_id="E"))
    return concat(parts)


def test_the_better_algorithm_is_found_and_one_that_is_level_is_told_to_be() -> None:
    pool = hpo.pool(
        made_up({"dqn": 0.0, "ppo": 5.0, "a2c": 4.99}), judging=hpo.Judging(seeds=2, choice_seeds=1, test_seeds=3)
    )
    found = hpo.replay(pool, budget=10**6, searcher="random", plan="full")
    table = found.algorithms.set_index("algorithm")
    assert table.index.tolist() == ["ppo", "a2c", "dqn"]
    assert table.loc["dqn", "behind"] == pytest.approx(5.0)
    assert table.loc["dqn", "behind.low"] > 4.9
    assert table.loc["a2c", "behind.low"] < 0.01 < table.loc["a2c", "behind.high"]
    assert "which may be chance" in repr(found)
    one = hpo.replay(
        hpo.pool(made_up({"dqn": 0.0, "ppo": 5.0}), judging=hpo.Judging(seeds=3, choice_seeds=0, test_seeds=0)),
        budget=10**6,
    )
    assert one.algorithms["confirmed"].isna().all()
    assert "was not confirmed" in repr(one)


def test_real_training_of_two_algorithms_is_a_program_each() -> None:
    pytest.importorskip("jax")
    static = {
        "a2c": {"n_steps": 8},
        "dqn": {"learning_starts": 16, "train_freq": 8, "buffer_size": 100, "batch_size": 4},
    }
    parts = {}
    for name, held in static.items():
        parts[name] = ConfigurationSpace(space={"gamma": (0.8, 0.999)})
        parts[name].add([Constant(key, value) for key, value in (held | {"net_arch": "[8]"}).items()])
    options = {
        "judging": hpo.Judging(steps=160, seeds=1, choice_seeds=1, test_seeds=2, finalists=1),
        "searcher": "random",
    }
    found = hpo.optimize(
        ["a2c", "dqn"], "CartPole-v1", spaces.algorithms(parts), budget=960, plan=hpo.Full(batch=6), rng=2, **options
    )
    assert set(found.algorithms["algorithm"]) == {"a2c", "dqn"}
    assert found.algorithms["confirmed"].notna().all()
    assert found.counts["programs"] == 2
    assert set(found.runs.table["algorithm"]) == {"a2c", "dqn"}
    assert found.call.startswith("hpo.optimize(['a2c', 'dqn'], 'CartPole-v1', space")
    with pytest.raises(ValueError, match="`space` does not say which algorithm"):
        hpo.optimize(["a2c", "dqn"], "CartPole-v1", parts["a2c"], budget=960, **options)
    with pytest.raises(ValueError, match="`space` has the algorithm 'dqn', and `algorithm` is a2c"):
        hpo.optimize("a2c", "CartPole-v1", spaces.algorithms(parts), budget=960, **options)
    with pytest.raises(ValueError, match="sac"):
        hpo.optimize(["a2c", "sac"], "CartPole-v1", budget=960, **options)
