"""Where in the space a search has been

Configurations that are alike lie together. The grey ones are a sample of the whole space.
"""

from rlhp import datasets, importance, plots, spaces

whole = spaces.default("dqn")
# Without `net_arch`: all runs had two layers of 64 units.
space = spaces.subspace(whole, [name for name in whole if name != "net_arch"])

study = importance.scored(datasets.load("dqn_cartpole"), space, "auc", failures="worst")
found = importance.footprint(study, rng=0)
ax = plots.footprint(found, title="DQN on CartPole")
alt = plots.footprint_alt_text(found)
