# %% [markdown]
# # 01 · Exploration schedules
#
# An agent that never tries anything new learns nothing. One that keeps trying at random never shows what it has
# learnt. Most agents move from one to the other while they train. How fast they should is a hyperparameter, and a
# whole *curve* of it.
#
# **After this lecture you can**
#
# - explain why exploring equally throughout is wasteful, and put a number on the waste;
# - write linear and exponential schedules of epsilon, and read cosine, step and piecewise ones;
# - say what a schedule spends: how many steps of a run are random;
# - find the commonest silent bug of exploration: a schedule that runs on the wrong clock;
# - say what the schedules did on CartPole and on MountainCar, over many seeds, with intervals;
# - say when the length of a random stretch matters as much as how often one begins.
#
# **You need** lecture 00 (return, seeds, interquartile mean), and some NumPy.
#
# **Time: about 90 minutes**
#
# | part | minutes |
# |---|---|
# | 1 · Why not explore equally throughout? | 10 |
# | 2 · Shapes of schedules | 14 |
# | 3 · What a schedule spends | 20 |
# | 4 · The wrong clock | 12 |
# | 5 · Measured evidence: CartPole and MountainCar | 18 |
# | 6 · Random, but with persistence | 10 |
# | Quiz, take-aways, reading | 6 |
#
# **The link:** in lecture 00 you set a number once, before training. Now the number moves while the agent learns, and
# what you choose is the path it takes.

# %%
import gymnasium
import numpy as np
import pandas as pd
from IPython.display import HTML, display

import rlhp
from rlhp import curves, datasets, plots, schedules, widgets
from rlhp.exercises import check, expected, hint, needs, quiz, size


def show(ax, alt):
    """Show a figure, with a text for those who do not see it."""
    return HTML(plots.to_html_img(ax, alt))


# %% [markdown]
# ## 1 · Why not explore equally throughout?
#
# **In plain words.** DQN, the algorithm of this lecture, learns a value $Q(s, a)$ for every action $a$ in a situation
# $s$: the return it expects from there. To act well, it then takes the action of the highest value. But at first the
# values are wrong, and whoever only follows wrong values never finds out. **Epsilon-greedy** is the simplest remedy:
# with probability $\varepsilon$ take an action at random, otherwise the best one so far:
#
# $$
# a_t = \begin{cases}
#     \text{uniformly random} & \text{with probability } \varepsilon, \\
#     \mathrm{arg\,max}_a Q(s_t, a) & \text{otherwise.}
# \end{cases}
# $$

# %% fold
# Drawing: at every step chance decides between a random action and the best action so far
places = {"chance": (0, 0), "any action": (3.1, 0.75), "best action so far": (3.1, -0.75), "environment": (6, 0)}
arrows = [
    ("chance", "any action", "with probability ε"),
    ("chance", "best action so far", "else"),
    ("any action", "environment", "teaches, costs"),
    ("best action so far", "environment", "earns"),
]
show(plots.diagram(places, arrows, marked=["chance"]), plots.diagram_alt_text(places, arrows))

# %% [markdown]
# A random action costs something and teaches something. What it *teaches* shrinks as the values get better. What it
# *costs* does not. Once the values are right, every random action loses on average $\bar\Delta = \max_a Q(s, a) -
# \frac{1}{|A|}\sum_a Q(s, a)$. So a constant $\varepsilon$ goes on losing
#
# $$\text{loss per step} \;=\; \varepsilon\,\bar\Delta$$
#
# for ever. (For bandits, Auer et al. 2002 make this exact. With a constant $\varepsilon$ the total loss grows in
# proportion to time; with $\varepsilon$ falling like $1/t$ it can grow as slowly as $\log t$.)
#
# The smallest example is a *bandit*: five slot machines with unknown chances of winning, one pull at each step.
# Below, 500 players with 500 different sets of machines play 2,000 pulls each.


# %%
def play(epsilon, steps, rng, players=500, arms=5):
    """What each player loses at each step against always pulling its best machine: array [steps, players]."""
    chance, row = rng.random((players, arms)), np.arange(players)
    pulls, wins, loss = np.zeros((players, arms)), np.zeros((players, arms)), np.zeros((steps, players))
    for t in range(steps):
        greedy = (wins / np.maximum(pulls, 1)).argmax(axis=1)
        arm = np.where(rng.random(players) < epsilon(t / steps), rng.integers(arms, size=players), greedy)
        pulls[row, arm] += 1
        wins[row, arm] += rng.random(players) < chance[row, arm]
        loss[t] = chance.max(axis=1) - chance[row, arm]
    return loss


# %% [markdown]
# **Predict.** Four players. One never explores ($\varepsilon = 0$), one always does a little (0.05), one always does
# a lot (0.3). One begins at 1 and is down to 0.01 after a fifth of the time. Who loses least *at the end*? Who loses
# least *in all*?

# %%
bandit_prediction = "at the end: ..., in all: ..."

