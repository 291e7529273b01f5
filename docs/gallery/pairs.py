"""Pairs of hyperparameters

Where do the good configurations lie, in every pair of hyperparameters? The diagonal shows how the best fifth is spread.
"""

from rlhp import datasets, importance, plots, spaces

whole = spaces.default("dqn")
# Without `net_arch`: all runs had two layers of 64 units.
space = spaces.subspace(whole, [name for name in whole if name != "net_arch"])

study = importance.scored(datasets.load("dqn_cartpole"), space, "auc", failures="worst")
order = importance.ped_anova(datasets.load("dqn_cartpole"), space, "auc", rng=0, failures="worst")
ax = plots.pairs(study, top=4, order=order, title="DQN on CartPole")
alt = plots.pairs_alt_text(study, top=4, order=order)
