"""Whoever registers an algorithm is told at once what cannot be; what can is then an algorithm as any other."""

from __future__ import annotations

import dataclasses
import math
import sys
import textwrap
from types import ModuleType

import pytest
from ConfigSpace import EqualsCondition

import rlhp
from rlhp import spaces
from rlhp.algorithms import Algorithm, Hyperparameter, Levels, Range, declared, defaults, names, number, register, whole
from rlhp.algorithms.loading import code
from rlhp.algorithms.sharing import accept, packed
from rlhp.schedules import Linear
from rlhp.trainers import RunRequest, check_environment
from rlhp.trainers._configurations import check_config, config_rows
from rlhp.trainers._engines import choose_engine, obstacles
from rlhp.trainers._updates import first_update, never_updated, never_updates
from rlhp.widgets.frame._form import HyperparameterForm
from rlhp.widgets.live import _catalogue as catalogue
from tests.sweeps.asking import how

HYPERPARAMETERS = {
    "learning_rate": number(1e-2, 0, moves=True, search=Range(1e-4, 1.0, "log"), unit="per gradient"),
    "episodes": whole(8, 1, search=Range(1, 32)),
    "baseline": Hyperparameter(True, "bool", "loop", search=Levels((False, True))),
    "decay": number(0.9, 0, 1, when=("baseline", True), search=Range(0.5, 0.999, "flipped-log")),
    "horizon": whole(None, 1, also=(None,), search=Levels((64, 128), ordered=True), searched_from=64),
    "n_envs": whole(4, 1, search=Levels((1, 2, 4))),
}
GOOD = Algorithm(
    "mine",
    "an algorithm of my own",
    frozenset({"Discrete"}),
    HYPERPARAMETERS,
    agent="agent_of_mine:agent",
    iteration=("episodes", "n_envs"),
    described=lambda config: {**config, "horizon": config["horizon"] or 0},
)


@pytest.fixture(autouse=True)
def module(monkeypatch):
    """A module with an agent, as far as a declaration looks into one."""
    made = ModuleType("agent_of_mine")
    exec("def agent(env, shapes, *, n_episodes=10): ...\ndef shapes(config, env, steps): return {}", made.__dict__)
    monkeypatch.setitem(sys.modules, "agent_of_mine", made)
    return made


def test_what_is_registered_is_an_algorithm_as_any_other():
    register(GOOD)
    assert "mine" in names()
    assert declared("mine") is GOOD
    assert defaults("mine")["learning_rate"] == 1e-2
    assert check_config("mine", {"learning_rate": Linear(0.1, 0.0), "episodes": 4.0}) == {
        "learning_rate": Linear(0.1, 0.0),
        "episodes": 4,
    }
    with pytest.raises(ValueError, match=r"unknown hyperparameter `learning_rat` for mine; did you mean"):
        check_config("mine", {"learning_rat": 1})
    with pytest.raises(ValueError, match=r"`decay` is 2 for mine; allowed: a number from 0 to 1"):
        check_config("mine", {"decay": 2})
    assert choose_engine("mine", "CartPole-v1", {}) == "jax"
    assert first_update("mine", {"n_envs": 2}) == 16
    request = RunRequest("mine", "CartPole-v1", 0, 30, {"baseline": False}, 30, engine="auto")
    assert request.engine == "jax"
    assert RunRequest.from_json(request.to_json()) == request
    assert "with `episodes` = 8 and `n_envs` = 4 the first gradient step of mine" in never_updates(request)


def test_its_space_is_made_of_what_is_said_of_it():
    register(GOOD)
    space = spaces.default("mine")
    assert dict(space.get_default_configuration()) == {
        "learning_rate": 1e-2,
        "episodes": 8,
        "baseline": True,
        "decay": 0.9,
        "horizon": 64,
        "n_envs": 4,
    }
    assert spaces.measure(space)["decay"] == "flipped-log"
    assert space.conditions == [EqualsCondition(space["decay"], space["baseline"], True)]
    configs = spaces.sample(space, 32, method="sobol", rng=0)
    assert len({json for config in config_rows("mine", configs) for json in map(str, config.items())}) > 64
    for config in config_rows("mine", configs):
        assert ("decay" in check_config("mine", config)) == config["baseline"]


