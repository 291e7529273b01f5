"""Configurations times seeds become `Runs`: the call, the running session, its workers and the crash-safe store.

The calls `rlhp.sweep` and `rlhp.train` stand in `rlhp.sweep.call`; a session that runs beside a notebook, and may be
asked for more runs meanwhile, is `rlhp.sweep.session.Session`. What trains is an executor: `here`, `processes` or
`compiled`. This package stays callable so that `rlhp.sweep(...)` works after `import rlhp.sweep`.
"""

from __future__ import annotations

import sys
import types
from typing import Any

__all__ = ["advance"]


class _CallablePackage(types.ModuleType):
    """Importing any module of this package binds `rlhp.sweep` to the package; calling it is then still the sweep."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from rlhp.sweep.call import sweep

        return sweep(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name == "advance":
            from rlhp.sweep.advancing import advance

            return advance
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


sys.modules[__name__].__class__ = _CallablePackage
