# %% [markdown]
# # 03 · Reading learning curves
#
# A learning curve is the first thing that anybody shows of an agent, and the easiest to be fooled by. This lecture
# takes measured runs, with more seeds than studies usually have. It asks how often a smaller study of the same agents
# would have been wrong.
#
# **After this lecture you can**
#
# - turn a curve into a number in six ways, and say which question each of them answers;
# - aggregate over seeds by the interquartile mean, with an interval that holds what it promises;
# - find a silent bug that makes intervals too narrow;
# - read profiles and tolerance bands, and say what they show that a mean does not;
# - say how often a study with a few seeds picks the wrong configuration, and how many seeds it takes;
# - measure by how much the winner of a search is overrated;
# - forecast where a run will end, and say when you should not.
#
# **You need** lectures 00 to 02 and some NumPy.
#
# **Time: about 85 minutes**
#
# | part | minutes |
# |---|---|
# | 1 · One curve, sixteen curves | 10 |
# | 2 · From a curve to a number | 16 |
# | 3 · From many numbers to one, with its interval | 16 |
# | 4 · What a mean does not show | 8 |
# | 5 · Try it: how many seeds? | 12 |
# | 6 · The winner's curse | 10 |
# | 7 · May one look ahead? | 8 |
# | Quiz, take-aways, reading | 5 |
#
# **The link:** lectures 01 and 02 compared schedules and batch sizes over eight to sixteen seeds and said "the
# intervals overlap" again and again. This one says what stands behind that sentence.

# %%
import numpy as np
import pandas as pd
from IPython.display import HTML, display

import rlhp
from rlhp import curves, datasets, objectives, plots, widgets
from rlhp.exercises import check, expected, hint, needs, quiz, size


def show(ax, alt):
    """Show a figure, with a text for those who do not see it."""
    return HTML(plots.to_html_img(ax, alt))


# %% [markdown]
# ## 1 · One curve, sixteen curves
#
# **Predict.** PPO learns CartPole with the learning rates 0.001 and 0.003, sixteen seeds each, everything else
# the same. You train *one* seed of each and compare the last evaluations. In how many of the sixteen pairs
# of seeds will the one with 0.003 be strictly ahead?

# %%
pairs_prediction = "in ... of 16"

# %%
ppo = datasets.load("learning_rate_cartpole")
ends = objectives.score(ppo, "final_return", failures="raise").values
by_seed = pd.DataFrame({"seed": ppo.column("seed"), "rate": ppo.column("learning_rate"), "final": ends})
by_seed = by_seed.pivot(index="seed", columns="rate", values="final")
slow, fast = by_seed[0.001], by_seed[0.003]
print(f"0.003 ahead: {(fast > slow).sum()}, equal: {(fast == slow).sum()}, 0.001 ahead: {(fast < slow).sum()}")
datasets.card("learning_rate_cartpole")

# %% [markdown]
# **Explain.** More than half of the pairs end level, at 500. Of the rest, 0.003 wins six and loses one.
#
# The explorer shows the runs of any data set. *Group* them by a hyperparameter, *filter* them by others or by what
# they came to, draw the *single runs*, and *keep* curves to compare with.
#
# **Try it.** Switch *single runs* on. Then set *training shown* to 30 %, say who will win, and show the rest.
# Then do the same with `exploration_cartpole`. On `dqn_cartpole`, filter by *final return* from 400 up, and unfold in
# which ranges these configurations lie.

# %% claim
assert set(ppo.configs["n_seeds"]) == {16}
assert [(fast > slow).sum(), (fast == slow).sum(), (fast < slow).sum()] == [6, 9, 1]

# %%
widgets.RunExplorer(["learning_rate_cartpole", "exploration_cartpole", "exploration_mountaincar", "dqn_cartpole"])

# %% [markdown]
# On `exploration_cartpole` the two linear schedules that explore for long are ahead after 30 % of training. They are
# among the last three at the end. On `dqn_cartpole` twelve of 256 configurations come to 400, nearly anywhere in most
# ranges.
#
# **Recompute a small part.** With stable-baselines3, on the same versions and kind of processor, a seed gives the same
# run again.

# %% claim
groups = curves.iqm(datasets.load("exploration_cartpole"), by="exploration", rng=0).groups
labels = [group.label.removeprefix("exploration = ") for group in groups]
early = pd.Series([group.estimate[2] for group in groups], index=labels)
late = pd.Series([group.estimate[-1] for group in groups], index=labels)
assert set(early.nlargest(2).index) == {"linear 1 → 0.05 over 50 %", "linear 1 → 0.05"}
assert set(late.nsmallest(3).index) == {"linear 1 → 0.05 over 50 %", "linear 1 → 0.05", "constant 1"}

# %% claim
found = datasets.load("dqn_cartpole")
final = objectives.score(found, "final_return", failures="worst", per="config").values
configs = found.configs.loc[final.index]
good = configs[final >= 400]
assert [len(good), len(configs)] == [12, 256]
numbers = configs.select_dtypes("number").drop(columns=["steps", "n_seeds"], errors="ignore")
ranks = numbers.rank(pct=True)
span = (ranks.loc[good.index].max() - ranks.loc[good.index].min())[numbers.nunique() > 8]
assert len(span) >= 10
assert (span > 0.7).mean() > 0.8  # "in most ranges"

# %%
stored = ppo.select(learning_rate=3e-3, seed=[0, 1])
config = {name: stored.column(name).iloc[0] for name in stored.hyperparameters}
steps, seeds = size(10_000, small=2_000), size(2, small=1)
again = rlhp.sweep("ppo", "CartPole-v1", config, steps=steps, seeds=seeds, evaluation=2_000, engine="sb3")
curves.side_by_side({"now": again, "in data/": stored})

# %% [markdown]
# ## 2 · From a curve to a number
#
# **In plain words.** To compare runs you need one number of each, the **objective**. There is no neutral one.

# %% fold
# Drawing: runs become numbers, numbers become one number with an interval
places = {"runs\n(one a seed)": (0, 0), "numbers\n(one a run)": (3.2, 0), "one number\nand its interval": (6.6, 0)}
first, second, third = places
arrows = [(first, second, "objective"), (second, third, "IQM, bootstrap")]
show(plots.diagram(places, arrows, marked=[second]), plots.diagram_alt_text(places, arrows))

