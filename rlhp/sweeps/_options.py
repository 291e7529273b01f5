"""The options of training that travel together: how runs are evaluated, how a sweep is carried out, what a run logs."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlhp import arguments
from rlhp.arguments import flag, real, shown, whole
from rlhp.options import options
from rlhp.trainers import counted

__all__ = ["EXECUTORS", "Evaluation", "Execution", "Logging"]

EXECUTORS = ("local", "ray")


@options
@dataclass(frozen=True)
class Evaluation:
    """When a run is evaluated, and over how many episodes; a part of what defines the run.

    Attributes
    ----------
    every : int, optional
        Environment steps between two greedy evaluations on environments of their own; one more is at the last step.
        By default a tenth of the run's `steps`, in an explorer a twentieth.
    episodes : int
        Episodes that an evaluation averages over.

    Raises
    ------
    ValueError
        If one is no such number; the message names it.

    Examples
    --------
    >>> Evaluation(every=500).episodes
    10
    """

    every: int | None = None
    episodes: int = 10

    def __post_init__(self) -> None:
        """Refuse what cannot be; 1e4 steps are a whole number."""
        if self.every is not None:
            object.__setattr__(self, "every", counted("eval_every", self.every, called="evaluation.every"))
        object.__setattr__(self, "episodes", counted("eval_episodes", self.episodes, called="evaluation.episodes"))

    @classmethod
    def of(cls, evaluation: Any) -> Evaluation:
        """Return what whatever trains was passed as `evaluation`; a number is its `every`.

        Raises
        ------
        TypeError, ValueError
            If it is neither.

        Examples
        --------
        >>> Evaluation.of(500)
        Evaluation(every=500, episodes=10)
        """
        if isinstance(evaluation, cls):
            return evaluation
        if not isinstance(evaluation, numbers.Real):
            raise TypeError(
                f"`evaluation` is {shown(evaluation)}; give the steps between evaluations, such as evaluation=1_000, "
                f"or `rlhp.Evaluation(every=1_000, episodes=20)`."
            )
        return cls(evaluation)  # type: ignore[arg-type]

    def interval(self, steps: int, *, times: int = 10) -> int:
        """Return the environment steps between evaluations of a run: `every`, or the run's steps over `times`."""
        return max(1, steps // times) if self.every is None else self.every


@options
@dataclass(frozen=True, kw_only=True)
class Execution:
    """How training is carried out, and what is kept of it besides the runs; it changes nothing that a run learns.

    Attributes
    ----------
    progress : bool
        Show a progress bar with an estimate of the time left, where somebody waits (`rlhp.sweep`, `rlhp.train`).
    workers : int, optional
        Worker processes of stable-baselines3, by default one per core; 0 trains in this process, one run after the
        other. The compiled engine needs none: it uses all cores from this process. With Ray, how many tasks of an
        engine there are at a time; by default as many as the cluster has CPUs, and as many that wait.
    retry_failed : bool
        Train runs again that failed before; otherwise a failed run is a result like any other.
    keep_policies : bool
        Keep each run's final policy as ``out/policies/<run_id>.zip``; `Runs.policy` gives it.
    time_limit : float, optional
        Seconds of wall-clock time a run may take; one that is not done then ends as `failed`, with what was evaluated.
        A process that hangs is ended. In this process (`workers` is 0) a run is interrupted where Python can be. Of a
        compiled run the time counts in which it is trained: not compiling, and not waiting while others take their
        turn. A run of which nothing is heard for a minute is warned of in any case.
    executor : {"local", "ray"}
        Where it is trained: on this machine, or on a Ray cluster, which the extra ``rlhp[ray]`` is needed for. Runs
        are the same to the last bit where the machines are of one kind; each of them needs the same versions.
    address : str, optional
        ``"host:port"`` of the Ray cluster; by default that of the environment variable ``RAY_ADDRESS``. Where
        `ray.init` was called before, the cluster is the one that it connected to.

    Raises
    ------
    ValueError
        If one is not what it must be; the message names it.

    Examples
    --------
    >>> Execution(workers=4, time_limit=600).keep_policies
    False
    >>> Execution(executor="ray", address="10.0.0.5:6379").executor
    'ray'
    """

    progress: bool = True
    workers: int | None = None
    retry_failed: bool = False
    keep_policies: bool = False
    time_limit: float | None = None
    executor: str = "local"
    address: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for name in ("progress", "retry_failed", "keep_policies"):
            flag(f"execution.{name}", getattr(self, name))
        if self.workers is not None:
            whole("execution.workers", self.workers, at_least=0, hint="Processes; 0 trains in this one.")
        if self.time_limit is not None:
            real("execution.time_limit", self.time_limit, above=0, hint="Seconds a run may take, or None.")
        arguments.choice("execution.executor", self.executor, EXECUTORS, kind="executor", where="execution")
        if self.executor == "ray" and self.workers == 0:
            raise ValueError("`execution.workers` is 0, and Ray trains in tasks; give at least 1, or leave it out.")
        if self.address is not None:
            self._check_address()

    def _check_address(self) -> None:
        hint = "It is 'host:port', as `ray start --head` printed it."
        address = arguments.text("execution.address", self.address, hint=hint)
        host, _, port = address.rpartition(":")
        if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 2**16:
            raise ValueError(f"`execution.address` is {shown(address)}; give the address of a cluster. {hint}")
        if self.executor != "ray":
            raise ValueError(
                f"`execution.address` is {shown(address)}, and executor={self.executor!r} trains on this machine; "
                f"give executor='ray' with it, or leave it out."
            )

    @classmethod
    def of(cls, execution: Any) -> Execution:
        """Return what whatever trains was passed as `execution`.

        Raises
        ------
        TypeError
            If it is none.
        """
        hint = "It is `rlhp.Execution(...)`, e.g. `rlhp.Execution(workers=4, progress=False)`."
        return arguments.instance("execution", execution, cls, hint=hint)


@options
@dataclass(frozen=True, kw_only=True)
class Logging:
    """What a run of stable-baselines3 that trains in this process leaves behind, and what it goes on from.

    Attributes
    ----------
    tensorboard : path, optional
        Folder for TensorBoard's event files.
    checkpoint_every : int, optional
        Environment steps between checkpoints, written to ``out/checkpoints/<run_id>``: the model, the evaluations so
        far and, in the newest, everything needed to go on.
    resume : path, optional
        A checkpoint, or a folder of checkpoints of which the newest is taken, to go on from. Where the environment
        can be pickled, the curve is the one of the uninterrupted run. The files are unpickled: trust them.

    Raises
    ------
    TypeError, ValueError
        If one is not what it must be; the message names it.

    Examples
    --------
    >>> Logging(checkpoint_every=10_000).resume is None
    True
    """

    tensorboard: str | Path | None = None
    checkpoint_every: int | None = None
    resume: str | Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be; what is there to go on from is looked for when it is."""
        for name in ("tensorboard", "resume"):
            if getattr(self, name) is not None:
                arguments.path(f"logging.{name}", getattr(self, name))
        if self.checkpoint_every is not None:
            whole("logging.checkpoint_every", self.checkpoint_every, at_least=1, hint="Environment steps.")

    @classmethod
    def of(cls, logging: Any) -> Logging:
        """Return what a single run was passed as `logging`.

        Raises
        ------
        TypeError
            If it is none.
        """
        hint = "It is `rlhp.Logging(...)`, e.g. `rlhp.Logging(checkpoint_every=10_000)`."
        return arguments.instance("logging", logging, cls, hint=hint)

    @property
    def asked(self) -> list[str]:
        """Names of what is asked for."""
        return [name for name in ("tensorboard", "checkpoint_every", "resume") if getattr(self, name) is not None]
