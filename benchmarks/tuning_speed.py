"""How long does a search take that trains? `python benchmarks/tuning_speed.py`, or `traced` or `whole` alone

traced: `emukit` under `race` over `spaces.traced("dqn")` on CartPole, with the environment steps of 40 configurations,
three seeds and 50,000 steps each. The program is compiled, and the libraries imported, before the clock starts.
whole: `emukit` over the whole default space of PPO on CartPole, 30 configurations to their end with three seeds each,
in a process of its own with an empty cache of compiled programs. Then stable-baselines3 trains every fifth of the same
configurations, with one seed, in two processes: what a search by Optuna (TPE) with these two would spend its time on,
whose own asks are measured too. Nothing else should run meanwhile; each row has the machine's load. Rows are kept under
`.work/tuning_speed`, the table in `tuning_speed.md`. `--small` tries the script out, and keeps nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import report

WORK = Path(__file__).resolve().parent / ".work" / "tuning_speed"
SEEDS, BATCH, WIDE = 3, 8, 16


@dataclass(frozen=True)
class Size:
    """How much is searched: configurations of each search, steps of a run, and every how many-th SB3 trains too."""

    traced: int = 40
    whole: int = 30
    steps: int = 50_000
    every: int = 5


SIZES = {"full": Size(), "small": Size(4, 4, 2_000, 2)}
PARTS = ("traced", "whole")


class Clock:
    """Wall-clock and processor seconds from its making on, and how long a search asked its searcher."""

    def __init__(self) -> None:
        from rlhp.hpo import Search

        self.asking = 0.0
        ask = Search.ask

        def timed(search: Search, n: int = 1) -> list[dict[str, Any]]:
            began = time.perf_counter()
            try:
                return ask(search, n)
            finally:
                self.asking += time.perf_counter() - began

        Search.ask = timed  # type: ignore[method-assign]
        self._load = os.getloadavg()[0]
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        """Return what it shows."""
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return {"wall": wall, "cpu": cpu, "asking": self.asking, "load": self._load}


def traced(size: Size) -> dict[str, Any]:
    """Search the space that is one program, warm."""
    from rlhp import hpo, spaces

    judging = hpo.Judging(steps=size.steps, seeds=SEEDS, choice_seeds=0, test_seeds=0, finalists=1)
    budget = size.traced * SEEDS * size.steps
    first = min(budget, 2 * WIDE * SEEDS * size.steps)  # the surrogate has been asked by then
    how: dict[str, Any] = {"judging": judging, "searcher": "emukit", "plan": hpo.Race(batch=WIDE)}
    space = spaces.traced("dqn")
    hpo.optimize("dqn", "CartPole-v1", space, budget=first, rng=1, **how)
    clock = Clock()
    found = hpo.optimize("dqn", "CartPole-v1", space, budget=budget, rng=0, **how)
    return {
        **clock.read(),
        "configurations": len(found.trials),
        "env_steps": found.counts["env_steps"],
        "programs": found.counts["programs"],
    }


def whole(size: Size) -> dict[str, Any]:
    """Search a whole default space from nothing, and let SB3 train a slice of the same configurations."""
    import rlhp
    from rlhp import hpo, spaces

    space = spaces.default("ppo")
    budget = size.whole * SEEDS * size.steps
    clock = Clock()
    found = hpo.optimize(
        "ppo",
        "CartPole-v1",
        space,
        judging=hpo.Judging(steps=size.steps, seeds=SEEDS, choice_seeds=0, test_seeds=0, finalists=1),
        budget=budget,
        searcher="emukit",
        plan=hpo.Full(n=size.whole, batch=BATCH),
        rng=0,
    )
    ours = clock.read()
    beside = [dict(one.configuration) for one in found.trials[:: size.every]]
    began = time.perf_counter()
    runs = rlhp.sweep(
        "ppo",
        "CartPole-v1",
        beside,
        steps=size.steps,
        seeds=1,
        engine="sb3",
        execution=rlhp.Execution(workers=2, progress=False),
    )
    theirs = time.perf_counter() - began
    began = time.perf_counter()
    asked = hpo.Search(space, "optuna", seed=0)
    for trial in found.trials:
        asked.ask(1)
        asked.tell([trial.configuration], [trial.last.score])
    return {
        **ours,
        "configurations": len(found.trials),
        "env_steps": found.counts["env_steps"],
        "programs": found.counts["programs"],
        "sb3_wall": theirs,
        "sb3_runs": len(runs),
        "runs": len(found.trials) * SEEDS,
        "optuna": time.perf_counter() - began,
    }


def in_own_process(part: str, size: str) -> dict[str, Any]:
    """Measure in a fresh process; the whole space with an empty cache of compiled programs."""
    with tempfile.TemporaryDirectory() as folder:
        cache = {"RLHP_CACHE": str(Path(folder) / "cache")} if part == "whole" else {}
        kept = Path(folder) / "row.json"
        command = [sys.executable, __file__, part, "--worker", str(kept), *(["--small"] if size == "small" else [])]
        subprocess.run(command, check=True, env={**os.environ, "TQDM_DISABLE": "1", **cache})
        return dict(json.loads(kept.read_text()))


def rows_of(found: dict[str, dict[str, Any]]) -> list[list[object]]:
    """Return the table."""
    names = {
        "traced": "DQN, `spaces.traced`, `emukit` under `race`, warm",
        "whole": "PPO, whole default space, `emukit`, from nothing",
    }
    rows: list[list[object]] = []
    for part, one in found.items():
        theirs = ratio = ""
        if "sb3_wall" in one:
            whole = one["sb3_wall"] / one["sb3_runs"] * one["runs"] + one["optuna"]
            parts = f"{one['sb3_runs']} runs {one['sb3_wall']:.0f}, all asks {one['optuna']:.1f}"
            theirs, ratio = f"{whole:,.0f} ({parts})", f"**{one['wall'] / whole:.2f}**"
        rows.append(
            [
                names[part],
                one["configurations"],
                f"{one['env_steps'] / 1e6:.2f} M",
                one["programs"],
                f"**{one['wall']:.0f}**",
                f"{one['cpu']:.0f}",
                f"{one['asking']:.1f}",
                f"{one['env_steps'] / one['wall']:,.0f}",
                theirs,
                ratio,
                f"{one['load']:.1f}",
            ]
        )
    return rows


def main() -> None:
    """Measure the parts that are asked for, and keep the table of what there is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help=f"of {', '.join(PARTS)}; all")
    parser.add_argument("--small", action="store_true", help="try it out: small sizes, nothing is kept")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    size = "small" if asked.small else "full"
    if asked.worker is not None:
        measure = {"traced": traced, "whole": whole}[asked.parts[0]]
        asked.worker.write_text(json.dumps(measure(SIZES[size])))
        return
    WORK.mkdir(parents=True, exist_ok=True)
    measured = {}
    for part in asked.parts or PARTS:
        measured[part] = in_own_process(part, size)
        if not asked.small:
            (WORK / f"{part}.json").write_text(json.dumps(measured[part], indent=1))
    if asked.small:
        print(json.dumps(measured, indent=1))
        return
    kept = {part: WORK / f"{part}.json" for part in PARTS}
    found = {part: json.loads(path.read_text()) for part, path in kept.items() if path.exists()}
    report.write(
        "tuning_speed",
        "How long a search takes",
        TEXT,
        [
            "search",
            "configurations",
            "steps",
            "programs",
            "wall, s",
            "processor, s",
            "asking, s",
            "steps/s",
            "Optuna with SB3, s",
            "ours of theirs",
            "load",
        ],
        rows_of(found),
        packages=("emukit", "GPy", "optuna", "stable-baselines3", "torch", "jax", "numpy"),
    )


TEXT = """
Searches on CartPole, 50,000 environment steps a run; seconds of the search alone, without confirming what it found. The
first has the environment steps of 40 configurations with three seeds, begins sixteen at a time, and its program is
compiled before the clock starts; with eight at a time it took 106 s, a part of them with other work on one core. The
second begins eight at a time, trains 30 configurations to their end with three seeds, and compiles everything. Beside
it: stable-baselines3 in two processes trains every fifth of the same configurations with one seed, start of the
processes included; its seconds a run times the number of runs, and what Optuna's TPE takes for
its asks, is what a search with these would take. Load: of the machine in the minute before.
"""

if __name__ == "__main__":
    main()