# %% [markdown]
# | objective | the question that it answers | what it rewards by the way |
# |---|---|---|
# | final return | how good is the agent that I am left with? | luck in the last evaluation |
# | best return at any time | how good was it ever? (I keep checkpoints) | the number of evaluations; luck in each |
# | area under the curve (AUC) | how much did it earn on the way? | learning early |
# | spread between seeds | can I rely on it? | failing always |
# | steps to a threshold | how soon is it good enough? | the threshold that suits me |
# | time, steps, energy | what did it cost? | doing little |
#
# With evaluations $v_1, \dots, v_T$ at the steps $s_1 < \dots < s_T$:
#
# $$
# \text{final} = v_T , \qquad
# \text{best} = \max_t v_t , \qquad
# \text{AUC} = \frac{1}{s_T - s_1} \sum_{t=2}^{T} (s_t - s_{t-1}) \, \frac{v_{t-1} + v_t}{2} .
# $$
#
# ### Exercise 1: three numbers of one curve
#
# Hints: `hint("03.three_scores")`; picture: `expected("03.three_scores")`.

# %%
hint("03.three_scores")

# %%
expected("03.three_scores")


# %% answer="03.three_scores"
def three_scores(steps, returns):
    """A dictionary with `final`, `best` and `auc` of one curve (two arrays of the same length)."""
    ### BEGIN SOLUTION
    covered = steps[-1] - steps[0]
    return {"final": returns[-1], "best": returns.max(), "auc": np.trapezoid(returns, steps) / covered}
    ### END SOLUTION


# %% check="03.three_scores" points=2
check("03.three_scores", three_scores)
### BEGIN HIDDEN TESTS
_three = three_scores(np.array([0, 10, 40]), np.array([0.0, 4.0, 8.0]))
assert _three["final"] == _three["best"] == 8
assert abs(_three["auc"] - (20 + 180) / 40) < 1e-9
### END HIDDEN TESTS

# %% [markdown]
# **Predict.** Lecture 01 measured seven schedules of epsilon for DQN on CartPole, twelve seeds each. Which schedule
# wins by the final return, which by the best return, which by the area under the curve? And which has the *least
# spread* between its seeds?

# %%
winners_prediction = "final: ..., best: ..., AUC: ..., least spread: ..."

# %%
dqn = datasets.load("exploration_cartpole")
table = {"seed_std": objectives.score(dqn, "seed_std", failures="raise").values}
for name in ("final_return", "best_return", "auc", "train_auc", "cpu_time"):
    table[name] = objectives.score(dqn, name, failures="raise", per="config", aggregate="iqm").values
by_objective = pd.DataFrame(table).rename(index=dqn.configs["exploration"].map(curves.value_label)).rename_axis(None)

# %% fold
# Table: each schedule by six objectives, the best of each in bold
less = [name for name in by_objective if objectives.direction(name) == "minimize"]
more = [name for name in by_objective if name not in less]
said = "IQM over 12 seeds (spread: standard deviation of the final return over them); bold: the best of each column"
bold = "font-weight: bold"
style = by_objective[[*more, *less]].sort_values("auc", ascending=False).style.format(precision=0).set_caption(said)
style.highlight_max(subset=more, props=bold).highlight_min(subset=less, props=bold)

# %% [markdown]
# **What these runs say.**
#
# - **Four objectives, four winners, and none is a mistake.** By the final return the linear schedule over 10 % of
#   training is best. By the best return and by the return *while* training (`train_auc`) it is the constant 0.01. By
#   the area under the curve it is the constant 0.1, and by the spread between seeds the linear schedule over all of
#   training.
# - **The first three winners are not sure.** By the area 204 stands against 203 and 199. Resample the twelve seeds,
#   and the constant 0.1 leads in four studies of ten. Part 3 shows how to say that with an interval.
# - **The winner by spread is the worst of them all but one.** Its seeds agree (a standard deviation of 20, the
#   others' is 120 and more) because all twelve of them end below 95.
# - **The best return is too good.** That same schedule ends at 69 on average, and its runs show 311 in their best
#   evaluation. A maximum over ten noisy evaluations is high by luck alone, and higher the more there are. The next
#   cell takes the last 1, 2, 3, 5 and 10 of them. Evaluate a best checkpoint again.
# - **The cheapest is the one that never uses what it learns** (constant 1): while it trains it does not ask its
#   network what to do.

# %% claim
assert set(dqn.configs["n_seeds"]) == {12}
assert len(dqn.configs) == 7
assert by_objective["final_return"].idxmax() == "linear 1 → 0.05 over 10 %"
assert by_objective["best_return"].idxmax() == by_objective["train_auc"].idxmax() == "constant 0.01"
assert by_objective["auc"].idxmax() == "constant 0.1"
assert by_objective["seed_std"].idxmin() == "linear 1 → 0.05"
assert by_objective["cpu_time"].idxmin() == "constant 1"
assert sorted(by_objective["auc"].round())[-3:] == [199, 203, 204]
spread = by_objective["seed_std"].sort_values()
assert round(spread.iloc[0]) == 20
assert spread.iloc[1] > 119.4
for name_ in ("final_return", "auc"):
    assert list(by_objective[name_].sort_values().index[:2]) == ["constant 1", "linear 1 → 0.05"]

# %% claim full
from scipy import stats

areas = pd.DataFrame({"schedule": dqn.column("exploration"), "seed": dqn.column("seed")})
areas["auc"] = objectives.score(dqn, "auc", failures="raise").values
wide = areas.pivot(index="schedule", columns="seed", values="auc").to_numpy()
middle = stats.trim_mean(wide, 0.25, axis=1)
rng = np.random.default_rng(0)
drawn = (stats.trim_mean(wide[:, rng.integers(12, size=12)], 0.25, axis=1) for _ in range(4_000))
assert abs(np.mean([one.argmax() == middle.argmax() for one in drawn]) - 0.4) < 0.05

# %%
full = dqn.select(dqn.column("exploration").str.contains('"fraction": 1.0'))
returns = full.evals.pivot(index="run_id", columns="step", values="return_mean").to_numpy()
lasts = (1, 2, 3, 5, 10)
best_of = [returns[:, -k:].max(axis=1).mean() for k in lasts]

