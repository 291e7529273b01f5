"""stable-baselines3's side of the comparisons: models whose weights, batches and noise are ours to choose."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import torch
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.type_aliases import ReplayBufferSamples

from rlhp.agents.replay import Batch

BATCH = 16


def layers_of(module: torch.nn.Module) -> list[tuple[np.ndarray, np.ndarray]]:
    """Give the linear layers of a network as we write them."""
    linear = [one for one in module.modules() if isinstance(one, torch.nn.Linear)]
    return [(one.weight.detach().numpy().T.copy(), one.bias.detach().numpy().copy()) for one in linear]


def stacked(*networks: list[Any]) -> list[Any]:
    """Stack networks of one shape as we stack twin critics."""
    return [tuple(np.stack(arrays) for arrays in zip(*layers, strict=True)) for layers in zip(*networks, strict=True)]


def model(kind: Any, env_id: str, **options: Any) -> Any:
    """Make a model that can be told to `train` at once, with targets that differ from what follows them."""
    made = kind(
        "MlpPolicy", gymnasium.make(env_id), policy_kwargs={"net_arch": [12, 10]}, buffer_size=10, seed=0, **options
    )
    made.set_logger(Logger(None, []))
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, weights in made.policy.named_parameters():
            if "target" in name:
                weights += 0.1 * torch.randn(weights.shape, generator=generator)
    return made


def batch_of(env_id: str, seed: int = 0) -> Batch:
    """Draw a batch in which some episodes end."""
    rng, env = np.random.default_rng(seed), gymnasium.make(env_id)
    features = env.observation_space.shape[0]
    discrete = isinstance(env.action_space, gymnasium.spaces.Discrete)
    numbers = {
        "observation": rng.normal(size=(BATCH, features)),
        "action": rng.integers(0, 2, (BATCH, 1)) if discrete else rng.uniform(-1, 1, (BATCH, 1)),
        "reward": rng.normal(size=BATCH) * 3.0,
        "next_observation": rng.normal(size=(BATCH, features)),
        "discount": np.where(rng.random(BATCH) < 0.25, 0.0, rng.choice([0.97, 0.97**3], BATCH)),
    }
    return Batch(**{name: np.asarray(value, np.float32) for name, value in numbers.items()})


def feed(model: Any, batch: Batch) -> None:
    """Let the model's memory give that batch, whatever it is asked."""
    tensors = {name: torch.as_tensor(np.array(value)) for name, value in batch._asdict().items()}
    samples = ReplayBufferSamples(
        observations=tensors["observation"],
        actions=tensors["action"],
        next_observations=tensors["next_observation"],
        dones=(tensors["discount"] == 0).float()[:, None],
        rewards=tensors["reward"][:, None],
        discounts=torch.where(tensors["discount"] == 0, 0.5, tensors["discount"])[:, None],
    )
    model.replay_buffer.sample = lambda *args, **kwargs: samples


def assert_equal(ours: Any, theirs: Any) -> None:
    """Hold networks to each other, layer by layer."""
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        for one, another in zip(mine, other, strict=True):
            np.testing.assert_allclose(one, another, rtol=2e-4, atol=1e-5)
