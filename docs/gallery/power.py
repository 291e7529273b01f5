"""How many seeds a study needs

How often does a study of so many seeds find a difference that is there? The studies are simulated from measured runs.
"""

from rlhp import curves, datasets, plots

runs = datasets.load("learning_rate_cartpole").select(learning_rate=[3e-4, 1e-3])
found = curves.how_many_seeds(runs, by="learning_rate", rng=0, n_studies=1_000)
ax = plots.power(found, title="PPO on CartPole")
alt = plots.power_alt_text(found)
