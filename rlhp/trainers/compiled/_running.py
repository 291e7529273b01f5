"""One run in training: it advances from evaluation to evaluation, and can be left alone in between."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pandas as pd

from rlhp.agents import streams
from rlhp.agents.agent import State
from rlhp.errors import KeepingError
from rlhp.frames import BROKEN, changed_value
from rlhp.runs import Runs, empty_evals, empty_history
from rlhp.schedules import Schedule
from rlhp.trainers._request import RunRequest
from rlhp.trainers.compiled._accounting import Share
from rlhp.trainers.compiled._backend import devices
from rlhp.trainers.compiled._policies import save_parameters
from rlhp.trainers.compiled._programs import Program, moment, program, state_like
from rlhp.trainers.compiled._recipes import Prepared, prepared

__all__ = ["Event", "Running", "change"]

Event = dict[str, Any]
_CALL_S = 0.4  # how long a program works between two looks at the stop signal
_FIRST_STEPS = 512  # environment steps of a call while the pace is not known
_EVALUATED = ("return_mean", "return_std", "length_mean", "entropy", "value_error")


class Running:
    """A run in training.

    Nothing is computed before `advance`. A run that is not being advanced can be left, taken up again by another
    thread, or written to disk: what it learns depends on its request alone.

    Parameters
    ----------
    request : RunRequest
        With ``engine="jax"``.

    Attributes
    ----------
    status : str
        ``"going"`` until it ends: ``"finished"``, ``"diverged"`` (its weights, loss or return stopped being finite),
        ``"failed"`` (something raised; `error` says what) or ``"stopped"``, from which `resume` takes it up again.
    rows : list of dict
        Its evaluations so far.
    step : int
        Environment steps at the last of them.
    state : State or None
        What it is; None before the first `advance`.
    missed : int
        Evaluations that are no rows: at each it had diverged, and then went on with what another run has learned.
    iterations : int
        Iterations done.
    n_updates : int
        Gradient steps taken.
    wall_time_s, cpu_time_s : float
        Spent on this run, compiling excluded; the processor's time is divided among the runs that train side by side.
    assigned : dict
        Hyperparameters that were given anew while it trained; the request says what it began with.
    history : list of dict
        Those changes, and what it took over from other runs, as rows of `Runs.history`.
    """

    def __init__(self, request: RunRequest) -> None:
        self.request = request
        self.prepared: Prepared
        self.assigned: dict[str, Any] = {}
        self.status, self.error = "going", ""
        self.rows: list[Event] = []
        self.history: list[Event] = []
        self.step = 0
        self.missed = 0
        self.iterations = 0
        self.n_updates = 0
        self.state: State | None = None
        self.open = False  # whether the metrics of the interval under way have begun
        self.healthy = True  # whether the weights were finite ever since
        self.updates_before = 0  # gradient steps before the interval under way
        self._share = Share()
        self._pace: float | None = None  # seconds an iteration takes
        try:
            self.prepared = prepared(request)
        except (Exception, SystemExit) as error:  # an agent's own code may raise anything
            self.fail(error)

    @property
    def wall_time_s(self) -> float:
        """Seconds on the wall, see above."""
        return self._share.wall_s

    @property
    def cpu_time_s(self) -> float:
        """Seconds of the processor, see above."""
        return self._share.cpu_s

    def spent(self, wall_time_s: float, cpu_time_s: float) -> None:
        """Count what was spent on it elsewhere."""
        self._share.wall_s, self._share.cpu_s = float(wall_time_s), float(cpu_time_s)

    @property
    def number(self) -> int:
        """Evaluations done."""
        return len(self.rows) + self.missed

    def program(self, device: jax.Device | None = None) -> Program:
        """Return the program that trains it on a device, see `programs.program`."""
        return program(self.prepared, device)

    def state_bytes(self) -> int:
        """Return how much memory its state takes, begun or not."""
        return sum(
            int(np.prod(leaf.shape)) * leaf.dtype.itemsize for leaf in jax.tree.leaves(state_like(self.prepared))
        )

    def begun(self, device: jax.Device | None = None) -> State:
        """Return what it is; where it has not begun, that is what its seed begins with, on a device.

        Raises
        ------
        ValueError
            If it failed while it trained: then it is nothing any more.
        """
        if self.state is None and self.iterations:
            raise ValueError(f"run {self.request.run_id} is lost ({self.error}); begin it anew.")
        if self.state is None:
            self.state = self._initial(self.request.seed, device)
        return self.state

    def _initial(self, seed: int, device: jax.Device | None = None) -> State:
        state: State = self.program(device).init(streams.words(seed), self.prepared.traced, self.prepared.loops)
        return state

    def with_values(self, values: Mapping[str, Any]) -> tuple[RunRequest, Prepared]:
        """Check what it would be with other hyperparameters; see `assign`.

        Raises
        ------
        ValueError
            If a value is not allowed, or another program would be needed for it.
        """
        config = {**self.request.config, **self.assigned, **values}
        asked = dataclasses.replace(self.request, config=config)
        found = prepared(asked)
        if found.recipe != self.prepared.recipe or found.iteration_steps != self.prepared.iteration_steps:
            raise ValueError(
                f"{', '.join(f'`{name}`' for name in values)} would need another program; begin a new run."
            )
        return asked, found

    def assign(self, values: Mapping[str, Any]) -> None:
        """Return hyperparameters anew, for all that is to come; nothing is compiled for it.

        Parameters
        ----------
        values : mapping
            From names to numbers or schedules; a schedule's progress is that of the whole run.

        Raises
        ------
        ValueError
            If a value is not allowed, or another program would be needed for it.
        """
        asked, self.prepared = self.with_values(values)
        checked = {name: asked.config.get(name) for name in values}
        self.assigned |= checked
        progress = self.step / self.request.steps
        told = {name: _told(value, progress) for name, value in checked.items()}
        self.history += [change(self, name, number, label=label) for name, (number, label) in told.items()]

    def take_over(self, parts: Mapping[str, Any], step: int) -> None:
        """Go on with parts of the state of another run, at some step, which are this run's alone from now on.

        A run that had diverged goes on from where the other stands, if that is further, without what lies between.
        """
        self.state = self.begun()._replace(**parts)
        self.healthy = self.healthy or "weights" in parts
        if self.status == "diverged":
            self._stand_at(step)
        if self.status in BROKEN:
            self.status, self.error = "stopped", ""

    def _stand_at(self, step: int) -> None:
        steps = self.request.eval_steps()
        number = sum(one <= step for one in steps)
        if self.number < number < len(steps):
            self.step, self.missed = steps[number - 1], number - len(self.rows)
            self.iterations = self.step // self.prepared.iteration_steps

    def reseed(self, seed: int) -> None:
        """Go on with the random stream of another seed; before the first segment, begin with that seed."""
        if self.state is None and not self.iterations:
            self.state = self._initial(seed)
        else:
            self.state = self.begun()._replace(key=streams.key(seed))
        self.history.append(change(self, "seed", float(seed)))

    def renew(self, parts: Sequence[str]) -> None:
        """Go on with parts of its state as they are when a run begins."""
        state, new = self.begun(), self._initial(self.request.seed)
        self.state = state._replace(**{part: getattr(new, part) for part in parts})
        self.history += [change(self, part, math.nan, label="new") for part in parts]

    def resume(self) -> None:
        """Take up a run that was stopped; any other is what it is."""
        if self.status == "stopped":
            self.status = "going"

    def stop(self) -> None:
        """End a run that is going; its state is kept."""
        if self.status == "going":
            self.status = "stopped"

    def fail(self, error: BaseException) -> None:
        """Count as failed, by what was raised."""
        self.status = "failed"
        self.error = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"

    def advance(
        self,
        device: jax.Device | None = None,
        *,
        on_event: Callable[[Event], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        policies: Callable[[str], Path] | None = None,
    ) -> None:
        """Train to the next evaluation and evaluate; a run that raises, or stops being finite, has ended.

        Parameters
        ----------
        device : jax.Device, optional
            Where; the first of `backend.devices` by default. What the run is moves there.
        on_event : callable, optional
            Called with ``{"event": "progress", "run_id", "step"}`` a few times a second, and with ``{"event": "eval",
            "run_id", "row"}`` after the evaluation.
        should_stop : callable, optional
            Asked often; True leaves the run in the middle of the interval, still ``"going"``.
        policies : callable, optional
            ``policies(run_id) -> path``: where to keep the policy when the run is finished.

        Raises
        ------
        KeepingError
            If the disk refuses the policy: a matter of those who keep, and not of the run.
        """
        if self.status != "going":
            return
        tell = on_event or (lambda event: None)
        try:
            compiled = self.program(device)
            self.state = jax.device_put(self.begun(device), device or devices()[0])
            with self._share as share:
                metrics = self._train(compiled, tell, should_stop or (lambda: False), share)
                if metrics is None:
                    return
                self._note(compiled, metrics, tell)
            if self.status == "finished" and policies is not None:
                self._keep(compiled, policies(self.request.run_id))
        except KeepingError:
            raise
        except (Exception, SystemExit) as error:
            self.fail(error)

    def runs(self) -> Runs:
        """Return what has become of it; one that is going counts as stopped."""
        status = "stopped" if self.status == "going" else self.status
        row = self.request.row(
            status,
            wall_time_s=self.wall_time_s,
            cpu_time_s=self.cpu_time_s,
            error=self.error,
            n_updates=self.n_updates,
        )
        evals = pd.DataFrame(self.rows) if self.rows else empty_evals()
        history = pd.DataFrame(self.history) if self.history else empty_history()
        return Runs(pd.DataFrame([row]), evals, history)

    def _train(
        self, compiled: Program, tell: Callable[[Event], None], should_stop: Callable[[], bool], share: Share
    ) -> dict[str, Any] | None:
        """Train to the next evaluation; None where that was stopped."""
        request, mine = self.request, self.prepared
        target = request.eval_steps()[self.number]
        due = target // mine.iteration_steps
        metrics: dict[str, Any] = {}
        while self.iterations < due or not metrics:
            if should_stop():
                return None
            count = self._next_count(due - self.iterations)
            started = time.perf_counter()
            # How long a call works follows the clock on the wall. What is measured must not: it goes on over calls.
            clock = moment(self.iterations, count, request.steps, not self.open)
            state, self.state = self.state, None  # it is used up, also where the call raises
            self.state, measured = compiled.segment(state, mine.traced, mine.loops, clock)
            metrics = jax.device_get(measured)
            if count:
                self._pace = (time.perf_counter() - started) / count
            self.open = True
            self.iterations += count
            self.healthy = self.healthy and bool(metrics["healthy"])
            self.n_updates = self.updates_before + int(metrics["updates"])
            share.lap()
            step = min(self.iterations * mine.iteration_steps, target)
            tell({"event": "progress", "run_id": request.run_id, "step": step})
        return metrics

    def _note(self, compiled: Program, metrics: dict[str, Any], tell: Callable[[Event], None]) -> None:
        """Evaluate, and close the interval."""
        request, mine, state = self.request, self.prepared, self.state
        assert state is not None
        steps = request.eval_steps()
        step = steps[self.number]
        progress = np.float32(self.iterations * mine.iteration_steps / request.steps)
        found = jax.device_get(
            compiled.evaluate(state.weights, state.key, mine.traced, mine.loops, progress, np.int32(self.number))
        )
        loss, returned = float(metrics["loss"]), float(found["return_mean"])
        healthy, trained = self.healthy, metrics["updates"] > 0
        self.open, self.healthy, self.updates_before = False, True, self.n_updates
        if not healthy or (trained and not math.isfinite(loss)) or not math.isfinite(returned):
            what = "the return or the loss is" if healthy else "the weights are"
            self.status, self.error = "diverged", f"{what} no longer finite at step {step}"
            return
        self.step = step
        self.rows.append(
            {
                "run_id": request.run_id,
                "step": step,
                "n_episodes": request.eval_episodes,
                **{name: float(found[name]) for name in _EVALUATED},
                "loss": loss,
                "train_return_mean": float(metrics["train_return_mean"]),
            }
        )
        if step == steps[-1]:
            self.status = "finished"
        tell({"event": "eval", "run_id": request.run_id, "row": dict(self.rows[-1])})

    def _keep(self, compiled: Program, path: Path) -> None:
        """Write the policy."""
        assert self.state is not None
        parameters = jax.device_get(compiled.agent.parameters(self.state.weights))
        try:
            save_parameters(parameters, path, self.request)
        except OSError as error:
            raise KeepingError(f"could not write the policy {path} ({error})") from error

    def _next_count(self, left: int) -> int:
        """Return as many iterations as fit between two looks at the stop signal."""
        if self._pace is None:
            return min(left, max(1, _FIRST_STEPS // self.prepared.iteration_steps))
        return min(left, max(1, round(_CALL_S / max(self._pace, 1e-9))))


def change(running: Running, name: str, value: float, parent: str = "", *, label: str = "") -> Event:
    """Return a row of `Runs.history`: what a run goes on with from where it stands."""
    named = {"run_id": running.request.run_id, "step": running.step, "name": name}
    return {**named, "value": value, "parent": parent, "label": label}


def _told(value: Any, progress: float) -> tuple[float, str]:
    """Return the number that a hyperparameter is at a moment, NaN where it is none, and what says the rest."""
    return (float(value(progress)), value.to_json()) if isinstance(value, Schedule) else changed_value(value)
