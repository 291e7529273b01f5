"""Write the page of all hyperparameters from their declarations: `python docs/hyperparameters.py`."""

from __future__ import annotations

import sys
from pathlib import Path

from rlhp.algorithms import Algorithm, Hyperparameter, Levels, Range, declared, names
from rlhp.frames import encode_value

HERE = Path(__file__).resolve().parent

HEAD = """# Hyperparameters

Written by `python docs/hyperparameters.py` from the declarations in `rlhp/algorithms/`, which checks, search spaces,
forms and both engines read as well. *Moves*: a schedule may move it while training. *Searched*: where
`rlhp.spaces.default` looks. *Mark*: what it is to the compiled engine: a *traced* number may move and a *loop* is an
argument, so that runs that differ in them share a program; *static* ones need another.
"""


def page() -> str:
    """Give the page."""
    return "\n".join([HEAD, *(section(declared(name)) for name in names())])


def section(one: Algorithm) -> str:
    """Give the part of an algorithm."""
    acts = ", ".join(f"`{kind}`" for kind in sorted(one.actions))
    length = " x ".join(f"`{name}`" for name in one.iteration)
    rows = [row(name, what) for name, what in one.hyperparameters.items()]
    heads = ["name", "default", "allowed", "unit", "moves", "searched", "mark", "engines", "as in"]
    table = [heads, ["---"] * len(heads), *rows]
    lines = ["| " + " | ".join(cells) + " |" for cells in table]
    intro = f"For {acts} actions; an iteration is {length} environment steps."
    return "\n".join([f"## `{one.name}`: {one.title}", "", intro, "", *lines, ""])


def row(name: str, what: Hyperparameter) -> list[str]:
    """Give the cells of a hyperparameter."""
    allowed = what.allowed().removesuffix(", or a schedule")
    if what.when is not None:
        allowed += f"; where `{what.when[0]}` is {what.when[1]}"
    return [
        f"`{name}`",
        f"`{encode_value(what.default)}`",
        allowed,
        what.unit,
        "yes" if what.moves else "",
        searched(what),
        what.mark,
        "" if len(what.engines) > 1 else what.engines[0],
        what.source,
    ]


def searched(what: Hyperparameter) -> str:
    """Say where a default space looks."""
    if isinstance(what.search, Range):
        measure = "" if what.search.measure == "linear" else f", {what.search.measure}"
        return f"{what.search.low:,.10g} to {what.search.high:,.10g}{measure}"
    if isinstance(what.search, Levels):
        return ", ".join(f"`{level}`" for level in what.search.values)
    return ""


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "hyperparameters.md"
    path.write_text(page(), encoding="utf-8", newline="\n")
