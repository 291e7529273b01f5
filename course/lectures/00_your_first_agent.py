# %% [markdown]
# # 00 · Your first agent, your first hyperparameter
#
# Run the next cell. A cart moves: somebody pushes it left and right at random, and the pole falls.

# %%
import numpy as np

import rlhp

chance = np.random.default_rng(0)
rlhp.record("CartPole-v1", lambda observation: chance.integers(2), seed=0)

# %% [markdown]
# Soon an agent of yours will keep the pole up. You will train it, watch it, change one number, and train it again.
# Then you will see why one such comparison proves nothing, and what to do about it.
#
# **After this lecture you can**
#
# - say what an environment step, an episode, a return and a hyperparameter are;
# - train and evaluate an agent with `rlhp` (and know what stable-baselines3 does underneath);
# - find a bug in an evaluation that raises no error;
# - say how often a comparison with one seed points the wrong way;
# - read an interquartile mean with its interval, and plan a comparison that deserves an answer.
#
# **You need** Python with a little NumPy. You should have heard that in reinforcement learning an agent acts and is
# rewarded. No deep learning is asked for.
#
# **Time: about 85 minutes**
#
# | part | minutes |
# |---|---|
# | 1 · An environment, an agent, a return | 12 |
# | 2 · Train it, watch it, evaluate it | 20 |
# | 3 · Change one number | 13 |
# | 4 · One seed lies | 20 |
# | 5 · Measured evidence | 6 |
# | 6 · A small study of your own | 9 |
# | Quiz, take-aways, reading | 5 |
#
# **The link:** this is the first lecture, so nothing comes before it. The number you change here stays the same
# during training. In the next lecture it begins to move.
#
# Some cells are **folded**: you see only their first line, which says what they draw. Click on it to see the code.

# %%
import tempfile
from pathlib import Path

import gymnasium
from IPython.display import HTML, display

from rlhp import curves, datasets, plots, widgets
from rlhp.exercises import check, expected, hint, needs, quiz, size


def show(ax, alt):
    """Show a figure, with a text for those who do not see it."""
    return HTML(plots.to_html_img(ax, alt))


# %% [markdown]
# ## 1 · An environment, an agent, a return
#
# **In plain words.** A cart runs on a rail and carries a pole that wants to fall. At every *environment step* the
# agent sees four numbers: position and speed of the cart, angle and speed of the pole. It pushes the cart left
# (action 0) or right (action 1). Every step in which the pole still stands is rewarded with 1.

# %% fold
# Drawing: the agent acts on the environment, which answers with an observation and a reward
boxes = {"agent\n(its policy)": (0, 0), "environment\n(cart and pole)": (4.4, 0)}
agent, environment = boxes
arrows = [(agent, environment, "action: left or right"), (environment, agent, "observation: four numbers; reward: 1")]
show(plots.diagram(boxes, arrows, marked=[agent]), plots.diagram_alt_text(boxes, arrows))

# %% [markdown]
# An *episode* ends when the pole leans too far or the cart runs off the rail (`terminated`). It also ends after 500
# steps (`truncated`: a time limit).
#
# The sum of the rewards of one episode is its **return**. In CartPole it is the number of steps the pole stayed up,
# so 500 is the best that is possible:
#
# $$G = \sum_{t=0}^{T-1} r_t .$$
#
# Here is again the agent that pushes at random, step by step.

# %%
env = gymnasium.make("CartPole-v1")
rng = np.random.default_rng(0)
observation, _ = env.reset(seed=0)
rewards, over = [], False
while not over:
    observation, reward, terminated, truncated, _ = env.step(rng.integers(2))
    rewards.append(reward)
    over = terminated or truncated
print(f"{len(rewards)} environment steps, return {sum(rewards):g}")

# %% [markdown]
# We *report* this plain (undiscounted) return. What most algorithms *maximise* is a relative of it. There a reward
# counts less the later it comes:
#
# $$G_\gamma = \sum_{t=0}^{T-1} \gamma^t\, r_t = r_0 + \gamma r_1 + \gamma^2 r_2 + \dots$$
#
# The discount $\gamma$ is a first example of a hyperparameter: nobody learns it, somebody chose it.
#
# ### Exercise 1: the return of an episode
#
# Write the discounted return of a list of rewards. With $\gamma = 1$ it is the plain sum. The first cell below shows
# hints, one at a time; the second shows what a right answer looks like. Every exercise has both. You can also read on
# first: cells that use your answer stand under `with needs(...)` and wait for it.
#
# A word that you do not know may be in the glossary: `hint("glossary:rollout")` explains one.