def test_forms_and_pickers_have_it_at_once():
    assert "mine" not in catalogue.suited("CartPole-v1").algorithms
    register(GOOD)
    assert "mine" in catalogue.suited("CartPole-v1").algorithms
    assert "discrete actions" in catalogue.suited("Pendulum-v1").why_not["mine"]
    assert "only in environments written in JAX" in catalogue.suited("FrozenLake-v1").why_not["mine"]
    form = HyperparameterForm("mine", {"episodes": 3}, lambda callback: callback)
    assert form.config["episodes"] == 3
    assert "per gradient" in form.rows["learning_rate"].control.tooltip


def test_where_it_cannot_act_is_said():
    register(GOOD)
    with pytest.raises(ValueError, match="mine acts in Discrete action spaces, but Pendulum-v1 has a Box one; use one"):
        check_environment("mine", "Pendulum-v1")
    with pytest.raises(ValueError, match="engine='sb3' cannot train this mine on CartPole-v1: the algorithm is not in"):
        RunRequest("mine", "CartPole-v1", 0, 9, {}, 9, engine="sb3")
    with pytest.raises(ValueError, match="engine='jax' cannot train this mine on FrozenLake-v1: the environment is"):
        RunRequest("mine", "FrozenLake-v1", 0, 9, {}, 9, engine="jax")


def test_tables_of_it_are_asked_whether_they_learned():
    register(GOOD)
    runs = rlhp.Runs.from_table([{"episodes": 2}, {"episodes": 16}], [1.0, 2.0], algorithm="mine", steps=20)
    assert never_updated(runs) == [runs.table.index[1]]


def test_another_of_the_same_name_only_with_replace():
    register(GOOD)
    with pytest.raises(ValueError, match="there is one of that name; give another name, or replace=True"):
        register(GOOD)
    other = dataclasses.replace(GOOD, title="another")
    register(other, replace=True)
    assert declared("mine") is other


def test_code_of_a_function_is_found_where_it_is_defined(module):
    register(dataclasses.replace(GOOD, agent=module.agent))
    before = code("mine")
    assert (before.agent, before.shapes, before.learning) == (module.agent, module.shapes, frozenset())
    module.LEARNING = frozenset({"tile"})
    assert code("mine").learning == {"tile"}
    exec("def agent(env, shapes, *, n_episodes=10): ...", module.__dict__)
    register(dataclasses.replace(GOOD, agent=module.agent), replace=True)
    assert code("mine") != before, "a program that was compiled of the old code would be taken for the new"


def changed(**fields):
    return dataclasses.replace(GOOD, **fields)


def with_one(name="learning_rate", **fields):
    return changed(hyperparameters={**HYPERPARAMETERS, name: dataclasses.replace(HYPERPARAMETERS[name], **fields)})


