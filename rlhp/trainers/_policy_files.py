"""What stands in a policy file, read without running anything that it names.

A file may come from anybody. Reading it takes numbers and text out of a `.zip`; what would run code (a pickle, a module
that an environment's id names) is left to the caller, who asks for trust first.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rlhp.algorithms import names
from rlhp.arguments import shown
from rlhp.envs import find
from rlhp.trainers._request import RunRequest

__all__ = ["NORMALIZE", "PARAMETERS", "REQUEST", "WEIGHTS", "Normalizer", "PolicyFile", "read_policy_file"]

REQUEST, PARAMETERS, NORMALIZE = "rlhp_request.json", "rlhp_parameters.npz", "rlhp_normalize.npz"
WEIGHTS = "policy.pth"  # where stable-baselines3 keeps a policy's weights
_MOST_TEXT = 1 << 20  # bytes of a description; an honest one has a few hundred


@dataclass(frozen=True)
class Normalizer:
    """Statistics of the observations of training, by which a policy's observations are scaled.

    Parameters
    ----------
    mean, var : mapping of str to arrays
        One entry for each part of a dictionary of observations; a plain observation is the part ``""``.
    epsilon, clip : float
        Added to the variance; the largest absolute value of a scaled observation.
    """

    mean: Mapping[str, np.ndarray]
    var: Mapping[str, np.ndarray]
    epsilon: float
    clip: float

    def normalize_obs(self, observation: Any) -> Any:
        """Scale an observation as in training, shape unchanged, float32."""
        if isinstance(observation, Mapping):
            return {name: self._scaled(name, part) for name, part in observation.items()}
        return self._scaled("", observation)

    def _scaled(self, name: str, observation: Any) -> np.ndarray:
        standard = (observation - self.mean[name]) / np.sqrt(self.var[name] + self.epsilon)
        return np.asarray(np.clip(standard, -self.clip, self.clip), np.float32)

    def to_bytes(self) -> bytes:
        """Write as plain arrays; `from_bytes` reads them."""
        buffer = io.BytesIO()
        arrays = {f"mean/{name}": value for name, value in self.mean.items()}
        arrays |= {f"var/{name}": value for name, value in self.var.items()}
        np.savez(buffer, epsilon_and_clip=np.array([self.epsilon, self.clip]), **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Normalizer:
        """Read what `to_bytes` wrote; anything else is a ValueError or KeyError, and nothing is unpickled."""
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: np.asarray(stored[name], float) for name in stored.files}
        epsilon, clip = (float(number) for number in arrays.pop("epsilon_and_clip"))
        mean, var = (
            {name.removeprefix(kind): value for name, value in arrays.items() if name.startswith(kind)}
            for kind in ("mean/", "var/")
        )
        if mean.keys() != var.keys() or not mean:
            raise ValueError("its statistics are incomplete")
        return cls(mean, var, epsilon, clip)


@dataclass(frozen=True)
class PolicyFile:
    """A policy file as it was read: the run it is of, and its parts by name."""

    path: Path
    request: RunRequest
    parts: Mapping[str, bytes]


def read_policy_file(file: Path, *, trust: bool) -> PolicyFile:
    """Read the description of a policy and the parts that it acts by.

    Parameters
    ----------
    file : path
        A `.zip`.
    trust : bool
        Whether the module that the environment's id names (`module:EnvId`) may be imported.

    Raises
    ------
    ValueError
        If the file is not a policy of ours, or needs trust.
    MissingPackageError
        If a package that the environment needs is not installed.
    """
    wanted = (PARAMETERS, WEIGHTS, NORMALIZE)
    try:
        with zipfile.ZipFile(file) as archive:
            if archive.getinfo(REQUEST).file_size > _MOST_TEXT:
                raise ValueError("its description is too long")
            fields = RunRequest.fields_of(archive.read(REQUEST).decode())
            parts = {name: archive.read(name) for name in wanted if name in archive.namelist()}
        if not parts.keys() & {PARAMETERS, WEIGHTS}:
            raise ValueError(f"it has neither {PARAMETERS} nor {WEIGHTS}")
    except Exception as error:  # a damaged or foreign archive raises whatever its reader happens to
        raise ValueError(_refusal(file, error)) from error
    _need_algorithm(file, fields["algorithm"])
    _need_trust(file, fields["env_id"], trust)
    _need_environment(file, fields["env_id"])
    try:
        return PolicyFile(file, RunRequest(**fields), parts)
    except (ValueError, TypeError) as error:
        raise ValueError(_refusal(file, error)) from error


def _need_algorithm(file: Path, algorithm: Any) -> None:
    """Refuse a file of an algorithm that nobody has declared here: its networks could not be built."""
    if algorithm not in names():
        raise ValueError(
            f"{file} is of the algorithm {shown(algorithm)}, which is not registered here: import the module that "
            f"registers it with `rlhp.algorithms.register`, then load the policy. Known are {', '.join(names())}."
        )


def _need_trust(file: Path, env_id: Any, trust: bool) -> None:
    """Refuse a file whose environment would import a module that is not there yet: importing runs the module."""
    module, colon, _ = str(env_id).partition(":")
    if colon and not trust and module not in sys.modules:
        raise ValueError(
            f"{file} is of the environment `{env_id}`: loading it imports, and so runs, the Python module `{module}`. "
            f"If you trust both, import the module yourself or give `trust=True`."
        )


def _need_environment(file: Path, env_id: Any) -> None:
    """Refuse a file of an environment that nobody has registered here: what it sees and does is not known."""
    import gymnasium

    if not isinstance(env_id, str) or ":" in env_id:
        return  # the request says what is wrong with it
    if find(env_id) is None and env_id not in gymnasium.registry:
        raise ValueError(
            f"{file} is of the environment {shown(env_id)}, which is not registered here: import the module that "
            f"registers it with `rlhp.envs.register` or with Gymnasium, then load the policy."
        )


def _refusal(file: Path, error: Exception) -> str:
    what = str(error) or type(error).__name__
    return f"{file} is not a policy that rlhp saved, or is damaged ({what}); give a `.zip` of ours."
