"""What the tests of populations share: small spaces of every algorithm, whose runs share their programs."""

from __future__ import annotations

import functools

from ConfigSpace import ConfigurationSpace, Constant

from rlhp.population import Exchange, Perturb, Truncation, evolve
from rlhp.runs import Runs
from rlhp.spaces import traced
from rlhp.sweeps import Evaluation

ROLLOUT = {"n_envs": 2, "n_steps": 6, "net_arch": "[8]"}
REPLAY = {"batch_size": 8, "buffer_size": 256, "learning_starts": 8, "net_arch": "[8]"}
# Environment, what is held, steps from one meeting to the next; the programs are those of the tests of segments.
SMALL = {
    "a2c": ("CartPole-v1", ROLLOUT, 60),
    "dqn": ("CartPole-v1", REPLAY | {"target_update_interval": 12}, 60),
    "ppo": ("CartPole-v1", ROLLOUT | {"batch_size": 8, "n_epochs": 2}, 60),
    "sac": ("Pendulum-v1", REPLAY | {"train_freq": 4, "gradient_steps": 2}, 440),
    "td3": ("Pendulum-v1", REPLAY | {"train_freq": 4, "gradient_steps": 2, "action_noise_std": 0.1}, 440),
}


def small(algorithm: str, *names: str) -> ConfigurationSpace:
    """Return a space in which some hyperparameters move, and what makes runs small is held."""
    moving = names or ("learning_rate", "gamma")
    held = [Constant(name, value) for name, value in SMALL[algorithm][1].items() if name not in moving]
    return ConfigurationSpace(space=[*(traced(algorithm)[name] for name in moving), *held])


def evolved(
    algorithm: str = "a2c", *, size: int = 4, seeds=1, space=None, ticks: int = 4, out=None, **exchange
) -> Runs:
    """Evolve a small population; nothing is kept."""
    env_id, _, every = SMALL[algorithm]
    how = Exchange(**{"every": every, "exploit": Truncation(0.25), "explore": Perturb(), **exchange})
    space = small(algorithm) if space is None else space
    options = {"size": size, "steps": ticks * every, "seeds": seeds, "evaluation": Evaluation(episodes=2), "out": out}
    return evolve(algorithm, env_id, space, exchange=how, **options)


@functools.cache
def standard() -> Runs:
    """Return two populations of four, once for all tests that only look at one."""
    return evolved(seeds=2, size=4)
