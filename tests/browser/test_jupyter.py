"""The way the lectures are driven and watched works: on a notebook small enough to know everything about it."""

from __future__ import annotations

import nbformat
import pytest

SLIDER = """\
import ipywidgets as widgets
slider = widgets.IntSlider(value=3, min=0, max=10, description="batch size", continuous_update=False)
said = widgets.HTML("3 squared is 9")
slider.observe(lambda change: setattr(said, "value", f"{change.new} squared is {change.new ** 2}"), "value")
widgets.VBox([slider, said])"""


@pytest.fixture(scope="module")
def small(lab) -> str:
    cells = [
        nbformat.v4.new_markdown_cell("# A small notebook"),
        nbformat.v4.new_code_cell("answer = 6 * 7\nprint(answer)"),
        nbformat.v4.new_code_cell(SLIDER),
        nbformat.v4.new_code_cell("raise NotImplementedError('yours')"),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    book = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(book, lab.course / "99_small.ipynb")
    return "99_small.ipynb"


def test_a_notebook_is_run_written_and_read_by_keyboard(notebook, small, watch) -> None:
    book = notebook(small)
    book.run(0, 2)
    assert book.text(1) == "42"

    slider = book.output(2).get_by_role("slider")
    slider.focus()
    book.page.keyboard.press("ArrowRight")
    book.page.keyboard.press("ArrowRight")
    book.wait_text(2, "5 squared is 25")

    with pytest.raises(AssertionError, match=r"cell 3:\n(.|\n)*NotImplementedError: yours"):
        book.run(3)
    book.write(3, "def area(side):\n    if side < 0:\n        return 0\n    return side * side\n\nprint(area(9))")
    book.run(3)
    assert book.text(3) == "81"

    book.shot("small")
    assert watch.errors == []


def test_a_fault_of_the_page_is_found(notebook, small) -> None:
    book = notebook(small)
    book.write(1, "import ipywidgets\nipywidgets.HTML('<img src=\"data:,\"><button></button>')")
    book.run(1)
    book.output(1).locator("button").wait_for()
    assert {fault.split(" ")[0] for fault in book.faults(1)} == {"image-alt", "button-name"}
    # A fault elsewhere on the page is not laid at this cell's door: ipywidgets' own slider has no name.
    book.run(2)
    book.output(2).get_by_role("slider").wait_for()
    assert [fault.split(" ")[0] for fault in book.faults(2)] == ["aria-input-field-name"]


def test_a_request_that_leaves_loopback_is_blocked_and_counted(notebook, small, watch) -> None:
    book = notebook(small)
    tried = "fetch('http://example.org/').then(() => 'reached', () => 'blocked')"
    assert book.page.evaluate(tried) == "blocked"
    assert watch.left_loopback == ["http://example.org/"]
    assert watch.errors
    watch.left_loopback.clear()


def test_the_courses_settings_take_effect(notebook, small, lab) -> None:
    book = notebook(small)
    asked = """async token => {
        const get = async name => (await fetch(`/lab/api/settings/@jupyterlab/${name}?token=${token}`)).json();
        const tracker = (await get('notebook-extension:tracker')).schema.properties;
        const news = (await get('apputils-extension:notification')).schema.properties;
        return [tracker.windowingMode.default, news.fetchNews.default, news.checkForUpdates.default];
    }"""
    assert book.page.evaluate(asked, lab.token) == ["defer", "false", False]
    book.page.wait_for_timeout(1500)
    assert book.page.get_by_text("Would you like to get notified about official Jupyter news?").count() == 0


def test_without_the_token_nothing_is_served(chromium, lab) -> None:
    context = chromium.new_context()
    answer = context.request.get(f"{lab.url}/api/contents", max_redirects=0)
    context.close()
    assert answer.status == 403