# %% fold
# Figure: the best return by the number of evaluations that it is taken of
ax = plots.new_axes((7.2, 3.2))
ax.plot(lasts, best_of, **plots.look(0).line())
ax.set(xlabel="evaluations that the best is taken of (the last ones)", ylabel="best return, mean over runs")
ax.set(ylim=(0, None), xticks=lasts)
ax.set_title(f"linear epsilon over all of training; n = {len(returns)} runs", loc="left", fontsize=9)
said = ", ".join(f"{best:.0f} of {k}" for k, best in zip(lasts, best_of, strict=True))
show(ax, f"Best return by the number of evaluations that it is taken of: {said}.")

# %% [markdown]
# Part of the rise from 1 to 10 is luck, part is that these runs were better half-way. The **threshold** has a trap of
# its own: runs that never reach it have no time at all. They are *censored*, and averaging only the others compares
# the lucky ones.

# %% claim
assert returns[:, -1].max() < 95
assert round(returns[:, -1].mean()) == 69
assert round(returns.max(axis=1).mean()) == 311

# %%
reached = objectives.score(dqn, "steps_to_threshold", threshold=400, failures="raise", per="config", aggregate="median")
reached = reached.table.rename(index=dqn.configs["exploration"].map(curves.value_label)).rename_axis(None)
reached[["value", "n_censored", "n"]].sort_values("value").style.format(precision=0).set_caption(
    "Steps to a return of 400: median over seeds (exact while fewer than half never reach it)"
)

# %% [markdown]
# ## 3 · From many numbers to one, with its interval
#
# **In plain words.** Sixteen seeds give sixteen numbers. One run that fails moves their mean; their median forgets
# nearly all of them. The **interquartile mean** (IQM) leaves out the lowest and the highest quarter and averages the
# middle half. Agarwal et al. (2021) recommend it for reinforcement learning, with an interval by bootstrap.
#
# ### Exercise 2: the interquartile mean
#
# A quarter of the runs, rounded down, goes at either end. Hints: `hint("03.iqm")`; picture: `expected("03.iqm")`.


# %% answer="03.iqm"
def iqm(scores):
    """Interquartile mean of a one-dimensional array of scores; the array stays as it is."""
    ### BEGIN SOLUTION
    cut = len(scores) // 4
    return np.sort(scores)[cut : len(scores) - cut].mean()
    ### END SOLUTION


# %% check="03.iqm" points=1
check("03.iqm", iqm)
### BEGIN HIDDEN TESTS
assert iqm(np.array([4.0, 1.0, 2.0, 900.0])) == 3.0
assert iqm(np.array([5.0])) == 5.0
### END HIDDEN TESTS

# %%
with needs("03.iqm"):
    rows = {rate: (scores.mean(), iqm(scores.to_numpy()), scores.median()) for rate, scores in by_seed.items()}
    centres = pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "IQM", "median"])
    display(centres.rename_axis("learning rate").round(0))

# %% [markdown]
# At learning rate 0.003, two of the sixteen runs end below 270 and fourteen at 500. The mean says 471, the IQM and
# the median say 500. The IQM describes the *usual* run and says nothing about two runs in sixteen.
#
# **The interval.** What would other seeds have said? The **bootstrap** answers with the seeds that there are. It
# draws as many *with replacement*, computes the number again, a few thousand times, and looks how much it moves. It
# must draw what the study drew, and that is a whole **run**.
#
# ### Exercise 3: find the silent bug
#
# A colleague computes the 95 % interval of the mean return over training. `curves` has a row for each run and a
# column for each evaluation. The code runs, and reviewers like how narrow the
# interval is.


# %% claim
assert [(fast < 270).sum(), (fast == 500).sum()] == [2, 14]
assert [round(fast.mean()), iqm(fast.to_numpy()), fast.median()] == [471, 500, 500]


# %%
def interval(curves, n_boot, *, rng):
    runs, steps = curves.shape
    drawn = rng.integers(runs, size=(n_boot, runs, steps))
    resampled = np.take_along_axis(curves[None], drawn, axis=1)
    return np.quantile(resampled.mean(axis=(1, 2)), [0.025, 0.975])


# %%
def by_run(runs):
    """The evaluations of runs as an array: a row a run, a column a step."""
    return runs.evals.pivot(index="run_id", columns="step", values="return_mean").to_numpy()


low, high = interval(by_run(ppo.select(learning_rate=1e-3)), 4_000, rng=np.random.default_rng(0))
print(f"mean return over training, learning rate 0.001: 95 % interval {low:.0f} to {high:.0f}")

# %% [markdown]
# Copy it into the cell below and repair it. Hints: `hint("03.silent_bug")`; picture:
# `expected("03.silent_bug")`.


# %% answer="03.silent_bug"
def fixed_interval(curves, n_boot, *, rng):
    """Lower and upper end of the 95 % percentile interval of the mean over runs and evaluations."""
    ### BEGIN SOLUTION
    runs = len(curves)
    drawn = rng.integers(runs, size=(n_boot, runs))  # whole runs; not a run for each evaluation
    return np.quantile(curves[drawn].mean(axis=(1, 2)), [0.025, 0.975])
    ### END SOLUTION


# %% check="03.silent_bug" points=3
check("03.silent_bug", fixed_interval)
### BEGIN HIDDEN TESTS
_apart = np.repeat(np.arange(16.0)[:, None], 30, axis=1)
_low, _high = fixed_interval(_apart, 3_000, rng=np.random.default_rng(1))
assert 4.8 < _low < 5.8
assert 9.2 < _high < 10.2
### END HIDDEN TESTS

# %% [markdown]
# **See what it costs.** First on the same runs, and then in many studies. An interval of 95 % should hold the truth
# in 95 of 100 studies. Take twelve measured runs as if they were all the runs there are, so that the truth is known.
# Draw studies of eight runs from them, and count.


# %%
def share_held(function, pool, n_studies, rng):
    """Say in how many studies of eight runs from the pool the interval holds the mean of the pool."""
    held = []
    for _ in range(n_studies):
        low, high = function(pool[rng.integers(len(pool), size=8)], 400, rng=rng)
        held.append(low <= pool.mean() <= high)
    error = 196 * np.std(held) / np.sqrt(n_studies)
    return f"said 95 %, held the truth in {100 * np.mean(held):.0f} % of {n_studies} studies (± {error:.0f})"


