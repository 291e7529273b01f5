"""Two objectives at once

Which configurations are best for a return and a cost together? None of the marked ones is beaten in both.
"""

from rlhp import curves, datasets, objectives, plots

runs = datasets.load("dqn_cartpole")
reached = objectives.score(runs, "auc", failures="worst", per="config")
spent = objectives.score(runs, "cpu_time", failures="worst", per="config")
front = curves.pareto_front(reached, spent)
ax = plots.pareto_front(front, title="DQN on CartPole")
alt = plots.pareto_front_alt_text(front)
