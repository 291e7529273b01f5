"""Train one run with stable-baselines3, on any registered Gymnasium environment."""

from __future__ import annotations

import math
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pandas as pd
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import KVWriter, Logger, TensorBoardOutputFormat

from rlhp.algorithms import declared
from rlhp.algorithms.loading import sb3_class
from rlhp.envs import make_gymnasium
from rlhp.errors import KeepingError
from rlhp.readers import REQUEST
from rlhp.runs import Runs, empty_evals, empty_history
from rlhp.schedules import Schedule
from rlhp.trainers._env_parameters import values_of
from rlhp.trainers._policy import save_model
from rlhp.trainers._request import RunRequest
from rlhp.trainers.sb3._checkpoints import restore, write_checkpoint
from rlhp.trainers.sb3._evaluation import eval_seeds, evaluate
from rlhp.trainers.sb3._finite import Finite, NotFiniteError
from rlhp.trainers.sb3._model import MOVED_BY_SB3, build, drive_exploration, set_hyperparameter

__all__ = ["Options", "train_run"]

_LOSSES = ("train/loss", "train/critic_loss", "train/value_loss")
_PULSE = 64  # calls between looks at the clock and the stop signal
_HEALTH = 1_000  # environment steps between checks that the weights are finite


@dataclass(frozen=True)
class Options:
    """How a run is trained, as far as it changes nothing that the run learns.

    Parameters
    ----------
    tensorboard : path, optional
        Folder for TensorBoard's event files.
    checkpoint_every : int, optional
        Environment steps between checkpoints, written to `checkpoints`.
    checkpoints : path, optional
        Folder of the run's checkpoints.
    resume : path, optional
        Checkpoint to go on from.
    policy : path, optional
        Where to save the final policy.
    """

    tensorboard: Path | None = None
    checkpoint_every: int | None = None
    checkpoints: Path | None = None
    resume: Path | None = None
    policy: Path | None = None


class _Diverged(Exception):
    """The weights, a loss or a return stopped being finite."""


