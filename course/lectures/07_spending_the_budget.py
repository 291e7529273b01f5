# %% [markdown]
# # 07 · Spending the budget
#
# Most configurations are bad, and one often sees it early. Then why train them to the end? This lecture spends a
# budget of environment steps in other ways: short runs first, few seeds first, paused runs that go on later. Each way
# rests on a bet about early results. You will see where the bet pays, and where it throws the winner away.
#
# **After this lecture you can**
#
# - measure what early ranks are worth, with an interval, before you trust them;
# - say why a seed and a step are two fidelities, and what each of them costs;
# - write successive halving, and the brackets of Hyperband;
# - find a silent bug in the count of a budget;
# - say how often a plan keeps the best configuration, and why that is not the same as a good result;
# - choose between halving, a race, and freezing and thawing.
#
# **You need** lectures 03 (seeds and intervals), 04 (sweeps) and 06 (searchers).
#
# **Time: about 90 minutes**
#
# | part | minutes |
# |---|---|
# | 1 · What early ranks are worth | 16 |
# | 2 · Seeds are a fidelity too | 8 |
# | 3 · Successive halving | 18 |
# | 4 · Hyperband | 10 |
# | 5 · Try it: who is stopped too early? | 10 |
# | 6 · What it buys, and what it costs | 12 |
# | 7 · Races, and batches | 6 |
# | 8 · Freeze and thaw | 6 |
# | Quiz, take-aways, reading | 4 |
#
# **The link:** lecture 06 asked which configuration to try next. This lecture asks how much of a run it is worth.

# %%
from dataclasses import replace

import numpy as np
import pandas as pd
from IPython.display import HTML
from scipy import stats

import rlhp
from rlhp import curves, datasets, hpo, objectives, plots, widgets
from rlhp.exercises import check, expected, hint, needs, quiz, size


def show(ax, alt):
    """Show a figure, with a text for those who do not see it."""
    return HTML(plots.to_html_img(ax, alt))


# %% [markdown]
# ## 1 · What early ranks are worth
#
# **In plain words.** To stop a run early is to bet that those behind now will be behind at the end. So look at the
# *ranks* of configurations after part of the training, and at the ranks at the end. If both orders agree, stop early.
# If not, stopping early is a lottery.
#
# This project trained 256 configurations to the end in each of seven pairs of algorithm and environment. So the bet
# can be checked.
#
# **Predict.** You rank 256 configurations of PPO on Acrobot after a tenth of their training, and again at the end.
# The rank correlation is 1 if both orders are the same, and 0 if they have nothing in common. What is it?

# %%
rank_prediction = "about ..."

# %%
names = [
    "ppo_cartpole",
    "dqn_cartpole",
    "ppo_pendulum",
    "ppo_acrobot",
    "dqn_minigrid_empty",
    "dqn_mountaincar",
    "dqn_acrobot",
]
sweeps = {name: datasets.load(name) for name in names}
datasets.card("ppo_acrobot")

# %% [markdown]
# ### Exercise 1: the rank correlation, judged by others
#
# `curves` is an array [configurations, seeds, evaluations]. The first `n_ranking` seeds rank the configurations, by
# their mean at the evaluation with the index `at`. The *other* seeds judge, by their mean at the last evaluation. Give
# Spearman's rank correlation, a number. Seeds that do both would praise themselves.

# %%
hint("07.early_rank")

# %%
expected("07.early_rank")


# %% answer="07.early_rank"
def early_rank(curves, at, n_ranking):
    """Rank correlation of an early mean over some seeds with the mean of the other seeds at the end."""
    ### BEGIN SOLUTION
    early = curves[:, :n_ranking, at].mean(axis=1)
    late = curves[:, n_ranking:, -1].mean(axis=1)
    return float(stats.spearmanr(early, late).statistic)
    ### END SOLUTION


# %% check="07.early_rank" points=2
check("07.early_rank", early_rank)
### BEGIN HIDDEN TESTS
from scipy.stats import spearmanr

_curves = np.random.default_rng(3).normal(size=(40, 4, 3))
_late = _curves[:, 1:, -1].mean(axis=1)
assert abs(early_rank(_curves, 1, 1) - spearmanr(_curves[:, 0, 1], _late).statistic) < 1e-9
### END HIDDEN TESTS

# %%
acrobot = hpo.pool("ppo_acrobot")
with needs("07.early_rank"):
    print({f"{10 * (at + 1)} % of training": round(early_rank(acrobot.curves, at, 3), 2) for at in (0, 2, 4, 9)})

# %% [markdown]
# Which seeds rank and which judge is chance, and so is which configurations were drawn. `hpo.fidelity` resamples
# both, and gives an interval.

# %%
found = {name: hpo.fidelity(runs, rng=0, n_boot=size(200, small=20)) for name, runs in sweeps.items()}


