"""What all tests share: a run of the suite tries the same examples as the run before it.

Property tests search at random while they are written (``HYPOTHESIS_PROFILE=search``, and more examples with
``--hypothesis-seed``); in the suite a failure must come from a change, not from the draw.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("suite", derandomize=True, print_blob=True)
settings.register_profile("search", print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