def train_run(
    request: RunRequest,
    options: Options | None = None,
    *,
    on_event: Callable[[dict[str, Any]], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Runs:
    """Train one run and return it, whatever becomes of it.

    Parameters
    ----------
    request : RunRequest
        What to train.
    options : Options, optional
        Logging, checkpoints and the like.
    on_event : callable, optional
        Called with ``{"event": "progress", "run_id", "step"}`` a few times a second and with
        ``{"event": "eval", "run_id", "row"}`` after each evaluation.
    should_stop : callable, optional
        Asked often; True ends the run with the status `stopped`.

    Returns
    -------
    Runs
        One run: `finished`, `diverged`, `failed` (an exception, or `sys.exit()`; `error` says which) or `stopped`.

    Raises
    ------
    KeepingError
        If the disk refuses the policy: a matter of the sweep, which should stop, and not of this run.
    """
    options = options or Options()
    session = _Session(request, options, on_event or (lambda event: None), should_stop or (lambda: False))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # small networks are fastest on one thread, and sums then have one order
    wall, cpu = time.perf_counter(), time.process_time()
    status, error = "finished", ""
    try:
        status = session.train()
    except _Diverged as reason:
        status, error = "diverged", str(reason)
    except KeepingError:
        raise
    except (Exception, SystemExit) as reason:  # an environment that calls sys.exit() ends its run, not the sweep
        status, error = session.verdict(reason)
    finally:
        torch.set_num_threads(threads)
        session.close()
    row = request.row(
        status,
        wall_time_s=session.wall_before + time.perf_counter() - wall,
        cpu_time_s=session.cpu_before + time.process_time() - cpu,
        error=error,
        n_updates=session.n_updates,
    )
    evals = pd.DataFrame(session.rows) if session.rows else empty_evals()
    return Runs(pd.DataFrame([row]), evals, empty_history())


class _Session(BaseCallback):
    """One run in training: evaluates on the grid, moves hyperparameters, reports, checkpoints and watches for NaN.

    An evaluation due at step s sees the policy in force when s steps had been taken; where s ends a rollout, the policy
    after that rollout's update. Hence `_on_rollout_start` evaluates at s itself, and `_on_step` when s is passed inside
    a rollout, during which the policy does not change.
    """

    def __init__(
        self,
        request: RunRequest,
        options: Options,
        on_event: Callable[[dict[str, Any]], None],
        should_stop: Callable[[], bool],
    ) -> None:
        super().__init__()
        self.request, self.options = request, options
        self.on_event, self.should_stop = on_event, should_stop
        self.rows: list[dict[str, Any]] = []
        self.wall_before = self.cpu_before = 0.0
        self.n_updates = 0
        self._due = request.eval_steps()
        self._status = "finished"
        self._episodes_read = [0] * int(request.config.get("n_envs", 1))
        known = declared(request.algorithm).hyperparameters
        self._moving = {
            name: (value, name in known and known[name].kind == "int")
            for name, value in request.config.items()
            if isinstance(value, Schedule) and name not in MOVED_BY_SB3
        }
        self._next_health = _HEALTH
        self._next_checkpoint = options.checkpoint_every or math.inf
        self._last_report = 0.0
        self._loss = _LastValues()
        self._eval_envs: list[gymnasium.Env[Any, Any]] = []

    def train(self) -> str:
        request = self.request
        started = time.perf_counter(), time.process_time()
        if self.options.resume is None:
            model = build(request)
        else:
            model = self._restored(self.options.resume)
        formats: list[KVWriter] = [self._loss]
        if self.options.tensorboard is not None:
            formats.append(_tensorboard(self.options.tensorboard / request.run_id, request))
        model.set_logger(Logger(folder=None, output_formats=formats))
        world = values_of(request.config)
        self._eval_envs = [
            Finite(make_gymnasium(request.env_id, parameters=world)) for _ in range(request.eval_episodes)
        ]
        self._count_updates(model)
        self._started = started
        if model.num_timesteps < request.steps:
            with warnings.catch_warnings():
                _quieten()
                left = request.steps - model.num_timesteps
                model.learn(left, callback=self, reset_num_timesteps=self.options.resume is None)
        if self._status == "finished":
            self._evaluate_due(model.num_timesteps)
        if self.options.policy is not None:
            try:
                save_model(model, self.options.policy, request)
            except OSError as error:
                raise KeepingError(f"could not write the policy {self.options.policy} ({error})") from error
        return self._status

    def _count_updates(self, model: Any) -> None:
        """Count gradient steps where they are taken; where there are critics, theirs: they take all of them."""
        critic = getattr(model, "critic", None)
        updated = model.policy if critic is None else critic

        def count(*step: object) -> None:
            self.n_updates += 1

        updated.optimizer.register_step_post_hook(count)

    def verdict(self, reason: BaseException) -> tuple[str, str]:
        """Tell a run that diverged (Torch raises on NaN probabilities) from one that failed."""
        if getattr(self, "model", None) is not None and not _finite(self.model):
            return "diverged", f"the weights are no longer finite ({type(reason).__name__})"
        if isinstance(reason, NotFiniteError):
            return "diverged", f"{reason} at step {self.num_timesteps}"
        last = traceback.extract_tb(reason.__traceback__)[-1]
        return "failed", f"{type(reason).__name__}: {reason} ({Path(last.filename).name}:{last.lineno})"

    def close(self) -> None:
        """Close every environment; one that fails to close cannot spoil a run that is done."""
        training = getattr(getattr(self, "model", None), "env", None)
        for env in [*self._eval_envs, *([training] if training is not None else [])]:
            try:
                env.close()
            except (Exception, SystemExit) as error:
                warnings.warn(f"an environment did not close: {error}", RuntimeWarning, stacklevel=2)

    # --- what stable-baselines3 calls ---------------------------------------------------------------------------

    def _on_rollout_start(self) -> None:
        self._move()
        self._evaluate_due(self.num_timesteps)
        if self.num_timesteps >= self._next_checkpoint:
            self._checkpoint()

    def _on_rollout_end(self) -> None:
        self._move()

    def _on_step(self) -> bool:
        if self._due and self.num_timesteps > self._due[0]:
            self._evaluate_due(self.num_timesteps - 1)
        if self.num_timesteps >= self._next_health:
            self._next_health += _HEALTH
            if not _finite(self.model):
                raise _Diverged(f"the weights are no longer finite at step {self.num_timesteps}")
        if self.n_calls % _PULSE == 0:
            now = time.perf_counter()
            if now - self._last_report > 0.2:
                self._last_report = now
                self.on_event({"event": "progress", "run_id": self.request.run_id, "step": self.num_timesteps})
            if self.should_stop():
                self._status = "stopped"
                return False
        return self.num_timesteps <= self.request.steps

    # --- the parts ----------------------------------------------------------------------------------------------

    def _evaluate_due(self, reached: int) -> None:
        while self._due and self._due[0] <= reached:
            step = self._due.pop(0)
            if not _finite(self.model):
                raise _Diverged(f"the weights are no longer finite at step {step}")
            seeds = eval_seeds(self.request.seed, len(self.rows), self.request.eval_episodes)
            found = evaluate(self.model, self._eval_envs, seeds)
            loss = self._loss.newest(self.model.logger, _LOSSES)
            row = {"run_id": self.request.run_id, "step": step, **found, "loss": loss}
            row["train_return_mean"] = self._train_return()
            if not math.isfinite(found["return_mean"]) or math.isinf(loss):
                raise _Diverged(f"the return or the loss is not finite at step {step}")
            self.rows.append(row)
            if self.options.tensorboard is not None:
                self._log_evaluation(row)
            self.on_event({"event": "eval", "run_id": self.request.run_id, "row": dict(row)})

    def _train_return(self) -> float:
        """Mean return of the training episodes that ended since the last evaluation; NaN if none did."""
        returns: list[float] = []
        for number, env in enumerate(self.training_env.unwrapped.envs):  # type: ignore[attr-defined]
            episodes = env.get_episode_rewards()
            returns += episodes[self._episodes_read[number] :]
            self._episodes_read[number] = len(episodes)
        return float(np.mean(returns)) if returns else math.nan

    def _log_evaluation(self, row: dict[str, Any]) -> None:
        values = {f"eval/{name}": value for name, value in row.items() if name not in ("run_id", "step")}
        for writer in self.model.logger.output_formats:
            writer.write(values, dict.fromkeys(values, ()), row["step"])

    def _move(self) -> None:
        for name, (schedule, whole) in self._moving.items():
            value = schedule(min(self.num_timesteps / self.request.steps, 1.0))
            set_hyperparameter(self.model, name, round(value) if whole else value)

    def _checkpoint(self) -> None:
        assert self.options.checkpoint_every is not None
        assert self.options.checkpoints is not None
        while self._next_checkpoint <= self.num_timesteps:
            self._next_checkpoint += self.options.checkpoint_every
        wall, cpu = self._started
        state = {
            "request": self.request.to_json(),
            "rows": self.rows,
            "due": self._due,
            "episodes_read": self._episodes_read,
            "n_updates": self.n_updates,
            "wall_time_s": self.wall_before + time.perf_counter() - wall,
            "cpu_time_s": self.cpu_before + time.process_time() - cpu,
        }
        try:
            write_checkpoint(self.options.checkpoints, self.model, state)
        except OSError as error:  # the training is worth more than the means to interrupt it
            what = f"could not write a checkpoint at step {self.num_timesteps} ({error}); the run goes on without it."
            warnings.warn(what, RuntimeWarning, stacklevel=2)

    def _restored(self, folder: Path) -> BaseAlgorithm:
        fresh = build(self.request)
        model, state = restore(folder, sb3_class(self.request.algorithm), fresh, self.request)
        drive_exploration(model, dict(self.request.config))
        self.rows, self._due, self._episodes_read = state["rows"], state["due"], state["episodes_read"]
        self.wall_before, self.cpu_before = state["wall_time_s"], state["cpu_time_s"]
        self.n_updates = state["n_updates"]
        self._next_health = model.num_timesteps + _HEALTH
        self._next_checkpoint = model.num_timesteps + (self.options.checkpoint_every or math.inf)
        for row in self.rows:
            self.on_event({"event": "eval", "run_id": self.request.run_id, "row": dict(row)})
        return model


class _LastValues(KVWriter):
    """Remembers what stable-baselines3 logged last: its logger forgets at every dump."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def write(self, key_values: dict[str, Any], key_excluded: dict[str, Any], step: int = 0) -> None:
        self.values.update(key_values)

    def close(self) -> None:
        """Nothing is open."""

    def newest(self, logger: Logger, names: tuple[str, ...]) -> float:
        """Return the newest value logged under the first of `names` that has one; NaN if none has."""
        for name in names:
            value = logger.name_to_value.get(name, self.values.get(name))
            if value is not None:
                return float(value)
        return math.nan


def _finite(model: BaseAlgorithm) -> bool:
    return all(bool(torch.isfinite(weights).all()) for weights in model.policy.parameters())


def _tensorboard(folder: Path, request: RunRequest) -> KVWriter:
    try:
        writer = TensorBoardOutputFormat(str(folder))
    except (ImportError, AssertionError) as error:
        message = "`logging.tensorboard` needs the package tensorboard; install it with `pip install tensorboard`."
        raise ImportError(message) from error
    writer.writer.add_text(REQUEST, request.to_json())  # so that `Runs.from_tensorboard` knows what was trained
    return writer


def _quieten() -> None:
    """Silence what SB3 says of settings that a sweep visits on purpose."""
    for text in ("You have specified a mini-batch size", "The number of environments used is greater"):
        warnings.filterwarnings("ignore", message=text)
