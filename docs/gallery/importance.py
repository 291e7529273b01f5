"""Which hyperparameter matters

Which share of the variance of scores does each hyperparameter explain, alone (filled) and with its interactions
(hollow)? The intervals come from resampling the runs.
"""

from rlhp import datasets, importance, plots, spaces

whole = spaces.default("dqn")
# Without `net_arch`: all runs had two layers of 64 units.
space = spaces.subspace(whole, [name for name in whole if name != "net_arch"])

runs = datasets.load("dqn_cartpole")
fit = importance.Fit(n_boot=40)
found = importance.fanova(runs, space, "auc", rng=0, failures="worst", fit=fit)
ax = plots.importance(found, title="DQN on CartPole")
alt = plots.importance_alt_text(found)