# %%
hint("00.discounted_return")

# %%
expected("00.discounted_return")


# %% answer="00.discounted_return"
def discounted_return(rewards, gamma):
    """Discounted return of one episode: one number. `rewards` is a list, the first reward first."""
    ### BEGIN SOLUTION
    return sum(gamma**t * reward for t, reward in enumerate(rewards))
    ### END SOLUTION


# %% check="00.discounted_return" points=1
check("00.discounted_return", discounted_return)
### BEGIN HIDDEN TESTS
assert abs(discounted_return([0.0, 0.0, 10.0], 0.9) - 8.1) < 1e-9
assert abs(discounted_return([1.0] * 500, 0.98) - (1 - 0.98**500) / 0.02) < 1e-6
### END HIDDEN TESTS

# %% [markdown]
# ## 2 · Train it, watch it, evaluate it
#
# **In plain words.** A *policy* is a rule that turns what the agent sees into an action; here it is a small neural
# network. The algorithm **PPO** lets the current policy play for a while (a *rollout*). It asks which actions turned
# out better than expected and makes those more likely. Then it throws the rollout away and plays again.
#
# PPO comes from **stable-baselines3** (SB3; Raffin et al. 2021), a library of well-tested deep RL algorithms in
# PyTorch. `rlhp` takes your settings under SB3's own names. It trains with SB3 or, where it can (as here), with a
# compiled engine of its own that has the same algorithm. It adds what a comparison needs: evaluations apart from
# training, seeds, and one table of results.
#
# These settings are known to work on CartPole (after rl-baselines3-zoo, which collects tuned ones):

# %%
GOOD = {
    "learning_rate": 1e-3,  # how far the network's weights move at each gradient step
    "n_envs": 8,  # copies of the environment that play side by side
    "n_steps": 32,  # steps that each copy plays in one rollout
    "batch_size": 256,  # transitions in one gradient step
    "n_epochs": 20,  # how often each rollout is gone through
    "gamma": 0.98,  # the discount of part 1
    "gae_lambda": 0.8,  # how far ahead "better than expected" looks
}

# %%
steps = size(20_000, small=512)
folder = Path(tempfile.mkdtemp())  # where the trained policy goes
keep = rlhp.Execution(keep_policies=True)
runs = rlhp.train("ppo", "CartPole-v1", GOOD, steps=steps, seed=0, out=folder, execution=keep)
runs.evals[["step", "return_mean", "return_std", "n_episodes"]].round(1)

# %% [markdown]
# Each row is an **evaluation**. Training pauses, and the policy plays ten whole episodes in an environment *of its
# own*. It always takes the action it finds best, and it learns nothing from them. Why apart from training? While it
# trains, the agent tries things on purpose and pays for it. Its returns then tell about the trying as well. The
# evaluation asks: *how good would this policy be if I used it now?*
#
# Numbers are one thing. Watch the agent play.

# %%
policy = runs.policy(runs.table.index[0])
policy.record(seed=0, max_steps=size(500, small=40))

# %% [markdown]
# ### Exercise 2: how often does the network change?
#
# "20,000 steps" are **environment steps**, counted over all copies of the environment together. A *gradient step* is
# one change of the network's weights. How many of them come out depends on four hyperparameters. PPO
#
# 1. plays rollouts of `n_envs * n_steps` environment steps until at least `steps` are done. It finishes a rollout
#    that it has begun;
# 2. goes `n_epochs` times through each rollout, each time cut into minibatches of `batch_size` (the last may be
#    smaller);
# 3. makes one gradient step for each minibatch.
#
# Write the number of gradient steps. Hints: `hint("00.gradient_steps")`; picture: `expected("00.gradient_steps")`.


