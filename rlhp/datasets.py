"""The measured sweeps of this project: what ran, how it was made, and whether the files are still those.

A data set is a folder `data/<name>/`: `runs/`, which `Runs.load` reads, and `manifest.json`, its card. `data/` lies
beside the package in a clone; elsewhere, say where in the environment variable `RLHP_DATA`.

>>> from rlhp import datasets
>>> for name in datasets.list():  # doctest: +SKIP
...     print(datasets.card(name))
"""

from __future__ import annotations

import builtins
import datetime
import hashlib
import html
import importlib.metadata
import json
import os
import platform
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rlhp import __version__, arguments
from rlhp.arguments import choice
from rlhp.options import options
from rlhp.runs import Runs

__all__ = ["Card", "Measurement", "card", "command", "home", "list", "load", "write"]

FORMAT = 1
_VARIABLE = "RLHP_DATA"
_MANIFEST = "manifest.json"
# What the learning values of a run can depend on, where it is installed.
_PACKAGES = ("ConfigSpace", "gymnasium", "jax", "numpy", "pandas", "stable-baselines3", "torch")


@dataclass(frozen=True)
class Card:
    """What is known of a data set.

    Attributes
    ----------
    name, title, description : str
    command : str
        What made it, to be run in the repository.
    seeds : tuple of int
    n_runs : int
    engines : tuple of str
        What trained.
    hours : float
        Time the runs took, added up: wall-clock hours of one worker.
    machine : str
        Kind of machine.
    versions : dict
        Python, this library, and the libraries that training depends on.
    licence : str
    caveats : tuple of str
    created : str
        ISO date.
    checksums : dict
        File below the data set's folder to SHA-256.
    """

    name: str
    title: str
    description: str
    command: str
    seeds: tuple[int, ...]
    n_runs: int
    engines: tuple[str, ...]
    hours: float
    machine: str
    versions: dict[str, str]
    licence: str
    caveats: tuple[str, ...]
    created: str
    checksums: dict[str, str]

    def _lines(self) -> builtins.list[tuple[str, str]]:
        seeds = ", ".join(map(str, self.seeds)) if len(self.seeds) < 6 else f"{self.seeds[0]} to {self.seeds[-1]}"
        hours = f"{self.hours:.1f}" if self.hours >= 1 else f"{self.hours:.2g}"
        return [
            ("made by", self.command),
            ("runs", f"{self.n_runs:,}; {len(self.seeds)} seeds ({seeds}); {hours} worker hours"),
            ("engine", ", ".join(self.engines)),
            ("on", f"{self.machine}, {self.created}"),
            ("with", ", ".join(f"{name} {version}" for name, version in self.versions.items())),
            ("licence", self.licence),
            *(("caveat", caveat) for caveat in self.caveats),
        ]

    def __str__(self) -> str:
        listed = "\n".join(f"  {label:<8} {text}" for label, text in self._lines())
        return f"{self.name}: {self.title}\n{self.description}\n{listed}"

    def _repr_html_(self) -> str:
        left = "text-align: left"  # JupyterLab sets tables flush right, for numbers
        rows = "".join(
            f'<tr><th style="{left}; white-space: nowrap">{label}</th><td style="{left}">{html.escape(text)}</td></tr>'
            for label, text in self._lines()
        )
        title = f"<b>{html.escape(self.title)}</b> (<code>{html.escape(self.name)}</code>)"
        return _with_code(f"<p>{title}<br>{html.escape(self.description)}</p><table>{rows}</table>")


