"""The landscape of two hyperparameters

What score does the surrogate expect over two hyperparameters, with the others held at the best configuration?
"""

from rlhp import datasets, importance, plots, spaces

whole = spaces.default("dqn")
space = spaces.subspace(whole, [name for name in whole if name != "net_arch"])  # all runs had two layers of 64

runs = datasets.load("dqn_cartpole")
found = importance.landscape(runs, space, "learning_rate", "gamma", "auc", rng=0, failures="worst")
ax = plots.landscape(found, title="DQN on CartPole")
alt = plots.landscape_alt_text(found)