# %% answer="00.gradient_steps"
def gradient_steps(steps, n_envs, n_steps, batch_size, n_epochs):
    """Gradient steps that PPO makes in `steps` environment steps, a whole number."""
    ### BEGIN SOLUTION
    rollout = n_envs * n_steps
    n_rollouts = -(-steps // rollout)  # rounds up
    n_minibatches = -(-rollout // batch_size)
    return n_rollouts * n_epochs * n_minibatches
    ### END SOLUTION


# %% check="00.gradient_steps" points=2
check("00.gradient_steps", gradient_steps)
### BEGIN HIDDEN TESTS
assert gradient_steps(100_000, n_envs=8, n_steps=32, batch_size=256, n_epochs=20) == 7820
assert gradient_steps(1, n_envs=1, n_steps=2048, batch_size=64, n_epochs=10) == 320
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 3: find the silent bug
#
# Here is an evaluation written by hand. The policy pushes towards the side to which the pole leans. The code runs, it
# gives a plausible mean, and its spread is wonderfully small. It is wrong.


# %%
def evaluate(policy, env, n_episodes, seed):
    returns = []
    for _ in range(n_episodes):
        observation, _ = env.reset(seed=seed)
        total, over = 0.0, False
        while not over:
            observation, reward, terminated, truncated, _ = env.step(policy(observation))
            total, over = total + reward, terminated or truncated
        returns.append(total)
    return returns


# %%
def lean(observation):
    return int(observation[2] > 0)  # the angle of the pole


returns = evaluate(lean, gymnasium.make("CartPole-v1"), n_episodes=10, seed=0)
print(f"mean return {np.mean(returns):.1f}, standard deviation over 10 episodes {np.std(returns):.1f}")

# %% [markdown]
# Copy the function into the cell below and repair it. It should still give the same list whenever it is
# called with the same seed on a new environment. Hints: `hint("00.silent_bug")`.


# %% answer="00.silent_bug"
def fixed_evaluate(policy, env, n_episodes, seed):
    """Returns of `n_episodes` episodes (a list), reproducible from `seed`."""
    ### BEGIN SOLUTION
    returns = []
    for episode in range(n_episodes):
        observation, _ = env.reset(seed=seed if episode == 0 else None)
        total, over = 0.0, False
        while not over:
            observation, reward, terminated, truncated, _ = env.step(policy(observation))
            total, over = total + reward, terminated or truncated
        returns.append(total)
    return returns
    ### END SOLUTION


# %% check="00.silent_bug" points=3
check("00.silent_bug", fixed_evaluate)
### BEGIN HIDDEN TESTS
import gymnasium


def _push(observation):
    return int(observation[2] > 0)


_returns = fixed_evaluate(_push, gymnasium.make("CartPole-v1"), 20, 7)
assert len(_returns) == 20
assert np.std(_returns) > 0
assert _returns == fixed_evaluate(_push, gymnasium.make("CartPole-v1"), 20, 7)
### END HIDDEN TESTS

# %% [markdown]
# The repaired evaluation shows what the buggy one hid: the same rule does better or worse from one episode to
# the next.

# %%
with needs("00.silent_bug"):
    returns = fixed_evaluate(lean, gymnasium.make("CartPole-v1"), n_episodes=10, seed=0)
    print(f"mean return {np.mean(returns):.1f}, standard deviation over 10 episodes {np.std(returns):.1f}")

# %% [markdown]
# ## 3 · Change one number
#
# A **hyperparameter** is a number (or a choice) that you set and that the learning algorithm does not change. The
# *parameters* are the thousands of weights that it learns. The hyperparameter that people change first is the
# **learning rate** $\alpha$. Each gradient step moves the weights $\theta$ along the gradient $g$ of PPO's objective:
#
# $$\theta \leftarrow \theta + \alpha\, g .$$
#
# (SB3 uses Adam, which rescales $g$ for every weight, but $\alpha$ still sets the pace.) Too small, and 20,000
# environment steps end before the policy has gone anywhere. Too large, and it overshoots.
#
# **Predict.** The agent above had $\alpha = 0.001$. What will a ten times larger one, $\alpha = 0.01$, do within the
# same steps: better, worse, about the same? Write it down before you run the cell after next.

# %%
prediction = "..."  # better, worse or about the same, and why

# %%
larger = rlhp.train("ppo", "CartPole-v1", {**GOOD, "learning_rate": 1e-2}, steps=steps, seed=0)
for name, one in (("0.001", runs), ("0.01", larger)):
    print(f"learning rate {name:>5}: mean return {one.evals['return_mean'].iloc[-1]:.1f} in the last evaluation")

# %% [markdown]
# Which learning rate would you use from now on? Remember your answer. It rests on one agent each, and the next part
# asks what one is worth.
#
# ### Live explorer: train a few yourself
#
# The explorer trains several agents with the same settings. They differ only in the **seed**, the number from which
# all chance starts: first weights, tried actions, starting positions. You can do everything with the keyboard. The
# notebook stays usable while it trains, and *Stop* keeps what is done.
#
# **Predict first:** five agents, same settings, five seeds. After 10,000 steps, how far apart are the best and the
# worst? Say a number. Then press *Start*, and unfold *The seeds as a table* below the curve. Next, set the learning
# rate to 0.0001, say what will happen, and start again.

# %%
spread_prediction = "..."  # my guess: best minus worst of five seeds, in units of return

# %%
widgets.LiveTrainer("CartPole-v1", "ppo", steps=10_000, n_seeds=5, config=GOOD, title="Five seeds of one configuration")

# %% [markdown]
# **Explain.** Only chance separates these agents, and still one may balance the pole while another drops it. Chance
# feeds back. A lucky early episode changes the policy, the policy decides what is seen next, and that decides what is
# learnt. So a learning curve is *one draw* from a distribution, and a hyperparameter shifts the distribution.
#
# ## 4 · One seed lies
#
# Both learning rates again, now with eight seeds each: sixteen agents on all your cores. `rlhp.sweep` trains
# configurations times seeds and returns one table of runs.

# %%
every = size(2_000, small=256)  # environment steps between evaluations
both_rates = [GOOD, {**GOOD, "learning_rate": 1e-2}]
pair = rlhp.sweep("ppo", "CartPole-v1", both_rates, steps=steps, seeds=size(8, small=5), evaluation=every)
last = pair.evals.groupby("run_id")["return_mean"].last()
final = pair.table.assign(final=last).pivot(index="seed", columns="hp.learning_rate", values="final")
final.rename_axis(columns="learning rate").style.format("{:.0f}").format_index("{:g}", axis=1).set_caption(
    "Mean return in the last evaluation, one row a seed"
)

# %% [markdown]
# The first row has the seed that you had before. (Beside other runs, rounding may set it on another path.) With
# another seed you would have had another row. Here is what each single seed would have told you:

# %%
for seed, row in final.iterrows():
    winner = f"{row.idxmax():g} is better" if row.nunique() > 1 else "they are equal"
    print(f"seed {seed}: {row[1e-3]:5.0f} with 0.001, {row[1e-2]:5.0f} with 0.01, so it seems that {winner}")

# %% [markdown]
# The pairs of a row are a little arbitrary. Two agents with seed 3 begin with the same weights, but from the first
# gradient step on they live different lives. So compare *every* run of one with *every* run of the other. In some
# pairs the worse configuration comes out on top. Their share is the chance that a one-seed comparison misleads you:
#
# $$
# P(\text{upset}) = \frac{1}{n m}\sum_{i=1}^{n}\sum_{j=1}^{m}
#     \Big( \mathbb{1}[w_j > b_i] + \tfrac12\, \mathbb{1}[w_j = b_i] \Big) .
# $$
#
# Here $b_1 \dots b_n$ are returns of the better and $w_1 \dots w_m$ of the worse configuration. (One minus it is
# known as the probability of improvement.)
#
# ### Exercise 4: how often does one seed point the wrong way?
# Write the share. The two lists may differ in length. Hints: `hint("00.upset")`; picture: `expected("00.upset")`.


# %% answer="00.upset"
def upset(better, worse):
    """Share of all pairs in which `worse` has the higher return; ties count half."""
    ### BEGIN SOLUTION
    b = np.asarray(better, dtype=float)[:, None]
    w = np.asarray(worse, dtype=float)[None, :]
    return float(np.mean((w > b) + 0.5 * (w == b)))
    ### END SOLUTION


# %% check="00.upset" points=2
check("00.upset", upset)
### BEGIN HIDDEN TESTS
assert abs(upset([3, 3, 3, 3], [3, 3]) - 0.5) < 1e-12
assert abs(upset([10, 20, 30], [15]) - 1 / 3) < 1e-12
### END HIDDEN TESTS

# %%
with needs("00.upset"):
    share = upset(better=final[1e-2], worse=final[1e-3])
    print(f"Say 0.01 is the better one. Then {100 * share:.0f} % of all one-seed comparisons say the opposite.")

# %% [markdown]
# **What to report instead.** Many seeds, one number that sums them up, and an interval that says how sure the number
# is. This course uses the **interquartile mean** (IQM; Agarwal et al. 2021). Sort the returns $x_{(1)} \le \dots \le
# x_{(n)}$, drop the lowest and the highest quarter, average the rest. With $k = \lfloor n/4 \rfloor$,
#
# $$\mathrm{IQM} = \frac{1}{n - 2k} \sum_{i=k+1}^{n-k} x_{(i)} .$$
#
# One lucky or one broken run moves the mean; it does not move the IQM. The median drops even more, all but the
# middle, and needs more seeds to be as steady.
#
# ### Exercise 5: the interquartile mean
# Your function should work for any number of returns from one on. Hints: `hint("00.iqm")`; picture:
# `expected("00.iqm")`.


# %% answer="00.iqm"
def iqm(returns):
    """Interquartile mean of a 1-D array of returns, one for each seed."""
    ### BEGIN SOLUTION
    ordered = np.sort(np.asarray(returns, dtype=float))
    cut = len(ordered) // 4
    return float(np.mean(ordered[cut : len(ordered) - cut]))
    ### END SOLUTION


# %% check="00.iqm" points=2
check("00.iqm", iqm)
### BEGIN HIDDEN TESTS
assert abs(iqm(np.array([7.0])) - 7.0) < 1e-12
assert abs(iqm(np.array([9.0, 1.0, 2.0, 100.0])) - 5.5) < 1e-12
assert abs(iqm(np.arange(16.0)) - 7.5) < 1e-12
### END HIDDEN TESTS

# %% [markdown]
# The library's version does this at every evaluation and adds the **95 % interval**. Imagine that somebody repeats
# this experiment with other seeds again and again, and makes such an interval each time. About 95 of 100 of those
# intervals contain the true value. (With few seeds it is rather fewer than 95; lecture 03 measures it.) The interval
# shrinks as seeds are added. It says nothing about other environments or other steps.

# %%
summary = curves.iqm(pair, by="learning_rate", rng=0)
summary.final.round({"estimate": 1, "low": 1, "high": 1})

# %% fold
# Figure: the IQM of both learning rates while they train, with its band and the single runs
show(plots.curves(summary, ax=plots.new_axes()), plots.alt_text(summary))

# %% [markdown]
# Read the figure in this order. *What is the line?* The IQM over seeds. *How many runs?* It says so. *What is
# shaded?* A band for the whole curve. *What do single runs do?* They are the thin lines, and they are wild.
#
# Do the two intervals at the last step, in the table, keep clear of each other? If not, the honest sentence is: *with
# this many seeds we cannot tell them apart*. (The interval at the last step comes from a bootstrap of whole runs and
# stays among the runs' own returns. The band reaches further, and does not know that 500 is the ceiling.)
#
# ## 5 · Measured evidence
#
# Eight seeds and two values fit into a lecture. This project also ran five values with 16 seeds each. The result is
# in `data/`, with the command that made it, so that you can check it or do it again.

# %%
evidence = datasets.load("learning_rate_cartpole")
summary = curves.iqm(evidence, by="learning_rate", rng=0)
datasets.card("learning_rate_cartpole")

# %% fold
# Figure: the IQM of five learning rates while they train
ax = plots.curves(summary, ax=plots.new_axes(), seeds=False, band="none", title="PPO on CartPole by learning rate")
show(ax, plots.alt_text(summary))

# %% [markdown]
# Five bands on top of each other could not be read, so this figure shows the lines alone. The next one shows what
# decides: every run's last evaluation, and the IQM with its interval.

# %% fold
# Figure: the last evaluation of every run, and the IQM of each learning rate with its interval
last = curves.summarise(evidence, "final_return", by="learning_rate", rng=0)
ax = plots.forest(last, ax=plots.new_axes((7.2, 3.6)), title="PPO on CartPole: the last evaluation")
show(ax, plots.forest_alt_text(last))

# %% [markdown]
# And with your own functions: how often one seed of each learning rate would beat one seed of the best.

# %%
by_rate = {group.key[0]: group.values for group in last.groups}
with needs("00.iqm", "00.upset"):
    best = max(by_rate, key=lambda rate: iqm(by_rate[rate]))
    for rate, returns in by_rate.items():
        beats = f"beats one of {best:g} in {100 * upset(by_rate[best], returns):.0f} % of pairs"
        print(f"{rate:7g}: IQM {iqm(returns):3.0f}; one seed of it {beats}")

# %% [markdown]
# What may be said after 16 seeds, and what not:
#
# - 0.0001 and 0.0003 are too small *for this budget*: their intervals lie below those of the other three. With ten
#   times the steps the picture may change; a learning rate, too, belongs to a horizon. Here even a single seed would
#   rarely have misled you.
# - Between 0.001, 0.003 and 0.01 the intervals overlap. The highest IQM is not "the best learning rate"; it is one of
#   three that these runs do not tell apart. Whatever seed 0 said about 0.001 and 0.01 was luck.
# - Early in training (look at the lines at 6,000 steps) these three lie further apart than at the end, and 0.01 is
#   highest. *What* you compare, and when, is part of the question. Lecture 03 is about that.
#
# **Recompute a small part.** Data that you cannot make again are a black box. This trains two of those runs again,
# from nothing but their configuration and seed, and puts both side by side. They were made by stable-baselines3,
# hence `engine="sb3"`; the agents above came from the compiled engine. On the same versions of the libraries and the
# same kind of processor they agree to the last digit. Elsewhere rounding may set them on different paths, one more
# reason to speak of distributions.

# %% claim
assert set(evidence.table["engine"]) == {"sb3"}
final = summary.final.set_index("learning_rate")
three = [1e-3, 3e-3, 1e-2]
assert final["high"][[1e-4, 3e-4]].max() < final["low"][three].min()
assert final["high"][three].min() > final["low"][three].max()
early = summary.table[summary.table["step"] == 6_000].set_index("learning_rate")["estimate"]
assert early.idxmax() == 1e-2
assert early[three].max() - early[three].min() > final["estimate"][three].max() - final["estimate"][three].min()

# %%
steps, seeds = size(20_000, small=2_000), size(2, small=1)
again = rlhp.sweep("ppo", "CartPole-v1", GOOD, steps=steps, seeds=seeds, evaluation=2_000, engine="sb3")
stored = evidence.select(learning_rate=1e-3, seed=[0, 1])
curves.side_by_side({"now": again, "in data/": stored})

# %% [markdown]
# ## 6 · A small study of your own
#
# ### Exercise 6: a fair comparison
#
# Choose **one** hyperparameter of PPO other than the learning rate, and a second value for it. For instance
# $\gamma$, `gae_lambda`, `n_epochs`, `n_steps`, `ent_coef` or `net_arch`. Write the plan of a comparison:
#
# - `configs`: a list of two dictionaries, which differ in that one hyperparameter;
# - `seeds`: at least five, the same ones for both;
# - `steps`: environment steps of each run, at most 20,000;
# - `prediction`: `"first"`, `"second"` or `"no difference"`: which one will have the higher final return?
#
# The check looks at the plan. No check knows what will come out. Hints: `hint("00.fair_comparison")`.


# %% answer="00.fair_comparison"
def my_plan():
    """Plan of a comparison: a dictionary with `configs`, `seeds`, `steps` and `prediction`."""
    ### BEGIN SOLUTION
    return {
        "configs": [GOOD, {**GOOD, "gamma": 0.9}],
        "seeds": [0, 1, 2, 3, 4],
        "steps": 10_000,
        "prediction": "first",
    }
    ### END SOLUTION


# %% check="00.fair_comparison" points=3
check("00.fair_comparison", my_plan, points=3)
### BEGIN HIDDEN TESTS
from rlhp import algorithms

_plan = my_plan()
_first, _second = ({**algorithms.defaults("ppo"), **config} for config in _plan["configs"])
_seeds = range(_plan["seeds"]) if isinstance(_plan["seeds"], int) else _plan["seeds"]
assert [name for name in _first if _first[name] != _second[name]] != ["learning_rate"]
assert len({int(seed) for seed in _seeds}) >= 5
assert 0 < int(_plan["steps"]) <= 20_000
### END HIDDEN TESTS

# %% [markdown]
# Now run it, and look at the interval before you look at the prediction.


# %% fold
# Function: draws the IQM of both of your configurations while they train
def draw_study(summary):
    return show(plots.curves(summary, ax=plots.new_axes()), plots.alt_text(summary))


# %%
with needs("00.fair_comparison"):
    plan = my_plan()
    study_steps = size(plan["steps"], small=512)
    study = rlhp.sweep("ppo", "CartPole-v1", plan["configs"], steps=study_steps, seeds=plan["seeds"], evaluation=every)
    changed = [name for name in study.hyperparameters if study.column(name).nunique(dropna=False) > 1]
    studied = curves.iqm(study, by=changed, rng=0)
    print("you predicted:", plan["prediction"])
    display(studied.final, draw_study(studied))

# %% [markdown]
# ### Exercise 7: say what you found
#
# In two to four sentences: what did you change, what came out (numbers, n, interval), was your prediction
# right, and what would you do next to be surer? A person reads this one.

# %% [markdown] manual="00.what_i_found" points=2
# *Model answer.* I lowered the discount from 0.98 to 0.9, with five seeds of 10,000 steps each, and expected
# the first to win. The IQM of the last evaluation was (number, interval) against (number, interval), n = 5
# each. The intervals overlap, so with five seeds I cannot say which is better; my prediction is neither
# confirmed nor refuted. Next I would add seeds, to 15 or so, rather than another value, because the question
# is how wide the intervals are.
#
# *Marking.* One point: both values with n and interval are given and the conclusion follows from them
# ("cannot tell" is a full answer where the intervals overlap). One point: a next step that addresses the
# uncertainty (more seeds, longer training, more evaluation episodes), not merely "tune more". No point is
# lost for a wrong prediction.

# %% [markdown]
# ## Quiz

# %%
quiz("00.quiz")

# %% [markdown]
# ## Take-aways
#
# - A hyperparameter is what you set and training does not change. It goes in; the return comes out.
# - Budgets are counted in environment steps, over all copies of the environment together.
# - Evaluate apart from training: own environment, own seeds, greedy actions, several *different* episodes.
# - A learning curve is one draw. The seed alone can move it as much as the hyperparameter does.
# - Report n, a summary that is not moved by one run (IQM) and an interval; show the single runs as well.
# - Change one thing at a time, and say before you look what you expect.
#
# ## Where it is contested
#
# - **How many seeds?** Henderson et al. (2018) split ten runs of one and the same configuration into two groups of
#   five and got visibly different curves. Colas et al. (2018) turn the question into a power analysis. Patterson et
#   al. (2024) argue that common practice, a handful of seeds, yields weak evidence. On the other side stands the
#   price: Agarwal et al. (2021) ask for statistics that are honest with the few runs people can afford, instead of
#   more runs.
# - **Is the IQM the right summary?** It ignores the worst quarter of the runs by design. Whoever must rely on *each*
#   trained agent wants that quarter most of all, and should look at low quantiles (lecture 03).
# - **Evaluate apart, or report training?** Machado et al. (2018) prefer the returns obtained *while* learning: an
#   agent that must behave well while it learns should be judged by that. Both are right about different questions;
#   say which one you answer.
#
# ## Further reading
#
# - Agarwal, Schwarzer, Castro, Courville, Bellemare (2021), *Deep reinforcement learning at the edge of the
#   statistical precipice*.
# - Colas, Sigaud, Oudeyer (2018), *How many random seeds? Statistical power analysis in deep reinforcement learning
#   experiments*.
# - Eimer, Lindauer, Raileanu (2023), *Hyperparameters in reinforcement learning and how to tune them*.
# - Henderson, Islam, Bachman, Pineau, Precup, Meger (2018), *Deep reinforcement learning that matters*.
# - Machado, Bellemare, Talvitie, Veness, Hausknecht, Bowling (2018), *Revisiting the Arcade Learning Environment*.
# - Patterson, Neumann, White, White (2024), *Empirical design in reinforcement learning*.
# - Raffin, Hill, Gleave, Kanervisto, Ernestus, Dormann (2021), *Stable-Baselines3: reliable reinforcement learning
#   implementations*.
# - Schulman, Wolski, Dhariwal, Radford, Klimov (2017), *Proximal policy optimization algorithms*.
# - Sutton, Barto (2018), *Reinforcement learning: an introduction*, chapters 1 to 3.
#
# **Next:** a number need not stay the same. In lecture 01 epsilon, the share of random actions, begins at 1 and comes
# down while the agent learns.
