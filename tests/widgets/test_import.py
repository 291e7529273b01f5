"""The room opens without its furniture, and says what is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rlhp import widgets


def test_an_unknown_name_is_reported_with_the_nearest() -> None:
    with pytest.raises(
        AttributeError, match=r"unknown name `LiveTrainr` for rlhp\.widgets; did you mean `LiveTrainer`"
    ):
        widgets.LiveTrainr  # noqa: B018


def test_without_ipywidgets_the_message_says_what_to_install() -> None:
    code = "import sys; sys.modules['ipywidgets'] = None\nfrom rlhp import widgets\nwidgets.LiveTrainer"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "explorers need the package ipywidgets; get it with: pip install 'rlhp[course,sb3]'" in ran.stderr


def test_making_an_explorer_imports_no_torch() -> None:
    code = "import sys\nfrom rlhp import widgets\nwidgets.LiveTrainer()\nassert 'torch' not in sys.modules"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stderr == ""
