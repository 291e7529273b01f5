"""The effect of one hyperparameter

How does the expected score move with one hyperparameter, with all others averaged out?
"""

from rlhp import datasets, importance, plots, spaces

whole = spaces.default("dqn")
# Without `net_arch`: all runs had two layers of 64 units.
space = spaces.subspace(whole, [name for name in whole if name != "net_arch"])

runs = datasets.load("dqn_cartpole")
fit = importance.Fit(n_boot=40)
found = importance.fanova(runs, space, "auc", rng=0, failures="worst", fit=fit)
ax = plots.marginal(found, "learning_rate", title="DQN on CartPole")
alt = plots.marginal_alt_text(found, "learning_rate")