@pytest.mark.parametrize(
    ("algorithm", "message"),
    [
        ({"name": "mine"}, "`algorithm` is .* give `Algorithm`"),
        (changed(name="my algorithm"), "`algorithm.name` is 'my algorithm'; give letters, digits and underscores"),
        (changed(name=5), "`algorithm.name` is 5"),
        (changed(name="ppo"), "named 'ppo', and there is one of that name"),
        (changed(title=""), "`algorithm.title` is ''"),
        (changed(actions=frozenset({"discrete"})), "unknown action space `discrete`; did you mean `Discrete`"),
        (changed(actions=frozenset()), "`algorithm.actions` is .* at least one entry"),
        (changed(hyperparameters=[1]), "`algorithm.hyperparameters` is .* a mapping"),
        (changed(hyperparameters={"env.gravity": number(1.0)}), "has the name 'env.gravity'.*of an environment's own"),
        (changed(hyperparameters={"rate": 0.1}), r"`algorithm.hyperparameters\['rate'\]` is 0.1.*`Hyperparameter`"),
        (with_one(kind="real"), "unknown kind `real`"),
        (with_one(mark="tracd"), "unknown mark `tracd`; did you mean `traced`"),
        (with_one(mark="loop"), "mark` is 'loop' for the kind 'float'; it is 'traced'"),
        (with_one("baseline", moves=True), "moves` is True for the kind 'bool'; only numbers follow a schedule"),
        (with_one(one_program=(1, 2)), "one_program` is for whole numbers"),
        (with_one("episodes", one_program=(4, 2)), r"one_program\[1\]` is 2; give a whole number of at least 4"),
        (with_one(low=1.0, high=0.5), r"\['learning_rate'\].high` is 0.5"),
        (with_one(low=math.nan), r"\['learning_rate'\].low` is nan"),
        (with_one(engines=("torch",)), "unknown engine `torch`"),
        (with_one(also=None), "also` is None; give a tuple"),
        (with_one(default=-1.0), r"\['learning_rate'\].default`: `learning_rate` is -1.0 for mine; allowed: a number"),
        (with_one(default=None), r"\['learning_rate'\].default`: `learning_rate` is missing"),
        (with_one("episodes", default=Linear(1, 2)), "default`: `episodes` cannot move while mine trains"),
        (with_one(search=(0.1, 1.0)), "search` is .* give `Range` or `Levels`"),
        (with_one(search=Range(0.0, 1.0, "log")), "search.low` is 0.0"),
        (with_one("decay", search=Range(0.5, 1.0, "flipped-log")), "search.high` is 1.0"),
        (with_one("decay", search=Range(0.5, 2.0)), "search`: `decay` is 2.0 for mine; allowed: a number from 0 to 1"),
        (with_one(search=Range(0.1, 1.0)), "from 0.1 to 1, and the default 0.01 lies outside"),
        (with_one(search=Range(0.0, 1.0, "lin")), "unknown measure `lin`"),
        (with_one("baseline", search=Range(0, 1)), "search` is a Range for the kind 'bool'; give `Levels`"),
        (with_one("n_envs", search=Levels((1, 2))), "search` has no level 4, the default"),
        (with_one("n_envs", search=Levels((0, 4))), "search`: `n_envs` is 0 for mine"),
        (with_one("decay", when=("baselin", True)), "when`: unknown hyperparameter `baselin`; did you mean `baseline`"),
        (with_one("decay", when=("baseline", "yes")), "when`: `baseline` is 'yes' for mine"),
        (with_one("decay", when="baseline"), "when` is 'baseline'; give a pair"),
        (changed(clauses=5), "`algorithm.clauses` is 5"),
        (changed(described=dict), "`algorithm.described` gives None for `horizon` by default, which is a loop"),
        (
            with_one(default=None, also=(None,), search=None),
            "gives None for `learning_rate` by default, which is traced",
        ),
        (changed(described=lambda config: config["nothing"]), "`algorithm.described` raises KeyError of the defaults"),
        (
            changed(clauses=(("episodes", "n_env"),)),
            "`algorithm.clauses`: unknown hyperparameter `n_env`; did you mean",
        ),
        (changed(iteration=("steps",)), "`algorithm.iteration`: unknown hyperparameter `steps`"),
        (changed(iteration=("learning_rate",)), "`algorithm.iteration` names `learning_rate`; give .* whole numbers"),
        (changed(iteration=()), "`algorithm.iteration` is .* at least one entry"),
        (changed(described=None), "`algorithm.described` is None; give a function"),
        (changed(described=lambda config: 5), "`algorithm.described` is 5"),
        (changed(conflict=lambda config, given: "never"), "refuses the defaults themselves: never"),
        (changed(agent=None), "`algorithm.agent` .* are both None"),
        (changed(agent=5), "`algorithm.agent` is 5"),
        (changed(agent="agent_of_mine"), "`algorithm.agent` is 'agent_of_mine'; give `module:name`"),
        (changed(agent="agent_of_mine:agnt"), "the module agent_of_mine has no `agnt`"),
        (
            changed(agent="math:sqrt"),
            r"a function `shapes\(config, env, steps\) -> dict` beside it, and math has none",
        ),
        (changed(agent=None, sb3="module"), "`algorithm.sb3` is 'module'; give `module:Class`"),
        (changed(agent=None, sb3="__main__:Mine"), "put the class into a module of its own"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(algorithm, message):
    before = names()
    with pytest.raises((TypeError, ValueError), match=message):
        register(algorithm)
    assert names() == before


@pytest.mark.parametrize("field", ["agent", "sb3"])
def test_a_module_that_is_not_there_is_an_import_error(field):
    with pytest.raises(ImportError, match="nowhere_to_be_found"):
        register(changed(**{"agent": None, field: "nowhere_to_be_found:agent"}))


SB3 = """
    from stable_baselines3 import A2C

    class Doubtful(A2C):
        def __init__(self, *args, doubt=0.0, **kwargs):
            self.doubt = doubt
            super().__init__(*args, **kwargs)

        def train(self):
            super().train()
            assert self.doubt < 0.9, "too much doubt"
"""


@pytest.fixture
def doubtful(tmp_path, monkeypatch):
    """An algorithm of stable-baselines3 only, which is not part of it, in a module beside somebody's script."""
    (tmp_path / "doubtful.py").write_text(textwrap.dedent(SB3))
    monkeypatch.syspath_prepend(str(tmp_path))
    known = {name: declared("a2c").hyperparameters[name] for name in ("n_steps", "n_envs", "net_arch", "gamma")}
    doubt = number(0.0, 0, 1, moves=True, search=Range(0.0, 0.5), engines=("sb3",))
    one = Algorithm(
        "doubtful",
        "A2C in doubt",
        frozenset({"Discrete"}),
        {**known, "doubt": doubt},
        sb3="doubtful:Doubtful",
        iteration=("n_steps", "n_envs"),
    )
    register(one)
    return one


def test_one_of_stable_baselines3_alone(doubtful):
    assert choose_engine("doubtful", "CartPole-v1", {"doubt": 0.3}) == "sb3"
    assert obstacles("jax", "doubtful", "CartPole-v1", {}) == ["the algorithm is not written in JAX"]
    with pytest.raises(ValueError, match="doubtful has no agent for engine='jax'"):
        code("doubtful")


def test_worker_processes_train_it(doubtful, tmp_path):
    configs = [{"doubt": doubt, "net_arch": [4]} for doubt in (0.1, 0.95, Linear(0.1, 0.2))]
    asked = {"steps": 20, "evaluation": rlhp.Evaluation(20, episodes=1), "execution": rlhp.Execution(progress=False)}
    runs = rlhp.sweep(
        "doubtful",
        "CartPole-v1",
        configs,
        out=tmp_path,
        **asked | how(workers=2, keep_policies=True),
    )
    assert runs.table["engine"].unique().tolist() == ["sb3"]
    assert runs.table["status"].tolist() == ["finished", "failed", "finished"]
    assert "too much doubt" in runs.table["error"].iloc[1]
    assert runs.policy(runs.table.index[0]).act([0.0, 0.0, 0.0, 0.0]) in (0, 1)
    alone = rlhp.sweep("doubtful", "CartPole-v1", configs[:1], **asked | how(workers=1))
    assert alone.evals["return_mean"].tolist() == runs.evals["return_mean"].tolist()[:1]


def test_what_a_worker_is_told_is_all_that_training_there_needs(doubtful):
    from rlhp.algorithms import _registry as registry

    assert packed("ppo") is None
    text = packed("doubtful")
    del registry._DECLARED["doubtful"]
    accept(None)
    with pytest.raises(ValueError, match="unknown algorithm `doubtful`"):
        declared("doubtful")
    accept(text)
    assert declared("doubtful") == doubtful


def test_a_policy_of_one_that_is_not_registered_says_so(doubtful, tmp_path):
    from rlhp.algorithms import _registry as registry
    from rlhp.trainers.sb3._training import Options, train_run

    request = RunRequest("doubtful", "CartPole-v1", 0, 5, {"net_arch": [4]}, 5, 1, "sb3")
    train_run(request, Options(policy=tmp_path / "kept.zip"))
    assert rlhp.load_policy(tmp_path / "kept.zip").request == request
    del registry._DECLARED["doubtful"]
    with pytest.raises(ValueError, match=r"of the algorithm 'doubtful', which is not registered here: import"):
        rlhp.load_policy(tmp_path / "kept.zip")
