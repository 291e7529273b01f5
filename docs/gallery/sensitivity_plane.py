"""How much an algorithm must be tuned

How good is an algorithm when it is tuned for each environment, and how much is lost with one setting for all of them?
"""

from rlhp import datasets, importance, plots
from rlhp.runs import concat

sets = {}
for name in ("dqn", "ppo"):
    sets[name] = concat([datasets.load(f"{name}_{env}") for env in ("cartpole", "acrobot")])
found = importance.sensitivity_plane(sets, objective="auc", rng=0, n_boot=100)
ax = plots.sensitivity_plane(found, title="Tuned on CartPole and Acrobot")
alt = plots.sensitivity_plane_alt_text(found)
