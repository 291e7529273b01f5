"""The members of a population as runs: what they are asked to be, what they are now, and what they lived through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp.errors import unknown_name
from rlhp.frames import content_hash, encode_value, value_changed
from rlhp.population._exchange import Exchange
from rlhp.population._explore import moving_names
from rlhp.population._meeting import Fitness, Past
from rlhp.spaces import DISCRETE, levels_of, need_space, sample
from rlhp.sweeps import Evaluation
from rlhp.trainers import RunRequest, config_rows
from rlhp.trainers.compiled import Running
from rlhp.trainers.segments import assignable

__all__ = ["check_space", "configs_now", "fitness_now", "lived", "requests_of_population", "ticks_done"]

_MOST_SEED = 2**32 - 1


def requests_of_population(
    algorithm: str,
    env_id: str,
    space: ConfigurationSpace,
    exchange: Exchange,
    evaluation: Evaluation,
    *,
    size: int,
    steps: int,
    seed: int,
) -> list[RunRequest]:
    """Describe the members of a population: drawn from the space, seeded one after the other.

    The seeds are ``seed * size`` and those that follow; so those of populations with other seeds are others, and a
    population of one has its own seed. The configurations depend on the space, the size and the seed alone: populations
    that differ in how they meet begin as the same.

    Raises
    ------
    ValueError
        If there are no such runs.
    """
    if (seed + 1) * size - 1 > _MOST_SEED:
        raise ValueError(f"seed {seed} with {size} members needs seeds beyond {_MOST_SEED}; give a smaller one.")
    drawn = sample(space, size, method="random", rng=np.random.default_rng([seed, 0]))
    name = content_hash(
        algorithm=algorithm,
        env_id=env_id,
        steps=steps,
        size=size,
        seed=seed,
        space=space.to_serialized_dict()["hyperparameters"],
        exchange=exchange.described(),
        evaluation=[evaluation.interval(steps), evaluation.episodes],
    )
    return [
        RunRequest(
            algorithm,
            env_id,
            seed * size + member,
            steps,
            config,
            evaluation.interval(steps),
            evaluation.episodes,
            "jax",
            population=name,
            member=member,
        )
        for member, config in enumerate(config_rows(algorithm, drawn))
    ]


def check_space(space: ConfigurationSpace, request: RunRequest) -> None:
    """Refuse a space in which members could differ in what cannot be passed on while they train.

    Raises
    ------
    ValueError
        If something that has several values cannot move, nothing can, or there are conditions or forbidden clauses.
    """
    need_space(space)
    if space.conditions or space.forbidden_clauses:
        raise ValueError(
            "`space` has conditions or forbidden clauses, which a value that moves could break; build it without: "
            "`ConfigurationSpace(space=[...])` of the hyperparameters that shall move."
        )
    allowed = assignable(request)
    moving = moving_names(space)
    stuck = [name for name in moving if name not in allowed]
    if stuck:
        raise ValueError(
            unknown_name("hyperparameter", stuck[0], allowed, where="a run in training")
            + f" Members cannot differ in {', '.join(f'`{name}`' for name in stuck)}: hold each by a Constant."
        )


def configs_now(training: Sequence[Running], space: ConfigurationSpace) -> list[dict[str, Any]]:
    """Return what each run is trained with now, of the hyperparameters of a space."""
    now = [{**run.request.config, **run.assigned} for run in training]
    return [{name: _level(hp, one.get(name)) for name, hp in space.items()} for one in now]


def ticks_done(training: Sequence[Running], exchange: Exchange) -> int:
    """Return how many times the members were evaluated to meet."""
    return max(run.step for run in training) // exchange.tick


def fitness_now(training: Sequence[Running], step: int) -> Fitness:
    """Return how good each is, by its evaluation at a step; NaN where it has none, since it has ended."""
    rows = [_row(run, step) for run in training]
    return Fitness(
        [np.nan if row is None else row["return_mean"] for row in rows],  # type: ignore[arg-type]
        [np.nan if row is None else row["return_std"] for row in rows],  # type: ignore[arg-type]
        [run.request.eval_episodes for run in training],  # type: ignore[arg-type]
    )


def lived(training: Sequence[Running], space: ConfigurationSpace, exchange: Exchange) -> Past:
    """Return all that the members have trained so far, read from what is noted of them."""
    done, names = ticks_done(training, exchange), list(space)
    scores = {
        run.request.run_id: {row["step"]: row["return_mean"] for row in run.rows if row["step"] % exchange.tick == 0}
        for run in training
    }
    rows: list[tuple[Any, ...]] = []
    for member, run in enumerate(training):
        config = {name: _level(hp, run.request.config.get(name)) for name, hp in space.items()}
        begin, own = 0, scores[run.request.run_id]
        changes: dict[int, list[dict[str, Any]]] = {}
        for row in run.history:
            changes.setdefault(row["step"], []).append(row)
        for number in exchange.meetings(member, done):
            step, parent = number * exchange.tick, run.request.run_id
            for row in changes.get(begin, ()):
                if row["name"] in config:
                    config[row["name"]] = _level(space[row["name"]], value_changed(row["value"], row["label"]))
                elif row["name"] == "weights":
                    parent = row["parent"]
            before = scores.get(parent, own).get(begin, np.nan)
            rows.append((member, begin, step, before, own.get(step, np.nan), dict(config)))
            begin = step
    rows.sort(key=lambda row: (row[2], row[0]))
    cells = [{name: encode_value(value) for name, value in row[5].items()} for row in rows]
    told = np.array([row[:5] for row in rows], dtype=np.float64).reshape(len(rows), 5)
    whole = told[:, :3].astype(np.int64)
    frame = pd.DataFrame(cells, columns=names)
    return Past(whole[:, 0], whole[:, 1], whole[:, 2], told[:, 3], told[:, 4], frame)


def _level(hp: Any, value: Any) -> Any:
    """Return a value as the space has it: a run has checked it, and made False of a level 0."""
    levels = levels_of(hp)[0] if isinstance(hp, DISCRETE) else []
    same = [level for level in levels if encode_value(level) == encode_value(value)]
    return same[0] if same else levels[0] if len(levels) == 1 else value


def _row(run: Running, step: int) -> dict[str, Any] | None:
    return next((row for row in reversed(run.rows) if row["step"] == step), None)
