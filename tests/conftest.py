"""What all tests share: a run of the suite tries the same examples as the run before it, and shapes can be checked.

Property tests search at random while they are written (``HYPOTHESIS_PROFILE=search``, and more examples with
``--hypothesis-seed``); in the suite a failure must come from a change, not from the draw.

The annotations of `rlhp.agents` can be checked as they run, by jaxtyping and beartype. A module is prepared for it when
it is first imported, whoever imports it, so that stands here; `tests/agents/conftest.py` switches the checks on for its
own tests.

A script that starts the suite in the background leaves it deaf to interrupts, and so every program that a test starts.

Programs are compiled quickly rather than well (`QUICKLY_COMPILED`), save those of the long tests, marked ``hard``;
``XLA_FLAGS=`` in the environment has them compiled as users have them.

Files that take long come first, so that workers that share the suite end together; and compiled programs, 70 MB each,
are let go of between files once there are many.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jaxtyping
import psutil
import pytest
from hypothesis import settings

settings.register_profile("suite", derandomize=True, print_blob=True)
settings.register_profile("search", print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

jaxtyping.install_import_hook("rlhp.agents", "beartype.beartype")
jaxtyping.config.update("jaxtyping_disable", True)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The longest first; a file that is not named here takes less than 20 seconds of a processor. What a browser and its
# kernels take counts too.
LONG = (
    "browser/test_explorers.py",
    "browser/test_lectures.py",
    "course/test_lectures.py",
    "agents/test_derivatives.py",
    "docs/test_pages.py",
    "course/test_cheating.py",
    "trainers/test_segments.py",
    "contracts/test_parity.py",
    "test_datasets.py",
    "course/test_grading.py",
    "agents/test_contract.py",
    "agents/test_probes.py",
    "sweeps/executors/test_ray.py",
    "sweeps/test_compiled.py",
    "envs/test_gymnax.py",
    "importance/test_methods.py",
    "importance/surrogates/test_corrected.py",
    "agents/test_off_policy.py",
    "test_examples.py",
    "trainers/compiled/test_running.py",
    "sweeps/test_advance.py",
    "sweeps/test_session.py",
    "sweeps/test_sweep.py",
    "widgets/test_refused.py",
    "envs/test_register.py",
    "trainers/test_updates.py",
    "widgets/test_contract.py",
)
# Most of what the suite compiles runs for a moment, and compiling it took half of the suite's time. Without XLA's later
# optimisations a program computes the same, slower, and is compiled in a third of the time.
QUICKLY_COMPILED = "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false"
LARGE = 2 * 2**30  # bytes of memory that a process of the suite may take before it lets programs go


def pytest_configure(config: pytest.Config) -> None:
    if config.option.markexpr == "not hard":  # as pyproject.toml has it: the suite, or a part of it
        os.environ.setdefault("XLA_FLAGS", QUICKLY_COMPILED)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tests = Path(__file__).parent
    place = {tests / name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path, len(LONG)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a worker a file at a time, and one of them all that need the browser: they share one JupyterLab."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            name: str = super()._split_scope(nodeid)
            return "tests/browser" if name.startswith("tests/browser/") else name

    return Together(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def _no_grading() -> Iterator[None]:
    """Forget that a test graded: nbgrader says so in its process's environment, and checks ask there."""
    yield
    os.environ.pop("NBGRADER_EXECUTION", None)


@pytest.fixture(scope="module", autouse=True)
def _lean() -> Iterator[None]:
    """Let go of what was compiled for a file, where it is much: hardly a file needs another's."""
    yield
    if "jax" not in sys.modules or psutil.Process().memory_info().rss < LARGE:
        return
    import jax

    from rlhp.trainers.compiled import _memory, _programs

    for shelf in (_programs._programs, _programs._shared, _programs._likes):
        shelf._places.clear()
    jax.clear_caches()
    _memory.give_back()
