"""Draw the README's picture from the measured sweep in data/learning_rate_cartpole: `python docs/picture.py`."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

from rlhp import curves, datasets, plots

HERE = Path(__file__).resolve().parent


def draw(path: Path) -> None:
    """Write the picture as a PNG."""
    matplotlib.use("agg")
    runs = datasets.load("learning_rate_cartpole").select(learning_rate=[1e-4, 3e-4, 1e-3])
    summary = curves.iqm(runs, by="learning_rate", rng=0)
    ax = plots.curves(summary, band="pointwise", title="PPO on CartPole-v1: one number, three values")
    ax.figure.savefig(path, dpi=110, bbox_inches="tight", metadata={"Software": None})


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "learning_rates.png")