# %%
kinds = {
    "never": schedules.Constant(0.0),
    "always 0.05": schedules.Constant(0.05),
    "always 0.3": schedules.Constant(0.3),
    "exponential 1 to 0.01 over 20 %": schedules.Exponential(1.0, 0.01, fraction=0.2),
}
pulls = size(2_000, small=200)
losses = {name: play(epsilon, pulls, np.random.default_rng(0)) for name, epsilon in kinds.items()}
late = {name: loss[-pulls // 5 :].mean() for name, loss in losses.items()}

# %% fold
# Figure: what each player loses per pull, over the pulls
ax = plots.new_axes()
for index, (name, loss) in enumerate(losses.items()):
    smooth = loss.reshape(-1, 20, loss.shape[1]).mean(axis=1)  # over 20 steps
    centre, half = smooth.mean(axis=1), 1.96 * smooth.std(axis=1) / np.sqrt(loss.shape[1])
    style, at = plots.look(index), np.arange(len(smooth)) * 20 + 10
    ax.plot(at, centre, color=style.color, linestyle=style.linestyle, label=name)
    ax.fill_between(at, centre - half, centre + half, color=style.color, alpha=0.2, linewidth=0)
ax.set(xlabel="pull", ylabel="lost chance of winning, per pull", ylim=(0, None))
ax.set_title("mean over n = 500 players; shaded: 95 % interval of the mean", loc="left", fontsize=9)
ax.legend(title="epsilon")
ends = ", ".join(f"{name}: {loss:.3f}" for name, loss in late.items())
show(ax, f"Loss per pull over the pulls. Mean of the last fifth: {ends}.")

# %%
pd.DataFrame(
    {
        "lost wins, first 100 pulls": {name: loss[:100].sum(axis=0).mean() for name, loss in losses.items()},
        "lost wins, all pulls": {name: loss.sum(axis=0).mean() for name, loss in losses.items()},
        "loss per pull, last fifth": late,
    }
).round(3)

# %% [markdown]
# **Explain.** The player who never explores stays with the first machine that paid. The one who always explores a lot
# finds the best machine soon and then keeps leaving it. In the last fifth it loses about $\varepsilon\bar\Delta$ at
# every pull, as the formula says. The falling epsilon buys its knowledge early, when it is worth most, and then stops
# paying.
#
# Now compare the two constant ones in the first and the second column: they change places. A lot of exploration looks
# good in a short game and bad in a long one. *How much to explore is always a question of the horizon*, and a
# schedule is made for one.
#
# In deep RL a third argument comes in. The agent learns from what it meets, and with a large epsilon it never meets
# what a good policy leads to. Who wants to walk 500 steps on a ridge must not stumble in any of them.
#
# ## 2 · Shapes of schedules
#
# **In plain words.** A schedule says how far epsilon has come down when a given share of training is done. That share
# is the **progress** $p$: 0 at the first environment step, 1 at the last. The usual choice is a straight line from a
# start $\varepsilon_0$ (usually 1) to an end $\varepsilon_1$ (nearly 0). It takes a fraction $f$ of training (often
# half, but see the end of this lecture) and is flat afterwards:
#
# $$
# \varepsilon_{\text{linear}}(p) =
#     \varepsilon_0 + (\varepsilon_1 - \varepsilon_0)\,\min\!\left(\frac{p}{f},\, 1\right).
# $$
#
# The exponential one multiplies by the same factor at every step. It falls fast first and slowly later:
#
# $$
# \varepsilon_{\text{exponential}}(p) =
#     \varepsilon_0 \left(\frac{\varepsilon_1}{\varepsilon_0}\right)^{\min(p/f,\,1)}.
# $$
#
# It can come as near to 0 as you like and never gets there, so its end must be positive.

# %%
shapes = {
    "constant": schedules.Constant(0.1),
    "linear": schedules.Linear(1.0, 0.05, fraction=0.5),
    "exponential": schedules.Exponential(1.0, 0.05, fraction=0.5),
    "cosine": schedules.Cosine(1.0, 0.05, fraction=0.5),
    "step": schedules.Step(1.0, 0.05, n_steps=4, fraction=0.5),
    "piecewise": schedules.Piecewise(((0.0, 1.0), (0.1, 0.3), (0.8, 0.05))),
}

# %% fold
# Figure: six shapes of epsilon over the progress of training
show(plots.schedule(shapes, name="epsilon"), plots.schedule_alt_text(shapes, name="epsilon"))

# %% [markdown]
# The *cosine* starts and lands gently; *steps* are easy to explain and to log; *piecewise* can be anything, for
# instance a fast fall with a long tail. All of them are functions of progress. `rlhp` drives DQN's epsilon with any
# of them: `rlhp.train("dqn", ..., {"exploration": schedules.Cosine(1.0, 0.05, 0.5)})`. (SB3 by itself offers the
# linear one: `exploration_initial_eps`, `exploration_final_eps`, `exploration_fraction`.)
#
# ### Exercise 1: a straight line
# Write the linear schedule so that it takes one progress or a whole array of them.

# %%
hint("01.linear_epsilon")

# %%
expected("01.linear_epsilon")


# %% answer="01.linear_epsilon"
def linear_epsilon(progress, start=1.0, end=0.05, fraction=0.5):
    """Epsilon at `progress` (0 to 1, a number or an array)."""
    ### BEGIN SOLUTION
    share = np.minimum(np.asarray(progress) / fraction, 1.0)
    return start + (end - start) * share
    ### END SOLUTION


# %% check="01.linear_epsilon" points=2
check("01.linear_epsilon", linear_epsilon)
### BEGIN HIDDEN TESTS
assert abs(linear_epsilon(0.1, start=0.9, end=0.1, fraction=0.2) - 0.5) < 1e-9
assert np.allclose(linear_epsilon(np.linspace(0, 1, 11), 1.0, 0.0, 1.0), np.linspace(1, 0, 11))
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · What a schedule spends
#
# **In plain words.** Two schedules of different shape can cost the same. What they spend is the number of random
# steps in the whole run. It is the **area under the curve** times the number of steps $N$:
#
# $$
# \mathbb{E}[\text{random steps}] \;=\; \sum_{t=0}^{N-1} \varepsilon(t/N)
#     \;\approx\; N \int_0^1 \varepsilon(p)\, dp .
# $$
#
# (Of these, one in $|A|$ happens to be the greedy action anyway. The steps that really *differ* are fewer by the
# factor $1 - 1/|A|$: half of them in CartPole, two thirds in MountainCar.)
#
# ### Exercise 2: count the random steps
# `epsilon` is a function of progress. Hints: `hint("01.exploratory_steps")`; picture:
# `expected("01.exploratory_steps")`.


# %% answer="01.exploratory_steps"
def exploratory_steps(epsilon, steps):
    """Expected number of random actions in `steps` steps; `epsilon` is a function of progress."""
    ### BEGIN SOLUTION
    return sum(epsilon(t / steps) for t in range(steps))
    ### END SOLUTION


# %% check="01.exploratory_steps" points=2
check("01.exploratory_steps", exploratory_steps)
### BEGIN HIDDEN TESTS
from rlhp import schedules

assert abs(exploratory_steps(lambda progress: progress, 1_000) - 500) < 2
assert abs(exploratory_steps(schedules.Exponential(1.0, 0.01, 1.0), 5_000) / 5_000 - 0.99 / np.log(100)) < 2e-3
### END HIDDEN TESTS

# %%
with needs("01.exploratory_steps"):
    spent = {name: exploratory_steps(shape, 50_000) for name, shape in shapes.items()}
    early = {name: exploratory_steps(lambda p, shape=shape: shape(p / 2), 25_000) for name, shape in shapes.items()}
    display(pd.DataFrame({"random steps of 50,000": spent, "of these in the first half": early}).round().astype(int))

# %% [markdown]
# Compare linear and exponential: same start, same end, same fraction, but the exponential one spends far less, and
# earlier. If you swap one for the other and the result changes, was it the *shape* or the *amount*? To know, you must
# hold the amount fixed. That is what the explorer is for.
#
# ### Live explorer: shape, start, end, fraction
#
# Move the controls, and read below how many random steps the schedule buys, and when. *Pin* keeps a schedule to
# compare with. *Re-train* lets CartPole agents learn with both, sixteen seeds each, everything else equal. From then
# on it trains anew whenever you release a control. Sixteen agents for 20,000 steps each take a few seconds on two
# cores, because `rlhp` compiles all of them into one program. (Compiling takes about ten seconds, once; it begins as
# soon as the explorer is shown.)
#
# **Predict first,** twice. (1) Move `Fraction of training` from 0.5 to 1: how many more random steps will that be?
# (2) The explorer asks you itself: the linear schedule, or the constant 0.1 that is pinned?

# %%
explorer_prediction = "random steps with fraction 1: ..."

# %%
widgets.ScheduleExplorer(schedules.Linear(1.0, 0.05, fraction=0.5), pinned=schedules.Constant(0.1))

# %% [markdown]
# **Explain.** With fraction $f$ the line spends $f \cdot \frac{1 + 0.05}{2} + (1 - f) \cdot 0.05$ of the steps. Going
# from $f = 0.5$ to $f = 1$ nearly doubles it, from 28.75 % to 52.5 %. Which of the two did better? Look at the
# intervals before you believe the order. Then move the fraction down step by step: from where on can sixteen seeds
# not tell the line from the constant any more?
#
# ### Exercise 3: a schedule for a budget
#
# Give a schedule from `rlhp.schedules` that begins at 1, is at most 0.05 from half of training on, and spends **20
# %** of the steps on random actions. Hints: `hint("01.budget")`; picture: `expected("01.budget")`.


# %% answer="01.budget"
def my_schedule():
    """A schedule that spends 20 % of the steps on random actions."""
    ### BEGIN SOLUTION
    # f * (1 + 0.05) / 2 + (1 - f) * 0.05 = 0.2  gives  f = 0.15 / 0.475
    return schedules.Linear(1.0, 0.05, fraction=0.15 / 0.475)
    ### END SOLUTION


# %% check="01.budget" points=2
check("01.budget", my_schedule)
### BEGIN HIDDEN TESTS
_mine = my_schedule()
assert abs(np.mean([float(_mine((n + 0.5) / 2_000)) for n in range(2_000)]) - 0.2) <= 0.005
### END HIDDEN TESTS

# %% [markdown]
# ## 4 · The wrong clock
#
# A schedule is a function of progress, and progress is *environment steps done* over *environment steps in all*.
# Nothing stops you from passing it something else, and nothing complains. Typical ways to get it wrong:
#
# - **Per episode.** "Multiply epsilon by 0.995 after every episode" has no fixed meaning in steps. A good CartPole
#   agent needs 500 steps for an episode, a bad one 10. Moved unchanged to every *step*, the same line is at 0.05
#   after $\ln 0.05 / \ln 0.995 \approx 598$ steps.
# - **Per update.** With `n_envs=8`, a loop over *rounds* counts one where eight environment steps have passed;
#   progress then ends at 1/8.
# - **The wrong total.** A schedule made for 1,000,000 steps and a run stopped after 100,000: epsilon never gets to
#   where you think it ends.
# - **In chunks.** `model.learn(5_000)` called ten times: in SB3 each call counts progress against its *own* total, so
#   epsilon jumps back each time (and the warm-up of the next point begins anew).
# - **Warm-up.** With `learning_starts=1000` SB3's DQN takes its first 1,000 actions at random *whatever* epsilon
#   says.
#
# ### Exercise 4: find the silent bug
#
# This function writes down epsilon at every step of a training, given how long the episodes were. The agent explores
# almost always, to the very end.


# %%
def epsilon_log(episode_lengths, total_steps, start=1.0, end=0.05, fraction=0.5):
    epsilons = []
    for episode, length in enumerate(episode_lengths):
        progress = episode / total_steps
        share = min(progress / fraction, 1.0)
        for _ in range(length):
            epsilons.append(start + (end - start) * share)
    return epsilons


lengths = [20] * 50 + [100] * 20 + [500] * 4  # an agent that gets better: 5,000 steps in all
log = epsilon_log(lengths, total_steps=sum(lengths))
print(f"epsilon at first {log[0]:.3f}, half-way {log[len(log) // 2]:.3f}, at the last step {log[-1]:.3f}")

# %% [markdown]
# Copy it into the cell below and repair it. Hints: `hint("01.silent_bug")`; picture:
# `expected("01.silent_bug")`.


# %% answer="01.silent_bug"
def fixed_epsilon_log(episode_lengths, total_steps, start=1.0, end=0.05, fraction=0.5):
    """Epsilon at every environment step of a training, a list of `sum(episode_lengths)` numbers."""
    ### BEGIN SOLUTION
    epsilons = []
    for length in episode_lengths:
        for _ in range(length):
            progress = len(epsilons) / total_steps  # environment steps done so far
            share = min(progress / fraction, 1.0)
            epsilons.append(start + (end - start) * share)
    return epsilons
    ### END SOLUTION


# %% check="01.silent_bug" points=3
check("01.silent_bug", fixed_epsilon_log)
### BEGIN HIDDEN TESTS
_log = fixed_epsilon_log([7, 3, 90], 100, start=0.5, end=0.1, fraction=1.0)
assert len(_log) == 100
assert np.allclose(_log, 0.5 - 0.4 * np.arange(100) / 100)
### END HIDDEN TESTS

# %%
with needs("01.silent_bug"):
    log = fixed_epsilon_log(lengths, total_steps=sum(lengths))
    print(f"epsilon at first {log[0]:.3f}, half-way {log[len(log) // 2]:.3f}, at the last step {log[-1]:.3f}")

# %% [markdown]
# The habit that finds this bug at once: **log the epsilon that was used**, and look at its last value.
#
# ## 5 · Measured evidence: CartPole and MountainCar
#
# **In plain words.** Which schedule is best must be measured. This project trained DQN with several schedules on two
# environments that need very different amounts of exploration:
#
# - **CartPole** rewards every step that the pole stands. Even random play is rewarded at once, and balancing is a
#   matter of refinement.
# - **MountainCar**: a car in a valley must swing back and forth to get up the hill. Every step costs 1 until it is
#   there, and after 200 steps the episode is cut off. Before the car has reached the top for the first time, *every*
#   policy looks alike: −200.
#
# **Predict.** On both: constant 0.1; linear from 1 to 0.05 over 10 % and over 50 % of training; exponential from 1 to
# 0.01 over half. On CartPole, whose runs are short, also constant 1, constant 0.01 and linear over all of training.
# On which environment will the choice matter more? Which schedule comes out last on each?

# %%
measured_prediction = "it matters more on ...; last on CartPole: ..., last on MountainCar: ..."

# %%
cartpole, mountaincar = datasets.load("exploration_cartpole"), datasets.load("exploration_mountaincar")
display(datasets.card("exploration_cartpole"))
datasets.card("exploration_mountaincar")


# %% fold
# Figure: learning curves of DQN on CartPole by schedule, one picture for each kind, all on one scale
def panels(runs, title, *kinds):
    """Learning curves by schedule, one figure for each kind of schedule, all on one scale."""
    images, lowest, highest = [], runs.evals["return_mean"].min(), runs.evals["return_mean"].max()
    for kind in kinds:
        some = runs.select(ids=runs.table.index[runs.column("exploration").str.contains(kind)])
        summary = curves.iqm(some, by="exploration", rng=0)
        ax = plots.new_axes((7.2, 3.9))
        plots.curves(summary, ax=ax, seeds=False, band="pointwise", title=title, ylim=(lowest, highest))
        images.append(plots.to_html_img(ax, plots.alt_text(summary)))
    return HTML("".join(images))


panels(cartpole, "DQN on CartPole by schedule", "constant", "linear|exponential")

# %% fold
# Figure: learning curves of DQN on MountainCar by schedule
panels(mountaincar, "DQN on MountainCar by schedule", "constant|linear|exponential")

# %% [markdown]
# Single evaluations jump, even after averaging over seeds; do not read a ranking out of crossing lines. The number to
# compare was chosen before: the IQM of the last evaluation. Make that table yourself.
#
# ### Exercise 5: what did each schedule reach?
#
# Make the table of a study. It has one row for each schedule, with the number of runs, the average epsilon, and the
# IQM of the last evaluation over seeds. `runs.table` has one row a run (index `run_id`). The schedule stands in its
# column `hp.exploration`, as text that `schedules.parse` reads. `runs.evals` has one row an evaluation, in order of
# `step`. Hints: `hint("01.schedule_table")`; picture: `expected("01.schedule_table")`.


# %% answer="01.schedule_table"
def schedule_table(runs):
    """One row for each exploration schedule (the index), with the columns `n`, `mean_epsilon` and `iqm`.

    `n` counts runs, `mean_epsilon` is the average epsilon over training, `iqm` the interquartile mean
    over runs of `return_mean` in each run's last evaluation.
    """
    ### BEGIN SOLUTION
    final = runs.evals.groupby("run_id")["return_mean"].last()
    rows = {}
    for schedule, returns in final.groupby(runs.table["hp.exploration"]):
        cut = len(returns) // 4
        middle = np.sort(returns)[cut : len(returns) - cut]
        rows[schedule] = (len(returns), schedules.parse(schedule).mean(), middle.mean())
    return pd.DataFrame.from_dict(rows, orient="index", columns=["n", "mean_epsilon", "iqm"])
    ### END SOLUTION


# %% check="01.schedule_table" points=4
check("01.schedule_table", schedule_table, points=4)
### BEGIN HIDDEN TESTS
from rlhp.runs import Runs

_flat = '{"schedule": "constant", "value": 0.3}'
_slope = '{"schedule": "linear", "start": 1.0, "end": 0.2, "fraction": 1.0}'
_finals = [5.0, 1.0, 90.0, 2.0, 3.0, 8.0, 0.0, 4.0, 6.0]
_configs = [{"exploration": text} for text in [_flat] * 5 + [_slope] * 4]
_table = schedule_table(Runs.from_table(_configs, _finals, seeds=list(range(9))))
assert [int(_table.loc[text, "n"]) for text in (_flat, _slope)] == [5, 4]
assert np.allclose([float(_table.loc[text, "mean_epsilon"]) for text in (_flat, _slope)], [0.3, 0.6])
assert abs(float(_table.loc[_flat, "iqm"]) - 10 / 3) < 1e-9
assert abs(float(_table.loc[_slope, "iqm"]) - 5) < 1e-9
### END HIDDEN TESTS

# %%
with needs("01.schedule_table"):
    for name, runs in (("CartPole", cartpole), ("MountainCar", mountaincar)):
        table = schedule_table(runs).sort_values("mean_epsilon").rename(index=curves.value_label)
        said = f"{name}, {runs.table['steps'].iloc[0]:,} environment steps"
        display(table.style.format(precision=2).set_caption(said))

# %% [markdown]
# The table lacks what decides: how sure is each number? Here is the same with every run and with 95 % intervals, one
# row a schedule, the least random one at the bottom.


# %% fold
# Figure: the last evaluation of every run on CartPole, and the IQM of each schedule with its interval
def by_schedule(runs, title):
    """Every run's last evaluation, and the IQM of each schedule with its interval, by what the schedule spends."""
    ends = curves.summarise(runs, "final_return", by="exploration", rng=0)
    spent = {text: schedules.parse(text).mean() for text in ends.table["exploration"]}
    rows = {text: f"{curves.value_label(text)}\n{spent[text]:.0%} random" for text in sorted(spent, key=spent.get)}
    ax = plots.forest(ends, rows=rows, title=title, ax=plots.new_axes((7.2, 0.45 * len(rows) + 1.2)))
    return show(ax, plots.forest_alt_text(ends, rows=rows))


by_schedule(cartpole, "CartPole")

# %%
spent = cartpole.column("exploration").map(lambda text: schedules.parse(text).mean())
for group, some in (("at most 11 %", spent < 0.12), ("29 % or more", spent > 0.12)):
    end = curves.iqm(cartpole.select(some), rng=0).final.iloc[0]
    told = f"IQM {end['estimate']:.0f} ({end['low']:.0f} to {end['high']:.0f}), n = {end['n']} runs"
    print(f"CartPole, {group} of the steps at random: {told}")

# %% fold
# Figure: the last evaluation of every run on MountainCar, and the IQM of each schedule with its interval
by_schedule(mountaincar, "MountainCar")

# %% [markdown]
# The evaluation acts greedily, so it does not charge what exploring costs *while* the agent learns. That
# price stands in the returns of training. Side by side, at the end of training:

# %%
for name, runs in (("CartPole", cartpole), ("MountainCar", mountaincar)):
    ends = {
        column: curves.iqm(runs, by="exploration", rng=0, value=value).final.set_index("exploration")["estimate"]
        for column, value in (("evaluated greedily", "return_mean"), ("while training", "train_return_mean"))
    }
    table = pd.DataFrame(ends).rename(index=curves.value_label).rename_axis(None)
    display(table.style.format("{:.0f}").set_caption(f"{name}: IQM of the return at the end of training"))

# %% [markdown]
# **What these runs say.**
#
# - **CartPole: the amount mattered, the shape did not show.** The schedules fall into two groups. Four spend at most
#   11 % of the steps at random: both small constants, linear over 10 %, exponential over half. They end with an IQM
#   between 208 and 285; twelve seeds do not rank them, their intervals overlap widely. Three spend 29 % or more:
#   linear over half and over all of training, and constant 1. They end between 69 and 94. Taken together, the runs
#   that spend little end at 250 (167 to 344), those that spend much at 78 (68 to 90). Single schedules overlap:
#   constant 1 reaches up to 137, the exponential down to 106. At this budget the rule of thumb "over half of
#   training" is clearly behind SB3's 10 %.
# - **MountainCar: ten seeds do not tell.** The IQMs lie between −192 and −168 and all four intervals overlap. With
#   every schedule seven or more of the ten runs reached the hill in some evaluation, and three or more end at −200
#   all the same. The constant one, best in the greedy evaluation, is last in the returns of training.
# - **Exploring has its price while training.** With constant 1 on CartPole, training goes on earning what random play
#   earns (a return of 22). The same values, used greedily, earn three times that.
#
# Did you predict that the choice matters more where exploration is harder? That is not what was measured, and these
# runs do not say why. Perhaps a large epsilon keeps long balancing acts out of CartPole's replay memory (part 1).
# Perhaps MountainCar needs another *kind* of randomness (part 6).
#
# **What they do not say.** There is one setting of all the other hyperparameters, tuned for none of these schedules,
# and one budget on each environment. With ten times the steps the order may be another one.
#
# **Recompute a small part.** These runs were trained with stable-baselines3, so `engine="sb3"` gives them again. Here
# are the first steps of two CartPole runs, from nothing but configuration and seed, beside what `data/` says. (With a
# constant epsilon a shorter run is the beginning of a longer one; with a falling one it is not.) On the same versions
# of the libraries and the same kind of processor they agree to the last digit.

# %% claim
final = curves.iqm(cartpole, by="exploration", rng=0).final
share = final["exploration"].map(lambda text: schedules.parse(text).mean())
little, much = final[share < 0.12], final[share > 0.12]
assert [len(little), len(much)] == [4, 3]
assert [round(100 * share[share < 0.12].max()), round(100 * share[share > 0.12].min())] == [11, 29]
assert [round(end) for end in (little["estimate"].min(), little["estimate"].max())] == [208, 285]
assert [round(end) for end in (much["estimate"].min(), much["estimate"].max())] == [69, 94]
assert [round(much["high"].max()), round(little["low"].min())] == [137, 106]
ends_ = (curves.iqm(cartpole.select(some), rng=0).final.iloc[0] for some in (spent < 0.12, spent > 0.12))
told_ = [[round(end[name]) for name in ("estimate", "low", "high", "n")] for end in ends_]
assert told_ == [[250, 167, 344, 48], [78, 68, 90, 36]]

# MountainCar
final = curves.iqm(mountaincar, by="exploration", rng=0).final
assert [round(end) for end in (final["estimate"].min(), final["estimate"].max())] == [-192, -168]
assert final["high"].min() > final["low"].max()
best = mountaincar.evals.groupby("run_id")["return_mean"].max()
last = mountaincar.evals.groupby("run_id")["return_mean"].last()
assert (best > -200).groupby(mountaincar.column("exploration")).sum().min() == 7
assert (last == -200).groupby(mountaincar.column("exploration")).sum().min() == 3

# the price while training
always = cartpole.select(spent == 1.0)
training, greedy = (
    curves.iqm(always, rng=0, value=value).final["estimate"].iloc[0] for value in ("train_return_mean", "return_mean")
)
assert round(training) == 22
assert round(greedy / training) == 3

# %%
stored = cartpole.select(exploration=schedules.Constant(0.1).to_json(), seed=[0, 1])
config = {name: stored.column(name).iloc[0] for name in stored.hyperparameters}
steps, seeds = size(20_000, small=5_000), size(2, small=1)
again = rlhp.sweep("dqn", "CartPole-v1", config, steps=steps, seeds=seeds, evaluation=5_000, engine="sb3")
curves.side_by_side({"now": again, "in data/": stored})

# %% [markdown]
# **Recompute all of it, with another engine.** The explorer above trains with `rlhp`'s own engine. It has the same
# algorithm and the same hyperparameters, but other random numbers. Single runs never agree with stable-baselines3's,
# only what many of them do on average. Here are all seven schedules again, from sixteen *new* seeds each. These are
# 5.6 million environment steps, three quarters of a minute on two cores.
#
# **Predict.** Of the statements above, which will still hold with other seeds, from another program? Will the new IQM
# lie inside the old interval for every schedule?

# %%
steps, seeds = size(50_000, small=2_000), range(100, 100 + size(16, small=5))
first = cartpole.table.drop_duplicates("hp.exploration").index  # one run of each schedule
configs = [{name: cartpole.column(name)[run] for name in cartpole.hyperparameters} for run in first]
fast = rlhp.sweep("dqn", "CartPole-v1", configs, steps=steps, seeds=seeds, evaluation=steps // 10, engine="jax")

# %% fold
# Table: the IQM of each schedule with its interval, in data/ and now
ends = {}
for name, runs in (("data/: stable-baselines3", cartpole), ("now: compiled", fast)):
    final = curves.iqm(runs, by="exploration", rng=0).final.set_index("exploration")
    ends[f"{name}, n = {final['n'].min()}"] = [
        f"{final['estimate'][one]:.0f} ({final['low'][one]:.0f} to {final['high'][one]:.0f})"
        for one in cartpole.column("exploration")[first]
    ]
labels = [curves.value_label(one) for one in cartpole.column("exploration")[first]]
pd.DataFrame(ends, index=labels).style.set_caption("CartPole: IQM of the last evaluation, 95 % interval")

# %% [markdown]
# **Explain.** What was clear stays clear. When this was written, the four schedules that spend little ended between
# 281 and 483 and the three that spend much between 51 and 97. This time the intervals of the two groups do not touch.
# What was not clear stays unclear: among the four the order is another one, and constant 0.01, third before, is first
# now.
#
# Its new IQM, 483, even lies outside the old interval (130 to 451); the other six lie inside. Is one of seven outside
# a contradiction? No. A 95 % interval is made to cover the *true* value, and a second estimate has luck of its own.
# With 12 and then 16 runs it falls outside the first interval about one time in seven, even if nothing at all is
# different. So compare intervals with intervals. (`benchmarks/parity.py` compares the two engines with far more
# seeds.)
#
# ## 6 · Random, but with persistence
#
# **In plain words.** Epsilon says *how often* a random action is taken. It does not say how *far* randomness gets. In
# MountainCar one push to the left and one to the right cancel. To climb the hill, pushes must go the same way for a
# while. With epsilon-greedy the chance that $k$ steps in a row are random *and* push the same way is tiny,
#
# $$P(k\text{ equal random actions in a row}) = |A| \left(\frac{\varepsilon}{|A|}\right)^{k},$$
#
# for $\varepsilon = 1$, $|A| = 3$ and $k = 16$ about one in fourteen million. **Temporally extended** epsilon-greedy
# (Dabney et al. 2021) changes one thing: once a random action is drawn, it is held for a random number of steps.
#
# ### Exercise 6: hold on to a random action
# Write uniformly random actions, each held for `repeat` steps. Use the generator `rng` that is passed in, so that the
# caller decides about chance. Hints: `hint("01.persistent_actions")`; picture: `expected("01.persistent_actions")`.


# %% answer="01.persistent_actions"
def persistent_actions(n_steps, n_actions, repeat, *, rng):
    """Random actions (0 to n_actions - 1), each held for `repeat` steps: an array of `n_steps` whole numbers."""
    ### BEGIN SOLUTION
    drawn = rng.integers(n_actions, size=-(-n_steps // repeat))  # rounds up
    return np.repeat(drawn, repeat)[:n_steps]
    ### END SOLUTION


# %% check="01.persistent_actions" points=2
check("01.persistent_actions", persistent_actions)
### BEGIN HIDDEN TESTS
_actions = persistent_actions(7, 2, 3, rng=np.random.default_rng(0))
assert len(_actions) == 7
assert len(set(_actions[:3].tolist())) == 1
assert len(persistent_actions(5, 4, 100, rng=np.random.default_rng(1))) == 5
### END HIDDEN TESTS

# %% [markdown]
# **Predict.** Of 200 episodes of MountainCar with purely random actions, how many reach the goal when each
# action is held for 1, 4, 16, 32 or 64 steps?

# %%
reach_prediction = {1: 0, 4: 0, 16: 0, 32: 0, 64: 0}  # your guesses


# %%
def reaches(repeat, episodes, rng):
    """Count the MountainCar episodes in which random actions, held for `repeat` steps, reach the goal."""
    env, hits = gymnasium.make("MountainCar-v0"), 0
    for episode in range(episodes):
        env.reset(seed=episode)
        for action in persistent_actions(200, 3, repeat, rng=rng):
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                break
        hits += terminated
    return hits


# %%
episodes = size(200, small=20)
with needs("01.persistent_actions"):
    for repeat in (1, 4, 16, 32, 64):
        hits = reaches(repeat, episodes, np.random.default_rng(0))
        print(f"held for {repeat:2} steps: {hits:3} of {episodes} episodes reach the goal")

# %% [markdown]
# **Explain.** Not one random action more or less, and yet the goal comes within reach. Half a swing of the car takes
# some 40 steps, about as long as the actions that do best here are held. The right time scale belongs to the
# environment. That is why Dabney et al. draw the duration from a distribution with a heavy tail instead of fixing it.
# The schedule says how much randomness is spent and when; persistence says what is bought with it.
#
# ## Quiz

# %%
quiz("01.quiz")

# %% [markdown]
# ### In your own words
#
# A colleague reports: "I replaced linear decay by exponential decay, both from 1 to 0.05 over half of training, and
# DQN got better; exponential decay is superior." Name two other explanations. For each, give the experiment that
# would tell. A person reads this one.

# %% [markdown] manual="01.linear_or_exponential" points=2
# *Model answer.* (1) Amount, not shape: the exponential schedule takes far fewer random steps (an average
# epsilon of about 0.18 against 0.29 for these ends). Compare it with a linear schedule that spends the same,
# by a smaller fraction. (2) Luck: with how many seeds? Train at least ten of each and give the IQM with its
# interval. Also good: the result is for one budget or one environment only (vary them); the schedule ran on
# another clock (log epsilon); the evaluation was not apart from training, so that the one that explores less
# late in training looks better (evaluate greedily).
#
# *Marking.* One point for each explanation with an experiment that really separates it from the colleague's.

# %% [markdown]
# ## Take-aways
#
# - What a random action teaches shrinks with training, its price does not: that is the argument for letting epsilon
#   fall. How fast is a question of the horizon.
# - A linear schedule is a straight line over a fraction of training; an exponential one spends early, and less.
# - What a schedule spends is the area under it. Compare shapes at equal spending.
# - The clock is environment steps over all environment steps. Log the epsilon that was used, and look at its last
#   value.
# - Measured on CartPole, how much was spent mattered and the shape did not show. On MountainCar ten seeds did not
#   tell four schedules apart. A rule of thumb is a place to start measuring.
# - Where single random steps cancel each other out, hold them longer; no schedule does that.
#
# ## Where it is contested
#
# - **Over half of training?** DQN's authors let epsilon fall from 1 to 0.1 over the first million of 50 million
#   frames, 2 % of training (Mnih et al. 2015); SB3's default is 10 %, to 0.05.
# - **Does epsilon matter at all?** Schaul et al. (2022) observe that the greedy policy of deep Q-learning itself
#   changes in a large share of states within a few updates. They argue that epsilon's role is smaller than thought.
#   Taïga et al. (2020) find that elaborate bonus-based exploration does not beat epsilon-greedy over the whole set of
#   Atari games. On the other hand, Osband et al. (2016) show problems in which undirected exploration needs a time
#   that grows exponentially in the length of the problem. There no schedule helps.
# - **A schedule, or many at once?** Ape-X (Horgan et al. 2018) gives each of its actors a *constant* epsilon of its
#   own, from large to tiny. It spreads over actors what a schedule spreads over time.
# - **Noise in actions, or elsewhere?** Fortunato et al. (2018) and Plappert et al. (2018) put the noise into the
#   network's parameters, so that it stays the same from step to step. Dabney et al. (2021) hold the random action.
#   Pîslar et al. (2022) ask when to switch within an episode.
#
# ## Further reading
#
# - Auer, Cesa-Bianchi, Fischer (2002), *Finite-time analysis of the multiarmed bandit problem*.
# - Dabney, Ostrovski, Barreto (2021), *Temporally-extended ε-greedy exploration*.
# - Fortunato et al. (2018), *Noisy networks for exploration*.
# - Horgan et al. (2018), *Distributed prioritized experience replay* (Ape-X).
# - Mnih et al. (2015), *Human-level control through deep reinforcement learning*.
# - Osband, Blundell, Pritzel, Van Roy (2016), *Deep exploration via bootstrapped DQN*.
# - Pîslar, Szepesvari, Ostrovski, Borsa, Schaul (2022), *When should agents explore?*
# - Plappert et al. (2018), *Parameter space noise for exploration*.
# - Schaul, Barreto, Quan, Ostrovski (2022), *The phenomenon of policy churn*.
# - Sutton, Barto (2018), *Reinforcement learning: an introduction*, chapter 2 (bandits) and section 6.5 (Q-learning).
# - Taïga, Fedus, Machado, Courville, Bellemare (2020), *On bonus-based exploration methods in the Arcade Learning
#   Environment*.
#
# **Next:** lecture 02 turns to the batch size, where deep RL and supervised learning give different advice.