# %%
pool = by_run(dqn.select(dqn.column("exploration").str.contains('"fraction": 0.1')))
n_studies = size(400, small=40)
with needs("03.silent_bug"):
    low, high = fixed_interval(by_run(ppo.select(learning_rate=1e-3)), 4_000, rng=np.random.default_rng(0))
    print(f"repaired: mean return over training, learning rate 0.001: 95 % interval {low:.0f} to {high:.0f}")
    for name, function in (("buggy", interval), ("repaired", fixed_interval)):
        print(f"{name:9} {share_held(function, pool, n_studies, np.random.default_rng(0))}")

# %% [markdown]
# The bug forgets what a run *is*: within one run, a good evaluation follows a good one. Drawn anew for every
# evaluation, such luck cancels out. The interval was a quarter narrower than the repaired one. In place of 95 % it
# held the truth in about 74 % of the studies.
#
# Even repaired, the interval holds less often than it says, in about 87 %. The percentile bootstrap of eight runs is
# too narrow, and that of three runs far too narrow. `curves` takes other intervals for small numbers (its results say
# which), chosen by how often they held the truth in simulations (`benchmarks/coverage.md`).

# %% claim full
runs = by_run(ppo.select(learning_rate=1e-3))
narrow, broad = (np.ptp(function(runs, 4_000, rng=np.random.default_rng(0))) for function in (interval, fixed_interval))
assert abs(narrow / broad - 0.75) < 0.05
for function, told in ((interval, 0.74), (fixed_interval, 0.87)):
    rng, held = np.random.default_rng(0), []
    for _ in range(400):
        low_, high_ = function(pool[rng.integers(len(pool), size=8)], 400, rng=rng)
        held.append(low_ <= pool.mean() <= high_)
    assert abs(np.mean(held) - told) < 0.05

# %%
summary = curves.iqm(ppo, by="learning_rate", rng=0)
summary.final.round({"estimate": 1, "low": 1, "high": 1})

# %% fold
# Figure: the IQM of five learning rates while they train, with an interval at each step
ax = plots.new_axes((7.2, 4.4))
plots.curves(summary, ax=ax, seeds=False, band="pointwise", title="PPO on CartPole by learning rate")
show(ax, plots.alt_text(summary))

# %%
by_auc = curves.summarise(ppo, "auc", by="learning_rate", rng=0)
by_auc

# %% [markdown]
# **Two intervals that overlap are not yet a verdict.** Compare the *difference* with its own interval. If you compare
# several pairs, correct for their number (Holm's method, below): one of twenty comparisons of equals comes out
# "significant" at 5 %.

# %%
for name in ("final_return", "auc"):
    found = curves.compare(ppo, name, by="learning_rate", reference=1e-3, rng=0, test="welch")
    columns = ["a", "difference", "low", "high", "p_adjusted", "differ"]
    display(found.table[columns].style.format(precision=3).set_caption(f"{name}: minus that of learning rate 0.001"))

# %% [markdown]
# **What these runs say.** By the final return, 0.001 cannot be told from 0.003 or 0.01 with sixteen seeds each. By
# the area under the curve both are better, by about 60, with intervals clear of 0. Nearly all runs reach 500 in the
# end, and those with larger rates are there sooner. An objective with a ceiling throws away what could have told them
# apart.
#
# ## 4 · What a mean does not show
#
# **The whole distribution.** A **performance profile** shows for every score which share of the runs does better. No
# statistic has been chosen, and you can read off the worst quarter.

# %% claim
for name_ in ("final_return", "auc"):
    table_ = curves.compare(ppo, name_, by="learning_rate", reference=1e-3, rng=0, test="welch").table
    faster = table_[table_["a"].isin(["learning_rate = 0.003", "learning_rate = 0.01"])]
    assert list(faster["differ"]) == [name_ == "auc"] * 2
assert (faster["low"] > 0).all()
assert faster["difference"].round(-1).tolist() == [60, 60]

# %%
three = ppo.select(learning_rate=[1e-3, 3e-3, 1e-2])
profile = curves.performance_profile(three, "final_return", by="learning_rate", rng=0)
better = curves.probability_of_improvement(three, "auc", by="learning_rate", rng=0, reference=1e-3)
better

# %% fold
# Figure: for every score, the share of runs that do better, by learning rate
ax = plots.performance_profile(profile, ax=plots.new_axes((7.2, 3.8)), title="PPO on CartPole, final return")
show(ax, plots.performance_profile_alt_text(profile))

# %% fold
# Figure: how likely one run of a learning rate does better than one run of 0.001
ax = plots.probability_of_improvement(better, ax=plots.new_axes((7.2, 2.6)), title="One run against one run")
show(ax, plots.probability_of_improvement_alt_text(better))

# %% [markdown]
# **Where will *my* run end?** An interval of the mean shrinks with every seed. What single runs do does not.
# A **tolerance band** says where most runs lie, and it is honest about how many runs it takes to know that.

# %%
tolerance = curves.tolerance_band(ppo.select(learning_rate=3e-3), method="nonparametric")

# %% fold
# Figure: the band that holds most runs of learning rate 0.003
ax = plots.tolerance(tolerance, ax=plots.new_axes((7.2, 3.8)), title="PPO on CartPole, learning rate 0.003")
show(ax, plots.tolerance_alt_text(tolerance))

# %% [markdown]
# **Explain.** The band reaches from the worst to the best of sixteen runs. Even so there is only a probability of 49
# % that it holds nine runs of ten. To be 95 % sure takes 46 runs. So sixteen seeds are plenty for an average and
# hardly anything for a promise about single runs.
#
# ## 5 · Try it: how many seeds?
#
# Sixteen measured seeds of each learning rate stand for all seeds there are. A study draws a few of each, with
# replacement, and takes the configuration that comes out ahead. How often is that the wrong one?
#
# ### Exercise 4: how often is a small study wrong?
#
# A study with `n` seeds draws `n` scores of each configuration, with replacement, and compares their means. It is
# wrong if the mean of `worse` is strictly larger. Give the share of `n_studies` studies that are. Hints:
# `hint("03.wrong_share")`; picture: `expected("03.wrong_share")`.


# %% claim
(group,) = tolerance.groups
assert round(100 * group.achieved) == 49
holds = [1 - n * 0.9 ** (n - 1) + (n - 1) * 0.9**n for n in (45, 46)]
assert holds[0] < 0.95 < holds[1]