@options
@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What it took to measure a data set.

    Attributes
    ----------
    hours : float, optional
        Worker hours; by default the runs' wall-clock times added up.
    machine : str, optional
        By default this machine's kind.
    versions : mapping, optional
        Package to version; by default those that are installed.

    Raises
    ------
    TypeError, ValueError
        If one is not what it must be; the message names it.

    Examples
    --------
    >>> Measurement(hours=2.5, machine="a laptop").hours
    2.5
    """

    hours: float | None = None
    machine: str | None = None
    versions: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.hours is not None:
            arguments.real("measured.hours", self.hours, at_least=0)
        if self.machine is not None:
            arguments.text("measured.machine", self.machine)
        if self.versions is not None:
            arguments.mapping("measured.versions", self.versions)


def list() -> builtins.list[str]:
    """Name the data sets there are.

    Raises
    ------
    FileNotFoundError
        If there is no data folder.
    """
    return sorted(path.parent.name for path in home().glob(f"[!.]*/{_MANIFEST}"))


def card(name: str) -> Card:
    """Read the card of a data set.

    Raises
    ------
    FileNotFoundError
        If there is no data folder.
    ValueError
        If there is no such data set, or its manifest is corrupt or of a newer format.
    """
    path = _folder(name) / _MANIFEST
    try:
        found = dict(json.loads(path.read_text(encoding="utf-8")))
        if (newest := int(found.pop("format"))) <= FORMAT:
            found |= {field: tuple(found[field]) for field in ("seeds", "engines", "caveats")}
            return Card(name=name, **found)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is corrupt ({error}); {_remedy(name)}.") from error
    raise ValueError(f"{path} is of format {newest}, newer than rlhp {__version__} reads ({FORMAT}); upgrade rlhp.")


def command(name: str) -> str:
    """Return the command that made a data set.

    Raises
    ------
    FileNotFoundError, ValueError
        As `card`.
    """
    return card(name).command


def load(name: str) -> Runs:
    """Read the runs of a data set, after comparing every file with its checksum.

    Raises
    ------
    FileNotFoundError
        If there is no data folder.
    ValueError
        If there is no such data set, or a file is missing or is not what was written.

    Examples
    --------
    >>> from rlhp import datasets
    >>> runs = datasets.load("exploration_cartpole")  # doctest: +SKIP
    """
    folder = _folder(name)
    for file, expected in card(name).checksums.items():
        path = folder / file
        if not path.is_file():
            raise ValueError(f"{path} is missing; {_remedy(name)}.")
        if (found := _sha256(path)) != expected:
            raise ValueError(
                f"{path} is corrupt: its SHA-256 is {found[:12]}..., not {expected[:12]}...; {_remedy(name)}."
            )
    return Runs.load(folder / "runs")


def write(
    name: str,
    runs: Runs,
    *,
    title: str,
    description: str,
    command: str,
    caveats: Sequence[str],
    licence: str = "CC-BY-4.0",
    measured: Measurement = Measurement(),
    root: str | Path | None = None,
) -> Path:
    """Write a data set, in place of one of that name, which goes only once the new one is complete.

    Parameters
    ----------
    name : str
        Lower-case letters, digits and underscores.
    runs : Runs
    title, description, command : str
        What it is, and what made it (run in the repository).
    caveats : sequence of str
        What a reader must know before quoting it. May be empty, not forgotten.
    licence : str
    measured : Measurement
        What it took, where that is not what the runs and this machine say.
    root : path, optional
        The data folder; by default the one that `load` reads.

    Returns
    -------
    Path
        The data set's folder.

    Raises
    ------
    ValueError
        If the name cannot be used, a text is empty, or there are no runs.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"`{name}` cannot name a data set; use lower-case letters, digits and underscores.")
    for label, text in {"title": title, "description": description, "command": command, "licence": licence}.items():
        if not text.strip():
            raise ValueError(f"data set `{name}`: `{label}` is empty; say it.")
    if not len(runs):
        raise ValueError(f"data set `{name}` would hold no runs; `len(runs)` is 0.")
    above = home() if root is None else Path(root)
    draft, old = above / f".{name}.{os.getpid()}.new", above / f".{name}.{os.getpid()}.old"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        runs.save(draft / "runs")
        files = sorted(path for path in draft.rglob("*") if path.is_file())
        written = Card(
            name=name,
            title=title,
            description=description,
            command=command,
            seeds=tuple(int(seed) for seed in sorted(set(runs.table["seed"]))),
            n_runs=len(runs),
            engines=tuple(sorted(set(runs.table["engine"]))),
            hours=round(float(runs.table["wall_time_s"].sum()) / 3600 if measured.hours is None else measured.hours, 3),
            machine=measured.machine or f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
            versions=dict(measured.versions or _versions()),
            licence=licence,
            caveats=tuple(caveats),
            created=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
            checksums={path.relative_to(draft).as_posix(): _sha256(path) for path in files},
        )
        manifest = {"format": FORMAT, **{key: value for key, value in asdict(written).items() if key != "name"}}
        (draft / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8", newline="\n")
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    if (folder := above / name).exists():
        folder.rename(old)
    draft.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return folder


def home() -> Path:
    """Return the data folder.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    told = os.environ.get(_VARIABLE)
    root = Path(told) if told else Path(__file__).resolve().parents[1] / "data"
    if root.is_dir():
        return root
    what = f"{_VARIABLE} says {root}, which is not a folder" if told else f"there is no data folder at {root}"
    raise FileNotFoundError(
        f"{what}; the measured sweeps come with a clone of the repository: set {_VARIABLE} to its data/ folder."
    )


def _folder(name: str) -> Path:
    hint = f"Looked in {home()}; `make data` in a clone measures those that are missing."
    choice("name", name, list(), kind="data set", hint=hint)
    return home() / name


def _remedy(name: str) -> str:
    return f"restore it with `git checkout -- data/{name}`, or measure it again with `make data`"


def _with_code(text: str) -> str:
    """Show what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "rlhp": __version__}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
