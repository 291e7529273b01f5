"""Memory that was freed goes back to the operating system."""

from __future__ import annotations

import ctypes
import functools
import gc
import os
from collections.abc import Callable

__all__ = ["give_back", "machine_memory"]


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


def machine_memory() -> int:
    """Return the bytes of memory here; where the system does not say, the eight gibibytes of a small one."""
    try:
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):  # Windows
        return 8 << 30
