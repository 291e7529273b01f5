"""What is to be trained: one run, completely described, so that its description is its name."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rlhp import arguments
from rlhp.arguments import mapping, shown, whole
from rlhp.errors import unknown_name
from rlhp.frames import HP, encode_value, run_id
from rlhp.trainers._configurations import check_config
from rlhp.trainers._engines import choose_engine
from rlhp.trainers._env_parameters import check_world
from rlhp.trainers._gymnasium import check_environment
from rlhp.worlds import split

__all__ = ["RunRequest", "counted"]

# Lowest and highest: what both engines count with, and what NumPy's older random numbers take as a seed.
_WHOLE = {
    "seed": (0, 2**32 - 1),
    "steps": (1, 2**31 - 1),
    "eval_every": (1, 2**31 - 1),
    "eval_episodes": (1, 2**31 - 1),
}


def counted(name: str, value: Any, *, called: str = "") -> int:
    """Return a number of steps or episodes, or a seed, as an int; 1e6 is one.

    Parameters
    ----------
    name : str
        The field of `RunRequest` that it is for.
    value : object
    called : str
        What the message calls it; by default the field's name.

    Raises
    ------
    ValueError
        If it is no whole number, or out of bounds.
    """
    low, high = _WHOLE[name]
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    return whole(called or name, number, at_least=low, at_most=high)


@dataclass(frozen=True)
class RunRequest:
    """One run to train; with ``engine="auto"`` it is decided here which engine that is.

    Parameters
    ----------
    algorithm, env_id : str
        What to train, and on which registered environment.
    seed : int
        Of initial weights, exploration, minibatches and both environments.
    steps : int
        Environment steps, over all parallel environments together.
    config : mapping
        Hyperparameters, and parameters of the environment as ``env.<name>``; those not named keep the default.
    eval_every : int
        Environment steps between evaluations; the last one is at `steps` always.
    eval_episodes : int
        Episodes an evaluation averages over.
    engine : {"sb3", "jax"}
        What trains it; see `engines.choose`.
    population : str
        What it is trained in, where other runs may hand on to it what they have learned: the name of all that decides
        that. Empty for a run that trains by itself.
    member : int
        Which of that population it is.

    Raises
    ------
    ValueError
        If a name is unknown, a value is not allowed, or the algorithm cannot act in the environment.
    """

    algorithm: str
    env_id: str
    seed: int
    steps: int
    config: Mapping[str, Any]
    eval_every: int
    eval_episodes: int = 10
    engine: str = "sb3"
    population: str = ""
    member: int = 0
    run_id: str = field(init=False)

    def __post_init__(self) -> None:
        for name in ("algorithm", "env_id", "engine"):
            object.__setattr__(self, name, arguments.text(name, getattr(self, name)))
        own, of_world = split(mapping("config", self.config))
        own = check_config(self.algorithm, own)
        for name in _WHOLE:
            object.__setattr__(self, name, counted(name, getattr(self, name)))
        check_environment(self.algorithm, self.env_id, own)
        object.__setattr__(self, "config", own | check_world(self.env_id, of_world))
        object.__setattr__(self, "engine", choose_engine(self.algorithm, self.env_id, self.config, self.engine))
        arguments.text("population", self.population, empty=True)
        whole("member", self.member, at_least=0)
        if self.member and not self.population:
            raise ValueError(f"`member` is {self.member} of no population; name it, or leave the member out.")
        among = {"population": self.population, "member": self.member} if self.population else {}
        named = run_id(
            algorithm=self.algorithm,
            env_id=self.env_id,
            engine=self.engine,
            seed=self.seed,
            steps=self.steps,
            config=self.config,
            eval_every=self.eval_every,
            eval_episodes=self.eval_episodes,
            **among,
        )
        object.__setattr__(self, "run_id", named)

    def eval_steps(self) -> list[int]:
        """List the environment steps at which the run is evaluated."""
        steps = list(range(self.eval_every, self.steps + 1, self.eval_every))
        return steps if steps and steps[-1] == self.steps else [*steps, self.steps]

    def row(
        self, status: str, *, wall_time_s: float, cpu_time_s: float, error: str = "", n_updates: float = math.nan
    ) -> dict[str, Any]:
        """Return the run's row of `Runs.table`, `run_id` included."""
        return {
            "run_id": self.run_id,
            "algorithm": self.algorithm,
            "env_id": self.env_id,
            "engine": self.engine,
            "seed": self.seed,
            "steps": self.steps,
            "status": status,
            "wall_time_s": wall_time_s,
            "cpu_time_s": cpu_time_s,
            "error": error,
            "n_updates": n_updates,
            **({"population": self.population, "member": self.member} if self.population else {}),
            **{f"{HP}{name}": encode_value(value) for name, value in self.config.items()},
        }

    def to_json(self) -> str:
        """Write as one line of JSON; `from_json` reads it back to an equal request."""
        fields = {
            "algorithm": self.algorithm,
            "env_id": self.env_id,
            "seed": self.seed,
            "steps": self.steps,
            "config": {name: encode_value(value) for name, value in self.config.items()},
            "eval_every": self.eval_every,
            "eval_episodes": self.eval_episodes,
            "engine": self.engine,
            **({"population": self.population, "member": self.member} if self.population else {}),
        }
        return json.dumps(fields)

    @classmethod
    def from_json(cls, text: str) -> RunRequest:
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            If it is something else, or a request that is not allowed.
        """
        return cls(**cls.fields_of(text))

    @classmethod
    def fields_of(cls, text: str) -> dict[str, Any]:
        """Read the fields of what `to_json` wrote, without a look at the environment, which may import a module.

        Raises
        ------
        ValueError
            If it is not JSON, or lacks a field or has others.
        """
        try:
            fields = json.loads(arguments.text("text", text))
        except json.JSONDecodeError as error:
            raise ValueError(
                f"`text` is {shown(text)}, which is not JSON ({error}); give what `to_json` wrote."
            ) from error
        if not isinstance(fields, dict):
            raise ValueError(f"`text` is {shown(text)}; a request is a JSON object, as `to_json` writes.")
        names = [one.name for one in dataclasses.fields(cls) if one.init]
        for name in fields:
            if name not in names:
                raise ValueError(unknown_name("field", name, names, where="a request"))
        for name in names:
            if name not in (*fields, "population", "member"):
                raise ValueError(f"the request lacks its field `{name}`; needed are {', '.join(names)}.")
        return fields