# %% answer="03.wrong_share"
def wrong_share(better, worse, n, n_studies, *, rng):
    """Share of studies in which the mean of `n` drawn scores of `worse` is above that of `better`."""
    ### BEGIN SOLUTION
    means = [rng.choice(scores, size=(n_studies, n)).mean(axis=1) for scores in (better, worse)]
    return (means[1] > means[0]).mean()
    ### END SOLUTION


# %% check="03.wrong_share" points=3
check("03.wrong_share", wrong_share)
### BEGIN HIDDEN TESTS
_one = wrong_share(np.array([2.0]), np.array([0.0, 3.0]), 1, 20_000, rng=np.random.default_rng(2))
assert abs(_one - 0.5) < 0.015
_many = wrong_share(np.array([2.0]), np.array([0.0, 3.0]), 15, 20_000, rng=np.random.default_rng(3))
assert abs(_many - 0.0592) < 0.012
### END HIDDEN TESTS

# %% [markdown]
# The explorer does it for any two configurations, any objective, mean, median or IQM, and 1 to 16 seeds. *Draw a
# study* a few times first. The lower figure has the share over thousands of studies.
#
# **Predict first:** it will ask you.

# %%
widgets.SeedsExplorer("learning_rate_cartpole", pair=(0.001, 0.003), n_seeds=3, statistic="mean")

# %% [markdown]
# **Questions to move by.** (1) With the *mean* of the final return, does going from 3 to 10 seeds help? And with the
# area under the curve? (2) Take 0.0003 against 0.001: how many seeds until fewer than one study in twenty is wrong?

# %%
ns, rates = (1, 3, 5, 10, 16), ppo.column("learning_rate")
scores = {name: objectives.score(ppo, name, failures="raise").values for name in ("final_return", "auc")}


def shares(values, worse, good):
    """Shares of wrong studies, for each number of seeds."""
    pair = (values[rates == good].to_numpy(), values[rates == worse].to_numpy())
    return [wrong_share(*pair, n, size(20_000, small=500), rng=np.random.default_rng(n)) for n in ns]


# %%
with needs("03.wrong_share"):
    wrong = {
        f"{name}: {worse} ahead of {good}": shares(values, worse, good)
        for name, values in scores.items()
        for worse, good in ((0.001, 0.003), (0.0003, 0.001))
    }
    display(pd.DataFrame.from_dict(wrong, orient="index", columns=[f"n = {n}" for n in ns]).style.format("{:.0%}"))

# %% [markdown]
# **What these runs say.**
#
# - **More seeds help little where the objective does not tell.** By the mean final return, three seeds each put the
#   worse of 0.001 and 0.003 ahead in 23 % of studies, and ten seeds each in 22 %. (One seed each seems better, with
#   12 %, only because half of such studies end level, at 500.) By the area under the curve, three seeds are wrong in
#   9 %, ten in 1 %.
# - **Where the difference is large, few seeds do.** Between 0.0003 and 0.001 three seeds are wrong in 5 % by the
#   final return and hardly ever by the area.
# - **"Wrong" is itself a guess.** For 0.001 against 0.003 by the final return, the explorer's interval reaches beyond
#   one half: sixteen seeds do not settle which of the two is better.
#
# **How many, then?** A study that wants to *show* a difference needs more than one that wants to guess right. It
# should find a difference of that size, at 5 % error, in four studies of five.

# %% claim full
from rlhp.widgets.seeds._studies import Pair, odds


def studies(values, worse, good):
    pair = (values[rates == worse].to_numpy(), values[rates == good].to_numpy())
    return odds(Pair(("worse", "better"), pair, "mean"), 16, rng=0)


close, apart = studies(scores["final_return"], 0.001, 0.003), studies(scores["final_return"], 0.0003, 0.001)
assert np.abs(close.wrong[[0, 2, 9]] - [0.114, 0.226, 0.219]).max() < 0.01
assert close.high[2] > 0.5
assert np.abs(studies(scores["auc"], 0.001, 0.003).wrong[[2, 9]] - [0.09, 0.01]).max() < 0.012
assert abs(apart.wrong[2] - 0.049) < 0.008
assert studies(scores["auc"], 0.0003, 0.001).wrong[2] < 0.01
one, other = (scores["final_return"][rates == rate].to_numpy() for rate in (0.001, 0.003))
level = one[:, None] == other
assert abs(level.mean() - 0.5) < 0.02
assert set(np.broadcast_to(one[:, None], level.shape)[level]) == {500.0}

# %%
pilot, n_studies = ppo.select(learning_rate=[3e-4, 1e-3]), size(4_000, small=100)
powers = {
    name: curves.how_many_seeds(pilot, name, by="learning_rate", rng=0, n_studies=n_studies)
    for name in ("final_return", "auc")
}

# %% fold
# Figure: how likely a study finds the difference between 0.0003 and 0.001, by its number of seeds
for words, power in zip(("final return", "area under the curve"), powers.values(), strict=True):
    ax = plots.power(power, ax=plots.new_axes((7.2, 3.4)), title=f"0.0003 against 0.001, by {words}")
    display(show(ax, plots.power_alt_text(power)))

# %%
pilot = ppo.select(learning_rate=[1e-3, 3e-3])
power = curves.how_many_seeds(pilot, "final_return", by="learning_rate", rng=0, n_studies=n_studies)
said = "more than 100" if power.needed is None else power.needed
print(f"0.001 against 0.003, final return: {said} seeds each; interval of the power of 20 seeds:")
power.table.query("n == 20").round(2)

# %% [markdown]
# Twelve seeds a group for the large difference by the final return, five by the area; more than a hundred for the
# small one. The last line is the important one. A pilot of *sixteen* seeds leaves open whether twenty seeds would
# find that difference nearly never or in three studies of four. (Better: give `effect=`, the smallest difference that
# would matter to you.)
#
# ## 6 · The winner's curse
#
# **In plain words.** A search tries many configurations on a few seeds and reports the score of the best. The best of
# many noisy numbers is high because it is good *and* because it was lucky. The luck does not come back. With scores
# $x_c = \mu_c + \varepsilon_c$,
#
# $$
# \mathbb{E} \left[ \max_c x_c \right] \;\ge\; \max_c \mu_c
# \;\ge\; \mathbb{E} \left[ \mu_{\mathrm{arg\,max}_c x_c} \right] :
# $$
#
# the tuned score is too high, and what one gets is below the best there is.
#
# ### Exercise 5: a small study
#
# `scores` has a row for each configuration and a column for each seed. In each of `n_splits` random splits,
# `n_tuning` of the seeds (the columns) choose the configuration with the highest mean over them. Give back two means
# over the splits: of the winner's mean on the seeds that chose it (*tuned*), and of its mean on all the other seeds
# (*test*). Hints: `hint("03.winners_curse")`; picture: `expected("03.winners_curse")`.


