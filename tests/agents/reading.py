"""Reading the code of agents: the equations that it names."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def numbered(code: str) -> set[int]:
    """Give the numbers of equations that comments such as ``# eq. (1), (2)`` name."""
    comments = (
        token.string for token in tokenize.generate_tokens(io.StringIO(code).readline) if token.type == tokenize.COMMENT
    )
    named = (group for comment in comments for group in re.findall(r"eq\. ((?:\(\d+\)(?:, )?)+)", comment))
    return {int(number) for group in named for number in re.findall(r"\d+", group)}
