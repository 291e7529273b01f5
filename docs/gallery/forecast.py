"""Forecast the end of a run

Where will a run end, seen after a third of it? The bars are 80 % intervals. Open markers are what came.
"""

from rlhp import curves, datasets, plots

runs = datasets.load("exploration_cartpole").select(seed=3)
found = curves.extrapolate(runs, first=1 / 3, bounds=(0, 500), along=8, rng=0)
ax = plots.forecast(found, actual=runs, title="DQN on CartPole")
alt = plots.forecast_alt_text(found)