# %% claim full
assert [powers[name_].needed for name_ in ("final_return", "auc")] == [12, 5]
assert power.needed is None
assert power.table["n"].max() == 100
row = power.table.set_index("n").loc[20]
assert row["low"] < 0.05
assert abs(row["high"] - 0.75) < 0.05


# %% answer="03.winners_curse"
def winners_curse(scores, n_tuning, n_splits, *, rng):
    """Mean tuned score and mean test score (a pair of numbers) of the configuration chosen by `n_tuning` seeds."""
    ### BEGIN SOLUTION
    tuned, tested = [], []
    for _ in range(n_splits):
        order = rng.permutation(scores.shape[1])
        tuning, test = order[:n_tuning], order[n_tuning:]
        winner = scores[:, tuning].mean(axis=1).argmax()
        tuned.append(scores[winner, tuning].mean())
        tested.append(scores[winner, test].mean())
    return np.mean(tuned), np.mean(tested)
    ### END SOLUTION


# %% check="03.winners_curse" points=4
check("03.winners_curse", winners_curse, points=4)
### BEGIN HIDDEN TESTS
_pair = winners_curse(np.array([[0.0, 10.0], [6.0, 5.0]]), 1, 4_000, rng=np.random.default_rng(4))
assert abs(float(_pair[0]) - 8) < 0.2
assert abs(float(_pair[1]) - 2.5) < 0.25
### END HIDDEN TESTS

# %% [markdown]
# **Predict.** Seven schedules of epsilon, three tuning seeds each, the final return. The winner's tuned score is
# 366 on average. What does it reach on the other nine seeds?

# %%
curse_prediction = "about ..."

# %%
final = objectives.score(dqn, "final_return", failures="raise").values
seeds = pd.DataFrame({"config": dqn.config_id, "seed": dqn.column("seed"), "final": final})
seeds = seeds.pivot(index="config", columns="seed", values="final").to_numpy()
n_splits = size(4_000, small=200)
with needs("03.winners_curse"):
    rows = {n: winners_curse(seeds, n, n_splits, rng=np.random.default_rng(n)) for n in (1, 2, 3, 5, 8)}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["tuned", "test"])
    display(table.rename_axis("tuning seeds").round(0))

# %%
chosen = curves.selection(dqn, "final_return", by="exploration", rng=0)
may_be = chosen.table.assign(exploration=chosen.table["exploration"].map(curves.value_label))
may_be.style.format(precision=2).set_caption("Over all 12 seeds: in how many resampled studies each comes out best")

# %% fold
# Figure: the score of the chosen schedule on the seeds that chose it and on the others
ax = plots.selection(chosen, ax=plots.new_axes((7.2, 3.8)), title="DQN on CartPole: the best of seven schedules")
show(ax, plots.selection_alt_text(chosen))

# %% [markdown]
# (Read the left half. With eleven tuning seeds a single one judges, and what the curve does there is luck.)
#
# **What these runs say.** The schedule that three seeds choose looks like 366 and earns 249: a third of its score was
# luck. Even with all twelve seeds **four of the seven schedules may be best**. The one that *is* best here would come
# out best in four studies of ten. By the area under the curve the same three seeds are too hopeful by 34 only.
#
# **And in a real search?** This project also trained 256 configurations of DQN on CartPole, spread over its whole
# space, ten seeds each. Take 4, 16, 64 or all of them, let three seeds choose, and judge by the other seven.
#
# **Predict.** With more configurations the best found gets better, and it gets luckier. Which of the two wins?

# %% claim
assert len(chosen.may_be_best) == 4
assert abs(chosen.table["chosen"].iloc[0] - 0.4) < 0.03

# %% claim full
assert [round(one) for one in winners_curse(seeds, 3, 4_000, rng=np.random.default_rng(3))] == [366, 249]
assert round(curves.selection(dqn, "auc", by="exploration", rng=0).by_seeds["curse"].iloc[2]) == 34

# %%
size_prediction = "from 4 to 256 configurations the tuned score rises by ..., the test score by ..."

# %%
sweep = datasets.load("dqn_cartpole")
final = objectives.score(sweep, "final_return", failures="worst").values
many = pd.DataFrame({"config": sweep.config_id, "seed": sweep.column("seed"), "final": final})
many = many.pivot(index="config", columns="seed", values="final").to_numpy()
datasets.card("dqn_cartpole")

# %%
rng, rows = np.random.default_rng(0), {}
with needs("03.winners_curse"):
    for n_configs in (4, 16, 64, 256):
        draws = [many[rng.permutation(len(many))[:n_configs]] for _ in range(size(1_000, small=50))]
        rows[n_configs] = np.mean([winners_curse(some, 3, 1, rng=rng) for some in draws], axis=0)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["tuned", "test"]).rename_axis("configurations")
    display(table.assign(curse=table["tuned"] - table["test"]).style.format(precision=0))

# %% [markdown]
# **Both do.** A larger search finds better configurations: the test score rises from about 280 to about 425. And its
# winner is overrated more: by about 20 with 4 configurations, by about 75 with all 256. There three seeds nearly
# always show some configuration at the ceiling of 500.
#
# Three rules follow. Keep **test seeds** that took no part in choosing, and report those (Eimer et al. 2023). Say
# *which* configurations may be best. Where runs scatter, many seeds of few configurations may be worth more than few
# seeds of many.
#
# ## 7 · May one look ahead?
#
# **In plain words.** If one could see after a third of training where a run will end, the other two thirds could be
# saved. The simplest forecast is *the last value seen*. A better one fits families of curves (Domhan et al. 2015) and
# looks at what became of other runs that began alike. `curves.backtest` tries it on finished runs: each configuration
# is forecast from the first third of its training, with the *others* as reference.
#
# **Predict.** Where will the forecast beat the last value by most: where runs later *fall*, where they stay, or where
# they *rise*?

