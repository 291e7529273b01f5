"""How long a reader waits for the explorers of measured data: from a control that moved to the new picture.

`python benchmarks/responses.py` opens each explorer on data of this project, as the lectures do, moves its controls,
and keeps the table in `responses.md`. What is timed is the kernel's part, figure and text twin included, not the way
of the picture to the browser. What an explorer fits once, and says so while it does, is timed by itself.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

import report

Row = list[object]
MOST = 0.2  # seconds


def timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def moved(explorer: str, data: str, control: str, moves: list[Callable[[], object]], begun: float) -> Row:
    """Time moves of one control; `begun` is how long the explorer took to open and to fit, in seconds."""
    times = [timed(move) for move in moves]
    late = sum(one > MOST for one in times)
    said = [f"{1e3 * statistics.median(times):.0f}", f"{1e3 * max(times):.0f}", f"{late} of {len(times)}"]
    return [explorer, data, control, *said, f"{begun:.1f}"]


def set_to(thing: object, trait: str, values: Sequence[object]) -> list[Callable[[], object]]:
    return [partial(setattr, thing, trait, value) for value in values]


def runs() -> list[Row]:
    from rlhp.widgets import RunExplorer

    rows = []
    for name in ("dqn_cartpole", "dqn_acrobot"):
        started = time.perf_counter()
        explorer = RunExplorer(name)
        begun = time.perf_counter() - started
        by = ["learning_rate", "gamma", "batch_size", "train_freq", "n_steps", "tau", "buffer_size", "learning_starts"]
        some = [{"batch_size": values} for values in ((8,), (16, 32), (64,), (128, 256), (8, 16, 32, 64))]
        controls = {
            "group by": set_to(explorer, "by", by),
            "training shown": set_to(explorer, "percent", [90, 80, 70, 60, 50, 40, 30, 100]),
            "statistic": set_to(explorer, "statistic", ["mean", "median", "iqm"]),
            "filter": set_to(explorer.filters, "chosen", some),
            "single runs": set_to(explorer, "single", [True, False, True]),
        }
        rows += [moved("RunExplorer", name, control, moves, begun) for control, moves in controls.items()]
        explorer.close()
    return rows


def seeds() -> list[Row]:
    from rlhp.widgets import SeedsExplorer

    rows = []
    for name in ("learning_rate_cartpole", "exploration_cartpole"):
        started = time.perf_counter()
        explorer = SeedsExplorer(name, prediction=None)
        begun = time.perf_counter() - started
        labels = list(explorer.first.options)
        controls = {
            "draw a study": [explorer.one_button.click] * 8,
            "draw many": [explorer.many_button.click] * 4,
            "seeds of each": set_to(explorer, "n_seeds", [2, 4, 5, 6, 7, 8, 9, 10]),
            "objective": set_to(explorer, "objective", ["auc", "final_return"]),
            "configuration": set_to(explorer, "pair", [(labels[0], other) for other in labels[1:]]),
        }
        rows += [moved("SeedsExplorer", name, control, moves, begun) for control, moves in controls.items()]
        explorer.close()
    return rows


def landscape() -> list[Row]:
    from rlhp.widgets import LandscapeExplorer

    rows = []
    for name in ("dqn_cartpole", "dqn_acrobot"):
        started = time.perf_counter()
        explorer = LandscapeExplorer(name, objective="auc", prediction=None)
        begun = time.perf_counter() - started
        tau = explorer.held.rows["tau"].control.box
        drag = set_to(tau, "value", [0.002, 0.004, 0.008, 0.016, 0.03, 0.06, 0.12, 0.25])
        controls = {
            "axis": set_to(explorer.choice, "y", ["tau", "train_freq", "n_steps", "buffer_size", "gamma"]),
            "what is held": drag,
            "rest": set_to(explorer.choice, "rest", ["averaged", "held"]),
            "view": set_to(explorer.choice, "view", ["surface", "slices", "spread", "contours"]),
        }
        for control, moves in controls.items():
            rows.append(moved("LandscapeExplorer", name, control, moves, begun))
        for view in ("surface", "slices", "spread"):
            explorer.choice.view = view
            rows.append(moved("LandscapeExplorer", name, f"what is held, as {view}", drag[:4], begun))
        explorer.close()
    return rows


def importance() -> list[Row]:
    from rlhp import datasets
    from rlhp.widgets import ImportanceExplorer

    names = ("dqn_acrobot", "dqn_minigrid_empty", "dqn_cartpole")
    started = time.perf_counter()
    sweeps = {str(sweep.table["env_id"].iloc[0]): sweep for sweep in map(datasets.load, names)}
    explorer = ImportanceExplorer(sweeps, prediction=None, objective="auc")
    explorer.despite = True
    explorer.start()
    explorer.wait(600)
    begun = time.perf_counter() - started
    environments = list(sweeps)
    controls = {
        "environment": set_to(explorer, "environment", [*environments[1:], environments[0]]),
        "method": set_to(explorer, "method", ["ped_anova", "fanova"]),
        "measure": set_to(explorer, "measure", ["linear", "log", "declared"]),
    }
    rows = [
        moved("ImportanceExplorer", "three landscapes", control, moves, begun) for control, moves in controls.items()
    ]
    explorer.close()
    return rows


def main() -> None:
    rows = [row for part in (runs, seeds, landscape, importance) for row in part()]
    report.write(
        "responses",
        "How long a reader waits for the explorers of measured data",
        "Milliseconds from a control that moved to the picture and its text, in the kernel: median, worst, and how "
        f"many were above {1e3 * MOST:.0f}; *opening*: seconds until the explorer stands, with what it fits once. Load "
        f"of the machine over the last five minutes: {os.getloadavg()[1]:.1f}.",
        ["explorer", "data", "control", "median, ms", "worst, ms", "above 200 ms", "opening, s"],
        rows,
    )


if __name__ == "__main__":
    main()
