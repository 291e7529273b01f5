"""Build the stable-baselines3 model that a request describes, and change its hyperparameters while it trains."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import torch
from stable_baselines3 import SAC
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.noise import NormalActionNoise
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.utils import FloatSchedule, LinearSchedule
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv, VecNormalize

from rlhp.algorithms import declared, defaults
from rlhp.algorithms.loading import sb3_class
from rlhp.envs import make_gymnasium
from rlhp.schedules import Schedule, parse
from rlhp.trainers._env_parameters import values_of
from rlhp.trainers._gymnasium import has_large_picture
from rlhp.trainers._request import RunRequest
from rlhp.trainers.sb3._finite import Finite

__all__ = ["MOVED_BY_SB3", "build", "drive_exploration", "load_network", "set_hyperparameter"]

_OWN = {"n_envs", "net_arch", "normalize", "exploration", "action_noise_std"}  # not arguments of SB3's constructors
_AS_FUNCTION = {"learning_rate", "clip_range", "clip_range_vf"}  # SB3's constructors take these as functions too
_EPSILON = ("exploration_initial_eps", "exploration_final_eps", "exploration_fraction")  # as its schedule takes them
MOVED_BY_SB3 = _AS_FUNCTION | {"exploration"}


def build(request: RunRequest) -> BaseAlgorithm:
    """Make the stable-baselines3 model a request describes, with its training environments.

    Its schedules that stable-baselines3 cannot move itself are moved by `train_run`.
    """
    config = dict(request.config)
    known = declared(request.algorithm).hyperparameters
    n_envs, widths = config.get("n_envs", 1), config.get("net_arch")
    venv: VecEnv = DummyVecEnv([_maker(request) for _ in range(n_envs)])
    if config.get("normalize"):
        venv = VecNormalize(venv, gamma=_first((defaults(request.algorithm) | config)["gamma"]))
    theirs = {name for name, what in known.items() if "sb3" in what.engines} - _OWN
    arguments = {name: _argument(name, value) for name, value in config.items() if name in theirs}
    if config.get("action_noise_std") is not None:
        arguments["action_noise"] = _noise(venv.action_space, _first(config["action_noise_std"]))
    model: BaseAlgorithm = sb3_class(request.algorithm)(
        _policy_name(venv.observation_space),
        venv,
        policy_kwargs={"net_arch": widths} if widths else None,
        seed=request.seed,
        device="cpu",
        **arguments,
    )
    drive_exploration(model, config)
    return model


def _maker(request: RunRequest) -> Callable[[], gymnasium.Env[Any, Any]]:
    return lambda: Monitor(Finite(make_gymnasium(request.env_id, parameters=values_of(request.config))))


def _policy_name(space: gymnasium.Space[Any]) -> str:
    if isinstance(space, gymnasium.spaces.Dict):
        return "MultiInputPolicy"
    return "CnnPolicy" if has_large_picture(space) else "MlpPolicy"


def _argument(name: str, value: Any) -> Any:
    if not isinstance(value, Schedule):
        return value
    return value.as_sb3() if name in _AS_FUNCTION else _first(value)


def _noise(actions: gymnasium.Space[Any], deviation: float) -> NormalActionNoise:
    shape = actions.shape or ()
    return NormalActionNoise(np.zeros(shape), deviation * np.ones(shape))


def _first(value: Any) -> Any:
    return value(0.0) if isinstance(value, Schedule) else value


def drive_exploration(model: BaseAlgorithm, config: dict[str, Any]) -> None:
    """Let any schedule drive DQN's epsilon; SB3 builds a linear one at set-up and on loading."""
    if config.get("exploration") is not None:
        model.exploration_schedule = parse(config["exploration"]).as_sb3()  # type: ignore[attr-defined]


def load_network(request: RunRequest, weights: bytes) -> BasePolicy:
    """Build the networks that a request describes and give them trained weights, of which nothing is unpickled.

    stable-baselines3's own `load` unpickles what stands beside the weights; none of that is needed to act.

    Raises
    ------
    Exception
        Whatever Torch's reader raises, if these are not the weights of such networks.
    """
    # Its reader takes tensors only, and refuses what would run code.
    trained = torch.load(io.BytesIO(weights), map_location="cpu", weights_only=True)
    venv = BaseAlgorithm._wrap_env(DummyVecEnv([_maker(request)]))
    seen, actions = venv.observation_space, venv.action_space
    venv.close()
    widths = request.config.get("net_arch")
    kind = sb3_class(request.algorithm).policy_aliases[_policy_name(seen)]
    with torch.random.fork_rng(devices=[]):  # weights are drawn, and then replaced
        policy: BasePolicy = kind(seen, actions, lambda _: 0.0, **({"net_arch": widths} if widths else {}))
    policy.load_state_dict(trained)
    policy.set_training_mode(False)
    return policy


def set_hyperparameter(model: Any, name: str, value: Any) -> None:
    """Change a hyperparameter of a model in training to a number, wherever SB3 keeps copies of it.

    What SB3 has turned into a function of progress, or built something from, stays as it was where only the attribute
    of that name is set.
    """
    if name == "action_noise_std":
        model.action_noise = None if value is None else _noise(model.action_space, value)
    elif name == "ent_coef" and isinstance(model, SAC):
        model.ent_coef_tensor = torch.tensor(float(value), device=model.device)
        model.ent_coef_optimizer = model.log_ent_coef = None  # where it was learned so far
    elif name in ("clip_range", "clip_range_vf"):
        setattr(model, name, None if value is None else FloatSchedule(value))
    elif name == "exploration":
        model.exploration_schedule = FloatSchedule(value)
    else:
        setattr(model, name, value)
    if name == "learning_rate":
        model._setup_lr_schedule()  # the optimizers ask this before each update
    if name in _EPSILON:
        model.exploration_schedule = LinearSchedule(*(getattr(model, one) for one in _EPSILON))
    if name == "rms_prop_eps":
        for group in model.policy.optimizer.param_groups:
            group["eps"] = value
    if name in ("gamma", "gae_lambda"):
        for owner in (getattr(model, "rollout_buffer", None), getattr(model, "replay_buffer", None)):
            if owner is not None and hasattr(owner, name):
                setattr(owner, name, value)
