"""Grid search against tuning with a tenth of its steps: `python benchmarks/grid.py`

Everything that trains is a data set: `python data/make.py grid_dqn_cartpole_judged grid_ppo_acrobot_judged` measures
the grids, lets ten searches search the same box, and trains what each takes with ten fresh seeds. Here they are
compared. The table is kept in `grid.md`, the figure in `grid.png`.
"""

from __future__ import annotations

import sys
from collections import Counter
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
from grids import GRIDS, SEARCHES, SEEDS, TUNING, choices  # noqa: E402 - a folder of scripts, like this one

CONFIDENCE = 0.95


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


def against_one(found: Judged) -> tuple[float, float, float]:
    """Return how much more searches have than the grid with its first three seeds, and the interval by Welch."""
    return _interval(found.searches.mean(axis=1), found.grid[0].mean(), found.grid[0].var(ddof=1) / len(found.grid[0]))


def against_any(found: Judged) -> tuple[float, float, float]:
    """Return how much more searches have than a grid with any three of its seeds, on average, and the interval.

    The mean over all choices of three seeds is a U-statistic; how uncertain it is, the jackknife over the seeds says.
    The runs with fresh seeds add their part, once for each configuration that is taken.
    """
    means = found.grid.mean(axis=1)
    without = np.array([means[[seed not in one for one in choices()]].mean() for seed in range(SEEDS)])
    variance = (SEEDS - 1) / SEEDS * ((without - without.mean()) ** 2).sum()
    first = {one: at for at, one in reversed(list(enumerate(found.taken)))}
    for one, count in Counter(found.taken).items():
        own = found.grid[first[one]]
        variance += (count / len(found.taken)) ** 2 * own.var(ddof=1) / len(own)
    return _interval(found.searches.mean(axis=1), means.mean(), variance)


def _interval(searches: np.ndarray, grid: float, variance: float) -> tuple[float, float, float]:
    """Return the difference to a grid whose mean has that variance; degrees of freedom as if each had its own few."""
    value = float(searches.mean() - grid)
    parts = np.array([searches.var(ddof=1) / len(searches), variance])
    if not parts.sum() > 0:
        return value, value, value
    freedom = parts.sum() ** 2 / (parts[0] ** 2 / (len(searches) - 1) + parts[1] ** 2 / (SEEDS - 1))
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom) * np.sqrt(parts.sum()))
    return value, value - reach, value + reach


def level(name: str, found: Judged) -> float:
    """Return in which part of all pairs of a search and a grid the search is not worse by more than a tie."""
    least, most = return_bounds(GRIDS[name].env_id)
    tie = hpo.Judging().tie * (most - least)
    return float((found.searches.mean(axis=1)[:, None] >= found.grid.mean(axis=1)[None] - tie).mean())


def cell(three: tuple[float, float, float]) -> str:
    return "{:+.1f} [{:+.1f}, {:+.1f}]".format(*three)


def draw(all_found: dict[str, Judged]) -> None:
    """Draw each search and each choice of the grid as a dot, and the means."""
    figure, axes = plt.subplots(1, len(all_found), figsize=(11, 4), layout="constrained")
    for ax, (name, found) in zip(axes, all_found.items(), strict=True):
        rng = np.random.default_rng(0)
        rows = {
            f"{SEARCHES} searches,\na tenth of the steps": found.searches.mean(axis=1),
            f"grid, any {TUNING} of\n{SEEDS} seeds": found.grid.mean(axis=1),
        }
        for at, (label, values) in enumerate(rows.items()):
            ax.plot(at + rng.uniform(-0.15, 0.15, len(values)), values, "o", alpha=0.5, color=f"C{at}", label=label)
            ax.plot([at - 0.25, at + 0.25], [values.mean()] * 2, color="black")
        ax.plot([1.35], [found.grid[0].mean()], marker="<", color="C1")
        ax.annotate("the first three", (1.35, found.grid[0].mean()), xytext=(6, -3), textcoords="offset points", size=8)
        ax.set_xticks(range(2), list(rows))
        ax.set_xlim(-0.6, 2.1)
        grid = GRIDS[name]
        ax.set_title(f"{grid.algorithm.upper()} on {grid.env_id}")
        ax.set_ylabel("final return, mean of ten fresh seeds")
    figure.savefig(HERE / "grid.png", dpi=80)


def main() -> None:
    """Compare, and keep table and figure."""
    all_found = {name: judged(name) for name in GRIDS if f"{name}_judged" in datasets.list()}
    rows = []
    for name, found in all_found.items():
        grid = GRIDS[name]
        rows.append(
            [
                f"{grid.algorithm.upper()} {grid.env_id}, {grid.steps:,} steps",
                f"{len(grid.configs()) * TUNING * grid.steps / 1e6:.1f} M",
                f"{grid.budget / 1e6:.2f} M",
                f"{found.searches.mean():.1f}",
                f"{found.grid[0].mean():.1f}",
                cell(against_one(found)),
                f"{found.grid.mean():.1f} ({len(set(found.taken))} configurations)",
                cell(against_any(found)),
                f"{level(name, found):.0%}",
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
            "searches",
            "grid",
            "difference",
            f"grid, any {TUNING} of {SEEDS} seeds",
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
return's cap, the larger area under the curve decides. What is taken is trained with ten fresh seeds. The five are those
that matter most by the measured landscape (`data/grids.py` has the levels), which helps the grid: it would need three
times as many runs for each further one.

One search is one draw, so that there are {SEARCHES}, with other draws and other tuning seeds. The grid was trained with
{SEEDS} seeds: with its first three it is the grid that somebody would have run, and any three of them are another.
Final returns are means over the fresh seeds. The first difference, searches less the grid, has a 95 % interval by
Welch: over the {SEARCHES} searches, and over the fresh seeds of what that grid took. In the second the grid is drawn as
well: over all {len(choices())} ways of taking three seeds, its uncertainty by the jackknife over the seeds. The last
column: of all pairs of a search and a way, how many have a search that is not worse by more than a hundredth of the
return's range.
"""

if __name__ == "__main__":
    main()
