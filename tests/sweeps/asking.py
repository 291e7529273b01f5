"""What tests of sweeps ask for beside a run: without a bar, unless they say so."""

from __future__ import annotations

from typing import Any

import rlhp


def how(**options: Any) -> dict[str, Any]:
    return {"execution": rlhp.Execution(**{"progress": False, **options})}
