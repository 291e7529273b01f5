"""What algorithms of a kind declare alike: those with a replay memory, and those that learn from rollouts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from rlhp import arguments
from rlhp.algorithms._declaration import MOST_FLOAT, MOST_INT, TINY, Hyperparameter, Levels, Range

_GAMMA = Range(0.8, 0.9999, "flipped-log")
_WIDTHS = Levels(("[32, 32]", "[64, 64]", "[128, 128]", "[256, 256]", "[400, 300]"), ordered=True)
# -1: as many gradient steps as environment steps since the last update
_GRADIENT_STEPS = Levels((-1, 1, 2, 4, 8, 16, 32, 64, 128))


def number(default: Any, low: float = -MOST_FLOAT, high: float = MOST_FLOAT, **more: Any) -> Hyperparameter:
    """Declare a real number that compiled programs take as an argument."""
    return Hyperparameter(default, "float", "traced", low, high, **more)


def whole(
    default: Any, low: float = 1, *, mark: Literal["traced", "loop", "static"] = "loop", **more: Any
) -> Hyperparameter:
    """Declare a whole number."""
    return Hyperparameter(default, "int", mark, low, MOST_INT, **more)


def switch(default: bool, *, mark: Literal["loop", "static"] = "loop", **more: Any) -> Hyperparameter:
    """Declare what is on or off."""
    return Hyperparameter(default, "bool", mark, **more)


def powers(low: int, high: int) -> Levels:
    """Return the powers of two from `low` to `high`.

    Examples
    --------
    >>> powers(8, 32).values
    (8, 16, 32)
    """
    low = arguments.whole("low", low, at_least=1, at_most=MOST_INT)
    high = arguments.whole("high", high, at_least=low, at_most=MOST_INT)
    return Levels(tuple(2**k for k in range((low - 1).bit_length(), high.bit_length())), ordered=True)


def widths(searched_from: str, source: str) -> Hyperparameter:
    """Declare the widths of the hidden layers; None is stable-baselines3's own."""
    return Hyperparameter(
        None,
        "widths",
        "static",
        also=(None,),
        unit="units per hidden layer",
        source=source,
        search=_WIDTHS,
        searched_from=searched_from,
    )


def replaying(
    source: str,
    *,
    learning_rate: float,
    highest_rate: float,
    batch_size: int,
    largest_batch: int,
    train_freq: int,
    tau: float,
    net_arch: str,
) -> dict[str, Hyperparameter]:
    """Declare what algorithms with a replay memory share."""
    return {
        "learning_rate": number(learning_rate, 0, moves=True, source=source, search=Range(1e-5, highest_rate, "log")),
        "buffer_size": whole(1_000_000, unit="transitions", source=source, search=Range(1_000, 1_000_000, "log")),
        "learning_starts": whole(100, 0, unit="environment steps", source=source, search=Range(0, 10_000)),
        "batch_size": whole(
            batch_size,
            unit="transitions",
            moves=True,
            source=source,
            search=powers(8, largest_batch),
            one_program=(batch_size, batch_size),
        ),
        "train_freq": whole(train_freq, unit="environment steps", source=source, search=powers(1, 256)),
        "gradient_steps": whole(
            1,
            -1,
            moves=True,
            unit="updates; -1: one for each environment step",
            source=source,
            search=_GRADIENT_STEPS,
        ),
        "tau": number(
            tau, 0, 1, moves=True, unit="weight of the online network", source=source, search=Range(1e-3, 1.0, "log")
        ),
        "n_steps": whole(1, unit="environment steps", source=source, search=Range(1, 20, "log")),
        "gamma": number(0.99, 0, 1, moves=True, unit="per step", source=source, search=_GAMMA),
        "n_envs": whole(1, mark="static", unit="parallel environments", source=source),
        "net_arch": widths(net_arch, source),
        "normalize": switch(False, source="stable-baselines3 VecNormalize", engines=("sb3",)),
    }


def rolling_out(
    source: str,
    *,
    learning_rate: float,
    highest_rate: float,
    n_steps: int,
    searched_steps: Range | Levels,
    fewest: tuple[int, int],
    gae_lambda: float,
    normalize_advantage: bool,
) -> dict[str, Hyperparameter]:
    """Declare what algorithms that learn from rollouts share.

    `fewest` steps and environments make minibatches of one program, see `Hyperparameter.one_program`.
    """
    steps, envs = fewest
    return {
        "learning_rate": number(learning_rate, 0, moves=True, source=source, search=Range(1e-5, highest_rate, "log")),
        "n_steps": whole(
            n_steps,
            unit="environment steps per environment",
            source=source,
            search=searched_steps,
            one_program=(steps, MOST_INT),
        ),
        "gae_lambda": number(gae_lambda, 0, 1, moves=True, unit="per step", source=source, search=Range(0.5, 1.0)),
        "n_envs": whole(
            1, unit="parallel environments", source=source, search=powers(1, 32), one_program=(envs, MOST_INT)
        ),
        "gamma": number(0.99, 0, 1, moves=True, unit="per step", source=source, search=_GAMMA),
        "ent_coef": number(0.0, moves=True, unit="loss per nat", source=source, search=Range(0.0, 0.1)),
        "vf_coef": number(0.5, 0, moves=True, unit="loss per squared error", source=source, search=Range(0.0, 1.0)),
        "max_grad_norm": number(
            0.5, TINY, moves=True, unit="global L2 norm", source=source, search=Range(0.1, 10.0, "log")
        ),
        "normalize_advantage": switch(normalize_advantage, source=source, search=Levels((False, True))),
        "normalize": switch(False, source="stable-baselines3 VecNormalize", search=Levels((False, True))),
        "net_arch": widths("[64, 64]", source),
    }


def teamed(
    base: Mapping[str, Hyperparameter], n_actors: int, source: str, *, without: tuple[str, ...] = ()
) -> dict[str, Hyperparameter]:
    """Declare what a team of actors has: all of its base algorithm in the compiled engine, and how many they are."""
    team = whole(
        n_actors, mark="static", unit="actors, each with environments of its own", source=source, engines=("jax",)
    )
    kept = {name: what for name, what in base.items() if "jax" in what.engines and name not in without}
    return {"n_actors": team} | {name: replace(what, engines=("jax",)) for name, what in kept.items()}


def generations(source: str) -> Hyperparameter:
    """Declare the length of a generation, whose end is where actors are scored."""
    return whole(
        200,
        unit="environment steps of each actor in a generation",
        source=source,
        engines=("jax",),
        search=Levels((100, 200, 500, 1_000), ordered=True),
    )


def one_of_a_kind(config: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """Refuse to divide by the spread of a rollout that is a single step: it has none."""
    if not config["normalize_advantage"] or config["n_steps"] * config["n_envs"] > 1:
        return ""
    return (
        "`normalize_advantage` divides by the spread of a rollout, and one of `n_steps` = `n_envs` = 1 has none; give "
        "more of either, or normalize_advantage=False."
    )
