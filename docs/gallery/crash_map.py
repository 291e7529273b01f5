"""Where runs die

How often does training diverge, by the values of two hyperparameters?
"""

from rlhp import datasets, importance, plots, spaces

whole = spaces.default("ppo")
space = spaces.subspace(whole, [name for name in whole if name != "net_arch"])
found = importance.crash_map(datasets.load("ppo_pendulum"), space)
ax = plots.crash_map(found, x="n_steps", y="learning_rate", title="PPO on Pendulum")
alt = plots.crash_map_alt_text(found)