# %% claim full
assert set(sweep.configs["n_seeds"]) == {10}
assert len(sweep.configs) == 256
assert abs(rows[4][1] - 280) < 20
assert abs(rows[256][1] - 425) < 12
assert rows[256][0] > 499
assert abs(rows[4][0] - rows[4][1] - 20) < 8
assert abs(rows[256][0] - rows[256][1] - 75) < 12

# %%
forecast_prediction = "where they ..."

# %%
names = ("exploration_cartpole", "exploration_mountaincar", "batch_size_n_steps", "learning_rate_cartpole")
tests = {name: curves.backtest(datasets.load(name), folds=size(10, small=2), rng=0) for name in names}
columns = ["n", "n_configs", "mae", "mae_last", "vs_last", "vs_last_low", "vs_last_high", "coverage"]
table = pd.concat({name: test.table[columns].iloc[0] for name, test in tests.items()}, axis=1).T
said = "Mean absolute error of the final return; vs_last: error saved on the last value, with 95 % interval"
table.style.format(precision=1).format("{:.0%}", subset="coverage").set_caption(said)

# %% fold
# Table: the errors of the forecast and of the last value, for runs that fell, stayed or rose
rows = {}
for name in ("exploration_cartpole", "batch_size_n_steps", "learning_rate_cartpole"):
    runs = tests[name].runs
    moved = runs["actual"] - runs["last"]
    for what, mask in (("fell", moved < -100), ("stayed", moved.abs() <= 100), ("rose", moved > 100)):
        some = runs[mask]
        errors = [(some[kind] - some["actual"]).abs().mean() for kind in ("estimate", "last")]
        rows[f"{name}: {what}"] = [len(some), *errors]
columns = ["runs", "error of the forecast", "error of the last value"]
pd.DataFrame.from_dict(rows, orient="index", columns=columns).style.format(precision=0).set_caption(
    "Runs by what they did after a third of training: fell or rose by more than 100"
)

# %%
shown = dqn.select(seed=[3]).select(exploration=sorted(set(dqn.column("exploration")))[:3])
others = dqn.select(seed=[seed for seed in range(12) if seed != 3])
result = curves.extrapolate(shown, first=1 / 3, reference=others, along=8, rng=0)

# %% fold
# Figure: three runs, what was forecast after a third of their training, and what became of them
labels = [curves.value_label(shown.column("exploration")[run]) for run in result.runs["run_id"]]
ax = plots.forecast(result, actual=shown, labels=labels, ax=plots.new_axes((7.2, 4.2)), title="Seed 3, forecast")
show(ax, plots.forecast_alt_text(result, labels=labels))

# %% [markdown]
# **What these runs say.**
#
# - **It helps on `exploration_cartpole`:** the forecast errs by 110, the last value by 145, and the interval of what
#   is saved is clear of 0. The gain is in the runs that *fell*: those it forecasts with an error of 43 in place of
#   144.
# - **It does not help on MountainCar**, where nearly every run still earns -200 after a third of training.
# - **It does harm on `batch_size_n_steps`**: four configurations are too few to learn from. The forecast errs by 9
#   more than the last value, and that interval is clear of 0, too.
# - **A forecast repeats what other runs did.** On `learning_rate_cartpole` most runs rise. It has learnt that, and
#   errs where they stay (by 154 in place of 44). With five configurations one cannot say whether that pays: it saves
#   33, with an interval from -49 to 94.
# - **More runs do not make a forecaster.** DQN's landscapes of lecture 04 have 256 configurations each, and it saves
#   next to nothing. On Acrobot it saves 4 of 87, on CartPole 1 of 87 with an interval that reaches below 0. On
#   the MiniGrid, where three outcomes in four are the same, it errs a little more than the last value. On PPO's
#   landscapes it saves 14 of 124 on CartPole, 5 of 126 on Acrobot and 21 of 261 on Pendulum, all clear of 0 and none
#   of them much.
# - **Among good configurations it pays.** The ten best of each landscape were trained with fresh seeds (lecture 04),
#   and there most runs rise to where the others went. It errs by 38 in place of 291 with DQN on Acrobot and by 13 in
#   place of 128 with PPO on CartPole. On MountainCar not even there: 29 and 29.
# - **One curve, well chosen, is often as good.** The best of the eleven families on these very runs is clearly beaten
#   on 9 of 23 data sets, and clearly better on 3 (`python benchmarks/extrapolation.py`).
# - **Runs that rise although others do not are missed.** On `exploration_cartpole` those that rose by more than 100
#   are forecast with an error of 294, of a range of 500. Whoever stops runs early loses just these, and some of them
#   end at 500.
# - **The intervals are honest:** 81 to 83 % of outcomes lie in intervals of 80 %. On the landscapes of which less
#   than nine outcomes in ten are the same it is 79 to 81 %. They are also wide: about two thirds of all that happens.
#
# ## Quiz

# %% claim full
explored, car, steps_, rates_ = (tests[name_].table.iloc[0] for name_ in names)
assert [round(explored["mae"]), round(explored["mae_last"])] == [110, 145]
assert explored["vs_last_low"] > 0
assert car["vs_last_low"] < 0 < car["vs_last_high"]
assert round(steps_["vs_last"]) == -9
assert steps_["vs_last_high"] < 0
assert [round(rates_[name_]) for name_ in ("vs_last", "vs_last_low", "vs_last_high")] == [33, -49, 94]
for one in (explored, car, steps_, rates_):
    assert round(100 * one["coverage"]) in (81, 82, 83)
    assert 0.55 < one["width"] < 0.72


def errors_of(name, low, high):
    runs = tests[name].runs
    some = runs[(runs["actual"] - runs["last"] > low) & (runs["actual"] - runs["last"] <= high)]
    return [round((some[kind] - some["actual"]).abs().mean()) for kind in ("estimate", "last")]


assert errors_of("exploration_cartpole", -np.inf, -100.001) == [43, 144]
assert errors_of("exploration_cartpole", 100, np.inf)[0] == 294
assert errors_of("learning_rate_cartpole", -100.001, 100) == [154, 44]
runs = tests["exploration_cartpole"].runs
assert (runs.loc[runs["actual"] - runs["last"] > 100, "actual"] == 500).any()
assert (tests["exploration_mountaincar"].runs["last"] == -200).mean() > 0.8

