"""What a lecture's cells use of a student's answers: it must stand in `with needs(...)`, so that Run All goes through.

A student's answer is a function that may still be a stub. What calls it raises; what is made from it may not exist. So
a statement outside of `with needs(...)` may use neither, and the `with` names the exercises that it uses.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence


def unguarded(cells: Sequence[str], answers: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Find what a lecture uses of an answer without saying that it needs it.

    Parameters
    ----------
    cells : sequence of str
        Sources of the lecture's plain code cells, in order.
    answers : mapping
        Name of each function that a student writes to its exercise.

    Yields
    ------
    int, str
        Index of the cell, and what is wrong there.

    Examples
    --------
    >>> list(unguarded(["x = double(2)"], {"double": "97.double"}))
    [(0, '`double` is the answer to `97.double`: write `with needs("97.double"):` above what uses it')]
    """
    needed: dict[str, tuple[str, ...]] = {name: (exercise,) for name, exercise in answers.items()}
    for index, source in enumerate(cells):
        for statement in _statements(source):
            guards = _guards(statement)
            used = {name: needed[name] for name in sorted(_loaded(statement) & needed.keys())}
            asked = sorted({exercise for exercises in used.values() for exercise in exercises})
            if isinstance(statement, ast.FunctionDef):
                _bind(needed, {statement.name}, asked)  # runs when it is called
            elif guards is None:
                for name, exercises in used.items():
                    yield index, _told(name, exercises, answers)
                _bind(needed, _stored(statement), ())
            else:
                if missing := sorted(set(asked) - set(guards)):
                    yield index, f"`with needs(...)` uses {_listed(missing)} as well: name it there"
                # What had a value before still has one.
                _bind(needed, {name for name in _stored(statement) if name not in _bound(cells, index)}, guards)


def _statements(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except SyntaxError:  # a cell of IPython's own: `%matplotlib inline`
        return []


def _told(name: str, exercises: Sequence[str], answers: Mapping[str, str]) -> str:
    written = ", ".join(f'"{exercise}"' for exercise in exercises)
    is_what = "the answer to" if name in answers else "made from the answer to"
    return f"`{name}` is {is_what} {_listed(exercises)}: write `with needs({written}):` above what uses it"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _bind(needed: dict[str, tuple[str, ...]], names: set[str], exercises: Sequence[str]) -> None:
    for name in names:
        if exercises:
            needed[name] = tuple(exercises)
        else:
            needed.pop(name, None)


def _guards(statement: ast.stmt) -> tuple[str, ...] | None:
    """Exercises of a `with needs(...)`; None for any other statement."""
    if not isinstance(statement, ast.With) or not isinstance(statement.items[0].context_expr, ast.Call):
        return None
    call = statement.items[0].context_expr
    if ast.unparse(call.func) != "needs":
        return None
    return tuple(str(argument.value) for argument in call.args if isinstance(argument, ast.Constant))


def _loaded(node: ast.stmt) -> set[str]:
    """Names that are read and come from elsewhere: not a function's arguments, nor the variables of a loop."""
    own = _of_comprehensions(node)
    if isinstance(node, ast.FunctionDef):
        arguments = node.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        own |= {argument.arg for argument in named if argument}
    if not isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):  # `x = f(x)` reads the x of before
        own |= _names(node, ast.Store)
    return _names(node, ast.Load) - own


def _stored(node: ast.stmt) -> set[str]:
    return _names(node, ast.Store) - _of_comprehensions(node)


def _of_comprehensions(node: ast.AST) -> set[str]:
    targets = [one.target for one in ast.walk(node) if isinstance(one, ast.comprehension)]
    return {name for target in targets for name in _names(target, ast.Store)}


def _bound(cells: Sequence[str], before: int) -> set[str]:
    """Names that statements outside of any `with needs(...)` give a value, up to and with a cell."""
    found: set[str] = set()
    for source in cells[: before + 1]:
        for statement in _statements(source):
            if _guards(statement) is None and not isinstance(statement, ast.FunctionDef):
                found |= _stored(statement)
    return found


def _names(node: ast.AST, context: type[ast.expr_context]) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, context)}
