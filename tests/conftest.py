"""What all tests share: a run of the suite tries the same examples as the run before it, and shapes can be checked.

Property tests search at random while they are written (``HYPOTHESIS_PROFILE=search``, and more examples with
``--hypothesis-seed``); in the suite a failure must come from a change, not from the draw.

The annotations of `rlhp.agents` can be checked as they run, by jaxtyping and beartype. A module is prepared for it when
it is first imported, whoever imports it, so that stands here; `tests/agents/conftest.py` switches the checks on for its
own tests.

A script that starts the suite in the background leaves it deaf to interrupts, and so every program that a test starts.
"""

from __future__ import annotations

import os
import signal

import jaxtyping
from hypothesis import settings

settings.register_profile("suite", derandomize=True, print_blob=True)
settings.register_profile("search", print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

jaxtyping.install_import_hook("rlhp.agents", "beartype.beartype")
jaxtyping.config.update("jaxtyping_disable", True)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
