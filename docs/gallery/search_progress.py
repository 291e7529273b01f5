"""Searches side by side

Which plan holds the better setting, and when? Each search was repeated with other seeds; the band is what that leaves.
"""

from rlhp import hpo, plots

pool = hpo.pool("ppo_acrobot")
how = {"budget": 3_000_000, "searcher": "random"}
searches = {}
for plan in ("full", "hyperband", "race"):
    searches[plan] = [hpo.replay(pool, plan=plan, rng=seed, **how) for seed in range(20)]
progress = hpo.progress(searches, pool=pool)
ax = plots.search_progress(progress, title="Random search under three plans, PPO on Acrobot")
alt = plots.search_progress_alt_text(progress)
