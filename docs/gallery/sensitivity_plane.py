"""How much an algorithm must be tuned

How good is an algorithm when it is tuned for each environment, and how much is lost with one setting for all of them?
"""

from rlhp import datasets, importance, plots
from rlhp.runs import concat

sets = {name: concat([datasets.load(f"{name}_cartpole"), datasets.load(f"{name}_acrobot")]) for name in ("dqn", "ppo")}
found = importance.sensitivity_plane(sets, objective="auc", rng=0, n_boot=100)
ax = plots.sensitivity_plane(found, title="Tuned on CartPole and Acrobot")
alt = plots.sensitivity_plane_alt_text(found)
