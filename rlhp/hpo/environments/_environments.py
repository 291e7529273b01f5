"""What environments have in common, before anything is tuned: spaces, horizon, rewards, and a random policy."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rlhp import arguments
from rlhp.curves import MEAN, student_interval
from rlhp.envs import make_gymnasium
from rlhp.returns import return_bounds
from rlhp.showing import as_html, as_text, percent

__all__ = ["EnvironmentFeatures", "environment_features"]

# Numbers that count by their order of magnitude, others that count as they are, and kinds.
_MAGNITUDES = ("observation_size", "n_actions", "horizon", "reward_scale", "random_length")
_PLAIN = ("reward_density", "reward_sign", "random_truncated")
_KINDS = ("observations", "actions")


@dataclass(frozen=True, eq=False)
class EnvironmentFeatures:
    """Features of environments, and how far they are apart; made by `environment_features`.

    Attributes
    ----------
    table : DataFrame, one row per environment, index `env_id`
        `observations` (their kind), `observation_size` (numbers in one), `actions` (their kind), `n_actions` (choices,
        or numbers of a continuous one), `horizon` (steps of the time limit, NaN without one), `return_low`,
        `return_high` (where known). Of a random policy: `reward_scale` (mean size of a reward that is not zero),
        `reward_density` (share of steps with one), `reward_sign` (from -1, all below zero, to 1), `random_return` with
        `random_return.low` and `.high`, `random_length` (steps of an episode), `random_truncated` (share of episodes
        that the time limit ended).
    distances : DataFrame, environments by environments
        Gower's distance: the mean over the features that both have, of 0 (equal) to 1 (as far apart as any two of
        these environments). It means nothing beside other environments.
    episodes : int
    confidence : float
    """

    table: pd.DataFrame
    distances: pd.DataFrame
    episodes: int
    confidence: float

    def nearest(self, env_id: str) -> pd.Series:
        """Return how far the others are from one, the nearest first.

        Raises
        ------
        ValueError
            If it is not among them.
        """
        name = arguments.choice("env_id", env_id, list(self.table.index), kind="environment")
        return self.distances[name].drop(name).sort_values(kind="stable")

    def _title(self) -> str:
        return f"features of {len(self.table)} environments, a random policy's over {self.episodes} episodes"

    def _notes(self) -> list[str]:
        apart = self.distances.to_numpy() + np.diag(np.full(len(self.distances), np.inf))
        names = list(self.table.index)
        one, other = (names[int(at)] for at in np.unravel_index(int(apart.argmin()), apart.shape))
        return [
            f"nearest to each other: {one} and {other}, {apart.min():.2f} (Gower's distance)",
            f"{percent(self.confidence)} intervals of the random policy's return by Student's t",
            "that features are alike does not say that settings carry over: `rank_agreement` measures that",
        ]

    def __repr__(self) -> str:
        return as_text("EnvironmentFeatures", self._title(), self._notes(), self.table.T.reset_index())

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table.T.reset_index())


def environment_features(
    env_ids: Sequence[str], *, rng: int | np.random.Generator, episodes: int = 20, confidence: float = 0.95
) -> EnvironmentFeatures:
    """Describe environments by what can be known without tuning, and say how far they are apart.

    Parameters
    ----------
    env_ids : sequence of str
        Two or more; see `rlhp.envs.catalogue`.
    rng : int or numpy.random.Generator
        Of the random policy and of the episodes' beginnings.
    episodes : int
        Of the random policy, in each environment; three at the least.
    confidence : float

    Returns
    -------
    EnvironmentFeatures

    Raises
    ------
    ValueError
        If an environment is unknown, or an argument cannot be.

    References
    ----------
    J. C. Gower (1971), A general coefficient of similarity and some of its properties. M. Feurer, J. T. Springenberg,
    F. Hutter (2015), Initializing Bayesian hyperparameter optimization via meta-learning.

    Examples
    --------
    >>> from rlhp import hpo
    >>> found = hpo.environment_features(["CartPole-v1", "Acrobot-v1", "Pendulum-v1"], rng=0, episodes=3)
    >>> found.nearest("CartPole-v1").index[0]
    'Acrobot-v1'
    """
    names = arguments.name_list("env_ids", env_ids, empty=False)
    if len(names) < 2:
        raise ValueError(f"`env_ids` is {names}; give two environments or more.")
    arguments.whole("episodes", episodes, at_least=3)
    arguments.real("confidence", confidence, above=0, below=1)
    stream = arguments.random_generator(rng)
    table = pd.DataFrame([_features(name, stream, episodes, confidence) for name in names], index=names)
    return EnvironmentFeatures(table.rename_axis("env_id"), _gower(table), episodes, confidence)


def _features(env_id: str, rng: np.random.Generator, episodes: int, confidence: float) -> dict[str, Any]:
    env = make_gymnasium(env_id)
    try:
        lengths, returns, ended, rewards = [], [], [], []
        for _ in range(episodes):
            env.reset(seed=int(rng.integers(2**31)))
            own: list[float] = []
            over = cut = False
            while not (over or cut):
                _, reward, over, cut, _ = env.step(_action(env.action_space, rng))
                own.append(float(reward))
            lengths.append(len(own))
            returns.append(sum(own))
            ended.append(cut and not over)
            rewards += own
        seen, acted = env.observation_space, env.action_space
        limit = None if env.spec is None else env.spec.max_episode_steps
        limit = getattr(env.unwrapped, "max_steps", None) if limit is None else limit  # MiniGrid's are its own
    finally:
        env.close()
    paid = np.array(rewards)[np.array(rewards) != 0]
    low, high = student_interval(np.array(returns)[:, None], MEAN, confidence=confidence)
    least, most = return_bounds(env_id)
    return {
        "observations": type(seen).__name__,
        "observation_size": int(np.prod(seen.shape)) if seen.shape else int(getattr(seen, "n", 1)),
        "actions": type(acted).__name__,
        "n_actions": int(getattr(acted, "n", 0)) or int(np.prod(acted.shape or (1,))),
        "horizon": math.nan if limit is None else float(limit),
        "return_low": least,
        "return_high": most,
        "reward_scale": float(np.abs(paid).mean()) if len(paid) else 0.0,
        "reward_density": len(paid) / len(rewards),
        "reward_sign": float(np.sign(paid).mean()) if len(paid) else 0.0,
        "random_return": float(np.mean(returns)),
        "random_return.low": max(float(low[0]), least),
        "random_return.high": min(float(high[0]), most),
        "random_length": float(np.mean(lengths)),
        "random_truncated": float(np.mean(ended)),
    }


def _action(space: Any, rng: np.random.Generator) -> Any:
    """Draw an action evenly; Gymnasium's own draw has a state of its own."""
    if hasattr(space, "n") and not space.shape:
        return int(rng.integers(space.n)) + int(getattr(space, "start", 0))
    if hasattr(space, "low") and np.isfinite(space.low).all() and np.isfinite(space.high).all():
        return rng.uniform(space.low, space.high).astype(space.dtype)
    space.seed(int(rng.integers(2**31)))
    return space.sample()


def _gower(table: pd.DataFrame) -> pd.DataFrame:
    sizes = np.log(np.maximum(table[[*_MAGNITUDES]].to_numpy(float), 1e-6))
    numbers = np.column_stack([sizes, table[[*_PLAIN]].to_numpy(float)])
    span = np.nanmax(numbers, axis=0) - np.nanmin(numbers, axis=0)
    scaled = numbers / np.where(span > 0, span, 1.0)
    kinds = table[[*_KINDS]].to_numpy()
    found = np.zeros((len(table), len(table)))
    for i, j in itertools.combinations(range(len(table)), 2):
        apart = np.append(np.abs(scaled[i] - scaled[j]), kinds[i] != kinds[j]).astype(float)
        found[i, j] = found[j, i] = np.nanmean(apart)
    return pd.DataFrame(found, index=table.index, columns=table.index)
