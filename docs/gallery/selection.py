"""The winner's curse

The best of many configurations looks better than it is, on the seeds that chose it. More seeds bring both curves
together.
"""

from rlhp import curves, datasets, plots

runs = datasets.load("dqn_cartpole_best")
found = curves.selection(runs, rng=0)
ax = plots.selection(found, title="The ten best of DQN on CartPole")
alt = plots.selection_alt_text(found)