def agreement(name, share, seeds):
    """Rank correlation with the end, after a share of the training and with so many seeds, as text."""
    table = found[name].table
    rows = table[(table["seeds"] == seeds) & (table["step"] >= share * table["step"].max() - 1)]
    first = rows.iloc[0]
    return f"{first['correlation']:.2f} ({first['low']:.2f} to {first['high']:.2f})"


# %% fold
# Table: the rank correlation with the end, in seven sweeps
shares = {"a tenth": 0.1, "three tenths": 0.3, "half": 0.5, "all": 1.0}
table = pd.DataFrame({f"{head}, 3 seeds": [agreement(name, s, 3) for name in names] for head, s in shares.items()})
table.index = [
    f"{runs.table['algorithm'].iloc[0].upper()} on {runs.table['env_id'].iloc[0]}" for runs in sweeps.values()
]
table.style.set_caption("Spearman's correlation with the ranks at the end (95 % interval), after part of the training")

# %% [markdown]
# **Explain.** After a tenth of the training the ranks of PPO on CartPole say something (0.55). Those of DQN on
# Acrobot say nothing at all (−0.02). Three tenths are enough for DQN on CartPole (0.78), and not for DQN on Acrobot
# (0.17). Even at the end it is not 1, because the judges are few and noisy themselves. On MountainCar three seeds at
# the end reach 0.50.
#
# **Why do ranks change?** Some hyperparameters delay learning and do no harm later. Look at DQN on Acrobot.

# %% claim full
assert agreement("ppo_cartpole", 0.1, 3).startswith("0.55")
assert agreement("dqn_acrobot", 0.1, 3).startswith("-0.02")
assert agreement("dqn_cartpole", 0.3, 3).startswith("0.78")
assert agreement("dqn_acrobot", 0.3, 3).startswith("0.17")
assert agreement("dqn_mountaincar", 1.0, 3).startswith("0.50")
assert agreement("ppo_acrobot", 0.1, 3).startswith("0.24")

# %%
pool = hpo.pool("dqn_acrobot")
values = pd.DataFrame(pool.configurations)[["learning_starts", "n_steps", "learning_rate"]]
returns = pool.curves.mean(axis=1)  # [configurations, evaluations], mean over the seeds
pd.DataFrame(
    {
        when: {name: stats.spearmanr(values[name], returns[:, at]).statistic for name in values}
        for when, at in (("after a tenth", 0), ("at the end", -1))
    }
).style.format("{:.2f}").set_caption(
    "Rank correlation with the return: DQN on Acrobot, 256 configurations, 5 seeds",
)

# %% [markdown]
# `learning_starts` says how many steps an agent only collects before it learns. After a tenth of the training it
# decides the order (−0.48). At the end it has no part in it (0.00). Whoever stops runs at a tenth selects for *early
# starters*. Small learning rates and long exploration schedules are at risk in the same way.
#
# ## 2 · Seeds are a fidelity too
#
# **In plain words.** A **fidelity** is a cheap version of an expensive measurement. Fewer steps are one. Fewer
# *seeds* are another: one run to the end costs a third of three runs to the end. So a cheap look has two coordinates,
# (steps, seeds), and its cost is their product.
#
# **Predict.** You can pay nine tenths of one full run for each configuration. Which ranks them better: three seeds
# for three tenths of the training, or one seed for nine tenths?

# %% claim
late_, early_ = (stats.spearmanr(values["learning_starts"], returns[:, at]).statistic for at in (-1, 0))
assert f"{early_:.2f}" == "-0.48"
assert abs(late_) < 0.005

# %%
seeds_prediction = "three seeds for three tenths / one seed for nine tenths"

# %% fold
# Figure: the rank correlation by what a look costs, with one and with three seeds
ax = plots.new_axes((7.2, 3.8))
said = []
for index, name in enumerate(("ppo_pendulum", "dqn_cartpole")):
    label = table.index[names.index(name)]
    for seeds, filled in ((1, True), (3, False)):
        rows = found[name].table.query("seeds == @seeds")
        cost = seeds * rows["step"] / rows["step"].max()
        style = plots.look(index).line() | {"linestyle": "solid" if filled else "dashed"}
        style |= {} if filled else {"markerfacecolor": "white", "markeredgecolor": plots.look(index).color}
        ax.plot(cost, rows["correlation"], **style, label=f"{label}, {seeds} seed{'s' * (seeds > 1)}")
        ax.fill_between(cost, rows["low"], rows["high"], color=plots.look(index).color, alpha=0.1, linewidth=0)
    said.append(f"{label}: {agreement(name, 0.9, 1)} with one seed, {agreement(name, 0.3, 3)} with three")
ax.axvline(0.9, color="0.5", linewidth=1, linestyle=":")
ax.set(xlabel="cost of a look, in full runs", ylabel="rank correlation with the end", xlim=(0, 1.5), ylim=(-0.1, 1))
ax.legend(fontsize=8.5, loc="lower right", frameon=False, handlelength=4)
ax.set_title("n = 256 configurations each; shaded: 95 % intervals", loc="left", fontsize=9)
show(ax, f"Rank correlation by cost. For nine tenths of a run: {'; '.join(said)}.")

