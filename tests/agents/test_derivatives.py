"""Derivatives of updates by every traced hyperparameter equal finite differences, in 64 bits, on fixed trajectories.

A new algorithm is one more line of `CASES`.
"""

from __future__ import annotations

import numpy as np
import pytest

from rlhp.agents.agent import Agent, Now, State, Tally, unrolled
from tests.agents.derivatives import slopes

ROLLOUT = {"n_envs": 3, "n_steps": 5, "net_arch": [6], "learning_rate": 1e-2, "ent_coef": 0.02, "max_grad_norm": 0.4}
PPO = ROLLOUT | {"batch_size": 8, "n_epochs": 2, "clip_range": 0.01, "clip_range_vf": 0.02}
REPLAY = {"batch_size": 6, "train_freq": 12, "gradient_steps": 2, "learning_starts": 4, "n_steps": 2, "net_arch": [6]}
REPLAY |= {"learning_rate": 1e-2, "tau": 0.4}
DQN = REPLAY | {"max_grad_norm": 0.3, "target_update_interval": 12}
DRAWN = DQN | {"double_q": True, "dueling": True, "prioritized_replay": True}
SAC = REPLAY | {"target_entropy": -0.4}
FIXED = REPLAY | {"ent_coef": 0.2, "target_update_interval": 2}
TD3 = REPLAY | {"target_policy_noise": 0.3, "target_noise_clip": 0.2}
# Every branch that a derivative takes, in as few programs as hold them: both kinds of actions and both optimizers with
# and without weights that nothing reaches, observations normalised or not, a memory with and without priorities.
CASES = {
    "ppo": ("ppo", "one-hot", PPO | {"normalize": True}),
    "a2c": ("a2c", "Pendulum-v1", ROLLOUT | {"normalize_advantage": True}),
    "dqn": ("dqn", "one-hot", DRAWN),
    "sac": ("sac", "Pendulum-v1", SAC),
    "sac, fixed entropy coefficient": ("sac", "Pendulum-v1", FIXED),
    "td3": ("td3", "Pendulum-v1", TD3),
}
# What the cases above hold together, apart and in longer updates.
LONG = {
    "ppo, longer": ("ppo", "CartPole-v1", PPO | {"batch_size": 6}),
    "ppo, one-hot, longer": ("ppo", "one-hot", PPO | {"batch_size": 6}),
    "ppo, normalised, longer": ("ppo", "Pendulum-v1", PPO | {"batch_size": 6, "normalize": True}),
    "a2c, plain": ("a2c", "Pendulum-v1", ROLLOUT),
    "a2c, one-hot": ("a2c", "one-hot", ROLLOUT | {"normalize_advantage": True}),
    "a2c with adam": ("a2c", "CartPole-v1", ROLLOUT | {"use_rms_prop": False}),
    "dqn, one-hot, longer": ("dqn", "one-hot", DQN | {"gradient_steps": 3}),
    "dqn, priorities, longer": ("dqn", "CartPole-v1", DRAWN | {"gradient_steps": 3}),
    "sac, longer": ("sac", "Pendulum-v1", SAC | {"gradient_steps": 3}),
    "sac, fixed entropy coefficient, longer": ("sac", "Pendulum-v1", FIXED | {"gradient_steps": 3}),
    "td3, longer": ("td3", "Pendulum-v1", TD3 | {"gradient_steps": 3}),
}


@pytest.mark.parametrize(
    "case",
    [
        *(pytest.param(case, id=name) for name, case in CASES.items()),
        *(pytest.param(case, id=name, marks=pytest.mark.hard) for name, case in LONG.items()),
    ],
)
def test_derivatives_are_finite_differences(case):
    found = slopes(*case)
    room = 1e-6 * np.maximum(np.abs(found.differences), 1e-2)
    for mode, given in (("forward", found.forward), ("reverse", found.reverse)):
        far = ~(np.abs(given - found.differences) <= room)
        assert not far.any(), [
            (name, mode, f"{slope} and not {expected}")
            for name, slope, expected, off in zip(found.names, given, found.differences, far, strict=True)
            if off
        ]
    moved = {name for name, expected in zip(found.names, found.differences, strict=True) if expected}
    assert {"learning_rate", "gamma"} <= moved


def test_updates_follow_one_another_each_in_its_iteration():
    """What the derivatives are taken of, one update at a time."""
    heard = []

    def update(state, seen, traced, loops, now):
        heard.append((state.weights, seen, traced, loops, now))
        return state._replace(weights=seen)

    nothing = lambda *arguments: None  # noqa: E731
    agent = Agent(nothing, nothing, nothing, nothing, update, nothing, nothing, nothing)
    begin = State(*State._fields)._replace(weights="first", tally=Tally(0.0, 0.0))
    after = unrolled(agent, begin, ["second", "third"], {}, {"n_epochs": 2}, Now(7, 60))
    assert after.weights == "third"
    assert heard == [
        ("first", "second", {}, {"n_epochs": 2}, Now(7, 60)),
        ("second", "third", {}, {"n_epochs": 2}, Now(8, 60)),
    ]
