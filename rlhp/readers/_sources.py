"""Which files or folders hold which run: the paths that were given, and what the arguments or the names say of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from rlhp import arguments
from rlhp.frames import STATUSES
from rlhp.readers import _cells as cells
from rlhp.readers import _patterns as patterns

_NAMED = ("algorithm", "env_id", "seed", "steps")


@dataclass(frozen=True)
class Source:
    """Where a run is read from, and what is known of it besides; `said` names what an argument or the path gave."""

    path: Path
    config: dict[str, Any]
    algorithm: str
    env_id: str | None
    seed: int
    steps: int | None
    status: str
    said: frozenset[str]


def sources(
    paths: Any,
    expand: Callable[[Path], Sequence[Path]] | None = None,
    *,
    algorithm: Any,
    env_id: Any,
    configs: Any,
    seeds: Any,
    steps: Any,
    status: Any,
) -> list[Source]:
    """Check what `Runs.from_monitor` and its like are given, and bring it to one `Source` a run.

    `expand` gives the runs that stand below a path, where one path may hold several.
    """
    places = listed(paths)
    if expand is not None:
        places = [(inside, read) for path, read in places for inside in expand(path)]
    hps = [{}] * len(places) if configs is None else configs_of(configs, len(places))
    given = {
        "algorithm": None if algorithm is None else arguments.text("algorithm", algorithm),
        "env_id": None if env_id is None else arguments.text("env_id", env_id),
        "seed": None if seeds is None else per_run("seeds", seeds, len(places)),
        "steps": None if steps is None else per_run("steps", steps, len(places), at_least=1),
    }
    told = [""] * len(places) if status is None else statuses("status", status, len(places))
    result = []
    for at, (path, read) in enumerate(places):
        known: dict[str, Any] = {name: value[at] if isinstance(value, list) else value for name, value in given.items()}
        for name in _NAMED:
            if name in read and known[name] is not None:
                argument = {"seed": "seeds"}.get(name, name)
                raise ValueError(f"`{argument}` is given, and `paths` has the field {{{name}}}; say it once.")
            known[name] = read.get(name, known[name])
        config = {name: value for name, value in read.items() if name not in _NAMED}
        both = sorted(config.keys() & hps[at].keys())
        if both:
            raise ValueError(f"`configs` gives `{both[0]}`, and `paths` has the field {{{both[0]}}}; say it once.")
        result.append(
            Source(
                path=path,
                config={**hps[at], **config},
                algorithm="unknown" if known["algorithm"] is None else str(known["algorithm"]),
                env_id=None if known["env_id"] is None else str(known["env_id"]),
                seed=at if known["seed"] is None else known["seed"],
                steps=known["steps"],
                status=told[at],
                said=frozenset(name for name, value in known.items() if value is not None),
            )
        )
    return result


def listed(paths: Any, name: str = "paths") -> list[tuple[Path, dict[str, Any]]]:
    """Return each path, with the values that its name holds where it was given as a pattern.

    Raises
    ------
    TypeError
        If one is no path.
    ValueError
        If there is none, one stands there twice, or a pattern fits nothing.
    """
    many = list(paths) if arguments.several(paths) else [paths]
    if not many:
        raise ValueError(f"`{name}` is empty; give a path or more.")
    places: list[tuple[Path, dict[str, Any]]] = []
    for entry in many:
        path = arguments.path(name, entry, hint="A path, several, or a pattern such as 'logs/{learning_rate}_s{seed}'.")
        if patterns.is_pattern(str(path)):
            places += patterns.found_by(str(path), name)
        else:
            places.append((path, {}))
    seen: set[Path] = set()
    for path, _ in places:
        if path.absolute() in seen:
            raise ValueError(f"`{name}` holds {path} twice, and it would count as two runs; name it once.")
        seen.add(path.absolute())
    return places


def configs_of(configs: Any, n: int | None, name: str = "configs") -> list[dict[str, Any]]:
    """Return n mappings of hyperparameters.

    Raises
    ------
    TypeError
        If it is no sequence of mappings.
    ValueError
        If there are more or fewer than n, or a name is no text.
    """
    if isinstance(configs, pd.DataFrame):
        configs = configs.to_dict("records")
    given = arguments.sequence(name, configs, hint="One mapping per run.")
    many = [
        arguments.mapping(f"{name}[{at}]", one, hint=f"`{name}` holds one mapping per run.")
        for at, one in enumerate(given)
    ]
    if n is not None and len(many) != n:
        raise ValueError(f"`{name}` holds {len(many)} mappings for {n} runs; give one per run.")
    return many


def per_run(name: str, value: Any, n: int, *, at_least: int | None = None) -> list[int]:
    """Return n whole numbers, of one for all or a sequence of n.

    Raises
    ------
    ValueError
        If there are more or fewer, or one is no whole number.
    """
    if not arguments.several(value):
        return [arguments.whole(name, value, at_least=at_least)] * n
    many = list(value)
    if len(many) != n:
        raise ValueError(f"`{name}` holds {len(many)} numbers for {n} runs; give one per run, or one for all.")
    found = cells.wholes_of(many, lambda at: f"`{name}`, number {at + 1}", at_least=at_least)
    return [int(one) for one in found]


def statuses(name: str, value: Any, n: int) -> list[str]:
    """Return n statuses, of one for all or a sequence of n.

    Raises
    ------
    ValueError
        If there are more or fewer, or one is no status.
    """
    if not arguments.several(value):
        return [arguments.choice(name, value, STATUSES)] * n
    many = [arguments.choice(name, one, STATUSES) for one in value]
    if len(many) != n:
        raise ValueError(f"`{name}` holds {len(many)} statuses for {n} runs; give one per run, or one for all.")
    return many


def reading(many: Sequence[Any], progress: Any) -> Iterator[Any]:
    """Go through files with a progress bar, which shows once it takes longer than a second."""
    from tqdm.auto import tqdm

    shows = arguments.flag("progress", progress) and len(many) > 1
    yield from tqdm(many, desc="reading", unit="file", delay=1.0, leave=False, disable=not shows)
