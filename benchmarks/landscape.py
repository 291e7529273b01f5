"""How long a search over a whole default space takes, from nothing: `python benchmarks/landscape.py ppo a2c`.

Sobol configurations of `spaces.default`, several seeds each, one call of `rlhp.sweep` in a process of its own with an
empty cache of compiled programs. Then stable-baselines3 trains every n-th of the same configurations in two processes
of its own, with one seed, in the same call. Each space's row is kept under `.work/landscape`, and `landscape.md` shows
the rows that there are: a space is up to an hour's work. Nothing else should run meanwhile; the row has the machine's
load.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import report

WORK = Path(__file__).resolve().parent / ".work" / "landscape"


@dataclass(frozen=True)
class Search:
    """A default space on an environment: how many configurations, seeds and steps, and how many SB3 trains too."""

    algorithm: str
    env_id: str
    n_configs: int
    n_seeds: int
    steps: int
    n_beside: int


SEARCHES = {
    "ppo": Search("ppo", "CartPole-v1", 256, 5, 20_000, 32),
    "a2c": Search("a2c", "CartPole-v1", 256, 5, 20_000, 32),
    "dqn": Search("dqn", "CartPole-v1", 64, 5, 20_000, 16),
    "sac": Search("sac", "Pendulum-v1", 24, 2, 5_000, 6),
}


def measured(search: Search) -> dict[str, Any]:
    """Train a search with both engines and give what it took; in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RLHP_CACHE"] = str(Path(folder) / "cache")
        import jax.monitoring

        import rlhp
        from rlhp import spaces
        from rlhp.sweeps import requests_of
        from rlhp.trainers.compiled import prepared

        seconds: Counter[str] = Counter()
        jax.monitoring.register_event_duration_secs_listener(
            lambda event, duration, **more: seconds.update({event.rsplit("/", 1)[-1]: duration})
        )
        configs = spaces.sample(spaces.default(search.algorithm), search.n_configs, method="sobol", rng=0)
        asked = {"steps": search.steps, "seeds": search.n_seeds}
        requests = requests_of(search.algorithm, search.env_id, configs, engine="jax", **asked)
        programs = {prepared(request).recipe for request in requests}

        wall, cpu = time.perf_counter(), time.process_time()
        runs = rlhp.sweep(
            search.algorithm,
            search.env_id,
            configs,
            engine="jax",
            out=Path(folder) / "runs",
            execution=rlhp.Execution(progress=False),
            **asked,
        )
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # GiB: Linux counts in KiB
        a_run = runs.table["cpu_time_s"].astype(float)
        a_config = a_run.groupby(runs.config_id).sum().sort_values(ascending=False)

        beside = configs.iloc[:: search.n_configs // search.n_beside].reset_index(drop=True)
        began = time.perf_counter()
        theirs = rlhp.sweep(
            search.algorithm,
            search.env_id,
            beside,
            steps=search.steps,
            seeds=1,
            engine="sb3",
            execution=rlhp.Execution(progress=False),
        )
        their_wall = time.perf_counter() - began
        # On the same configurations: our processor time there, at the wall-clock price of the whole sweep's.
        same = runs.table.iloc[
            [i for i in range(len(runs)) if i // search.n_seeds % (len(configs) // len(beside)) == 0]
        ]
        ours = same["cpu_time_s"].astype(float).mean() * wall / a_run.sum()
    return {
        "statuses": runs.table["status"].value_counts().to_dict(),
        "programs": len(programs),
        "wall": wall,
        "cpu": cpu,
        "training": float(a_run.sum()),
        "tracing": seconds["jaxpr_trace_duration"] + seconds["jaxpr_to_mlir_module_duration"],
        "compiling": seconds["backend_compile_duration"],
        "slowest_tenth": float(a_config.iloc[: -(-len(a_config) // 10)].sum() / a_config.sum()),
        "speed": len(runs) * search.steps / wall,
        "peak": peak,
        "sb3_run": their_wall / len(theirs),
        "sb3_runs": len(theirs),
        "our_run": float(ours),
        "load": os.getloadavg()[2],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(SEARCHES), metavar="NAME", help=f"of {', '.join(SEARCHES)}")
    parser.add_argument("--worker", choices=SEARCHES, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        found = measured(SEARCHES[asked.worker])
        WORK.mkdir(parents=True, exist_ok=True)
        (WORK / f"{asked.worker}.json").write_text(json.dumps(found, indent=1))
        return
    for name in asked.names:
        subprocess.run([sys.executable, __file__, "--worker", name], check=True)
    rows = []
    for name, search in SEARCHES.items():
        path = WORK / f"{name}.json"
        if not path.exists():
            continue
        found = json.loads(path.read_text())
        statuses = ", ".join(f"{count:,} {status}" for status, count in found["statuses"].items())
        rows.append(
            [
                f"{search.algorithm.upper()} {search.env_id}, {search.n_configs} configurations, {search.n_seeds} "
                f"seeds, {search.steps:,} steps",
                statuses,
                found["programs"],
                f"{found['wall'] / 60:.1f}",
                f"{found['cpu'] / 60:.1f}",
                f"{found['tracing']:.0f} / {found['compiling']:.0f} / {found['training']:.0f}",
                f"{(found['tracing'] + found['compiling']) / found['cpu']:.1%}",
                f"{found['slowest_tenth']:.0%}",
                f"{found['speed']:,.0f}",
                f"{found['peak']:.2f}",
                f"{found['sb3_run']:.2f} / {found['our_run']:.2f} ({found['sb3_runs']} runs)",
                f"**{found['sb3_run'] / found['our_run']:.1f}**",
                f"{found['load']:.1f}",
            ]
        )
    report.write(
        "landscape",
        "A whole default space, from nothing",
        "One sweep over Sobol configurations of a default space in one piece, programs compiled anew (distinct static "
        "parts). Minutes of wall-clock and of processor time; processor seconds of tracing, compiling and training; "
        "the first two as a share of all; what the slowest tenth of the configurations takes of the training; peak "
        "memory of the process (GiB, resident). SB3: two processes on every n-th of the same configurations with one "
        "seed, in the same call; seconds of wall-clock a run, theirs and ours on the same configurations (our "
        "processor seconds there at the price of the whole sweep, compiling included), and their ratio. Load: of the "
        "machine over the last fifteen minutes of the row; the sweep's own share is about 2.",
        [
            "sweep",
            "runs",
            "programs",
            "wall, min",
            "processor, min",
            "tracing / compiling / training, s",
            "compiling",
            "slowest tenth",
            "steps/s",
            "peak, GiB",
            "SB3 / ours, s a run",
            "ratio",
            "load",
        ],
        rows,
    )


if __name__ == "__main__":
    main()
