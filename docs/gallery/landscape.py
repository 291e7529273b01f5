"""The landscape of two hyperparameters

What score does the surrogate expect over two hyperparameters, with the others held at the best configuration?
"""

from rlhp import datasets, importance, plots, spaces

whole = spaces.default("dqn")
# Without `net_arch`: all runs had two layers of 64 units.
space = spaces.subspace(whole, [name for name in whole if name != "net_arch"])

runs = datasets.load("dqn_cartpole")
pair = ("learning_rate", "gamma")
found = importance.landscape(runs, space, *pair, "auc", rng=0, failures="worst")
ax = plots.landscape(found, title="DQN on CartPole")
alt = plots.landscape_alt_text(found)
