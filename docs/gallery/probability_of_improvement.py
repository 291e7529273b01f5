"""How likely a run of one does better than a run of another

One half means that neither is better. The interval says how sure the comparison is.
"""

from rlhp import curves, datasets, plots

runs = datasets.load("learning_rate_cartpole")
found = curves.probability_of_improvement(runs, by="learning_rate", reference=1e-4, rng=0)
ax = plots.probability_of_improvement(found, title="PPO on CartPole")
alt = plots.probability_of_improvement_alt_text(found)
