"""The history of a search

How good was the best configuration after each trial? The band is what the same trials give in a random order.
"""

from rlhp import curves, datasets, objectives, plots

runs = datasets.load("dqn_cartpole")
scores = objectives.score(runs, "auc", failures="worst", per="config")
history = curves.search_history(scores)
ax = plots.search_history(history, title="DQN on CartPole, Sobol points")
alt = plots.search_history_alt_text(history)
