"""Where will this run end? Learning curves extrapolated from a first part of training, with what that part cannot know.

The call `curves.extrapolate` stands in `rlhp.curves.extrapolate.call`. This package stays callable so that
`curves.extrapolate(...)` works after any module of it was imported.
"""

from __future__ import annotations

import sys
import types
from typing import Any


class _CallablePackage(types.ModuleType):
    """Importing a module of this package binds `rlhp.curves.extrapolate` to the package; calling it still works."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from rlhp.curves.extrapolate.call import extrapolate

        return extrapolate(*args, **kwargs)


sys.modules[__name__].__class__ = _CallablePackage
