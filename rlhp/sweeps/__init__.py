"""Configurations times seeds become `Runs`: the calls, the running session, its executors and the crash-safe store.

The calls `sweep` and `train` are `rlhp.sweep` and `rlhp.train`; the room has another name than the call, which it would
replace. A `Session` runs beside a notebook and may be asked for more runs meanwhile; `advance` trains runs a part of
their way. What trains is an executor: in this process, in processes of its own, the compiled engine, or a Ray cluster.
"""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
