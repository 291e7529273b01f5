"""Importance while training

Does what matters early matter late as well? There is one analysis for each of several moments of training.
"""

from rlhp import datasets, importance, plots, spaces

whole = spaces.default("dqn")
# Without `net_arch`: all runs had two layers of 64 units.
space = spaces.subspace(whole, [name for name in whole if name != "net_arch"])

runs = datasets.load("dqn_cartpole")
steps = sorted(set(runs.evals["step"]))[1::4]
fit = importance.Fit(surrogate="forest", n_boot=40)
found = importance.over_training(runs, space, steps=steps, rng=0, failures="worst", fit=fit)
ax = plots.importance_over_training(found, title="DQN on CartPole")
alt = plots.importance_over_training_alt_text(found)
