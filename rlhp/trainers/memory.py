"""Memory that was freed goes back to the operating system."""

from __future__ import annotations

import ctypes
import functools
import gc
from collections.abc import Callable

__all__ = ["give_back"]


def give_back() -> bool:
    """Collect garbage and return what is free to the operating system; say whether the C library can.

    A compiled program takes tens of megabytes in small pieces, which glibc keeps for later when they are freed: a sweep
    over hundreds of programs would hold on to gigabytes. Other C libraries return memory by themselves, or not at all.
    """
    gc.collect()
    trim = _trim()
    if trim is None:
        return False
    trim(0)
    return True


@functools.lru_cache(maxsize=1)
def _trim() -> Callable[[int], int] | None:
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, TypeError, OSError):  # not glibc; Windows
        return None
    return found
