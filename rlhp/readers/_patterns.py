"""Names that say what was run: ``"logs/{learning_rate}_s{seed}"`` finds the folders and reads the values in them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rlhp.arguments import shown
from rlhp.readers._cells import value_of

_FIELD = re.compile(r"\{([^{}]*)\}")
_WHOLE_FIELDS = {"seed", "steps"}


def is_pattern(text: str) -> bool:
    """Whether a path has fields in braces or a wildcard, and is not simply the name of something that is there."""
    return bool(_FIELD.search(text) or "*" in text) and not os.path.lexists(text)


def fields_of(pattern: str, argument: str) -> list[str]:
    """Return the names in braces.

    Raises
    ------
    ValueError
        If one is no name, or stands twice.
    """
    names = _FIELD.findall(pattern)
    for at, name in enumerate(names):
        if not name or any(sign in name for sign in "/\\{}*") or name in names[:at]:
            raise ValueError(f"`{argument}` is {shown(pattern)}; each field in braces is a name, given once.")
    return names


def values_in(name: str, pattern: str, argument: str) -> dict[str, Any] | None:
    """Read the fields of a pattern out of a name; None if the name does not fit.

    Raises
    ------
    ValueError
        If the name can be read in two ways.

    Examples
    --------
    >>> values_in("0.001_s3", "{learning_rate}_s{seed}", "paths")
    {'learning_rate': 0.001, 'seed': 3}
    """
    names = fields_of(pattern, argument)
    short, long = (_expression(pattern, greedy).fullmatch(name) for greedy in (False, True))
    if short is None or long is None:
        return None
    if short.groups() != long.groups():
        raise ValueError(
            f"`{argument}` is {shown(pattern)}, which reads {name!r} in two ways ({_read(names, short)}, or "
            f"{_read(names, long)}); put a sign between the fields that no value has."
        )
    return {field: value_of(text) for field, text in zip(names, short.groups(), strict=True)}


def found_by(pattern: str, argument: str) -> list[tuple[Path, dict[str, Any]]]:
    """Return every path that fits, sorted by its values, with the values.

    Raises
    ------
    ValueError
        If none fits.
    """
    fields_of(pattern, argument)
    parts = Path(pattern).parts
    fixed = next(at for at, part in enumerate(parts) if _FIELD.search(part) or "*" in part)
    root = Path(*parts[:fixed]) if fixed else Path()
    found: list[tuple[Path, str]] = [(root, "")]
    for part in parts[fixed:]:
        expression = _expression(part, greedy=False)
        inside = [(folder / one, f"{said}{one}/") for folder, said in found for one in _names_in(folder)]
        found = [(path, said) for path, said in inside if expression.fullmatch(path.name)]
    relative = "/".join(parts[fixed:])
    result = []
    for path, said in found:
        values = values_in(said[:-1], relative, argument)
        if values is not None:  # a field that stands in two parts is refused above
            result.append((path, values))
    if not result:
        there = _names_in(root)
        listed = ", ".join(there[:5]) + (", ..." if len(there) > 5 else "") if there else "nothing"
        raise ValueError(f"`{argument}` is {shown(pattern)}, and nothing fits; in {root} there is: {listed}.")
    return sorted(result, key=lambda item: [_order(value) for value in item[1].values()] or [(2, 0.0, str(item[0]))])


def _names_in(folder: Path) -> Sequence[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _expression(pattern: str, greedy: bool) -> re.Pattern[str]:
    lazy = "" if greedy else "?"
    parts = re.split(r"(\{[^{}]*\}|\*)", pattern)
    written = []
    for part in parts:
        if part == "*":
            written.append(f"[^/]*{lazy}")
        elif _FIELD.fullmatch(part):
            inside = "[0-9]+" if part[1:-1] in _WHOLE_FIELDS else "[^/]+"
            written.append(f"({inside}{lazy})")
        else:
            written.append(re.escape(part))
    return re.compile("".join(written))


def _read(names: Sequence[str], match: re.Match[str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in zip(names, match.groups(), strict=True))


def _order(value: Any) -> tuple[int, float, str]:
    return (1, 0.0, str(value)) if isinstance(value, str) or value is None else (0, float(value), "")
