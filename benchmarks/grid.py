"""Grid search against tuning with a tenth of its steps: `python benchmarks/grid.py`

Everything that trains is a data set: `python data/make.py grid_dqn_cartpole_judged grid_ppo_acrobot_judged` measures
the grids, lets five searches search the same box, and trains what each takes with ten fresh seeds. Here they are
compared. The table is kept in `grid.md`, the figure in `grid.png`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import report
from scipy import stats

from rlhp import datasets, hpo, objectives
from rlhp.returns import return_bounds

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "data"))
from grids import GRIDS, SEARCHES, TUNING, choices  # noqa: E402 - a folder of scripts, like this one


@dataclass(frozen=True, eq=False)
class Judged:
    """What searches and a grid took, by the returns of runs with fresh seeds.

    Attributes
    ----------
    searches : array [searches, fresh seeds]
    grid : array [choices of tuning seeds, fresh seeds]
    taken : list of str, one a choice
        Which configuration it is.
    """

    searches: np.ndarray
    grid: np.ndarray
    taken: list[str]


def judged(name: str) -> Judged:
    """Read a grid and what was judged of it."""
    runs, fresh = datasets.load(name), datasets.load(f"{name}_judged")
    final = objectives.score(fresh, "final_return", failures="worst").values
    by_config = {key: own.to_numpy() for key, own in final.groupby(fresh.config_id.reindex(final.index), sort=False)}
    taken = [GRIDS[name].taken(runs, seeds) for seeds in choices()]
    return Judged(np.array(list(by_config.values())[:SEARCHES]), np.array([by_config[one] for one in taken]), taken)


def difference(found: Judged) -> tuple[float, float, float]:
    """Return how much more searches have than the grid, and its 95 % interval by Welch.

    Over the searches, each by its mean, and over the fresh seeds of what the grid took.
    """
    searches, grid = found.searches.mean(axis=1), found.grid[0]
    value = float(searches.mean() - grid.mean())
    if not searches.var() + grid.var() > 0:
        return value, value, value
    ends = stats.ttest_ind(searches, grid, equal_var=False).confidence_interval()
    return value, float(ends.low), float(ends.high)


def level(name: str, found: Judged) -> int:
    """Return how many searches are not worse than the grid by more than a tie."""
    least, most = return_bounds(GRIDS[name].env_id)
    tie = hpo.Judging().tie * (most - least)
    return int((found.searches.mean(axis=1) >= found.grid[0].mean() - tie).sum())


def cell(three: tuple[float, float, float]) -> str:
    return "{:+.1f} [{:+.1f}, {:+.1f}]".format(*three)


def draw(all_found: dict[str, Judged]) -> None:
    """Draw what each search took and what the grid took, with the interval of its mean over the fresh seeds."""
    figure, axes = plt.subplots(1, len(all_found), figsize=(11, 3.6), layout="constrained", squeeze=False)
    for ax, (name, found) in zip(axes[0], all_found.items(), strict=True):
        rows = [*found.searches, *found.grid]
        labels = [
            *(f"search {at}" for at in range(len(found.searches))),
            "grid, three seeds",
            *(f"grid, seeds {', '.join(map(str, one))}" for one in choices()[1:]),
        ]
        for at, (values, label) in enumerate(zip(rows, labels, strict=True)):
            reach = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
            color = "C0" if at < len(found.searches) else "C1"
            ax.errorbar(values.mean(), -at, xerr=reach, marker="o", capsize=3, color=color, label=label)
        ax.set_yticks(-np.arange(len(rows)), labels)
        grid = GRIDS[name]
        ax.set_title(f"{grid.algorithm.upper()} on {grid.env_id}")
        ax.set_xlabel("final return, mean of ten fresh seeds")
    figure.savefig(HERE / "grid.png", dpi=80)


def main() -> None:
    """Compare, and keep table and figure."""
    all_found = {name: judged(name) for name in GRIDS if f"{name}_judged" in datasets.list()}
    rows = []
    for name, found in all_found.items():
        grid = GRIDS[name]
        searches = found.searches.mean(axis=1)
        rows.append(
            [
                f"{grid.algorithm.upper()} {grid.env_id}, {grid.steps:,} steps",
                f"{len(grid.configs()) * TUNING * grid.steps / 1e6:.1f} M",
                f"{grid.budget / 1e6:.2f} M",
                f"{searches.mean():.1f} ({', '.join(f'{one:.0f}' for one in searches)})",
                f"{found.grid[0].mean():.1f}",
                ", ".join(f"{one:.0f}" for one in found.grid[1:].mean(axis=1)),
                cell(difference(found)),
                f"{level(name, found)} of {SEARCHES}",
            ]
        )
    draw(all_found)
    report.write(
        "grid",
        "A grid, and tuning with a tenth of its steps",
        TEXT,
        [
            "tuned",
            "steps of the grid",
            "of a search",
            "searches (each)",
            "grid",
            "grid, two of its seeds",
            "difference",
            "level or better",
        ],
        rows,
        packages=("emukit", "GPy", "jax", "numpy", "scipy"),
    )


TEXT = f"""
A grid of three levels of five hyperparameters is 243 configurations, with three seeds each. A search (`emukit` under
`race`, eight configurations at a time) has the box between the outermost levels, on the scales of the default space,
three seeds of its own, and a tenth of the environment steps. Both take the highest mean final return; of those at the
return's cap, the larger area under the curve decides. What is taken is trained with ten fresh seeds, of which the
returns here are means. The five hyperparameters are those that matter most by the measured landscape (`data/grids.py`
has the levels), which helps the grid: for each further one it would need three times as many runs.

One search is one draw, so that there are {SEARCHES}, with other draws and other tuning seeds. The grid is one draw of
its own: how far its choice hangs on its seeds is shown by what it would take with two of the three. The difference,
searches less the grid, has a 95 % interval by Welch: over the {SEARCHES} searches, and over the fresh seeds of what the
grid took; another grid with other seeds might take something else, which is not in it. The last column: how many
searches are not worse than the grid by more than a hundredth of the return's range.
"""

if __name__ == "__main__":
    main()
