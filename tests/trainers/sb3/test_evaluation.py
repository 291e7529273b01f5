from __future__ import annotations

import math

import gymnasium
import numpy as np
import pytest
import torch
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv

from rlhp.trainers import RunRequest
from rlhp.trainers.sb3._evaluation import eval_seeds, evaluate
from rlhp.trainers.sb3._model import build


class OneReward(gymnasium.Env):
    """Pays `rewards` in turn, then ends; the observation is the time."""

    observation_space = gymnasium.spaces.Box(0.0, 10.0, (1,))
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, rewards: tuple[float, ...], truncates: bool = False):
        self.rewards, self.truncates = rewards, truncates

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.time = 0
        return np.zeros(1, dtype=np.float32), {}

    def step(self, action):
        reward = self.rewards[self.time]
        self.time += 1
        over = self.time == len(self.rewards)
        observation = np.full(1, self.time, dtype=np.float32)
        return observation, reward, over and not self.truncates, over and self.truncates, {}


def model(algorithm="dqn", env_id="CartPole-v1", **config):
    config = {"net_arch": [8], **({"buffer_size": 100} if algorithm in ("dqn", "sac", "td3") else {}), **config}
    return build(RunRequest(algorithm, env_id, 0, 1000, config, 500))


@pytest.mark.parametrize(
    ("algorithm", "env_id"), [("dqn", "CartPole-v1"), ("ppo", "CartPole-v1"), ("td3", "Pendulum-v1")]
)
def test_returns_are_those_of_sb3s_own_evaluation(algorithm, env_id):
    agent = model(algorithm, env_id)
    first = 1000
    envs = [gymnasium.make(env_id) for _ in range(4)]
    found = evaluate(agent, envs, [first + i for i in range(4)])
    venv = DummyVecEnv([lambda: Monitor(gymnasium.make(env_id))] * 4)
    venv.seed(first)  # environment i is reset with first + i
    returns, lengths = evaluate_policy(agent, venv, n_eval_episodes=4, return_episode_rewards=True)
    assert found["return_mean"] == pytest.approx(np.mean(returns))
    assert found["return_std"] == pytest.approx(np.std(returns))
    assert found["length_mean"] == pytest.approx(np.mean(lengths))
    assert found["n_episodes"] == 4


@pytest.mark.parametrize(
    ("algorithm", "env_id"), [("dqn", "CartPole-v1"), ("ppo", "CartPole-v1"), ("sac", "Pendulum-v1")]
)
def test_leaves_no_trace_in_the_random_streams(algorithm, env_id):
    agent = model(algorithm, env_id)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    evaluate(agent, [gymnasium.make(env_id)], [3])
    assert torch.equal(before[0], torch.get_rng_state())
    assert (before[1] == np.random.get_state()[1]).all()  # noqa: NPY002


def test_seeds_are_their_own_for_each_run_and_evaluation():
    all_seeds = [seed for run in range(5) for index in range(5) for seed in eval_seeds(run, index, 10)]
    assert len(set(all_seeds)) == 250
    assert eval_seeds(3, 2, 10) == eval_seeds(3, 2, 10)


def test_entropy_of_epsilon_greedy_in_closed_form():
    agent = model()
    for epsilon, expected in ((0.0, 0.0), (1.0, math.log(2)), (0.2, -(0.9 * math.log(0.9) + 0.1 * math.log(0.1)))):
        agent.exploration_rate = epsilon
        assert evaluate(agent, [gymnasium.make("CartPole-v1")], [0])["entropy"] == pytest.approx(expected, abs=1e-12)


def test_entropy_of_gaussian_noise_in_closed_form():
    quiet, noisy = model("td3", "Pendulum-v1"), model("td3", "Pendulum-v1", action_noise_std=0.3)
    env = [gymnasium.make("Pendulum-v1")]
    assert math.isnan(evaluate(quiet, env, [0])["entropy"])
    assert evaluate(noisy, env, [0])["entropy"] == pytest.approx(0.5 * math.log(2 * math.pi * math.e * 0.09))


def test_entropy_of_an_untrained_policy_is_near_its_maximum():
    found = evaluate(model("ppo"), [gymnasium.make("CartPole-v1")], [0])
    assert found["entropy"] == pytest.approx(math.log(2), abs=0.01)


@pytest.fixture
def clock():
    """A DQN that acts on the time, whose value of every state is 5."""
    gymnasium.register("Clock-v0", entry_point=lambda: OneReward((1.0, 2.0, 4.0)))
    agent = build(RunRequest("dqn", "Clock-v0", 0, 100, {"net_arch": [4], "gamma": 0.5, "buffer_size": 10}, 50))
    with torch.no_grad():
        for weights in agent.q_net.parameters():
            weights.zero_()
        list(agent.q_net.parameters())[-1].fill_(5.0)
    yield agent
    del gymnasium.registry["Clock-v0"]


def test_value_error_at_a_known_value(clock):
    # The discounted return is 1 + 2/2 + 4/4 = 3, the prediction 5.
    found = evaluate(clock, [OneReward((1.0, 2.0, 4.0))], [0])
    assert found["return_mean"] == 7.0
    assert found["value_error"] == pytest.approx(2.0)


def test_a_time_limit_is_completed_with_the_predicted_value(clock):
    # Cut after three steps, 5 / 2**3 is still to come: 3.625 against 5.
    found = evaluate(clock, [OneReward((1.0, 2.0, 4.0), truncates=True)], [0])
    assert found["value_error"] == pytest.approx(1.375)


def test_episodes_of_unequal_length_are_not_mixed(clock):
    found = evaluate(clock, [OneReward((1.0,)), OneReward((1.0, 2.0, 4.0))], [0, 0])
    assert found["return_mean"] == 4.0
    assert found["return_std"] == 3.0
    assert found["length_mean"] == 2.0
