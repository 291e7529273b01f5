"""From the defaults to the best configuration

Which changes brought the gain, in which order? Each bar is one hyperparameter that moves from its default to its value
in the best configuration.
"""

from rlhp import datasets, importance, plots, spaces

whole = spaces.default("dqn")
# Without `net_arch`: all runs had two layers of 64 units.
space = spaces.subspace(whole, [name for name in whole if name != "net_arch"])

found = importance.ablation(
    datasets.load("dqn_cartpole"),
    space,
    "auc",
    rng=0,
    failures="worst",
    fit=importance.Fit(surrogate="forest", n_boot=40),
)
ax = plots.ablation_path(found, title="DQN on CartPole")
alt = plots.ablation_path_alt_text(found)
