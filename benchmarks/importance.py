"""How fast is `importance.fanova` beside the `fanova` package and Optuna, and do they say the same?

`python benchmarks/importance.py` runs all three on the same points with the same number of trees, one after the other,
each on one thread, and keeps the table in `importance.md`. Shares are compared twice: with the `fanova` package as it
comes, which looks at 70 % of the hyperparameters for a split, and told to look at as many as ours. The peers run in an
environment of their own, which `python benchmarks/importance.py --build` makes below `benchmarks/.work/` (a C++
compiler is needed; the `fanova` package is free for academic and non-commercial use). Without it they are skipped, and
the table says so. CPU time is compared: other work on the machine moves it less.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before numpy starts its threads

import numpy as np
import pandas as pd
import report
from ConfigSpace import ConfigurationSpace, Float
from scipy.stats import qmc

from rlhp import Runs, datasets, importance, spaces

WORK = Path(__file__).resolve().parent / ".work" / "importance"
PEERS = Path(__file__).resolve().parent / ".work" / "importance-peers"
# Numbers of trees: each peer's own default, and as many for both.
PEER_TREES = {"fanova": (16, 64), "optuna": (64,)}
MEASURED = ("dqn_cartpole", "dqn_acrobot")  # the accuracy is compared on these where they are there
OUR_FEATURES = 0.8  # the share of the hyperparameters that our trees look at for a split

# Started in the peers' environment: points and values in, seconds of CPU time and shares out.
PEER = """
import sys, json, time, warnings
warnings.simplefilter("ignore")
import numpy as np
which, path, trees, limit, features = sys.argv[1], sys.argv[2], *map(float, sys.argv[3:])
trees = int(trees)
import resource
if limit: resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit)))
data = np.load(path); X, y = data["X"], data["y"]; d = X.shape[1]
if which == "fanova":
    np.float, np.int = float, int
    import logging; logging.disable(logging.CRITICAL)
    from ConfigSpace import ConfigurationSpace, Float
    from fanova import fANOVA
    space = ConfigurationSpace(space=[Float(f"x{j}", (0.0, 1.0)) for j in range(d)])
    start = time.process_time()
    model = fANOVA(X, y, config_space=space, n_trees=trees, seed=0, max_features=int(features * d) or None)
    shares = [model.quantify_importance((j,))[(j,)]["individual importance"] for j in range(d)]
else:
    import optuna; optuna.logging.set_verbosity(optuna.logging.ERROR)
    from optuna.distributions import FloatDistribution
    from optuna.importance import FanovaImportanceEvaluator
    from optuna.trial import create_trial
    where = {f"x{j}": FloatDistribution(0.0, 1.0) for j in range(d)}
    study = optuna.create_study(direction="maximize")
    study.add_trials([create_trial(params={f"x{j}": float(v) for j, v in enumerate(row)}, distributions=where,
                                   value=float(one)) for row, one in zip(X, y)])
    start = time.process_time()
    found = optuna.importance.get_param_importances(
        study, evaluator=FanovaImportanceEvaluator(n_trees=trees, seed=0), normalize=False)
    shares = [found[f"x{j}"] for j in range(d)]
print(json.dumps({"seconds": time.process_time() - start, "shares": shares}))
"""


def build() -> None:
    """Make the peers' environment."""
    python = str(PEERS / "bin" / "python")
    subprocess.run([sys.executable, "-m", "venv", str(PEERS)], check=True)
    install = [python, "-m", "pip", "install", "-q"]
    first = ["numpy", "scipy", "pandas", "scikit-learn==1.9.1", "optuna==5.0.0", "ConfigSpace>=1.2"]
    # Built with a newer swig, pyrfr's marginals have no methods: 'SwigPyObject' object has no attribute 'mean'.
    subprocess.run([*install, *first, "swig==4.0.2", "setuptools", "wheel", "Cython"], check=True)
    path = f"{PEERS / 'bin'}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        [*install, "--no-build-isolation", "pyrfr==0.9.0", "fanova==2.0.19"],
        check=True,
        env=os.environ | {"PATH": path},
    )