# %% claim
# What it quotes of the landscapes stands in the benchmarks' table: to measure it again takes minutes.
from pathlib import Path

page = (Path(rlhp.__file__).parents[1] / "benchmarks" / "extrapolation.md").read_text(encoding="utf-8")
head, _, *lines = [[one.strip() for one in line.split("|")[1:-1]] for line in page.splitlines() if line[:1] == "|"]
quoted = pd.DataFrame(lines, columns=head).set_index("data set")
on_last, on_family = (
    quoted[column].str.extract(r"(?P<saved>\S+) \((?P<low>\S+) to (?P<high>\S+)\)").astype(float)
    for column in ("saved on last", "saved on family")
)
last, error, tied = (quoted[column].astype(float) for column in ("last", "forecast", "tied"))
of_dqn = ["dqn_acrobot", "dqn_cartpole", "dqn_minigrid_empty"]
assert on_last.loc[of_dqn, "saved"].round().tolist() == [4, 1, 0]
assert on_last.loc["dqn_cartpole", "low"] < 0
assert on_last.loc["dqn_minigrid_empty", "high"] < 0
assert last[of_dqn[:2]].round().tolist() == [87, 87]
assert round(tied["dqn_minigrid_empty"] / 25) == 3
of_ppo = ["ppo_cartpole", "ppo_acrobot", "ppo_pendulum"]
assert on_last.loc[of_ppo, "saved"].round().tolist() == [14, 5, 21]
assert (on_last.loc[of_ppo, "low"] > 0).all()
assert last[of_ppo].round().tolist() == [124, 126, 261]
best = ["dqn_acrobot_best", "ppo_cartpole_best", "dqn_mountaincar_best"]
assert error[best].round().tolist() == [38, 13, 29]
assert last[best].round().tolist() == [291, 128, 29]
assert [len(quoted), (on_family["low"] > 0).sum(), (on_family["high"] < 0).sum()] == [23, 9, 3]
assert quoted.index[on_last["high"] < 0].tolist() == ["batch_size_n_steps", "dqn_minigrid_empty"]
landscapes = [name_ for name_ in quoted.index if name_[:4] in ("dqn_", "ppo_", "sac_") and name_[-5:] != "_best"]
varied = [name_ for name_ in landscapes if tied[name_] < 90]
assert set(landscapes) - set(varied) == {"dqn_mountaincar"}
covers = quoted.loc[varied, "coverage"].str.split().str[0].astype(float).round()
assert [covers.min(), covers.max()] == [79, 81]

# %%
quiz("03.quiz")

# %% [markdown]
# ### In your own words
#
# A paper reports: "We tuned 40 configurations of our method and 5 of the baseline with 3 seeds each. Our method's
# best run reached 495, the baseline's best run 460 (return, best checkpoint; shaded: standard error)." Name three
# things that make the comparison unfair or unsure, and what you would ask for in place of each. A person reads this
# one.

# %% [markdown] manual="03.unfair_comparison" points=3
# *Model answer.* (1) 40 configurations against 5: the best of more tries is luckier. Ask for the same tuning
# budget for both, and for fresh test seeds of the two winners. (2) Best run and best checkpoint: maxima over
# seeds and over evaluations, both rise with the number of tries. Ask for the IQM or mean over (at least ten)
# test seeds of the final return or the area under the curve, at equal numbers of evaluations. (3) Standard
# error of three seeds: covers far less than it looks; ask for a 95 % interval of the *difference*, made for few
# runs, or for more seeds. Also good: spread or profile in place of one number; says nothing about
# environment steps or time; a ceiling at 500 close to both numbers.
#
# *Marking.* One point for each thing together with what to ask for.

# %% [markdown]
# ## Take-aways
#
# - An objective is a question. Final, best, area, spread: four of them had four winners on the same runs. Say which
#   you take, and why, before you look.
# - A maximum over evaluations, seeds or configurations is always too good. Evaluate again what was chosen, with seeds
#   that had no part in choosing it.
# - Resample whole runs. Intervals that treat evaluations of one run as independent are too narrow.
# - Average, profile and tolerance band answer different questions; sixteen seeds are enough for the first only.
# - Whether three seeds suffice depends on the difference and on the objective. For the same two learning rates they
#   are wrong in 23 % by the final return, in 9 % by the area under the curve.
# - Forecasts of learning curves help where other runs show what is to come, and fail where curves wait and jump.
#
# ## Where it is contested
#
# - **Which average?** Agarwal et al. (2021) argue for the IQM with bootstrap intervals: it is steadier than the mean
#   and uses more runs than the median. Patterson et al. (2024) answer that an average without the worst quarter hides
#   the failures that a user will meet. Report the profile, and both sides have what they need.
# - **How many seeds?** Henderson et al. (2018) showed that five seeds of one algorithm can be split into two
#   "significantly different" groups. Colas et al. (2018) compute the number from power, and arrive at twenty and more
#   for usual effects. Eimer et al. (2023) find that for *tuning* a few seeds do, if test seeds follow.
# - **Significance or estimation?** Colas et al. (2019) compare tests and recommend Welch's. Agarwal et al. (2021) and
#   Patterson et al. (2024) would rather see intervals and distributions than p-values.
#
# ## Further reading
#
# - Agarwal, Schwarzer, Castro, Courville, Bellemare (2021), *Deep reinforcement learning at the edge of the
#   statistical precipice*.
# - Colas, Sigaud, Oudeyer (2018), *How many random seeds? Statistical power analysis in deep reinforcement learning
#   experiments*.
# - Colas, Sigaud, Oudeyer (2019), *A hitchhiker's guide to statistical comparisons of reinforcement learning
#   algorithms*.
# - Domhan, Springenberg, Hutter (2015), *Speeding up automatic hyperparameter optimization of deep neural networks by
#   extrapolation of learning curves*.
# - Eimer, Lindauer, Raileanu (2023), *Hyperparameters in reinforcement learning and how to tune them*.
# - Henderson, Islam, Bachman, Pineau, Precup, Meger (2018), *Deep reinforcement learning that matters*.
# - Patterson, Neumann, White, White (2024), *Empirical design in reinforcement learning*.
#
# **Next:** lecture 04 turns from two configurations to hundreds: search spaces, and the sweeps that cover them.
