"""All configurations at once

Which values do the best configurations share? Each line is a configuration.
"""

from rlhp import datasets, importance, plots, spaces

whole = spaces.default("dqn")
# Without `net_arch`: all runs had two layers of 64 units.
space = spaces.subspace(whole, [name for name in whole if name != "net_arch"])

study = importance.scored(datasets.load("dqn_cartpole"), space, "auc", failures="worst")
ax = plots.parallel(study, title="DQN on CartPole")
alt = plots.parallel_alt_text(study)
