"""Interactions of two hyperparameters

Main effects stand on the diagonal, interactions of two beside it. An interaction means that the best value of one
depends on the value of the other.
"""

from rlhp import datasets, importance, plots, spaces

whole = spaces.default("dqn")
# Without `net_arch`: all runs had two layers of 64 units.
space = spaces.subspace(whole, [name for name in whole if name != "net_arch"])

runs = datasets.load("dqn_cartpole")
fit = importance.Fit(n_boot=0)
found = importance.fanova(runs, space, "auc", rng=0, order=2, failures="worst", fit=fit)
ax = plots.heat_map(found, top=6, title="DQN on CartPole")
alt = plots.heat_map_alt_text(found)
