"""One bad argument at a time, for any public function: whatever it is given, it answers or says what was wrong.

A room's test lists its functions with a call that works. `faults` then replaces each argument of the call by each thing
somebody could pass there; the call must either work (the thing was valid after all) or end in a ValueError or TypeError
that *our* code raises on purpose and that names the argument. An error out of Python, NumPy or pandas is a fault, even
where its traceback ends in one of our lines.
"""

from __future__ import annotations

import inspect
import math
import opcode
import re
import traceback
import types
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

OURS = str(Path(__file__).resolve().parents[2] / "rlhp")
_RAISE = opcode.opmap["RAISE_VARARGS"]


class Rude:
    """Answers nothing, not even who it is."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


# Made anew for every call: an iterator is used up, a list may be changed.
JUNK: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "True": lambda: True,
    "0": lambda: 0,
    "5": lambda: 5,
    "-1": lambda: -1,
    "2.5": lambda: 2.5,
    "nan": lambda: math.nan,
    "inf": lambda: math.inf,
    "-inf": lambda: -math.inf,
    "2**70": lambda: 2**70,
    "10**400": lambda: 10**400,
    "1j": lambda: 1j,
    "empty text": lambda: "",
    "'5'": lambda: "5",
    "'zzz'": lambda: "zzz",
    "NUL": lambda: "a\0b",
    "bytes": lambda: b"ab",
    "[]": list,
    "[1, 2, 3]": lambda: [1, 2, 3],
    "['zzz', None]": lambda: ["zzz", None],
    "[nan, 1]": lambda: [math.nan, 1.0],
    "[2**70]": lambda: [2**70],
    "ragged": lambda: [[1], [1, 2]],
    "[[]]": lambda: [[]],
    "(1, 2)": lambda: (1, 2),
    "{}": dict,
    "{'zzz': 1}": lambda: {"zzz": 1},
    "{1: None}": lambda: {1: None},
    "{'zzz': {}}": lambda: {"zzz": {}},
    "set": lambda: {1, "a"},
    "range": lambda: range(3),
    "iterator": lambda: iter([1, "a"]),
    "object": object,
    "rude": Rude,
    "function": lambda: len,
    "class": lambda: int,
    "NA": lambda: pd.NA,
    "NaT": lambda: pd.NaT,
    "empty array": lambda: np.array([]),
    "array": lambda: np.array([1.0, math.nan]),
    "0-d array": lambda: np.array(1.0),
    "text array": lambda: np.array(["a", "b"]),
    "3-d array": lambda: np.zeros((1, 2, 3)),
    "empty frame": pd.DataFrame,
    "frame": lambda: pd.DataFrame({"zzz": [1, None], "a": ["x", 2]}),
    "series": lambda: pd.Series([1.0, None], index=["a", "a"]),
    "np.str_": lambda: np.str_("zzz"),
    "np.datetime64": lambda: np.datetime64("2020-01-01"),
}


@dataclass(frozen=True)
class Call:
    """A function and a call of it that works.

    Parameters
    ----------
    function : callable
    arguments : mapping
        Every argument by name that the call gives. Parameters that it leaves out are tried as well.
    skip : tuple of str
        Parameters that are anything at all by design (``**kwargs`` handed on), with a reason beside them.
    also : mapping
        Further things to try for one parameter: name to a list of values.
    """

    function: Callable[..., Any]
    arguments: Mapping[str, Any]
    skip: tuple[str, ...] = ()
    also: Mapping[str, list[Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.function.__module__.split('.')[1]}.{self.function.__qualname__}"

    def parameters(self) -> list[str]:
        """Give the names of what it takes by name."""
        named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        found = inspect.signature(self.function).parameters.values()
        return [one.name for one in found if one.kind in named and one.name not in self.skip]

    def __call__(self, **replaced: Any) -> Any:
        positional_only = [
            one.name
            for one in inspect.signature(self.function).parameters.values()
            if one.kind is inspect.Parameter.POSITIONAL_ONLY
        ]
        arguments = {**self.arguments, **replaced}
        return self.function(*[arguments.pop(name) for name in positional_only], **arguments)


def faults(call: Call) -> list[str]:
    """Give every bad argument that ends in an error which is not ours, one line each."""
    said = []
    for parameter in call.parameters():
        tried = {**JUNK, **{f"also {at}": lambda v=value: v for at, value in enumerate(call.also.get(parameter, []))}}
        for what, make in tried.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    call(**{parameter: make()})
                except Exception as error:
                    if reason := fault(error, parameter, make):
                        said.append(f"{call.name}({parameter}={what}): {reason}")
    return said


def fault(error: Exception, parameter: str, make: Callable[[], Any]) -> str:
    """Say what is wrong with an error as the answer to a bad argument; nothing if it is as it should be."""
    line = f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
    if not isinstance(error, ValueError | TypeError):
        return f"{line} [{place(error)}]"
    if not raised_by_us(error):
        return f"not ours: {line} [{place(error)}]"
    if not names(str(error), parameter, make()):
        return f"does not name the argument: {line}"
    return ""


def raised_by_us(error: BaseException) -> bool:
    """Whether a `raise` of our own made it, rather than an operation that failed in one of our lines."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None or not last.tb_frame.f_code.co_filename.startswith(OURS):
        return False
    return _opcode(last) == _RAISE


def names(message: str, parameter: str, value: Any) -> bool:
    """Whether a message names the argument, or shows the name that was given and is not known."""
    # As it is, as an item of it, as a field of an object of options (`execution.time_limit`), or as it is given.
    if re.search(rf"`(\w+\.)?{re.escape(parameter)}[`.[]|\b{re.escape(parameter)}=", message):
        return True
    several = isinstance(value, list | tuple | dict | set) or (isinstance(value, np.ndarray) and value.ndim > 0)
    given = [value] if isinstance(value, str) else list(value) if several or isinstance(value, pd.DataFrame) else []
    return any(isinstance(one, str) and (f"`{one}`" in message or repr(one) in message) for one in given)


def place(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def _opcode(last: types.TracebackType) -> int:
    return last.tb_frame.f_code.co_code[last.tb_lasti]
