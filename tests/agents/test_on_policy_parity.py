"""Updates of PPO and A2C against stable-baselines3's own `train()`, from the same weights and the same rollouts."""

from __future__ import annotations

import contextlib
import functools

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from jax.flatten_util import ravel_pytree
from stable_baselines3 import A2C, PPO
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import DummyVecEnv

from rlhp.agents import a2c, distributions, optimizers, ppo, rollouts, shuffling, streams
from rlhp.agents.actor_critic import Model, Weights
from rlhp.agents.agent import State, Tally
from rlhp.agents.rollouts import Columns, Rollout
from rlhp.algorithms import declared
from rlhp.envs import make_jax
from tests.agents.asked import QUICK

STEPS, ENVS, WIDTH = 7, 2, 8
CLASSES = {"ppo": (PPO, ppo), "a2c": (A2C, a2c)}
CASES = {
    "ppo, one batch": ("ppo", "CartPole-v1", {"batch_size": STEPS * ENVS, "n_epochs": 3}),
    "ppo, a smaller last batch": ("ppo", "CartPole-v1", {"batch_size": 6, "n_epochs": 2, "ent_coef": 0.1}),
    "ppo, tiles that do not come out even": (
        "ppo",
        "Pendulum-v1",
        {"batch_size": 11, "n_epochs": 2, "ent_coef": 0.1, "clip_range_vf": 0.5},
    ),
    "ppo, a last batch of one": ("ppo", "CartPole-v1", {"batch_size": 13, "n_epochs": 1, "vf_coef": 2.0}),
    "ppo, values limited": (
        "ppo",
        "Pendulum-v1",
        {"batch_size": 7, "n_epochs": 2, "clip_range_vf": 0.1, "ent_coef": 0.1},
    ),
    "ppo, stopped early": ("ppo", "CartPole-v1", {"batch_size": 7, "n_epochs": 4, "target_kl": 0.06}),
    "ppo, as they are": ("ppo", "Pendulum-v1", {"batch_size": 7, "n_epochs": 2, "normalize_advantage": False}),
    "a2c": ("a2c", "CartPole-v1", {"ent_coef": 0.1}),
    "a2c, continuous": ("a2c", "Pendulum-v1", {"rms_prop_eps": 1e-2, "normalize_advantage": True}),
    "a2c with adam": ("a2c", "CartPole-v1", {"use_rms_prop": False, "max_grad_norm": 0.1}),
}


@functools.cache
def learning(module, env_id: str):
    """Give what its actions are drawn from, and its compiled update; cases that differ in numbers alone share it."""
    family = distributions.of(make_jax(env_id))
    return family, jax.jit(functools.partial(module.learn, family, 4), compiler_options=QUICK)


def copied(policy) -> Model:
    """Give the weights of a stable-baselines3 policy as ours."""

    def layer(linear):
        return linear.weight.detach().numpy().T, linear.bias.detach().numpy()

    pairs = zip(policy.mlp_extractor.policy_net[::2], policy.mlp_extractor.value_net[::2], strict=True)
    hidden = [tuple(np.stack(both) for both in zip(layer(p), layer(v), strict=True)) for p, v in pairs]
    weights, bias = layer(policy.value_net)
    log_std = policy.log_std.detach().numpy() if hasattr(policy, "log_std") else None
    model = Model(hidden, layer(policy.action_net), (weights[:, 0], bias[0]), log_std)
    return jax.tree.map(lambda leaf: jnp.array(np.array(leaf)), model)