def made(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Give points of the unit cube and a score on them: curved, with one strong interaction, and noise."""
    points = np.asarray(qmc.Sobol(d, rng=0).random(1 << (n - 1).bit_length()))[:n]
    score = 4 * np.exp(-(((points[:, 0] - 0.6) / 0.2) ** 2)) * (0.5 + points[:, 1]) + np.sin(3 * points[:, 2])
    return points, score + 0.2 * np.random.default_rng(0).standard_normal(n)


def ours(points: np.ndarray, score: np.ndarray, fit: importance.Fit, **options: Any) -> dict[str, Any]:
    space = ConfigurationSpace(space=[Float(f"x{j}", (0.0, 1.0)) for j in range(points.shape[1])])
    runs = Runs.from_table(pd.DataFrame(points, columns=list(space)), score)
    start = time.process_time()
    imp = importance.fanova(runs, space, rng=0, fit=fit, **options)
    return {"seconds": time.process_time() - start, "shares": imp.despite_poor_fit().shares().tolist(), "r2": imp.r2}


def peer(
    which: str, points: np.ndarray, score: np.ndarray, trees: int, limit: float, features: float = 0
) -> dict[str, Any] | str:
    """Run a peer, or say why there is nothing to compare with; `features` 0 leaves that setting to it."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        return "not installed (--build)"
    WORK.mkdir(parents=True, exist_ok=True)
    np.savez(WORK / "points.npz", X=points, y=score)
    command = [str(python), "-c", PEER, which, str(WORK / "points.npz"), str(trees), str(limit), str(features)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f'over {limit:g} s'}"
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def speed(n: int, d: int, limit: float) -> list[list[object]]:
    points, score = made(n, d)
    rows = []
    ours(points[:200], score[:200], importance.Fit(n_trees=4, n_boot=0))  # warm up
    for which, trees in ((which, trees) for which, several in PEER_TREES.items() for trees in several):
        mine, theirs = (
            ours(points, score, importance.Fit(n_trees=trees, n_boot=0)),
            peer(which, points, score, trees, limit),
        )
        told = isinstance(theirs, dict)
        ratio = f"{theirs['seconds'] / mine['seconds']:.0f}x" if told else "-"
        taken = f"{theirs['seconds']:.1f}" if told else theirs
        rows.append([f"{n:,} x {d}, first order, {trees} trees", which, f"{mine['seconds']:.2f}", taken, ratio])
    return rows


def accuracy(limit: float) -> list[list[object]]:
    """Compare shares with the `fanova` package: every tree by itself, as it does, and as we do by default."""
    rows: list[list[object]] = []
    for name, (names, points, score) in studied().items():
        default = ours(points, score, importance.Fit(n_boot=0))
        same = ours(points, score, importance.Fit(n_boot=0, min_leaf=1), variance="each")

        def largest(shares: list[float], names: list[str] = names) -> str:
            return " > ".join(f"{names[k]} {shares[k]:.2f}" for k in np.argsort(shares)[::-1][:3])

        for features, setting in ((0.0, "as it comes"), (OUR_FEATURES, "as many hyperparameters a split")):
            theirs = peer("fanova", points, score, 64, limit, features)
            if not isinstance(theirs, dict):
                rows.append([name, setting, theirs, "-", "-", "-"])
                continue
            apart = np.abs(np.subtract(same["shares"], theirs["shares"])).max()
            told = [largest(one["shares"]) for one in (theirs, same, default)]
            rows.append([name, setting, *told[:2], f"{apart:.3f}", f"{told[2]} (R2 {default['r2']:.2f})"])
    return rows


def studied() -> dict[str, tuple[list[str], np.ndarray, np.ndarray]]:
    """Give measured studies as points and scores, or made ones while those are not there."""
    found = {}
    for name in sorted(set(MEASURED) & set(datasets.list())):
        runs = datasets.load(name)
        space = spaces.subspace(spaces.default(str(runs.table["algorithm"].iloc[0])), runs.hyperparameters)
        data = importance.scored(runs, space, "final_return", failures="worst")
        found[name] = (list(data.names), np.nan_to_num(data.unit, nan=0.5), data.y)
    if len(found) < len(MEASURED):
        for n in (256, 512):
            points, score = made(n, 4)
            found[f"made, {n} points"] = ([f"x{j}" for j in range(4)], points, score)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", action="store_true", help="make the peers' environment first")
    parser.add_argument("--points", type=int, default=2_000)
    parser.add_argument("--limit", type=float, default=600, help="CPU seconds a peer may take; 0 for no limit")
    chosen = parser.parse_args()
    if chosen.build:
        build()
    rows = speed(chosen.points, 6, chosen.limit)
    points, score = made(5 * chosen.points, 8)
    rows.append(
        [
            f"{len(points):,} x 8, first order, 64 trees",
            "-",
            f"{ours(points, score, importance.Fit(n_boot=0))['seconds']:.2f}",
            "-",
            "-",
        ]
    )
    points, score = made(chosen.points, 6)
    longer = {
        "orders 1 to 3": {"fit": importance.Fit(n_boot=0), "order": 3},
        "100 resamples": {"fit": importance.Fit()},
    }
    for what, options in longer.items():
        label = f"{len(points):,} x 6, {what}, 64 trees"
        rows.append([label, "-", f"{ours(points, score, **options)['seconds']:.2f}", "-", "-"])
    close = accuracy(chosen.limit)
    header = ["study", "peer", "rlhp s", "peer s", "peer / rlhp"]
    text = (
        "Seconds of CPU time on one thread, from scores (ours: from `Runs`) to shares; each peer with its own default "
        "number of trees and once with 64, ours with as many.\n\nShares beside the `fanova` package's, at 64 trees "
        "(largest three):\n\n"
        '| data | fanova | its shares | rlhp, variance="each", min_leaf=1 | largest difference | rlhp, default |\n'
        "| --- | --- | --- | --- | --- | --- |\n" + "\n".join("| " + " | ".join(map(str, row)) + " |" for row in close)
    )
    report.write("importance", "fANOVA beside its peers", text, header, rows)


if __name__ == "__main__":
    main()