# %% [markdown]
# **Explain.** For the same money one long run beats three short ones: 0.80 against 0.45 on Pendulum, 0.89 against
# 0.78 for DQN on CartPole. The short runs agree with *each other*, but about the wrong thing. More seeds make a
# biased look no less biased. In all seven sweeps the long run is ahead.
#
# That does not make seeds useless. Near the end of a search the candidates are close, and only seeds tell them apart.
#
# ## 3 · Successive halving
#
# **In plain words.** Begin with many configurations, each for a short time. Keep the best one in $\eta$ and train
# those $\eta$ times as long. Repeat until few are left at full length (Jamieson and Talwalkar 2016). Each level is a
# **rung**. With $n$ configurations and a smallest budget $r$, the rung $k$ has
#
# $$
# n_k = \max\!\left(1, \left\lfloor \frac{n}{\eta^{k}} \right\rfloor\right) \text{ configurations with } r\,\eta^{k}
# \text{ steps each},
# $$
#
# so that every rung would cost about the same if each run began anew. Runs that go on are *continued*, so a rung
# costs only what it adds.

# %% claim full
for name, long, short in (("ppo_pendulum", "0.80", "0.45"), ("dqn_cartpole", "0.89", "0.78")):
    assert agreement(name, 0.9, 1).startswith(long)
    assert agreement(name, 0.3, 3).startswith(short)
for name in names:
    assert float(agreement(name, 0.9, 1).split(" ")[0]) > float(agreement(name, 0.3, 3).split(" ")[0])

# %% fold
# Drawing: the rungs of 27 configurations with eta = 3
places = {
    "27 runs\n1,000 steps": (0, 0),
    "9 runs\n3,000 steps": (2.6, 0),
    "3 runs\n9,000 steps": (5.2, 0),
    "1 run\n27,000 steps": (7.8, 0),
}
steps = list(places)
arrows = [(steps[k], steps[k + 1], "best third") for k in range(3)]
show(plots.diagram(places, arrows, marked=[steps[-1]]), plots.diagram_alt_text(places, arrows))

# %% [markdown]
# ### Exercise 2: the rungs
#
# Give the rungs as a list of pairs (configurations, steps). The first rung has `n` configurations with `least` steps.
# The last is the longest with at most `most` steps. Hints: `hint("07.rungs")`; picture: `expected("07.rungs")`.


