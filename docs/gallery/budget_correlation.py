"""How early ranks tell the final ones

After which part of the training do the ranks of configurations agree with the final ranks? A search that stops runs
early counts on it.
"""

from rlhp import datasets, importance, plots

runs = datasets.load("dqn_cartpole")
found = importance.budget_correlation(runs, rng=0, failures="worst", n_boot=200)
ax = plots.budget_correlation(found, title="DQN on CartPole")
alt = plots.budget_correlation_alt_text(found)
