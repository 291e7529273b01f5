"""Train many runs as one compiled program, an evaluation interval at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pandas as pd

from rlhp.agents import streams
from rlhp.agents.agent import Clock
from rlhp.errors import KeepingError
from rlhp.runs import Runs, empty_evals, empty_history
from rlhp.trainers.batches import Batch
from rlhp.trainers.parameters import save_parameters
from rlhp.trainers.programs import Program, program

__all__ = ["prepare", "train_batch"]

Event = dict[str, Any]
_CALL_S = 0.4  # how long the devices work between two looks at the stop signal
_EVALUATED = ("return_mean", "return_std", "length_mean", "entropy", "value_error")


def train_batch(
    batch: Batch,
    *,
    policies: Callable[[str], Path] | None = None,
    on_event: Callable[[Event], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Runs:
    """Train the runs of a batch together and return them, whatever becomes of each.

    Parameters
    ----------
    batch : Batch
        From `batches.plan`.
    policies : callable, optional
        ``policies(run_id) -> path``: where to keep each run's final policy.
    on_event : callable, optional
        Called with ``{"event": "compiling", "runs"}`` before the program is looked for and with ``"compiled"`` when it
        is there and training begins, with ``{"event": "progress", "run_id", "step"}`` a few times a second for each
        run, and with ``{"event": "eval", "run_id", "row"}`` after each evaluation.
    should_stop : callable, optional
        Asked often; True ends all runs of the batch with the status `stopped`.

    Returns
    -------
    Runs
        In the order of the batch, with the gradient steps each took. Equal seeds give equal evaluations to the last
        bit, however busy the machine is. The status is `finished`, `diverged` (its weights, loss or return stopped
        being finite; the other runs are what they are without it), `stopped`, or `failed` (the program raised; `error`
        says what). Times are those of the batch; the processor's is all that this process spent meanwhile, divided by
        the number of runs.

    Raises
    ------
    KeepingError
        If the disk refuses a policy: a matter of the sweep, which should stop, and not of these runs.
    """
    session = _Session(batch, on_event or (lambda event: None), should_stop or (lambda: False))
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        session.train()
        if policies is not None:
            session.keep(policies)
    except KeepingError:
        raise
    except (Exception, SystemExit) as reason:
        session.fail(f"{type(reason).__name__}: {(str(reason).splitlines() or [''])[0]}")
    seconds = time.perf_counter() - wall, (time.process_time() - cpu) / len(batch.requests)
    return session.runs(*seconds)


def prepare(batch: Batch) -> None:
    """Compile what `train_batch` will need for a batch, so that it finds it there.

    Another thread may do so while a batch is trained: compiling keeps one core busy, and by itself leaves the others
    idle.
    """
    _Session(batch, lambda event: None, lambda: False).compile()


class _Session:
    """One batch in training."""

    def __init__(self, batch: Batch, on_event: Callable[[Event], None], should_stop: Callable[[], bool]) -> None:
        self.batch, self.on_event, self.should_stop = batch, on_event, should_stop
        n = len(batch.requests)
        self.rows: list[list[dict[str, Any]]] = [[] for _ in range(n)]
        self.status, self.error = ["finished"] * n, [""] * n
        self.n_updates = np.zeros(n)
        self.state: Any = None
        self.pace: float | None = None  # seconds an iteration takes

    def compile(self) -> tuple[Program, Any, Any, Any]:
        """Give the program, compiled, and its arguments on the devices: words of the seeds, traced and uniform values.

        All three functions are compiled before the clock of the first segment starts.
        """
        batch = self.batch
        self.on_event({"event": "compiling", "runs": len(batch.requests)})
        compiled = program(batch.recipe)
        seeds = [request.seed for request in batch.requests]
        seeds += seeds[-1:] * (batch.width - len(seeds))
        words = np.stack([streams.words(seed) for seed in seeds])
        (words, traced), uniform = compiled.place((words, batch.traced), batch.uniform)
        if batch.width not in compiled.ready:
            state = compiled.init(words, traced, uniform)
            state, _ = compiled.segment(state, traced, uniform, self._clock(compiled, 0, 0))
            jax.block_until_ready(compiled.evaluate(state, traced, *compiled.place((), (0.0, 0))[1]))
            compiled.ready.add(batch.width)
        self.on_event({"event": "compiled", "runs": len(batch.requests)})
        return compiled, words, traced, uniform

    def train(self) -> None:
        batch = self.batch
        compiled, words, traced, uniform = self.compile()
        state = compiled.init(words, traced, uniform)
        request, done = batch.requests[0], 0
        for number, step in enumerate(request.eval_steps()):
            due = step // batch.iteration_steps
            metrics: dict[str, np.ndarray] = {}
            before, sound = self.n_updates, np.array(True)
            while done < due or not metrics:
                count = self._next_count(due - done)
                started = time.perf_counter()
                # How long a call works follows the clock on the wall. What is measured must not: it goes on over calls.
                clock = self._clock(compiled, done, count, fresh=not metrics)
                state, measured = compiled.segment(state, traced, uniform, clock)
                metrics = jax.device_get(measured)
                self.n_updates = before + metrics["updates"][: len(before)]
                sound = sound & metrics["healthy"]
                if count:
                    self.pace = (time.perf_counter() - started) / count
                done += count
                if self.should_stop():
                    self._end("stopped", "")
                    return
                self._tell_progress(min(done * batch.iteration_steps, step))
            progress = done * batch.iteration_steps / request.steps
            shared = compiled.place((), (progress, number))[1]
            self._note(step, {**metrics, "healthy": sound}, jax.device_get(compiled.evaluate(state, traced, *shared)))
            if "finished" not in self.status:
                break  # nothing that is left to train is still sound
        self.state = compiled.parameters(state)

    def keep(self, policies: Callable[[str], Path]) -> None:
        """Write the policies of the runs that came to their end."""
        if self.state is None:
            return
        parameters = jax.device_get(self.state)
        for i, request in enumerate(self.batch.requests):
            if self.status[i] == "finished":
                mine = jax.tree.map(lambda leaf, i=i: leaf[i], parameters)
                path = policies(request.run_id)
                try:
                    save_parameters(mine, path, request)
                except OSError as error:
                    raise KeepingError(f"could not write the policy {path} ({error})") from error

    def fail(self, error: str) -> None:
        """Count as failed what has not ended otherwise."""
        self._end("failed", error)

    def runs(self, wall_time_s: float, cpu_time_s: float) -> Runs:
        """Give what has become of the runs."""
        table = pd.DataFrame(
            [
                request.row(status, wall_time_s=wall_time_s, cpu_time_s=cpu_time_s, error=error, n_updates=count)
                for request, status, error, count in zip(
                    self.batch.requests, self.status, self.error, self.n_updates, strict=True
                )
            ]
        )
        rows = [row for mine in self.rows for row in mine]
        return Runs(table, pd.DataFrame(rows) if rows else empty_evals(), empty_history())

    def _clock(self, compiled: Program, first: int, count: int, *, fresh: bool = True) -> Clock:
        numbers: Any = (first, count, self.batch.requests[0].steps, fresh)
        placed: Clock = compiled.place((), Clock(*numbers))[1]
        return placed

    def _next_count(self, left: int) -> int:
        """Give as many iterations as fit between two looks at the stop signal."""
        if self.pace is None:
            return min(left, max(1, 512 // self.batch.iteration_steps))
        return min(left, max(1, round(_CALL_S / max(self.pace, 1e-9))))

    def _tell_progress(self, step: int) -> None:
        for i, request in enumerate(self.batch.requests):
            if self.status[i] == "finished":
                self.on_event({"event": "progress", "run_id": request.run_id, "step": step})

    def _note(self, step: int, metrics: dict[str, np.ndarray], found: dict[str, np.ndarray]) -> None:
        """Add an evaluation of every run that is still sound."""
        for i, request in enumerate(self.batch.requests):
            if self.status[i] != "finished":
                continue
            loss, returned = float(metrics["loss"][i]), float(found["return_mean"][i])
            trained = metrics["updates"][i] > 0
            if not metrics["healthy"][i] or (trained and not math.isfinite(loss)) or not math.isfinite(returned):
                what = "the weights are" if not metrics["healthy"][i] else "the return or the loss is"
                self.status[i], self.error[i] = "diverged", f"{what} no longer finite at step {step}"
                continue
            row = {
                "run_id": request.run_id,
                "step": step,
                "n_episodes": request.eval_episodes,
                **{name: float(found[name][i]) for name in _EVALUATED},
                "loss": loss,
                "train_return_mean": float(metrics["train_return_mean"][i]),
            }
            self.rows[i].append(row)
            self.on_event({"event": "eval", "run_id": request.run_id, "row": dict(row)})

    def _end(self, status: str, error: str) -> None:
        for i, old in enumerate(self.status):
            if old == "finished":
                self.status[i], self.error[i] = status, error