# %% answer="07.rungs"
def rungs(n, eta, least, most):
    """The rungs of successive halving: (configurations, steps of each), from the lowest."""
    ### BEGIN SOLUTION
    found, k = [], 0
    while least * eta**k <= most:
        found.append((max(1, n // eta**k), least * eta**k))
        k += 1
    return found
    ### END SOLUTION


# %% check="07.rungs" points=2
check("07.rungs", rungs)
### BEGIN HIDDEN TESTS
assert rungs(64, 4, 10, 200) == [(64, 10), (16, 40), (4, 160)]
assert rungs(1, 2, 5, 20) == [(1, 5), (1, 10), (1, 20)]
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 3: who goes on
#
# `scores` are those of one rung. Give the *places* of the one in `eta` that go on (of all on the rung, rounded down,
# one at least), the best first; of equals the earlier one. NaN is a run that crashed. It never goes on, even if then
# fewer or none do. Hints: `hint("07.survivors")`; picture: `expected("07.survivors")`.


# %% answer="07.survivors"
def survivors(scores, eta):
    """Places of the configurations that go on, the best first: a list of int."""
    ### BEGIN SOLUTION
    sound = [i for i in range(len(scores)) if not np.isnan(scores[i])]
    ordered = sorted(sound, key=lambda i: -scores[i])  # a stable sort: of equals the earlier one first
    return ordered[: max(1, len(scores) // eta)]
    ### END SOLUTION


# %% check="07.survivors" points=2
check("07.survivors", survivors)
### BEGIN HIDDEN TESTS
assert list(survivors(np.array([np.nan, -3.0, -1.0, np.nan]), 2)) == [2, 1]
assert list(survivors(np.array([np.nan, np.nan]), 2)) == []
### END HIDDEN TESTS

# %% [markdown]
# **A whole search in milliseconds.** The measured sweeps are **pools**: a search proposes configurations of the
# sweep, and its runs are looked up, not trained. Their steps count as if they were. Here is one bracket on PPO
# CartPole. Its budget would pay for 20 configurations, trained to the end with three seeds each.

# %%
pools = {name: hpo.pool(name) for name in ("ppo_cartpole", "dqn_minigrid_empty", "ppo_pendulum", "dqn_acrobot")}
# The smallest rung is 1/16, or the first evaluation after it.
halving_plan = hpo.SuccessiveHalving(eta=4, ratio=16)


def search(name, plan, seed, batch=8):
    """One search of a pool with random proposals, for what 20 configurations with 3 seeds cost to the end."""
    budget = 20 * 3 * pools[name].pauses[-1]
    return hpo.replay(pools[name], budget=budget, searcher="random", plan=replace(plan, batch=batch), rng=seed)


one = search("ppo_cartpole", halving_plan, 0)
one.brackets.table

# %% fold
# Figure: the bracket of that search, a row a configuration
show(plots.brackets(one.brackets, ax=plots.new_axes((7.2, 4.2))), plots.brackets_alt_text(one.brackets))

# %% [markdown]
# **Explain.** 106 configurations begin instead of 20. Most rows are short: bad ones that cost little. (Runs were
# evaluated at every tenth of their length. So a rung of 1/16 ends at the first tenth.)
#
# ### Exercise 4: find the silent bug
#
# A colleague wrote successive halving. `train(config, steps, state)` trains for `steps` *further* steps from `state`.
# Without a state it begins anew. It gives a score and the new state.


# %% claim
assert one.brackets.table["n"].tolist() == [106, 26, 6]
assert one.brackets.table["steps"].tolist() == [5_000, 15_000, 50_000]


# %%
def halving(train, configs, rungs, eta):
    alive, spent, before = list(configs), 0, 0
    for steps in rungs:
        scores = [train(config, steps)[0] for config in alive]
        spent += len(alive) * (steps - before)
        keep = max(1, len(alive) // eta)
        alive = [alive[i] for i in np.argsort(scores)[::-1][:keep]]
        before = steps
    return alive[0], spent


# %%
def toy(config, steps, state=None):
    """Train for `steps` further steps: a better configuration has a steeper curve."""
    done = (state or 0) + steps
    return config * (1 - np.exp(-done / 3_000)), done


best, spent = halving(toy, np.linspace(0, 1, 27), [1_000, 3_000, 9_000], 3)
print(f"found {best:.2f} with {spent:,} steps; training all 27 to the end takes {27 * 9_000:,}")

# %% [markdown]
# It finds the best, and it looks cheap. In her paper halving then beats random search "at the same budget". How many
# steps did `toy` really train? Write it again: the steps that are returned are those that were trained, and nothing
# is trained twice. Hints: `hint("07.silent_bug")`; picture: `expected("07.silent_bug")`.


# %% answer="07.silent_bug"
def fixed_halving(train, configs, rungs, eta):
    """The best configuration, and the environment steps that were trained to find it."""
    ### BEGIN SOLUTION
    alive, spent, before = [(config, None) for config in configs], 0, 0
    for steps in rungs:
        trained = [(config, *train(config, steps - before, state)) for config, state in alive]
        spent += len(alive) * (steps - before)
        keep = max(1, len(alive) // eta)
        order = sorted(range(len(trained)), key=lambda i: -trained[i][1])[:keep]
        alive = [(trained[i][0], trained[i][2]) for i in order]  # each with its own state
        before = steps
    return alive[0][0], spent
    ### END SOLUTION


# %% check="07.silent_bug" points=3
check("07.silent_bug", fixed_halving)
### BEGIN HIDDEN TESTS
_trained = []


def _meter(config, steps, state=None):
    _trained.append(steps)
    done = (state or 0) + steps
    return config * done, done


_best, _spent = fixed_halving(_meter, [3.0, 1.0, 4.0, 2.0], [10, 20, 40], 2)
assert (_best, _spent, sum(_trained)) == (4.0, 80, 80)
### END HIDDEN TESTS

# %% [markdown]
# The habit that finds it: **a meter in the trainer**. Count where steps are made, not where they are planned.
#
# ## 4 · Hyperband
#
# **In plain words.** How long should the first rung be? Short rungs let many configurations begin and trust early
# ranks a lot. Long rungs do neither. You have seen that the answer differs from sweep to sweep. **Hyperband** (Li et
# al. 2018) does not choose: it runs a **bracket** of halving from *every* rung. With $R$ the ratio of the longest to
# the shortest rung and $s_{\max}$ the largest $s$ with $\eta^{s} \le R$, the bracket $s$ begins
#
# $$
# n_s = \left\lceil \frac{s_{\max} + 1}{s + 1}\, \eta^{s} \right\rceil \text{ configurations with } R\,\eta^{-s} ,
# \qquad s = s_{\max}, \dots, 0 .
# $$
#
# The last bracket stops nothing early: it is plain random search. So if early ranks mislead, about a
# $1 / (s_{\max} + 1)$ part of the budget is still spent soundly.
#
# ### Exercise 5: how many begin
#
# Give the $n_s$ as a list, from $s_{\max}$ down to 0. `eta` and `ratio` ($R$) are whole numbers. Beware of logarithms
# of exact powers. Hints: `hint("07.starts")`; picture: `expected("07.starts")`.


# %% answer="07.starts"
def starts(eta, ratio):
    """How many configurations each bracket of Hyperband begins, the most daring bracket first."""
    ### BEGIN SOLUTION
    s_max = 0
    while eta ** (s_max + 1) <= ratio:  # whole numbers: a logarithm of 243 to the base 3 is 4.999...
        s_max += 1
    return [-(-(s_max + 1) * eta**s // (s + 1)) for s in range(s_max, -1, -1)]
    ### END SOLUTION


# %% check="07.starts" points=2
check("07.starts", starts)
### BEGIN HIDDEN TESTS
assert starts(2, 8) == [8, 6, 4, 4]
assert starts(5, 124) == [25, 8, 3]
### END HIDDEN TESTS

# %%
hyperband = hpo.Hyperband(eta=4, ratio=16)
with needs("07.starts"):
    terms = hpo.Terms(steps=50_000, seeds=3, pauses=pools["ppo_cartpole"].pauses)
    planned = hpo.brackets(hyperband, terms).table
    print(starts(4, 16), "and the library:", planned.groupby("bracket")["n"].first().tolist())

# %% fold
# Figure: the brackets of Hyperband as blocks, before they run
planned = hpo.brackets(hyperband, hpo.Terms(steps=50_000, seeds=3, pauses=pools["ppo_cartpole"].pauses))
show(plots.brackets(planned, ax=plots.new_axes((7.2, 3.4))), plots.brackets_alt_text(planned))

# %% [markdown]
# ## 5 · Try it: who is stopped too early?
#
# The explorer replays searches on learning curves that were measured to their end. So it knows which of the
# configurations that began was *truly* best, by seeds that no search saw. It shows one search, and counts a hundred.
#
# It will ask you first.

# %%
widgets.HyperbandExplorer(repetitions=size(100, small=3))

# %% [markdown]
# Four things to do with it:
#
# 1. **The same plan elsewhere.** Switch from Pendulum to the MiniGrid. How often is the best kept there?
# 2. **A longer first rung.** On Pendulum, move "First rung" from 1 in 16 to 1 in 4, then to 1 in 2. What do you pay?
# 3. **Rungs of seeds.** Let the rungs differ in seeds, not in steps. Who is thrown away now?
# 4. **Kept and taken.** "Everything to the end" keeps the best in every search. Why does it not always *take* it?
#
# ## 6 · What it buys, and what it costs
#
# **Predict.** The steps of 20 configurations, trained to the end with three seeds, are spent in five ways. Where is
# halving over steps better than random search, which stops nobody: on CartPole, the MiniGrid, Pendulum, Acrobot?

# %%
worth_prediction = "better on ..., worse on ..."

# %%
plans = {
    "to the end": hpo.Full(),
    "halving, steps": halving_plan,
    "halving, seeds": hpo.SuccessiveHalving(eta=3, ratio=3, over="seeds"),
    "Hyperband": hyperband,
    "race": hpo.Race(first=0.5, eta=4, patience=0.5),
}

# %%
repeats = size(20, small=2)
searches = {
    name: {label: [search(name, plan, seed) for seed in range(repeats)] for label, plan in plans.items()}
    for name in pools
}
progress = {name: hpo.progress(many, pool=pools[name]) for name, many in searches.items()}


# %%
truths = {name: np.nan_to_num(pool.truth(pool.judging.held_out), nan=-np.inf) for name, pool in pools.items()}


def kept(name, found):
    """Whether the truly best of the configurations that began was trained to the end, with one seed at least."""
    places = [pools[name].place(trial.configuration) for trial in found.trials]
    worth = truths[name][places].clip(max=found.cap.score)
    ended = np.array([trial.last.steps == found.terms.steps for trial in found.trials])
    return bool(ended[worth == worth.max()].any())


# %% fold
# Function: what searches take is worth, with its interval, in words
def with_interval(end, digits=0):
    """Write a mean and its interval; of one or two searches there is none."""
    few = np.isnan(end["low"])
    ends = "too few searches for an interval" if few else f"{end['low']:.{digits}f} to {end['high']:.{digits}f}"
    return f"{end['score']:.{digits}f} ({ends})"


# %% fold
# Table: in how many searches the best was kept, and what is taken is worth
rows = {}
for name, many in searches.items():
    end = progress[name].last
    for label, one_plan in many.items():
        rows[table.index[names.index(name)], label] = {
            "begin": round(np.mean([len(found.trials) for found in one_plan])),
            "best kept": f"{sum(kept(name, found) for found in one_plan)} of {repeats}",
            "worth of what is taken": with_interval(end.loc[label], 2 if name == "dqn_minigrid_empty" else 0),
        }
results = pd.DataFrame.from_dict(rows, orient="index")
results.style.set_caption(f"{repeats} searches each, for the steps of 20 configurations x 3 seeds; 95 % intervals")

# %% [markdown]
# **Where the bet pays.** On CartPole halving kept the best in all 20 searches. What it takes is worth 490 (482 to
# 498), and what random search takes 461 (433 to 488). On the MiniGrid Hyperband takes 0.95 (0.95 to 0.96), random
# search 0.84 (0.71 to 0.96). Early ranks say little there (0.14). But 42 of the 256 share the highest score, and it
# is hard to lose all of those.
#
# **Where it throws the winner away.** On Pendulum halving never kept the best: 0 of 20, and the interval of that
# share ends at 16 %. Hyperband kept it in 4. And here it costs: Hyperband takes −490 (−627 to −353), random search
# −278 (−323 to −234). On Acrobot the two are at −164 (−210 to −118) and −104 (−120 to −89), and those intervals just
# touch.
#
# **Kept is not taken.** Random search keeps its best by stopping nobody, but it began 20 configurations, not 106. And
# three noisy seeds may still choose another one.
#
# **Seeds in the place of steps.** Halving over *seeds* kept the best in every search, and is level with random search
# on all four. The race did best on Acrobot, −88 (−92 to −84), and is level with random search on Pendulum. No plan
# wins everywhere, and 20 searches leave wide intervals.

# %% claim
assert (truths["dqn_minigrid_empty"] == truths["dqn_minigrid_empty"].max()).sum() == 42

# %% claim full
labels = dict(zip(names, table.index, strict=True))


def told(name, label):
    return results.loc[(labels[name], label), ["best kept", "worth of what is taken"]].tolist()


assert told("ppo_cartpole", "halving, steps") == ["20 of 20", "490 (482 to 498)"]
assert told("ppo_cartpole", "to the end")[1] == "461 (433 to 488)"
assert told("dqn_minigrid_empty", "Hyperband")[1] == "0.95 (0.95 to 0.96)"
assert told("dqn_minigrid_empty", "to the end")[1] == "0.84 (0.71 to 0.96)"
assert told("ppo_pendulum", "halving, steps")[0] == "0 of 20"
assert round(100 * curves.wilson(np.zeros(1), 20, 0.95)[1][0]) == 16
assert told("ppo_pendulum", "Hyperband") == ["4 of 20", "-490 (-627 to -353)"]
assert told("ppo_pendulum", "to the end")[1] == "-278 (-323 to -234)"
assert told("dqn_acrobot", "Hyperband")[1] == "-164 (-210 to -118)"
assert told("dqn_acrobot", "to the end")[1] == "-104 (-120 to -89)"
assert told("dqn_acrobot", "race")[1] == "-88 (-92 to -84)"
for name in pools:
    assert told(name, "halving, seeds")[0] == "20 of 20"
    ends_ = progress[name].last
    one_, other_ = ends_.loc["halving, seeds"], ends_.loc["to the end"]
    assert one_["low"] < other_["high"]
    assert other_["low"] < one_["high"]
pendulum_ = progress["ppo_pendulum"].last
assert pendulum_["low"]["race"] < pendulum_["high"]["to the end"]
assert pendulum_["low"]["to the end"] < pendulum_["high"]["race"]

# %% fold
# Figure: what searches of PPO on Pendulum hold, by what they spent
show(plots.search_progress(progress["ppo_pendulum"], ax=plots.new_axes((7.2, 3.8))),
     plots.search_progress_alt_text(progress["ppo_pendulum"]))  # fmt: skip

# %% fold
# Figure: the distribution of what 20 searches take in the end
some = {label: searches["ppo_pendulum"][label] for label in ("to the end", "halving, steps", "race")}
distribution = hpo.progress(some, pool=pools["ppo_pendulum"]).edf()
show(plots.edf(distribution, ax=plots.new_axes((7.2, 3.4))), plots.edf_alt_text(distribution))

# %% claim full
finals = {label: np.array(values) for label, values in distribution.values.items()}
assert (finals["halving, steps"].round() <= -389).sum() == 12
assert finals["halving, steps"].max().round() == -245
assert [(finals[label].round() > -245).sum() for label in ("to the end", "race")] == [10, 9]

# %% [markdown]
# A mean hides how searches end. Of 20 searches that halve, 12 end at −389 or below, and none above −245. Of 20 that
# stop nobody, 10 end above −245, and of the races 9. Halving takes the same early starters again and again.
#
# **Recompute a small part.** One configuration of the pool, trained again with this machine. As in lecture 02, a run
# need not be the same to the last digit.

# %%
grid = sweeps["dqn_minigrid_empty"]
few = grid.configs.query("gradient_steps == 1 and train_freq >= 16").index  # few updates: trained in seconds
quick = objectives.score(grid, "auc", failures="worst", per="config").values[few].idxmax()
stored = grid.select(grid.config_id == quick, seed=size([0, 1, 2, 3], small=[0]))
env_id, total = stored.table["env_id"].iloc[0], int(stored.table["steps"].iloc[0])
config = {name: stored.column(name).iloc[0] for name in stored.hyperparameters}
again = rlhp.sweep("dqn", env_id, config, steps=total, seeds=len(stored), evaluation=total // 10, engine="jax")
curves.side_by_side({"now": again, "in data/": stored})

# %% [markdown]
# ## 7 · Races, and batches
#
# **In plain words.** A **race** spends seeds where they decide something. Every configuration begins with *one* seed
# and half the length. The best quarter go on to the end. There, a further seed goes only to whoever may still be the
# best, within half a standard error. Bad ones never get a second seed. (Maron and Moore 1994; Birattari et al. 2002.)
#
# **Nobody should wait.** In halving a rung must be full before anybody climbs. If eight workers train side by side,
# they wait for the slowest. **ASHA** (Li et al. 2020) promotes whoever is among the best *by now*, and otherwise
# begins a new configuration. It now and then promotes the wrong one, and never waits. The larger the batch, the less
# each decision knows.

# %% fold
# Table: rounds of training, and what is taken, for batches of 1, 8 and 32
asha, rows = hpo.Asha(eta=4, ratio=16), {}
for batch in (1, 8, 32):
    for label, plan in {"halving, steps": halving_plan, "ASHA": asha, "race": plans["race"]}.items():
        many = [search("ppo_cartpole", plan, seed, batch=batch) for seed in range(repeats)]
        end = hpo.progress({label: many}, pool=pools["ppo_cartpole"]).last.loc[label]
        rows.setdefault(f"{label}: rounds", {})[batch] = f"{np.mean([len(found.history) for found in many]):.0f}"
        rows.setdefault(f"{label}: worth", {})[batch] = with_interval(end)
batches = pd.DataFrame(rows).T.rename_axis(columns="batch")
batches.style.set_caption(f"PPO on CartPole, {repeats} searches each: rounds of training side by side, 95 % intervals")

# %% claim full
assert batches.loc["halving, steps: rounds"].tolist() == ["108", "16", "6"]
assert {one.split(" ")[0] for one in batches.loc["halving, steps: worth"]} == {"490", "492"}
assert batches.loc["race: worth", [1, 32]].tolist() == ["489 (478 to 500)", "482 (465 to 499)"]

# %% [markdown]
# Side by side everything takes far fewer rounds: halving 108 one at a time, and 6 with 32. What halving takes hardly
# changes (490 to 492), because a rung is full before anybody climbs. The race decides with less in hand: it goes from
# 489 (478 to 500) one at a time to 482 (465 to 499) with 32. These intervals do not tell the two apart.
#
# ## 8 · Freeze and thaw
#
# **In plain words.** A rung compares everybody at one moment. Why not look at the *shape* of each curve, and
# extrapolate? **Freeze-thaw** (Swersky et al. 2014; Domhan et al. 2015) keeps all runs paused. Again and again it
# thaws the one whose forecast promises most, and trains it for a while. The promise of a run is the **expected
# improvement** of its end $Y$ over the best end so far $y^*$, for each step that is left:
#
# $$
# \frac{\mathbb{E}\left[\max(Y - y^*, 0)\right]}{\text{steps to its end}} .
# $$

# **Predict.** Halving threw the best configuration of a search on Pendulum away after three tenths of its training,
# at a return of −1,164. Would a forecast have kept it?

# %%
forecast_prediction = "yes / no, because ..."

# %%
halved = search("ppo_pendulum", halving_plan, 0)
places = [pools["ppo_pendulum"].place(trial.configuration) for trial in halved.trials]
best_place = max(places, key=lambda place: truths["ppo_pendulum"][place])
pendulum = sweeps["ppo_pendulum"]
lost = pendulum.select(pendulum.config_id == pendulum.configs.index[best_place], seed=[0, 1, 2])
forecast = curves.extrapolate(lost, first=0.3, rng=0)
known = forecast.table[["last", "estimate", "low", "high"]]
known.assign(end=pools["ppo_pendulum"].curves[best_place, :3, -1]).round().style.format(precision=0)

# %% fold
# Figure: the forecast for the configuration that halving threw away, from the first three tenths of its runs
show(plots.forecast(forecast, ax=plots.new_axes((7.2, 3.8))), plots.forecast_alt_text(forecast))

# %% claim
assert round(halved.trials[places.index(best_place)].last.score) == -1164
assert halved.trials[places.index(best_place)].last.steps == 30_000
assert forecast.table[["estimate", "low", "high"]].iloc[0].round().tolist() == [-1106, -1469, -761]
ends_ = pools["ppo_pendulum"].curves[best_place, :3, -1]
assert ends_.round()[0] == -149
assert (ends_ > forecast.table["high"].to_numpy()).all()

# %% [markdown]
# **Explain.** No. The forecast of its first run is −1,106 (80 % interval −1,469 to −761), and it came to −149. All
# three ends lie above their intervals. A curve that has not begun to rise has nothing to extrapolate. Forecasts help
# with curves that rise early and flatten, and then they help a lot. In reinforcement learning many curves wait, and
# jump.
#
# So `hpo.FreezeThaw` draws on forecasts, but goes on beginning new configurations: it takes one to promise what those
# before it promised on average when they began.
#
# ### Exercise 6: whom to thaw
#
# `draws` is a list with an array for each paused run: draws of its return at the end. `left` has the steps that each
# still needs. Give the place of the run to thaw, or −1 where none is expected to improve on `best`. Hints:
# `hint("07.thaw")`; picture: `expected("07.thaw")`.


# %% answer="07.thaw"
def thaw(draws, best, left):
    """The place of the run with the largest expected improvement for each step that is left; -1: nobody."""
    ### BEGIN SOLUTION
    worth = [float(np.maximum(one - best, 0).mean()) / steps for one, steps in zip(draws, left, strict=True)]
    return int(np.argmax(worth)) if max(worth) > 0 else -1
    ### END SOLUTION


# %% check="07.thaw" points=2
check("07.thaw", thaw)
### BEGIN HIDDEN TESTS
assert thaw([np.array([1.0, 5.0]), np.array([4.0, 4.0])], 3.0, [10, 2]) == 1
assert thaw([np.array([1.0, 2.0])], 3.0, [10]) == -1
### END HIDDEN TESTS

# %% [markdown]
# ## Quiz

# %%
quiz("07.quiz")

# %% [markdown]
# ### Your own study
#
# You have a new environment, an algorithm with ten hyperparameters, and the steps of 60 full runs. Write the plan
# that you would use: fidelities, first rung, what a rung is ranked by, how the final choice is confirmed. Say what
# you would measure *first* to find out whether early ranks can be trusted, what it costs, and at which result you
# would not prune at all. A person reads this one.

# %% [markdown] manual="07.plan" points=3
# *Model answer.* First a pilot: ten random configurations with two seeds to the end (20 of the 60 runs). Its curves
# give a rank correlation by steps, judged by the other seed, and its runs are not lost: they are the first trials of
# the search. With ten configurations the interval is wide, so only a correlation clearly above 0.5 at a rung would
# let that rung stop anything. Below it: a race that begins at half the length with one seed. Rank by the return at
# the rung, or by a forecast where curves start late. The two or three finalists get fresh seeds, and the best is taken.
# It alone is trained once more, with seeds that chose nothing. That number is reported, with an interval and the
# steps spent in all.
#
# *Marking.* One point for a measurement of early ranks with its cost, one for rungs that follow from it (steps and
# seeds), one for confirming on fresh seeds that chose nothing and counting all steps.

# %% [markdown]
# ## Take-aways
#
# - To prune is to bet on early ranks. Measure the bet: the rank correlation with the end, judged by other seeds.
# - Fidelity is (steps, seeds). Early in training, more seeds make a look no less biased.
# - The share of searches that keep the best is one thing, the worth of what they take another. Report the second.
# - Continue runs, do not train them again; and count steps where they are made.
# - Hyperband insures against bad early ranks, and the insurance costs most of the gain.
# - A race gives seeds to those that may be the best, and to nobody else.
#
# ## Where it is contested
#
# - **Is early stopping safe in reinforcement learning?** For: Eimer et al. (2023) find multi-fidelity tools competitive
#   in tuning PPO, SAC and DQN. Against: these seven sweeps, where a tenth of the training says little about the end.
# - **Hyperband or its youngest relatives?** Falkner et al. (2018) put a model into the brackets (BOHB), Awad et al.
#   (2021) differential evolution (DEHB). Both rank by early results, as Hyperband does.
# - **Forecasts of curves.** Domhan et al. (2015) extrapolate with parametric curves. In reinforcement learning curves
#   have plateaus and collapses, which such families do not have.
#
# ## Further reading
#
# - Awad, Mallik, Hutter (2021), *DEHB: evolutionary Hyperband for scalable, robust and efficient hyperparameter
#   optimization*.
# - Birattari, Stützle, Paquete, Varrentrapp (2002), *A racing algorithm for configuring metaheuristics*.
# - Domhan, Springenberg, Hutter (2015), *Speeding up automatic hyperparameter optimization of deep neural networks by
#   extrapolation of learning curves*.
# - Eimer, Lindauer, Raileanu (2023), *Hyperparameters in reinforcement learning and how to tune them*.
# - Falkner, Klein, Hutter (2018), *BOHB: robust and efficient hyperparameter optimization at scale*.
# - Jamieson, Talwalkar (2016), *Non-stochastic best arm identification and hyperparameter optimization*.
# - Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar (2018), *Hyperband: a novel bandit-based approach to hyperparameter
#   optimization*.
# - Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht, Talwalkar (2020), *A system for massively parallel
#   hyperparameter tuning*.
# - Maron, Moore (1994), *Hoeffding races: accelerating model selection search for classification and function
#   approximation*.
# - Swersky, Snoek, Adams (2014), *Freeze-thaw Bayesian optimization*.
#
# **Next:** lecture 08 asks what a good setting is at all, and whether it is good elsewhere.
