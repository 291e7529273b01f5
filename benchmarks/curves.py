"""How long do IQM and optimality gap with their intervals take, here and in rliable?

`python benchmarks/curves.py` draws scores of 3 algorithms x 10 runs x 26 tasks and makes both aggregates with 2,000
stratified resamples, by rlhp and by rliable 1.2.0, in turns, on one thread. rliable does not import with pandas 3, so
that it runs in an environment of its own, benchmarks/.work/rliable, which the script makes (without a network it says
so and stops). The table is kept in `curves.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = HERE / ".work" / "rliable"
PEER = ("rliable==1.2.0", "pandas<3", "setuptools<81")
ALGORITHMS, RUNS, TASKS, RESAMPLES = 3, 10, 26, 2000

# Runs in rliable's environment: reads how often to repeat, prints CPU and wall seconds of each.
THEIRS = f"""
import json, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
from rliable import library, metrics
rng = np.random.default_rng(0)
scores = {{f"algorithm {{k}}": rng.gamma(2.0, 0.5, ({RUNS}, {TASKS})) + 0.1 * k for k in range({ALGORITHMS})}}
def both(x):
    return np.array([metrics.aggregate_iqm(x), metrics.aggregate_optimality_gap(x)])
def once():
    return library.get_interval_estimates(scores, both, reps={RESAMPLES})
taken = []
once()
for _ in range(int(sys.argv[1])):
    cpu, wall = time.process_time(), time.perf_counter()
    points, _ = once()
    taken.append([time.process_time() - cpu, time.perf_counter() - wall])
print(json.dumps({{"taken": taken, "points": {{k: v.tolist() for k, v in points.items()}}}}))
"""

OURS = f"""
import json, sys, time
import numpy as np
from rlhp import Runs, curves, objectives
from rlhp.curves import IQM, MEAN, with_interval
from rlhp.runs import concat
rng = np.random.default_rng(0)
parts, arrays = [], []
for k in range({ALGORITHMS}):
    scores = rng.gamma(2.0, 0.5, ({RUNS}, {TASKS})) + 0.1 * k
    arrays.append(scores.T.reshape(-1, 1))
    parts += [Runs.from_table([{{}}] * {RUNS}, scores[:, t], algorithm=f"algorithm {{k}}", env_id=f"task {{t}}",
                              seeds=range({RUNS})) for t in range({TASKS})]
runs = concat(parts)
scale = {{f"task {{t}}": (0, 1) for t in range({TASKS})}}
scores = objectives.score(runs, "final_return", failures="raise")
strata = np.repeat(np.arange({TASKS}), {RUNS})
def bare(what):
    options = dict(method="auto", confidence=0.95, n_boot={RESAMPLES}, rng=np.random.default_rng(0), strata=strata)
    for one in arrays:
        with_interval(one, IQM, **options)
        with_interval(1 - np.minimum(one, 1), MEAN, **options)
def once(what):
    options = dict(by="algorithm", rng=0, normalise=scale, n_boot={RESAMPLES})
    return curves.summarise(runs, what, **options), curves.optimality_gap(runs, what, **options)
taken = []
bare(None), once(scores), once("final_return")
for _ in range(int(sys.argv[1])):
    for call, what in ((bare, None), (once, scores), (once, "final_return")):
        cpu, wall = time.process_time(), time.perf_counter()
        made = call(what)
        taken.append([time.process_time() - cpu, time.perf_counter() - wall])
iqm, gap = made
points = {{g.key[0]: [a, b] for g, a, b in zip(iqm.groups, iqm.estimates, gap.estimates)}}
print(json.dumps({{"taken": taken, "points": points}}))
"""


def python() -> Path:
    """Give the Python of the peer's environment, made on the first call."""
    found = HOME / ("Scripts" if os.name == "nt" else "bin") / "python"
    ready = HOME / "ready"
    if not ready.exists():
        print("making an environment for rliable ...", flush=True)
        venv.create(HOME, with_pip=True, clear=True)
        done = subprocess.run([found, "-m", "pip", "install", "-q", *PEER], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"rliable cannot be installed here, so there is nothing to compare with:\n{done.stderr[-600:]}")
        ready.touch()
    return found


def run(program: str, interpreter: Path | str, repeats: int) -> dict:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        [interpreter, "-c", program, str(repeats)],
        capture_output=True,
        text=True,
        env=os.environ | threads,
        cwd=HERE.parent,
    )
    if done.returncode:
        sys.exit(f"the comparison did not run:\n{done.stderr[-1000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    import numpy as np
    import report

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="in each of three turns")
    repeats = parser.parse_args().repeats
    peer = python()
    theirs, ours = [], []
    for _ in range(3):  # in turns, so that a change on the machine meets both
        theirs.append(run(THEIRS, peer, repeats))
        ours.append(run(OURS, sys.executable, repeats))
    for name, points in theirs[0]["points"].items():
        if not np.allclose(points, ours[0]["points"][name]):
            sys.exit(f"rlhp and rliable disagree on {name}: {ours[0]['points'][name]} and {points}.")
    rliable = np.concatenate([one["taken"] for one in theirs])
    bare, ready, whole = (np.concatenate([one["taken"][at::3] for one in ours]) for at in range(3))
    base = np.median(rliable, axis=0)
    rows = []
    for name, taken in (
        ("rliable 1.2.0, from arrays of scores", rliable),
        ("rlhp, from arrays of scores", bare),
        ("rlhp, `summarise` and `optimality_gap` of runs, given their scores", ready),
        ("rlhp, the same, scoring the runs in each call", whole),
    ):
        middle = np.median(taken, axis=0)
        cells = [
            f"{1000 * second:.0f} ({1000 * low:.0f} to {1000 * high:.0f})"
            for second, low, high in zip(middle, taken.min(axis=0), taken.max(axis=0), strict=True)
        ]
        rows.append([name, *cells, f"{base[0] / middle[0]:.1f}", f"{base[1] / middle[1]:.1f}"])
    text = (
        f"IQM and optimality gap with their intervals, {ALGORITHMS} algorithms x {RUNS} runs x {TASKS} tasks, "
        f"{RESAMPLES:,} resamples stratified by task, one thread: milliseconds, median (least to most) of "
        f"{len(rliable)} calls. Point estimates are the same. rliable computes both from one set of resamples, rlhp "
        "each from its own, because they are two calls."
    )
    header = ["", "CPU ms", "wall ms", "times faster (CPU)", "times faster (wall)"]
    report.write("curves", "How fast the bootstrap of aggregates is", text, header, rows)


if __name__ == "__main__":
    main()
