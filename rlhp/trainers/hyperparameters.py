"""The hyperparameters each algorithm takes: stable-baselines3's names and defaults, and what values they may have.

Kept as plain data so that spaces, forms and error messages need import neither Torch nor JAX; tests hold the defaults
to the signatures of the installed stable-baselines3 and to the compiled engine's own declarations.

References
----------
Raffin et al. (2021), Stable-Baselines3, JMLR 22(268).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rlhp.arguments import text
from rlhp.errors import unknown_name
from rlhp.schedules import Linear

__all__ = ["MOST_FLOAT", "MOST_INT", "Hyperparameter", "action_kinds", "algorithms", "hyperparameters", "table"]


_TINY = 1e-12  # the lowest value of what must be positive
MOST_INT = 2**31 - 1  # both engines count in 32 bits
MOST_FLOAT = 3.4e38  # and compute in 32 bits


@dataclass(frozen=True)
class Hyperparameter:
    """One hyperparameter: its default, the values it may have, and whether a schedule may move it while training."""

    default: Any
    kind: str  # "float", "int", "bool" or "widths" (a list of layer widths)
    low: float = -MOST_FLOAT
    high: float = MOST_FLOAT
    moves: bool = False
    also: tuple[Any, ...] = ()  # values allowed besides numbers, such as None or "auto"
    unit: str = ""
    only: str | None = None  # the engine that has it, where not both do
    when: tuple[str, Any] | None = None  # another hyperparameter and the value without which this one is switched off

    def allowed(self) -> str:
        """Say in words what values are allowed."""
        if self.kind == "widths":
            words = "a list of layer widths such as [64, 64]"
        elif self.kind == "bool":
            words = "True or False"
        else:
            noun = "a whole number" if self.kind == "int" else "a number"
            low = "" if self.low == -MOST_FLOAT else "above 0" if self.low == _TINY else f"from {self.low:g}"
            high = "" if self.high in (MOST_INT, MOST_FLOAT) else f"to {self.high:g}"
            words = " ".join(part for part in (noun, low, high) if part)
        return " or ".join([words, *(repr(value) for value in self.also)]) + (", or a schedule" if self.moves else "")


def _float(default: Any, low: float = -MOST_FLOAT, high: float = MOST_FLOAT, **more: Any) -> Hyperparameter:
    return Hyperparameter(default, "float", low, high, **more)


def _int(default: Any, low: float = 1, **more: Any) -> Hyperparameter:
    return Hyperparameter(default, "int", low, MOST_INT, **more)


def _bool(default: bool, **more: Any) -> Hyperparameter:
    return Hyperparameter(default, "bool", **more)


def _common(learning_rate: float) -> dict[str, Hyperparameter]:
    return {
        "learning_rate": _float(learning_rate, 0, moves=True),
        "gamma": _float(0.99, 0, 1, moves=True),
        "n_envs": _int(1, unit="parallel environments"),
        "net_arch": Hyperparameter(None, "widths", also=(None,), unit="units per hidden layer"),
        "normalize": _bool(False),
    }


def _replay(learning_rate: float, batch_size: int, train_freq: int, tau: float) -> dict[str, Hyperparameter]:
    return _common(learning_rate) | {
        "batch_size": _int(batch_size, unit="transitions", moves=True),
        "buffer_size": _int(1_000_000, unit="transitions"),
        "learning_starts": _int(100, 0, unit="environment steps"),
        "train_freq": _int(train_freq, unit="environment steps"),
        "gradient_steps": _int(1, -1, moves=True),
        "tau": _float(tau, 0, 1, moves=True),
        "n_steps": _int(1, unit="environment steps"),
    }


def _rollout(
    learning_rate: float, n_steps: int, gae_lambda: float, normalize_advantage: bool
) -> dict[str, Hyperparameter]:
    return _common(learning_rate) | {
        "n_steps": _int(n_steps, unit="environment steps per environment"),
        "gae_lambda": _float(gae_lambda, 0, 1, moves=True),
        "ent_coef": _float(0.0, moves=True),
        "vf_coef": _float(0.5, 0, moves=True),
        "max_grad_norm": _float(0.5, _TINY, moves=True),
        "normalize_advantage": _bool(normalize_advantage),
    }


_TABLE: dict[str, dict[str, Hyperparameter]] = {
    "a2c": _rollout(7e-4, 5, 1.0, False)
    | {"use_rms_prop": _bool(True), "rms_prop_eps": _float(1e-5, _TINY, when=("use_rms_prop", True))},
    "dqn": _replay(1e-4, 32, 4, 1.0)
    | {
        "target_update_interval": _int(10_000, unit="environment steps", moves=True),
        "max_grad_norm": _float(10, _TINY, moves=True),
        "exploration_initial_eps": _float(1.0, 0, 1, when=("exploration", None)),
        "exploration_final_eps": _float(0.05, 0, 1, when=("exploration", None)),
        "exploration_fraction": _float(0.1, _TINY, 1, when=("exploration", None)),
        "exploration": _float(None, 0, 1, moves=True, also=(None,)),
        "double_q": _bool(False, only="jax"),
        "dueling": _bool(False, only="jax"),
        "prioritized_replay": _bool(False, only="jax"),
        "prioritized_replay_alpha": _float(0.6, 0, 1, moves=True, only="jax", when=("prioritized_replay", True)),
        "prioritized_replay_beta": _float(
            Linear(0.4, 1.0), 0, 1, moves=True, only="jax", when=("prioritized_replay", True)
        ),
    },
    "ppo": _rollout(3e-4, 2048, 0.95, True)
    | {
        "batch_size": _int(64, 2, unit="transitions", moves=True),
        "n_epochs": _int(10, moves=True),
        "clip_range": _float(0.2, 0, moves=True),
        "clip_range_vf": _float(None, _TINY, moves=True, also=(None,)),
        "target_kl": _float(None, 0, also=(None,)),
    },
    "sac": _replay(3e-4, 256, 1, 0.005)
    | {
        "ent_coef": _float("auto", 0, moves=True, also=("auto",)),
        "target_entropy": _float("auto", also=("auto",), when=("ent_coef", "auto")),
        "target_update_interval": _int(1, unit="gradient steps", moves=True),
        "action_noise_std": _float(None, 0, moves=True, also=(None,)),
    },
    "td3": _replay(1e-3, 256, 1, 0.005)
    | {
        "policy_delay": _int(2, unit="gradient steps", moves=True),
        "target_policy_noise": _float(0.2, 0, moves=True),
        "target_noise_clip": _float(0.5, 0, moves=True),
        "action_noise_std": _float(None, 0, moves=True, also=(None,)),
    },
}
_ACTIONS = {
    "a2c": {"Box", "Discrete", "MultiBinary", "MultiDiscrete"},
    "dqn": {"Discrete"},
    "ppo": {"Box", "Discrete", "MultiBinary", "MultiDiscrete"},
    "sac": {"Box"},
    "td3": {"Box"},
}


def algorithms() -> list[str]:
    """List the algorithms that can be trained."""
    return sorted(_TABLE)


def table(algorithm: str) -> dict[str, Hyperparameter]:
    """Give every hyperparameter of an algorithm with its default and the values it may have.

    Raises
    ------
    ValueError
        If the algorithm is unknown.
    """
    if text("algorithm", algorithm, hint=f"One of {', '.join(algorithms())}.") not in _TABLE:
        raise ValueError(unknown_name("algorithm", algorithm, algorithms()))
    return dict(_TABLE[algorithm])


def hyperparameters(algorithm: str) -> dict[str, Any]:
    """Give the defaults of an algorithm's hyperparameters; None means that stable-baselines3 decides.

    Examples
    --------
    >>> hyperparameters("ppo")["clip_range"]
    0.2
    """
    return {name: one.default for name, one in table(algorithm).items()}


def action_kinds(algorithm: str) -> set[str]:
    """Name the Gymnasium action spaces an algorithm can act in.

    Examples
    --------
    >>> action_kinds("dqn")
    {'Discrete'}
    """
    table(algorithm)
    return set(_ACTIONS[algorithm])
