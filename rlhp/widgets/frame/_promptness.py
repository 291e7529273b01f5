"""Answer first, tidy up afterwards: no garbage collection between a control that moves and its picture."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

__all__ = ["uncollected"]


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Hold Python's cyclic garbage collector off while a block runs; what is due is collected after it.

    With pandas, Matplotlib and JAX loaded a full collection takes about as long as drawing a figure does, so that
    now and then an answer would take twice as long as the others. A collector that was off stays off. Of blocks that
    overlap in several threads the first to end lets the collector work again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
