"""A table as others wrote it: columns read by position, each row as wide as the header, each cell with its place."""

from __future__ import annotations

import codecs
import csv
import fnmatch
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from rlhp.arguments import shown
from rlhp.errors import unknown_name
from rlhp.readers._cells import Place, is_blank

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class Columns:
    """Columns of cells under their names.

    Parameters
    ----------
    source : str
        The file, for messages.
    cells : dict of str to list
        Each column by its name; all are of one length.
    rows : list of str, one per row
        How a message names the row: "line 3".
    theirs : mapping of str to str
        What the file calls a column that was renamed, for messages.
    """

    source: str
    cells: dict[str, list[Any]]
    rows: list[str]
    theirs: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.rows)

    def place(self, name: str) -> Place:
        """Return the whereabouts of the cells of a column."""
        called = self.theirs.get(name, name)
        return lambda at: f"{self.source}, {self.rows[at]}, column `{called}`"

    def renamed(self, names: Mapping[str, str], argument: str = "columns") -> Columns:
        """Return the same columns under other names.

        Raises
        ------
        ValueError
            If a name is not there, or two columns would share one.
        """
        for name, new in names.items():
            if name not in self.cells:
                raise ValueError(unknown_name("column", name, self.cells, where=f"`{argument}` of {self.source}"))
            if not isinstance(new, str) or not new:
                raise ValueError(
                    f"`{argument}` renames `{name}` to {shown(new)}; give a name, or None to leave it out."
                )
        renamed = [names.get(name, name) for name in self.cells]
        _each_once(renamed, self.source, f"after `{argument}` two columns are named")
        cells = dict(zip(renamed, self.cells.values(), strict=True))
        return Columns(self.source, cells, self.rows, {new: name for name, new in names.items()})

    def without(self, patterns: Sequence[str], keep: Sequence[str]) -> Columns:
        """Leave out columns by name, or by a pattern such as ``"time/*"``; a pattern spares those in `keep`.

        Raises
        ------
        ValueError
            If a name without a wildcard is not there.
        """
        cells = dict(self.cells)
        for pattern in patterns:
            if pattern in cells:
                del cells[pattern]
            elif any(sign in pattern for sign in "*?["):
                for name in fnmatch.filter(list(cells), pattern):
                    if name not in keep:
                        del cells[name]
            elif pattern not in self.cells:
                raise ValueError(unknown_name("column", pattern, self.cells, where=f"`columns` of {self.source}"))
        return Columns(self.source, cells, self.rows)


def of_frame(frame: pd.DataFrame, source: str = "`frame`") -> Columns:
    """Return the columns of a data frame.

    Raises
    ------
    ValueError
        If a column has no name of text, or two have the same.
    """
    names = list(frame.columns)
    for name in names:
        if not isinstance(name, str) or not name:
            raise ValueError(f"{source} has a column named {shown(name)}; columns are named by text.")
    _each_once(names, source, "two columns are named")
    cells = {name: frame.iloc[:, at].tolist() for at, name in enumerate(names)}
    return Columns(source, cells, [f"row {shown(label)}" for label in frame.index.tolist()])


def of_file(path: Path, separator: str = ",") -> Columns:
    """Read a text file of separated values whose first line names the columns.

    Raises
    ------
    ValueError
        If it is no such file, a name stands twice, or a row is wider or narrower than the header.
    """
    columns = of_text(text_of(path), str(path), separator)
    if len(columns.cells) == 1:
        (only,) = columns.cells
        for other in ",;\t|":
            if other in only and other != separator:
                raise ValueError(
                    f"{path} has one column, named `{only[:80]}`: its fields seem to be separated by {other!r}; pass "
                    f"separator={other!r}."
                )
    return columns


def of_text(text: str, source: str, separator: str = ",", first_line: int = 1) -> Columns:
    """Read separated values; documented at `of_file`."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    header: list[str] | None = None
    rows: list[list[str]] = []
    labels: list[str] = []
    try:
        for fields in reader:
            if not any(field.strip() for field in fields):
                continue  # a blank line
            where = f"line {reader.line_num + first_line - 1}"
            if header is None:
                header = [field.strip() for field in fields]
                continue
            if any(field.strip() for field in fields[len(header) :]) or len(fields) < len(header):
                raise ValueError(_width(source, where, fields, header))
            rows.append(fields[: len(header)])
            labels.append(where)
    except csv.Error as error:
        where = f"line {reader.line_num + first_line - 1}"
        raise ValueError(f"{source}, {where}: the quotes or the line ends are broken here; mend this line.") from error
    if header is None:
        raise ValueError(f"{source} is empty; its first line must name the columns.")
    columns = [[row[at] for row in rows] for at in range(len(header))]
    kept = {at for at, name in enumerate(header) if name or not _nameless(columns[at])}
    names = [name for at, name in enumerate(header) if at in kept]
    if "" in names:
        at = header.index("")
        raise ValueError(f"{source}: column {at + 1} has no name in the first line, but cells; name it.")
    _each_once(names, source, "two columns are named")
    return Columns(source, dict(zip(names, (columns[at] for at in sorted(kept)), strict=True)), labels)


def text_of(path: Path) -> str:
    """Read a text file: UTF-8, or what its byte order mark says.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no text.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}.")
    if not path.is_file():
        raise ValueError(f"{path} is a folder; give a file.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}).") from error
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not a text in {encoding.removesuffix('-sig').upper()} (byte {error.start + 1} is none); save "
            f"it as UTF-8."
        ) from error
    text = text.lstrip("\ufeff")  # a second mark is no part of the first name
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ValueError(f"{path}, line {line}: there is a NUL in the text, so the file is binary or damaged.")
    return text


def _nameless(cells: Sequence[str]) -> bool:
    """Whether a column without a name is nothing: blank (a trailing comma), or the row numbers that pandas writes."""
    return all(map(is_blank, cells)) or list(cells) == [str(number) for number in range(len(cells))]


def _each_once(names: Sequence[str], source: str, what: str) -> None:
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise ValueError(f"{source}: {what} `{twice}`; each name may stand once.")


def _width(source: str, where: str, fields: Sequence[str], header: Sequence[str]) -> str:
    listed = ", ".join(header[:12]) + (", ..." if len(header) > 12 else "")
    at = "the last ones have no name"
    if len(fields) < len(header):
        first = header[len(fields)]
        at = f"column {f'`{first}`' if first else len(fields) + 1} is missing"
    hint = "mend this line, or name every field in the header"
    other = next((mark for mark in (";", "\t", "|") if mark in header[0]), None)
    if other is not None:  # the file is written with another mark between the fields
        hint = f"the header has {other!r} in it: give separator={other!r}"
    return (
        f"{source}, {where} has {len(fields)} fields, but the header names {len(header)} ({listed}), so {at}; {hint}."
    )
