"""Who was continued, and who stopped

Where did a search spend its steps? A row is a configuration, as long as it was trained; shades say what it scored.
"""

from rlhp import hpo, plots

plan = hpo.SuccessiveHalving(eta=4, ratio=16)
found = hpo.replay("dqn_cartpole", budget=3_000_000, searcher="random", plan=plan, rng=1)
ax = plots.brackets(found.brackets, title="Successive halving, DQN on CartPole")
alt = plots.brackets_alt_text(found.brackets)
