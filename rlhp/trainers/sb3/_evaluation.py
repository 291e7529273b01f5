"""Greedy evaluation of a stable-baselines3 model, apart from training and without a trace in it."""

from __future__ import annotations

import math
from typing import Any

import gymnasium
import numpy as np
import torch
from stable_baselines3 import DQN, SAC, TD3
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm

__all__ = ["MAX_EPISODE_STEPS", "evaluate", "eval_seeds"]

MAX_EPISODE_STEPS = 50_000  # ends an evaluation in environments that have no time limit of their own
_ENTROPY_EVERY = 10  # policy entropy is averaged over the start states and every tenth state after them


def eval_seeds(seed: int, index: int, n_episodes: int) -> list[int]:
    """Seeds of the episodes of a run's `index`-th evaluation: their own stream, apart from the training seed."""
    stream = np.random.SeedSequence([seed, index, 0xE7A1])
    return [int(word) for word in stream.generate_state(n_episodes)]


def evaluate(model: BaseAlgorithm, envs: list[gymnasium.Env[Any, Any]], seeds: list[int]) -> dict[str, float]:
    """Play one greedy episode in each environment, all at once.

    Parameters
    ----------
    model : BaseAlgorithm
        Its random streams are left as they were.
    envs, seeds : lists, length n_episodes
        Environments of the evaluation's own, and what each is reset with.

    Returns
    -------
    dict
        `return_mean`, `return_std` (undiscounted, population), `n_episodes`, `length_mean` (steps), `entropy` (nats, of
        the exploring policy) and `value_error`: the mean absolute difference between the value the agent predicts for
        the start states and the discounted return it then gets. An episode cut by a time limit is completed with the
        value predicted for its last state.
    """
    gamma = float(model.gamma)  # type: ignore[attr-defined]
    observations = [env.reset(seed=seed)[0] for env, seed in zip(envs, seeds, strict=True)]
    n = len(envs)
    start = _batch(observations)
    returns, discounted, lengths = np.zeros(n), np.zeros(n), np.zeros(n, dtype=int)
    cut: list[tuple[int, Any]] = []
    seen = [start]
    active = list(range(n))
    while active:
        batch = _batch([observations[i] for i in active])
        actions, _ = model.predict(_normalized(model, batch), deterministic=True)
        if lengths[active[0]] % _ENTROPY_EVERY == 0 and lengths[active[0]]:
            seen.append(batch)
        still = []
        for i, action in zip(active, actions, strict=True):
            observations[i], reward, terminated, truncated, _ = envs[i].step(action)
            returns[i] += float(reward)
            discounted[i] += gamma ** lengths[i] * float(reward)
            lengths[i] += 1
            truncated = truncated or lengths[i] >= MAX_EPISODE_STEPS
            if truncated and not terminated:
                cut.append((i, observations[i]))
            if not (terminated or truncated):
                still.append(i)
        active = still
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds[0])
        predicted = _values(model, start)
        for i, last in cut:
            discounted[i] += gamma ** lengths[i] * _values(model, _batch([last]))[0]
        entropy = _entropy(model, seen)
    return {
        "return_mean": float(returns.mean()),
        "return_std": float(returns.std()),
        "n_episodes": n,
        "length_mean": float(lengths.mean()),
        "entropy": entropy,
        "value_error": float(np.abs(predicted - discounted).mean()),
    }


def _batch(observations: list[Any]) -> Any:
    if isinstance(observations[0], dict):
        return {key: np.stack([one[key] for one in observations]) for key in observations[0]}
    return np.stack([np.asarray(one) for one in observations])


def _normalized(model: BaseAlgorithm, observations: Any) -> Any:
    wrapper = model.get_vec_normalize_env()
    return observations if wrapper is None else wrapper.normalize_obs(observations)


def _tensor(model: BaseAlgorithm, observations: Any) -> Any:
    return model.policy.obs_to_tensor(_normalized(model, observations))[0]


def _values(model: BaseAlgorithm, observations: Any) -> np.ndarray:
    """Predict the value of each state, in units of reward even where training normalises it; shape [n]."""
    state = _tensor(model, observations)
    if isinstance(model, DQN):
        values = model.q_net(state).max(dim=1).values
    elif isinstance(model, SAC):
        values = torch.cat(model.critic(state, model.actor(state, deterministic=True)), dim=1).min(dim=1).values
    elif isinstance(model, TD3):
        values = torch.cat(model.critic(state, model.actor(state)), dim=1).min(dim=1).values
    elif isinstance(model, OnPolicyAlgorithm):
        values = model.policy.predict_values(state).flatten()
    else:  # an algorithm of somebody else's, whose networks are not known here
        rows = next(iter(state.values())) if isinstance(state, dict) else state
        return np.full(len(rows), math.nan)
    wrapper = model.get_vec_normalize_env()
    scale = 1.0 if wrapper is None or not wrapper.norm_reward else math.sqrt(wrapper.ret_rms.var + wrapper.epsilon)
    return np.asarray(values.cpu().numpy(), dtype=float) * scale


def _entropy(model: BaseAlgorithm, batches: list[Any]) -> float:
    """Entropy of the policy that explores, in nats: NaN where it has none (a noiseless deterministic policy)."""
    if isinstance(model, DQN):
        n, epsilon = int(model.action_space.n), float(model.exploration_rate)  # type: ignore[attr-defined]
        chances = np.array([1 - epsilon + epsilon / n] + [epsilon / n] * (n - 1))
        chances = chances[chances > 0]
        return float(-(chances * np.log(chances)).sum() + 0.0)
    if isinstance(model, TD3):
        noise = getattr(model.action_noise, "_sigma", None)
        if noise is None or not np.all(np.asarray(noise) > 0):
            return math.nan
        return float(np.log(np.asarray(noise) * math.sqrt(2 * math.pi * math.e)).sum())
    entropies = []
    for batch in batches:
        state = _tensor(model, batch)
        if isinstance(model, SAC):
            _, log_chance = model.actor.action_log_prob(state)
            entropies.append(-log_chance.flatten())
        elif isinstance(model, OnPolicyAlgorithm):
            entropies.append(model.policy.get_distribution(state).entropy().flatten())  # type: ignore[union-attr]
    return float(torch.cat(entropies).mean()) if entropies else math.nan