def made_up_rollout(model, rng, room: Rollout) -> Rollout:
    """Fill the buffer of a stable-baselines3 model, and give the same transitions in the order it will have them in."""
    buffer, space = model.rollout_buffer, model.action_space
    buffer.reset()
    shape = (STEPS, ENVS)
    observation = rng.normal(size=(*shape, *model.observation_space.shape)).astype(np.float32)
    discrete = isinstance(space, gymnasium.spaces.Discrete)
    action = rng.integers(space.n, size=shape) if discrete else 2.0 * rng.normal(size=(*shape, *space.shape))
    seen = torch.tensor(observation.reshape(-1, observation.shape[-1]))
    taken = torch.tensor(action.reshape(seen.shape[0], -1)[:, 0] if discrete else action.reshape(seen.shape[0], -1))
    with torch.no_grad():
        value, log_prob, _ = model.policy.evaluate_actions(seen, taken)
    # As if weights had moved since: some ratios beyond the clip range, some values beyond theirs.
    log_prob = log_prob.numpy().reshape(shape) + 0.3 * rng.normal(size=shape)
    value = value.numpy().reshape(shape) + 0.2 * rng.normal(size=shape)
    for t in range(STEPS):
        columns = torch.tensor(value[t]), torch.tensor(log_prob[t])
        buffer.add(observation[t], np.asarray(action[t]), np.zeros(ENVS), np.zeros(ENVS), *columns)
    buffer.advantages = rng.normal(1.0, 3.0, size=shape).astype(np.float32)
    buffer.returns = buffer.advantages + buffer.values
    action = action[..., None] if discrete else action
    fields = (observation, action, value, log_prob, buffer.advantages)
    flat = [np.swapaxes(field, 0, 1).reshape(STEPS * ENVS, *field.shape[2:]) for field in fields]
    seen, taken, value, log_prob, advantage = (jnp.asarray(field, jnp.float32) for field in flat)
    nothing = jnp.zeros(STEPS * ENVS)
    rows = rollouts.rows_of(Columns(seen, taken, value, log_prob, nothing, nothing, nothing))
    # What stands in the rows beyond must not matter.
    room = room._replace(rows=jnp.full_like(room.rows, jnp.nan), advantage=jnp.full_like(room.advantage, jnp.nan))
    first = rollouts.LANES
    return rollouts.written(room, rows, 0)._replace(
        advantage=room.advantage.at[first : first + len(advantage)].set(advantage)
    )


@pytest.mark.parametrize("case", CASES)
def test_an_update_is_stable_baselines3s(case, monkeypatch):
    algorithm, env_id, config = CASES[case]
    kind, module = CLASSES[algorithm]
    config = {"learning_rate": 3e-2, "n_steps": STEPS, **config}
    envs = DummyVecEnv([lambda: gymnasium.make(env_id)] * ENVS)
    with (
        pytest.warns(UserWarning, match="truncated mini-batch")
        if STEPS * ENVS % config.get("batch_size", 1)
        else contextlib.nullcontext()
    ):
        theirs = kind("MlpPolicy", envs, policy_kwargs={"net_arch": [WIDTH, WIDTH]}, seed=0, device="cpu", **config)
    theirs.set_logger(Logger(None, []))
    monkeypatch.setattr(np.random, "permutation", np.arange)
    monkeypatch.setattr(shuffling, "places", lambda order, positions, n: positions)

    algorithm = declared(algorithm)
    defaults = {name: one.default for name, one in algorithm.hyperparameters.items()}
    settings = algorithm.described({**defaults, **config, "n_envs": ENVS})
    of_mark = {
        mark: [n for n, one in algorithm.hyperparameters.items() if one.mark == mark] for mark in ("traced", "loop")
    }
    hp = {name: jnp.float32(settings[name]) for name in of_mark["traced"] if settings[name] is not None}
    loops = {name: jnp.int32(settings[name]) for name in of_mark["loop"]}
    env, key = make_jax(env_id), streams.key(0)
    family, learn = learning(module, env_id)
    model = copied(theirs.policy)
    weights = ravel_pytree(model)[0]
    zero = jnp.zeros(())
    state = State(key, Weights(model, None), optimizers.begin(weights), (), None, Tally(zero, zero))
    room = rollouts.room(env, env.observation_shape[0], family.size, 32, 8)
    rng = np.random.default_rng(0)
    for _ in range(2):
        rollout = made_up_rollout(theirs, rng, room)
        theirs.train()
        state = learn(state, rollout, *([key] if kind is PPO else []), hp, loops)
        expected = ravel_pytree(copied(theirs.policy))[0]
        np.testing.assert_allclose(ravel_pytree(state.weights.model)[0], expected, rtol=1e-4, atol=2e-6)
    assert np.abs(expected - weights).max() > 1e-2
    if "target_kl" in config:
        assert 0 < int(state.tally.updates) < 2 * 2 * config["n_epochs"], "it stopped"
