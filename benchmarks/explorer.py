"""How long does a student wait for the schedule explorer? Measured in JupyterLab, in headless chromium.

`python benchmarks/explorer.py` opens a notebook with the explorer, first with an empty cache of compiled programs,
then again with a warm one, releases the slider of epsilon's fraction by keyboard ten times, and keeps the table in
`explorer.md`. All times end when the page shows what is waited for, as a reader sees it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import report

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from tests.browser.jupyter import CHROMIUM_FLAGS, Notebook, copy_course, end_kernels, serve  # noqa: E402

CELL = """\
from rlhp import widgets
widgets.ScheduleExplorer(prediction=None)"""
# Notes in the page itself when the curve's sentence about `now` changes and when it is done. A release dims what was
# drawn before; only what stands there undimmed again is new.
WATCH = """() => {
    const seen = {began: performance.now(), points: [], compiling: null, ready: null, done: null, dimmed: false};
    window.seen = seen;
    window.clearInterval(window.watching);
    window.watching = window.setInterval(() => {
        const text = document.querySelector('.rlhp-explorer')?.innerText ?? '';
        const now = performance.now() - seen.began;
        const dim = document.querySelector('.rlhp-explorer .rlhp-stale') !== null;
        seen.dimmed = seen.dimmed || dim;
        const fresh = seen.dimmed && !dim;
        const point = fresh && text.match(/Now: after ([\\d,]+) steps the IQM return of (\\d+) seeds/);
        if (point && (!seen.points.length || seen.points.at(-1)[1] !== point[1])) seen.points.push([now, point[1]]);
        if (/Compiling the training/.test(text) && seen.compiling === null) seen.compiling = now;
        if (/Ready to train/.test(text) && seen.ready === null) seen.ready = now;
        if (/Trained 16 seeds/.test(text) && seen.points.length && seen.done === null) seen.done = now;
    }, 25);
}"""


def waited(page: Any, what: str, seconds: float) -> float:
    """Wait until the page has noted something; give the seconds since it began to watch."""
    page.wait_for_function(f"() => window.seen.{what} !== null", timeout=1000 * seconds, polling=50)
    return float(page.evaluate(f"() => window.seen.{what}")) / 1000


def shown(page: Any, name: str, lab: Any) -> tuple[Notebook, float, float]:
    """Run the cell in a fresh kernel; give the seconds until it is seen to compile and until it is ready."""
    book = Notebook(page, lab, name).open()
    page.evaluate(WATCH)
    book.run(0)
    ready = waited(page, "ready", 180)
    return book, float(page.evaluate("() => window.seen.compiling ?? window.seen.ready")) / 1000, ready


def released(book: Notebook, key: str) -> tuple[float, float, int]:
    """Press a key on the slider; give the seconds to the first new point and to the end, and how often it was drawn."""
    page = book.page
    book.output(0).get_by_role("slider", name="Fraction of training").focus()
    page.evaluate(WATCH)
    page.keyboard.press(key)
    done = waited(page, "done", 180)
    points = page.evaluate("() => window.seen.points")
    return points[0][0] / 1000, done, len(points)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--releases", type=int, default=10)
    parser.add_argument("--cold", type=int, default=3, help="starts with an empty cache")
    parser.add_argument("--chromium", default=os.environ.get("RLHP_CHROMIUM", "/usr/bin/chromium"))
    asked = parser.parse_args()
    from playwright.sync_api import sync_playwright

    rows = []
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=asked.chromium, args=CHROMIUM_FLAGS)
        cold, warm, first, last, drawn = [], [], [], [], []
        for number in range(asked.cold + 1):
            here = Path(scratch) / str(number)
            # The last start finds what the one before compiled.
            os.environ["RLHP_CACHE"] = str(Path(scratch) / f"cache{min(number, asked.cold - 1)}")
            course = copy_course(here / "course")
            kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
            cells = [nbformat.v4.new_code_cell(CELL)]
            nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), course / "97_explorer.ipynb")
            with serve(course, here) as lab:
                page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
                book, said, ready = shown(page, "97_explorer.ipynb", lab)
                (cold if number < asked.cold else warm).append((said, ready))
                print(f"start {number + 1}: it says so after {said:.2f} s, ready after {ready:.2f} s", flush=True)
                if number == asked.cold:
                    book.output(0).get_by_role("button", name="Re-train 16 seeds").press("Enter")
                    book.wait_text(0, "Trained 16 seeds", seconds=180)
                    for release in range(asked.releases):
                        point, done, n = released(book, "ArrowRight")
                        first.append(point), last.append(done), drawn.append(n)
                        print(f"release {release + 1}: {point:.2f} s, {done:.2f} s, {n} drawings", flush=True)
                page.context.close()
                end_kernels(lab)
        browser.close()
    for what, values in (
        ("cold start: the cell is run until a message says that it compiles", [one for one, _ in cold]),
        ("cold start: the cell is run until it is ready to train", [one for _, one in cold]),
        ("start with compiled programs on disk: until it is ready to train", [one for _, one in warm]),
        ("slider released: until the first new points", first),
        ("slider released: until the finished curve", last),
    ):
        rows.append([what, len(values), f"{np.median(values):.2f}", f"{max(values):.2f}"])
    load = os.getloadavg()[1]
    text = (
        "Seconds until a reader of JupyterLab (headless chromium on the same machine) sees it. The explorer trains 16 "
        "seeds of DQN on CartPole-v1 for 20,000 steps with 20 evaluations of 10 episodes each. The slider is moved by "
        f"arrow key. While it trained the curve was redrawn {np.median(drawn):.0f} times (median). The machine's load "
        f"over the last five minutes of the measurement was {load:.1f}."
    )
    header = ["what is waited for", "times", "median s", "worst s"]
    report.write("explorer", "How long one waits for the schedule explorer", text, header, rows)


if __name__ == "__main__":
    main()
