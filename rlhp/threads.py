"""Linear algebra on one thread: for matrices of a few hundred rows, and for digits that depend on no machine."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator

from threadpoolctl import ThreadpoolController

__all__ = ["one_thread"]


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Factor matrices on one thread of BLAS within the block.

    Its threads wait for each other, spinning: where the cores are busy, thirty times as long as they compute. And sums
    in another order end in another last digit, so that what is proposed would depend on how many cores there are.

    Examples
    --------
    >>> import numpy as np
    >>> with one_thread():
    ...     factor = np.linalg.cholesky(np.eye(3))
    """
    with _blas().limit(limits=1, user_api="blas"):
        yield


@functools.lru_cache(maxsize=1)
def _blas() -> ThreadpoolController:
    import scipy.linalg  # noqa: F401 - its BLAS must be loaded to be found

    return ThreadpoolController()
