"""How good a whole search space is

Which share of the configurations scores at most so much? A better search, or a better space, lies lower.
"""

from rlhp import curves, datasets, objectives, plots

sets = {name.upper(): datasets.load(f"{name}_acrobot") for name in ("dqn", "ppo")}
how = {"failures": "worst", "per": "config"}
scores = {name: objectives.score(runs, "auc", **how) for name, runs in sets.items()}
found = curves.edf(scores)
ax = plots.edf(found, title="Default spaces on Acrobot")
alt = plots.edf_alt_text(found)
