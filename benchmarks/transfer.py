"""Do warm starts help, and can one know before? `python benchmarks/transfer.py`

On every measured landscape of 256 configurations, random search that begins with four configurations that were good in
another environment, and goes on beside a fading prior, against random search: 20 repetitions with the same seeds, the
incumbents judged by seeds that had no part. The four starts are the same in every repetition, so that after four
configurations only random search varies. Beside each pair what can be known before: how far apart the environments'
features are, and how far their ranks of shared configurations agree. Each pair is kept in `benchmarks/.work/transfer`,
so that a run that was stopped goes on.
"""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import report

from rlhp import hpo

WORK = Path(__file__).resolve().parent / ".work" / "transfer"
GROUPS = (
    ("dqn_cartpole", "dqn_acrobot", "dqn_mountaincar", "dqn_minigrid_empty"),
    ("ppo_cartpole", "ppo_acrobot", "ppo_pendulum"),
)
REPETITIONS, AT = 20, (4, 10, 20)  # configurations trained with all tuning seeds by then


def measured(target: str, sources: list[str]) -> list[dict[str, float | str]]:
    """Return what a warm start did on one landscape, a row a budget."""
    kept = WORK / f"{target}-{'+'.join(sources)}.json"
    if kept.is_file():
        return json.loads(kept.read_text())
    pool = hpo.pool(target)
    each = pool.pauses[-1] * len(pool.judging.tuning)
    found = hpo.transfer(pool, sources, budgets=[n * each for n in AT], searcher="random", repetitions=REPETITIONS)
    rows = found.table.to_dict("records")
    WORK.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(rows))
    return rows


def main() -> None:
    """Measure every pair, and all others together, and keep the table."""
    lines = []
    for group in GROUPS:
        ids = {name: str(hpo.pool(name).runs.table["env_id"].iloc[0]) for name in group}
        apart = hpo.environment_features(list(ids.values()), rng=0).distances
        ranks = hpo.rank_agreement(list(group), rng=0).table
        pairs = {
            frozenset((one["one"], one["other"])): one for one in ranks.to_dict("records") if one["one"] != one["other"]
        }
        for target, source in permutations(group, 2):
            known = pairs[frozenset((target, source))]
            before = [
                f"{apart.loc[ids[target], ids[source]]:.2f}",
                f"{known['correlation']:.2f} ({known['low']:.2f} to {known['high']:.2f})",
            ]
            lines.append([target, source, *before, *map(cell, measured(target, [source]))])
        for target in group:
            others = [name for name in group if name != target]
            lines.append([target, "all others", "", "", *map(cell, measured(target, others))])
    report.write("transfer", "Warm starts from other environments", __doc__.split("\n\n", 1)[1], HEADER, lines)


HEADER = [
    "searched",
    "warm from",
    "features apart (Gower)",
    "rank correlation",
    *(f"gain after {n} configurations" for n in AT),
]


def cell(row: dict[str, float | str]) -> str:
    """Write one difference, with what it says in bold where it says something."""
    said = f"{row['difference']:+.3g} ({row['low']:+.3g} to {row['high']:+.3g})"
    return said if row["verdict"] == "left open" else f"{said} **{row['verdict']}**"


if __name__ == "__main__":
    main()
