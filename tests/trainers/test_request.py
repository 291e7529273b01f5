from __future__ import annotations

import gymnasium
import pytest

from rlhp.schedules import Linear
from rlhp.trainers import RunRequest
from rlhp.trainers._gymnasium import MissingPackageError


def make(**changes) -> RunRequest:
    fields = {"algorithm": "dqn", "env_id": "CartPole-v1", "seed": 0, "steps": 100, "config": {}, "eval_every": 40}
    return RunRequest(**{**fields, **changes})


def test_reads_back_equal_from_json():
    request = make(config={"exploration": Linear(1, 0.1), "net_arch": [8], "gamma": 0.9})
    again = RunRequest.from_json(request.to_json())
    assert again == request
    assert again.run_id == request.run_id


def test_is_named_by_everything_that_defines_the_run():
    changes = [
        {"seed": 1},
        {"steps": 101},
        {"config": {"gamma": 0.9}},
        {"eval_every": 41},
        {"eval_episodes": 5},
        {"env_id": "Acrobot-v1"},
        {"algorithm": "ppo"},
    ]
    assert len({make(**change).run_id for change in [{}, *changes]}) == len(changes) + 1


def test_evaluates_on_the_grid_and_at_the_end():
    assert make().eval_steps() == [40, 80, 100]
    assert make(eval_every=50).eval_steps() == [50, 100]
    assert make(eval_every=1000).eval_steps() == [100]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "`steps` is 0; give a whole number of at least 1 and of at most 2,147,483,647"),
        ({"steps": 10.5}, "`steps` is 10.5"),
        ({"seed": -1}, "`seed` is -1; give a whole number of at least 0 and of at most 4,294,967,295"),
        ({"eval_episodes": 0}, "`eval_episodes` is 0"),
        ({"algorithm": "sac"}, "sac acts in Box .*, but CartPole-v1 has a Discrete one; use one of a2c, dqn, ppo"),
        ({"env_id": "CartPol-v1"}, r"unknown environment `CartPol-v1`; did you mean `CartPole-v1`\?"),
        ({"env_id": "nomodule:X-v0"}, "nomodule:X-v0"),
        ({"env_id": "Blackjack-v1"}, "Blackjack-v1 has Tuple observations"),
    ],
)
def test_refuses_what_cannot_be_trained(change, message):
    with pytest.raises((ValueError, MissingPackageError), match=message):
        make(**change)


def test_names_the_package_an_environment_lacks(monkeypatch):
    def lacking(*args, **kwargs):
        raise gymnasium.error.DependencyNotInstalled('MuJoCo is not installed, run `pip install "gymnasium[mujoco]"`')

    monkeypatch.setattr(gymnasium, "make", lacking)
    with pytest.raises(MissingPackageError, match=r"Ant-v5 needs a package that is not installed: MuJoCo.*pip install"):
        make(env_id="Ant-v5", algorithm="ppo")
