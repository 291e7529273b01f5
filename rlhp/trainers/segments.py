"""Training in pieces: runs that begin, advance, are given other values, take over from each other, part and meet.

Successive halving, populations, live widgets and meta-learners are loops over these verbs. What a run learns depends on
nothing but its own description, and what it was assigned and inherited: not on the runs beside it, and not on where or
how often it was paused.

>>> from rlhp.trainers import RunRequest
>>> config = {"n_envs": 2, "n_steps": 8, "net_arch": [8]}
>>> training = begin([RunRequest("a2c", "CartPole-v1", seed, 400, config, 100, 2, "jax") for seed in range(2)])
>>> advance(training, 200).table["step"].tolist()
[100, 200, 100, 200]
>>> inherit(training, [0, 0])  # the second goes on with what the first has learned
>>> assign(training, {"learning_rate": [1e-3, 1e-2]})
>>> advance(training, 400).statuses.tolist()
['finished', 'finished']
>>> runs_of(training).history["name"].unique().tolist()
['learning_rate', 'weights', 'optimizer', 'memory', 'playing']
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from rlhp import arguments
from rlhp.agents.agent import PARTS
from rlhp.algorithms import declared
from rlhp.arguments import shown
from rlhp.errors import unknown_name
from rlhp.frames import empty_evals
from rlhp.runs import Runs, concat
from rlhp.trainers._env_parameters import declared_world
from rlhp.trainers._request import RunRequest, counted
from rlhp.trainers.compiled._drive import Limits, drive
from rlhp.trainers.compiled._running import Event, Running, change
from rlhp.trainers.compiled._snapshots import read_runs, write_runs

__all__ = [
    "PARTS",
    "Measured",
    "Training",
    "advance",
    "assign",
    "assignable",
    "begin",
    "inherit",
    "join",
    "renew",
    "reseed",
    "restore",
    "runs_of",
    "snapshot",
    "take",
]


@dataclass(frozen=True, eq=False)
class Training:
    """Runs in training, from `begin`.

    Parameters
    ----------
    runs : tuple of Running
        In their order; each is itself, also where it stands in another training as well.
    """

    runs: tuple[Running, ...]

    def __len__(self) -> int:
        return len(self.runs)

    def __repr__(self) -> str:
        going = sum(run.status in ("going", "stopped") for run in self.runs)
        steps = [run.step for run in self.runs]
        return f"Training({len(self)} runs, {going} of them going, at steps {min(steps):,} to {max(steps):,})"

    @property
    def run_ids(self) -> list[str]:
        """Name the runs."""
        return [run.request.run_id for run in self.runs]


@dataclass(frozen=True, eq=False)
class Measured:
    """What `advance` has measured.

    Parameters
    ----------
    table : DataFrame
        The new evaluations, as rows of `Runs.evals`.
    statuses : Series
        By run: ``"finished"``, ``"diverged"``, ``"failed"``, or ``"stopped"`` where a run is paused.
    """

    table: pd.DataFrame
    statuses: pd.Series

    def __repr__(self) -> str:
        counts = self.statuses.value_counts()
        return f"Measured({len(self.table)} evaluations; {', '.join(f'{n} {name}' for name, n in counts.items())})"


def begin(requests: Sequence[RunRequest]) -> Training:
    """Take up runs; nothing is computed yet.

    Parameters
    ----------
    requests : sequence of RunRequest
        With ``engine="jax"``. Their `steps` are what schedules measure progress by, however far they will be trained.

    Raises
    ------
    ValueError
        If one is for another engine, stands twice, or its agent refuses it.
    """
    asked = arguments.sequence("requests", requests)
    for request in asked:
        arguments.instance("requests", request, RunRequest)
        if request.engine != "jax":
            raise ValueError(f"run {request.run_id} is for engine={request.engine!r}; only engine='jax' pauses.")
    runs = [Running(request) for request in asked]
    for run in runs:
        if run.status == "failed":
            raise ValueError(f"run {run.request.run_id} cannot begin ({run.error}).")
    return _training(runs)


def advance(
    training: Training,
    to_step: int | Sequence[int],
    *,
    on_event: Callable[[Event], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    policies: Callable[[str], Path] | None = None,
    workers: int | None = None,
) -> Measured:
    """Train each run to its first evaluation at `to_step` or later; runs that are there already stay as they are.

    Parameters
    ----------
    training : Training
    to_step : int or sequence of int
        Environment steps, for all runs or for each.
    on_event, should_stop, policies, workers
        As of `drive`. What is stopped goes on, when it is advanced again, from where it stood.

    Returns
    -------
    Measured
        The new evaluations, and what has become of the runs.
    """
    arguments.instance("training", training, Training)
    targets = dict(zip(training.run_ids, _each("to_step", to_step, len(training)), strict=True))
    for target in targets.values():
        arguments.whole("to_step", target, at_least=0)
    found = {run.request.run_id: run for run in training.runs}
    before = {name: len(run.rows) for name, run in found.items()}
    drive(
        (run.request for run in training.runs),
        until=lambda request: int(targets[request.run_id]),
        on_event=on_event,
        should_stop=should_stop,
        policies=policies,
        begin=lambda request: found[request.run_id],
        limits=Limits(workers=workers, most_open=max(len(training), 1)),
    )
    rows = [row for name, run in found.items() for row in run.rows[before[name] :]]
    statuses = pd.Series({name: _paused(run.status) for name, run in found.items()}, dtype=object, name="status")
    return Measured(pd.DataFrame(rows) if rows else empty_evals(), statuses.rename_axis("run_id"))


def assign(training: Training, values: Mapping[str, Any]) -> None:
    """Return hyperparameters anew for all that is to come; nothing is compiled for it.

    Parameters
    ----------
    training : Training
    values : mapping
        From names to one number or schedule for all runs, or a sequence of one for each. A schedule's progress is that
        of the whole run.

    Raises
    ------
    ValueError
        If a name is unknown or cannot change while a run trains, or a value is not allowed.
    """
    arguments.instance("training", training, Training)
    values = arguments.mapping("values", values)
    for run in training.runs:
        allowed = assignable(run.request)
        for name in values:
            if name not in allowed:
                raise ValueError(unknown_name("hyperparameter", name, allowed, where="a run in training"))
    given = {name: _each(name, value, len(training)) for name, value in values.items()}
    each = [{name: one[i] for name, one in given.items()} for i in range(len(training))]
    for run, mine in zip(training.runs, each, strict=True):
        run.with_values(mine)  # all are checked before one is changed
    for run, mine in zip(training.runs, each, strict=True):
        run.assign(mine)


def inherit(training: Training, parents: Sequence[int], *, parts: Sequence[str] = PARTS) -> None:
    """Let run i go on with what run ``parents[i]`` is, as they stand now; a run that is its own parent stays.

    Each keeps its hyperparameters, its place in training and its random stream: children of one parent part ways. A run
    that had diverged goes on with what it inherits.

    Parameters
    ----------
    training : Training
    parents : sequence of int
        For each run the place of its parent.
    parts : sequence of str
        What is taken over: of ``"weights"`` (with statistics of observations), ``"optimizer"``, ``"memory"`` and
        ``"playing"``.

    Raises
    ------
    ValueError
        If a part is unknown, or a parent's parts have other shapes.
    """
    arguments.instance("training", training, Training)
    parts = _known_parts(parts)
    asked = arguments.sequence("parents", parents)
    if len(asked) != len(training):
        raise ValueError(f"`parents` has {len(asked)} places for {len(training)} runs; give one for each.")
    at = [arguments.whole("parents", one, at_least=0, at_most=len(training) - 1) for one in asked]
    pairs = [(run, training.runs[parent]) for run, parent in zip(training.runs, at, strict=True)]
    pairs = [(run, parent) for run, parent in pairs if run is not parent]
    taken = [{part: getattr(parent.begun(), part) for part in parts} for _, parent in pairs]
    for (run, parent), new in zip(pairs, taken, strict=True):
        _check_shapes(run, parent, new)
    copies = [_copied(new) for new in taken]
    for (run, parent), new in zip(pairs, copies, strict=True):
        run.take_over(new, parent.step)
        run.history += [change(run, part, math.nan, parent.request.run_id) for part in parts]


def reseed(training: Training, seeds: int | Sequence[int]) -> None:
    """Let runs go on with the random streams of other seeds; those that have not begun, begin with them.

    Parameters
    ----------
    training : Training
    seeds : int or sequence of int
        For all runs or for each.

    Raises
    ------
    ValueError
        If one is no seed.
    """
    arguments.instance("training", training, Training)
    each = [counted("seed", one, called="seeds") for one in _each("seeds", seeds, len(training))]
    for run, seed in zip(training.runs, each, strict=True):
        run.reseed(seed)


def renew(training: Training, parts: Sequence[str]) -> None:
    """Let runs go on with parts of what they are as new as in the beginning: an optimizer without a memory of steps.

    Parameters
    ----------
    training : Training
    parts : sequence of str
        Of `PARTS`.

    Raises
    ------
    ValueError
        If a part is unknown.
    """
    arguments.instance("training", training, Training)
    parts = _known_parts(parts)
    for run in training.runs:
        run.renew(parts)


def take(training: Training, rows: Sequence[int]) -> Training:
    """Return some of the runs, in this order, as a training of their own; they are the same runs, not copies.

    Raises
    ------
    ValueError
        If there is no such run, or one is named twice.
    """
    arguments.instance("training", training, Training)
    places = arguments.sequence("rows", rows)
    at = [arguments.whole("rows", one, at_least=0, at_most=len(training) - 1) for one in places]
    return _training([training.runs[place] for place in at])


def join(trainings: Sequence[Training]) -> Training:
    """Put the runs of several trainings, whatever their algorithms and shapes, into one.

    Raises
    ------
    ValueError
        If a run stands in two of them.
    """
    asked = arguments.sequence("trainings", trainings)
    return _training([run for one in asked for run in arguments.instance("trainings", one, Training).runs])


def snapshot(training: Training, path: str | Path) -> Path:
    """Write the runs to a file, from which `restore` goes on bit for bit, also in another process.

    Parameters
    ----------
    training : Training
    path : path
        Replaced by atomic rename where it exists.
    """
    return write_runs(arguments.instance("training", training, Training).runs, arguments.path("path", path))


def restore(path: str | Path) -> Training:
    """Read what `snapshot` wrote; nothing is unpickled.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged, something else, or written by another version.
    """
    return _training(read_runs(arguments.path("path", path)))


def runs_of(training: Training) -> Runs:
    """Return the runs as a table; those that are not at their end are `stopped`."""
    return concat([run.runs() for run in arguments.instance("training", training, Training).runs])


def _training(runs: Sequence[Running]) -> Training:
    names = [run.request.run_id for run in runs]
    if not names:
        raise ValueError("there are no runs; give at least one.")
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"run {name} stands twice; each may stand once.")
    return Training(tuple(runs))


@jax.jit
def _copied(parts: dict[str, Any]) -> dict[str, Any]:
    """Copy parts of a state in one call: a program uses up the state that it is given."""
    copies: dict[str, Any] = jax.tree.map(jnp.copy, parts)
    return copies


def _each(name: str, value: Any, n: int) -> list[Any]:
    """Return one value for each run."""
    if not arguments.several(value):
        return [value] * n
    each = [one.item() if isinstance(one, np.generic) else one for one in value]
    if len(each) != n:
        raise ValueError(f"`{name}` has {len(each)} values for {n} runs, {shown(value)}; give one, or one for each.")
    return each


def _known_parts(parts: Sequence[str]) -> list[str]:
    named = arguments.name_list("parts", parts, empty=False)
    for part in named:
        if part not in PARTS:
            raise ValueError(unknown_name("part", part, PARTS, where="a run"))
    return named


def assignable(request: RunRequest) -> list[str]:
    """Name what a run may be given while it trains: all that its program takes as numbers.

    Examples
    --------
    >>> names = assignable(RunRequest("a2c", "CartPole-v1", 0, 400, {}, 100, 2, "jax"))
    >>> "learning_rate" in names, "net_arch" in names
    (True, False)
    """
    known = declared(request.algorithm).hyperparameters
    ours = [
        name
        for name, one in known.items()
        if "jax" in one.engines
        and (one.mark == "traced" or (one.mark == "loop" and one.moves and name != "batch_size"))
    ]
    return ours + list(declared_world(request.env_id))


def _check_shapes(run: Running, parent: Running, taken: Mapping[str, Any]) -> None:
    for part, theirs in taken.items():
        mine = getattr(run.begun(), part)
        if _shape(mine) != _shape(theirs):
            raise ValueError(
                f"run {run.request.run_id} cannot take over `{part}` of run {parent.request.run_id}: their shapes "
                f"differ ({_differing(run, parent)}); take a parent of the same program, or fewer parts."
            )


def _shape(tree: Any) -> Any:
    leaves, structure = jax.tree.flatten(tree)
    return structure, [(leaf.shape, leaf.dtype) for leaf in leaves]


def _differing(run: Running, parent: Running) -> str:
    """Return in what two runs differ, of what decides their programs."""
    one, other = run.request, parent.request
    if (one.algorithm, one.env_id) != (other.algorithm, other.env_id):
        return f"{one.algorithm} on {one.env_id}, and {other.algorithm} on {other.env_id}"
    mine, theirs = dict(run.prepared.recipe.shapes), dict(parent.prepared.recipe.shapes)
    return ", ".join(f"{name} {mine[name]} and {theirs[name]}" for name in mine if mine[name] != theirs.get(name))


def _paused(status: str) -> str:
    return "stopped" if status == "going" else status
