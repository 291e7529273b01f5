"""One notebook that holds every explorer, opened once: what the tests of this folder share of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import nbformat

from tests.browser.jupyter import ROOT, Notebook

NAME = "98_explorers.ipynb"
CELLS = {
    "trainer": """\
from rlhp import Evaluation, widgets
widgets.LiveTrainer("CartPole-v1", "a2c", steps=600, n_seeds=2, evaluation=Evaluation(300, episodes=1))""",
    "schedule": """\
from rlhp import widgets
widgets.ScheduleExplorer()""",
    "batches": """\
from rlhp import widgets
# Sizes that share a program, which lecture 01 trains with as well.
widgets.BatchExplorer((40, 48), experiment=widgets.Experiment(steps=2_000, n_seeds=4))""",
    "landscape": """\
from rlhp import Runs, spaces, widgets
space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma", "exploration_fraction"])
configs = spaces.sample(space, 64, method="sobol", rng=0)
rate = spaces.to_unit(space, configs)[:, list(space).index("learning_rate")]
peaks = {"Here-v0": 0.7, "There-v0": 0.2}
widgets.LandscapeExplorer(
    [Runs.from_table(configs, 200 - 300 * abs(rate - peak), algorithm="dqn", env_id=e) for e, peak in peaks.items()]
)""",
    "runs": """\
from rlhp import widgets
widgets.RunExplorer(["learning_rate_cartpole", "exploration_cartpole"])""",
    "seeds": """\
from rlhp import widgets
widgets.SeedsExplorer("learning_rate_cartpole", pair=(0.001, 0.003), statistic="mean")""",
    "acquisition": """\
from rlhp import widgets
widgets.AcquisitionExplorer("learning_rate_cartpole", pool="sac_pendulum", repetitions=4, evaluations=6)""",
    "hyperband": """\
from rlhp import widgets
widgets.HyperbandExplorer(["ppo_pendulum", "dqn_minigrid_empty"], repetitions=20)""",
    "pareto": """\
from rlhp import widgets
widgets.ParetoExplorer(["dqn_cartpole", "sac_pendulum"], splits=12)""",
    "game": """\
from rlhp import widgets
widgets.SearchGame("sac_pendulum", evaluations=2, opponents={"random": 5})""",
    "importance": "",  # the one of lecture 05, whose first fits come with the data
    "broken": """\
from rlhp import widgets
broken = widgets.ScheduleExplorer()
broken.tell = lambda *_: 1 / 0
broken""",
}
EXPLORERS = tuple(name for name in CELLS if name != "broken")


def write(folder: Any) -> None:
    """Write the notebook into a student's folder."""
    cells = [nbformat.v4.new_code_cell(source or of_lecture_05()) for source in CELLS.values()]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / NAME)


def of_lecture_05() -> str:
    """Give the cells of lecture 05 that its explorer stands on, as one."""
    lecture = nbformat.read(ROOT / "course" / "05_which_hyperparameter_matters.ipynb", as_version=4)
    sources = [cell.source for cell in lecture.cells if cell.cell_type == "code"]
    wanted = ("import rlhp", "whole = spaces.default", "sets = {", "widgets.ImportanceExplorer(")
    return "\n".join(next(source for source in sources if part in source) for part in wanted)


@dataclass
class Visit:
    """The open notebook; a cell is run when it is asked for first."""

    book: Notebook
    opened: dict[str, int] = field(default_factory=dict)

    def open(self, name: str) -> tuple[int, Any]:
        """Give the number of an explorer's cell and the locator of what it shows."""
        if name not in self.opened:
            self.opened[name] = list(CELLS).index(name)
            self.book.run(self.opened[name])
            self.book.output(self.opened[name]).locator(".rlhp-explorer").wait_for()
        return self.opened[name], self.book.output(self.opened[name])

    def open_all(self) -> None:
        """Run every cell that was not run yet."""
        for name in EXPLORERS:
            self.open(name)

    def sidebar(self, *, shown: bool) -> None:
        """Show JupyterLab's list of files beside the notebook, or take it away."""
        self.book.page.evaluate(
            """shown => {
                const shell = window.jupyterapp.shell;
                shown ? shell.expandLeft() : shell.collapseLeft();
            }""",
            shown,
        )
        self.book.page.wait_for_timeout(300)
