"""The default search spaces of the five algorithms, with stable-baselines3's names and defaults."""

from __future__ import annotations

from collections.abc import Callable

from ConfigSpace import Categorical, ConfigurationSpace, EqualsCondition, Float, Integer
from ConfigSpace import ForbiddenGreaterThanRelation as ForbiddenGreater

from rlhp.arguments import choice
from rlhp.spaces.measures import AnyHyperparameter


def default(algorithm: str) -> ConfigurationSpace:
    """Give the search space of an algorithm: stable-baselines3's names and defaults.

    The ranges contain the defaults and the settings that rl-baselines3-zoo tuned for classic control. `net_arch` is
    the JSON of a list of layer widths. In dqn, sac and td3 there are never more gradient steps than environment
    steps (a forbidden clause): sampled configurations cost what the default costs, not a hundred times as much.

    Parameters
    ----------
    algorithm : str
        `a2c`, `dqn`, `ppo`, `sac` or `td3`.

    Returns
    -------
    ConfigurationSpace
        A new one at each call, so change it as you like; `subspace` keeps a few hyperparameters of it.

    Raises
    ------
    ValueError
        If the algorithm is unknown.

    Examples
    --------
    >>> default("ppo")["gae_lambda"].default_value
    0.95
    """
    choice("algorithm", algorithm, sorted(_SPACES))
    space = ConfigurationSpace(name=algorithm, space=_SPACES[algorithm]())
    if "use_rms_prop" in space:
        space.add(EqualsCondition(space["rms_prop_eps"], space["use_rms_prop"], True))
    if "target_entropy" in space:
        space.add(EqualsCondition(space["target_entropy"], space["ent_coef"], "auto"))
    if "gradient_steps" in space:
        space.add(ForbiddenGreater(space["gradient_steps"], space["train_freq"]))
    return space


def _powers(name: str, low: int, high: int, default: int) -> AnyHyperparameter:
    levels = [2**k for k in range(low.bit_length() - 1, high.bit_length())]
    return Categorical(name, levels, default=default, ordered=True)


def _gamma() -> AnyHyperparameter:
    return Float("gamma", (0.8, 0.9999), default=0.99, meta={"measure": "flipped-log"})


def _learning_rate(high: float, default: float) -> AnyHyperparameter:
    return Float("learning_rate", (1e-5, high), default=default, log=True)


def _net_arch(default: str) -> AnyHyperparameter:
    levels = ["[32, 32]", "[64, 64]", "[128, 128]", "[256, 256]", "[400, 300]"]
    return Categorical("net_arch", levels, default=default, ordered=True)


def _replay(*, batch_size: int, largest_batch: int, train_freq: int, tau: float) -> list[AnyHyperparameter]:
    """Hyperparameters that the algorithms with a replay memory share."""
    return [
        Integer("buffer_size", (1_000, 1_000_000), default=1_000_000, log=True),
        Integer("learning_starts", (0, 10_000), default=100),
        _powers("batch_size", 8, largest_batch, batch_size),
        _powers("train_freq", 1, 256, train_freq),
        # -1: as many gradient steps as environment steps since the last update
        Categorical("gradient_steps", [-1, 1, 2, 4, 8, 16, 32, 64, 128], default=1),
        Float("tau", (1e-3, 1.0), default=tau, log=True),
        Integer("n_steps", (1, 20), default=1, log=True),
        _gamma(),
    ]


def _actor_critic(*, normalize_advantage: bool) -> list[AnyHyperparameter]:
    """Hyperparameters that the algorithms with rollouts share."""
    return [
        _powers("n_envs", 1, 32, 1),
        _gamma(),
        Float("ent_coef", (0.0, 0.1), default=0.0),
        Float("vf_coef", (0.0, 1.0), default=0.5),
        Float("max_grad_norm", (0.1, 10.0), default=0.5, log=True),
        Categorical("normalize_advantage", [False, True], default=normalize_advantage),
        Categorical("normalize", [False, True], default=False),
        _net_arch("[64, 64]"),
    ]


def _dqn() -> list[AnyHyperparameter]:
    return [
        _learning_rate(1e-2, 1e-4),
        *_replay(batch_size=32, largest_batch=256, train_freq=4, tau=1.0),
        Integer("target_update_interval", (1, 10_000), default=10_000, log=True),
        Float("exploration_fraction", (0.01, 1.0), default=0.1),
        Float("exploration_initial_eps", (0.2, 1.0), default=1.0),
        Float("exploration_final_eps", (0.0, 0.2), default=0.05),
        Float("max_grad_norm", (0.1, 100.0), default=10.0, log=True),
        _net_arch("[64, 64]"),
    ]


def _ppo() -> list[AnyHyperparameter]:
    return [
        _learning_rate(1e-2, 3e-4),
        _powers("n_steps", 8, 4_096, 2_048),
        _powers("batch_size", 8, 4_096, 64),
        Integer("n_epochs", (1, 30), default=10, log=True),
        Float("gae_lambda", (0.5, 1.0), default=0.95),
        Float("clip_range", (0.05, 0.5), default=0.2),
        *_actor_critic(normalize_advantage=True),
    ]


def _a2c() -> list[AnyHyperparameter]:
    return [
        _learning_rate(1e-1, 7e-4),
        Integer("n_steps", (1, 512), default=5, log=True),
        Float("gae_lambda", (0.5, 1.0), default=1.0),
        Categorical("use_rms_prop", [False, True], default=True),
        Float("rms_prop_eps", (1e-8, 1e-2), default=1e-5, log=True),
        *_actor_critic(normalize_advantage=False),
    ]


def _sac() -> list[AnyHyperparameter]:
    return [
        _learning_rate(1e-2, 3e-4),
        *_replay(batch_size=256, largest_batch=512, train_freq=1, tau=0.005),
        Integer("target_update_interval", (1, 100), default=1, log=True),
        # "auto" learns the temperature so that the entropy meets a target; "auto", that is minus the number of actions
        Categorical("ent_coef", ["auto", 0.001, 0.01, 0.05, 0.1, 0.2, 0.5], default="auto"),
        Categorical("target_entropy", ["auto", -4.0, -2.0, -1.0, -0.5, 0.0], default="auto"),
        Float("action_noise_std", (0.0, 0.5), default=0.0),
        _net_arch("[256, 256]"),
    ]


def _td3() -> list[AnyHyperparameter]:
    return [
        _learning_rate(1e-2, 1e-3),
        *_replay(batch_size=256, largest_batch=512, train_freq=1, tau=0.005),
        Integer("policy_delay", (1, 8), default=2),
        Float("target_policy_noise", (0.0, 0.5), default=0.2),
        Float("target_noise_clip", (0.0, 1.0), default=0.5),
        Float("action_noise_std", (0.0, 0.5), default=0.0),
        _net_arch("[400, 300]"),
    ]


_SPACES: dict[str, Callable[[], list[AnyHyperparameter]]] = {
    "a2c": _a2c,
    "dqn": _dqn,
    "ppo": _ppo,
    "sac": _sac,
    "td3": _td3,
}
