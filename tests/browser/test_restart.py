"""An explorer whose kernel was restarted says so, once, and what to do."""

from __future__ import annotations

import nbformat
import pytest


@pytest.fixture
def two_explorers(lab) -> str:
    cell = 'from rlhp import widgets\nwidgets.RunExplorer("learning_rate_cartpole")'
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for _ in range(2)], metadata=kernel)
    nbformat.write(book, lab.course / "97_restart.ipynb")
    return "97_restart.ipynb"


# What "Restart Kernel" of the menu does.
RESTART = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"


def test_a_restarted_kernel_is_told_and_the_cell_can_be_run_again(notebook, two_explorers) -> None:
    book = notebook(two_explorers)
    book.run(0, 1)
    book.wait_text(1, "80 of 80 runs on CartPole-v1 pass")
    assert not book.output(1).get_by_role("alert").count()
    book.page.evaluate(RESTART)
    gone = "The kernel was restarted or is gone: run this cell again."
    book.page.wait_for_timeout(3_000)
    book.shot("explorer_after_restart")
    for index in (0, 1):
        book.output(index).get_by_role("alert").filter(has_text=gone).wait_for(timeout=30_000)
    icons = (
        book.output(1)
        .locator(".rlhp-explorer .jupyter-widgets-disconnected")
        .evaluate_all(
            "parts => parts.map(part => getComputedStyle(part, '::before').content).filter(one => one !== 'none')"
        )
    )
    assert icons == []
    assert book.faults(1) == []
    book.shot("explorer_after_restart")
    book.wait_idle()
    book.run(1)
    assert "80 of 80 runs on CartPole-v1 pass" in book.text(1)
    assert not book.output(1).get_by_role("alert").count()
