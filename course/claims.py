"""What a lecture says of measured data is held by a cell that stands beside the sentence.

    # %% claim
    assert round(grid.loc[0.001, 64]) == 194

No notebook has such a cell: the build leaves it out, and puts it back where it runs a lecture. It sees the names of the
lecture and leaves none of its own behind. Tests run lectures at small sizes, so they pass over a claim that needs the
full ones, or that takes seconds of its own; `make course-full` holds those too:

    # %% claim full
    assert round(results["CartPole"].r2, 2) == 0.53

Where an assertion does not hold, the error tells both sides of it, so that the sentence can be mended.
"""

from __future__ import annotations

import ast

CLAIM, FULL = "claim", "claim full"
NAME = "_claim"


def runnable(source: str, place: str) -> str:
    """Write a claim as the source of a cell that leaves no names behind and says what it found.

    Parameters
    ----------
    source : str
        The claim's cell.
    place : str
        File and line, for the error.

    Returns
    -------
    str

    Raises
    ------
    SyntaxError
        If it is not plain Python.
    ValueError
        If it asserts nothing.

    Examples
    --------
    >>> print(runnable("assert x == 1", "01_topic.py:7"))
    def _claim():
        if not (_left := x) == (_right := 1):
            raise AssertionError('01_topic.py:7: x == 1' + ', but it is ' + repr(_left) + ' and ' + repr(_right))
    _claim()
    del _claim
    """
    tree = ast.parse(source)
    if not any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
        raise ValueError("a claim asserts something: `assert round(mean) == 53`")
    body = ast.Module([_Telling(place).visit(one) for one in tree.body], [])
    indented = "\n".join(f"    {line}" for line in ast.unparse(ast.fix_missing_locations(body)).splitlines())
    return f"def {NAME}():\n{indented}\n{NAME}()\ndel {NAME}"


class _Telling(ast.NodeTransformer):
    """Turns assertions into errors that tell what was compared."""

    def __init__(self, place: str) -> None:
        self.place = place

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        said: ast.expr = ast.Constant(f"{self.place}: {ast.unparse(node.test)}")
        test = node.test
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            sides = {"_left": test.left, "_right": test.comparators[0]}
            left, right = (ast.NamedExpr(ast.Name(name, ast.Store()), side) for name, side in sides.items())
            test = ast.Compare(left, test.ops, [right])
            for between, name in zip((", but it is ", " and "), sides, strict=True):
                shown = ast.Call(ast.Name("repr", ast.Load()), [ast.Name(name, ast.Load())], [])
                said = ast.BinOp(ast.BinOp(said, ast.Add(), ast.Constant(between)), ast.Add(), shown)
        told = ast.Call(ast.Name("AssertionError", ast.Load()), [said], [])
        return ast.If(ast.UnaryOp(ast.Not(), test), [ast.Raise(told)], [])
