# %% [markdown]
# # 02 · Batch size
#
# Every update of a network averages over a batch. How many examples should be in it? Supervised learning has laws and
# rules for this, and reinforcement learning took its default, 32, from there. This lecture measures what becomes of
# the laws when the agent makes its own data.
#
# **After this lecture you can**
#
# - say how the noise of a gradient falls with the batch size, and check it;
# - apply the linear scaling rule, and say where it ends;
# - compare batch sizes at equal environment steps *and* at equal time;
# - say how batch size, learning rate and n-step returns interact, with intervals;
# - find a silent bug that is right for batches of one and wrong for all others.
#
# **You need** lectures 00 (seeds, interquartile mean) and 01 (DQN, epsilon), and some NumPy.
#
# **Time: about 90 minutes**
#
# | part | minutes |
# |---|---|
# | 1 · What supervised learning advises | 15 |
# | 2 · What a batch is in DQN | 14 |
# | 3 · Try it: the batch explorer | 10 |
# | 4 · Measured evidence: at equal steps | 12 |
# | 5 · At equal time | 11 |
# | 6 · With n-step returns | 10 |
# | 7 · Plateaus and exploration | 8 |
# | 8 · A game, and Atari | 6 |
# | Quiz, take-aways, reading | 4 |
#
# **The link:** in lecture 01 a hyperparameter said which data the agent collects. This one says how much of these
# data it looks at before it takes a step.

# %%
import numpy as np
import pandas as pd
from IPython.display import HTML, display

import rlhp
from rlhp import curves, datasets, plots, widgets
from rlhp.exercises import check, expected, hint, needs, quiz, size
from rlhp.runs import concat


def show(ax, alt):
    """Show a figure, with a text for those who do not see it."""
    return HTML(plots.to_html_img(ax, alt))


# %% [markdown]
# ## 1 · What supervised learning advises
#
# **In plain words.** The gradient that you want is the mean over *all* examples. A batch gives a guess at it: right
# on average, off by chance. Four times as many examples halve the error, because errors of independent draws partly
# cancel:
#
# $$
# \hat g_B = \frac1B \sum_{i=1}^{B} \nabla \ell_i ,
# \qquad
# \mathbb{E}[\hat g_B] = g ,
# \qquad
# \sqrt{\mathbb{E}\,\lVert \hat g_B - g\rVert^2} = \frac{\sigma}{\sqrt B} .
# $$
#
# Here $\sigma$ is how far the gradients of single examples spread. So the first examples in a batch buy much and the
# later ones little. From 8 to 16 costs 8 examples, from 256 to 512 costs 256, and either divides the noise by $\sqrt
# 2$.
#
# ### Exercise 1: how noisy is a batch?
#
# `gradients` has a row for each example and a column for each parameter. Draw `n_batches` batches *with replacement*.
# Take the distance between the mean gradient of a batch and the mean over all examples. Give the root of its mean
# square.

# %%
hint("02.gradient_noise")

# %%
expected("02.gradient_noise")


# %% answer="02.gradient_noise"
def gradient_noise(gradients, batch_size, n_batches, *, rng):
    """Root of the mean squared distance of a batch's mean gradient from that of all examples (one number)."""
    ### BEGIN SOLUTION
    drawn = rng.integers(len(gradients), size=(n_batches, batch_size))
    off = gradients[drawn].mean(axis=1) - gradients.mean(axis=0)
    return np.sqrt((off**2).sum(axis=1).mean())
    ### END SOLUTION


# %% check="02.gradient_noise" points=3
check("02.gradient_noise", gradient_noise)
### BEGIN HIDDEN TESTS
_some = np.random.default_rng(5).normal(size=(500, 3))
_ratio = gradient_noise(_some, 1, 20_000, rng=np.random.default_rng(0)) / gradient_noise(
    _some, 9, 20_000, rng=np.random.default_rng(1)
)
assert abs(_ratio - 3) < 0.1
### END HIDDEN TESTS

# %% [markdown]
# Here it is for 20 weights of a linear model, 1,024 noisy examples, the squared error.


# %%
def regression(seeds, rng, examples=1_024, weights=20):
    """Make `seeds` regression tasks: inputs [seeds, examples, weights], outputs, and the true weights."""
    inputs = rng.normal(size=(seeds, examples, weights))
    truth = rng.normal(size=(seeds, weights, 1))
    return inputs, inputs @ truth + rng.normal(size=(seeds, examples, 1)), truth


inputs, outputs, _ = regression(1, np.random.default_rng(0))
gradients = -inputs[0] * outputs[0]  # of half the squared error of each example, at weights 0

# %% fold
# Figure: the noise of the gradient by batch size, as your function measures it
sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
with needs("02.gradient_noise"):
    noise = [gradient_noise(gradients, some, 400, rng=np.random.default_rng(some)) for some in sizes]
    ax = plots.new_axes((7.2, 3.4))
    ax.loglog(sizes, noise, **plots.look(0).line(), label="measured, 400 batches each")
    ax.loglog(sizes, noise[0] / np.sqrt(sizes), color=plots.look(1).color, linestyle="--", label="1 / sqrt(B)")
    ax.set(xlabel="batch size B", ylabel="noise of the gradient", xticks=sizes, xticklabels=sizes)
    ax.minorticks_off()
    ax.legend()
    said = f"The noise falls along 1/sqrt(B), from {noise[0]:.2f} at batch size 1 to {noise[-1]:.2f} at 512."
    display(show(ax, said))

# %% [markdown]
# **What to do with less noise: go further.** If eight times the batch makes a step more reliable, take a longer one.
# The **linear scaling rule** (Goyal et al. 2017) says: *multiply the learning rate by the same factor as the batch*.
# In one pass over the data, a batch of $kB$ takes one step where a batch of $B$ takes $k$. As long as the gradient
# hardly changes in between, one step of length $k\eta$ gets to the same place as $k$ steps of length $\eta$.
#
# **Predict.** Four passes over the 1,024 examples by plain gradient descent. The learning rate is 0.01 at batch
# size 8. What happens at batch size 512 (a) if it stays 0.01, (b) if it grows with the batch, to 0.64? How long can
# (b) go on?

# %%
scaling_prediction = "with 0.01: ..., with 0.64: ..., it goes on until ..."


# %%
def fit(batch_size, learning_rate, rng, seeds=30, passes=4):
    """Squared distance to the true weights after four passes of gradient descent, for each of `seeds` tasks."""
    inputs, outputs, truth = regression(seeds, rng)
    weights, row = np.zeros_like(truth), np.arange(seeds)[:, None]
    for _ in range(passes * inputs.shape[1] // batch_size):
        drawn = rng.integers(inputs.shape[1], size=(seeds, batch_size))
        x, y = inputs[row, drawn], outputs[row, drawn]
        weights -= learning_rate * x.transpose(0, 2, 1) @ (x @ weights - y) / batch_size
    return ((weights - truth) ** 2).sum(axis=(1, 2))


# %%
sizes = [8, 16, 32, 64, 128, 256, 512, 1_024, 2_048]
rules = {
    "same rate": lambda b: 0.01,
    "root scaling": lambda b: 0.01 * np.sqrt(b / 8),
    "linear scaling": lambda b: 0.01 * b / 8,
}
errors = {
    name: [fit(b, rule(b), np.random.default_rng(0), seeds=size(30, small=8)) for b in sizes]
    for name, rule in rules.items()
}

# %% fold
# Figure: how far from the truth each rule ends, by batch size
ax = plots.new_axes((7.2, 3.9))
for index, (name, found) in enumerate(errors.items()):
    centre = np.array([error.mean() for error in found])
    half = np.array([1.96 * error.std(ddof=1) / np.sqrt(len(error)) for error in found])
    ax.loglog(sizes, centre, **plots.look(index).line(), label=name)
    ax.fill_between(sizes, np.maximum(centre - half, 1e-3), centre + half, color=plots.look(index).color, alpha=0.2)
ax.set(xlabel="batch size", ylabel="squared distance to the truth", xticks=sizes, xticklabels=sizes)
ax.minorticks_off()
ax.set_title(f"four passes; mean of n = {len(found[0])} tasks, 95 % interval of the mean", loc="left", fontsize=9)
ax.legend(title="learning rate")
ends = "; ".join(f"{name}: {found[0].mean():.2f} at 8, {found[6].mean():.2f} at 512" for name, found in errors.items())
show(ax, f"Distance to the true weights by batch size. {ends}.")

# %% [markdown]
# **Explain.** With the same rate a larger batch takes fewer steps, none of them longer, so it does not arrive. Scaled
# linearly it arrives as well as the small one, at 64 times the batch. Then the step is too long for the curvature:
# look at the last point. Where the gain ends is called the **critical batch size**; McCandlish et al. (2018) tie it
# to the ratio of noise to gradient. (The rule is for plain gradient descent. Malladi et al. 2022 argue for a *square
# root* rule for Adam.)
#
# **And generalisation?** Keskar et al. (2017) found that networks trained with large batches end in *sharp* minima
# and do worse on new data. Hoffer et al. (2017) close most of the gap by training longer. Dinh et al. (2017) change
# the sharpness of a minimum without changing the function. Shallue et al. (2019), with everything tuned for each
# batch size, find no sign that large batches generalise worse.
#
# ## 2 · What a batch is in DQN
#
# **In plain words.** DQN puts every transition (situation, action, reward, next situation, ended or not) into a
# **replay memory**. Every `train_freq` environment steps it draws `gradient_steps` batches from there, one for each
# update.

# %% fold
# Drawing: the policy acts, transitions go into the memory, a batch comes out and changes the policy
places = {"policy": (0, 0.8), "environment": (3.2, 0.8), "replay memory": (6.4, 0.8), "update": (3.2, -0.8)}
arrows = [
    ("policy", "environment", "actions"),
    ("environment", "replay memory", "transitions"),
    ("replay memory", "update", "a batch of B"),
    ("update", "policy", "new weights"),
]
show(plots.diagram(places, arrows, marked=["update"]), plots.diagram_alt_text(places, arrows))

# %% [markdown]
# What changes with the batch size $B$ when everything else is held fixed?
#
# - **Not the number of updates.** One update comes every few environment steps, whatever $B$ is. A larger batch means
#   more *computation* for each.
# - **How often each transition is used**, the **replay ratio**:
#
# $$
# \text{replay ratio} = \frac{\text{transitions learnt from}}{\text{transitions collected}}
# $$
#
# ### Exercise 2: the replay ratio
#
# One round of training: each of `n_envs` environments takes `train_freq` steps, then the learner takes
# `gradient_steps` updates on `batch_size` transitions each. Hints: `hint("02.replay_ratio")`; picture:
# `expected("02.replay_ratio")`.


# %% answer="02.replay_ratio"
def replay_ratio(batch_size, train_freq, gradient_steps=1, n_envs=1):
    """How many transitions are learnt from for each one that is collected."""
    ### BEGIN SOLUTION
    return batch_size * gradient_steps / (train_freq * n_envs)
    ### END SOLUTION


# %% check="02.replay_ratio" points=1
check("02.replay_ratio", replay_ratio)
### BEGIN HIDDEN TESTS
assert replay_ratio(256, 1) == 256
assert replay_ratio(32, 4, gradient_steps=2, n_envs=8) == 2
### END HIDDEN TESTS

# %%
with needs("02.replay_ratio"):
    used = {b: replay_ratio(b, train_freq=4) for b in (8, 32, 128, 512)}
    display(pd.Series(used, name="each transition is used").to_frame().T)

# %% [markdown]
# With batches of 512 each transition is used more than a hundred times. (Whether that over-fits to the past: Fedus et
# al. 2020; Nikishin et al. 2022.)
#
# Three more things are not as they were:
#
# 1. **The data are correlated and made by the agent.** The batch is a fair sample of the *memory*, but the memory
#    holds what earlier policies happened to do.
# 2. **The targets move.** The target of a transition is $r + \gamma \max_a Q_{\text{target}}(s', a)$, made by (an
#    older copy of) the network that is being trained. A large batch computes precisely what may be wrong.
# 3. **Noise comes back as data.** A noisy update changes the policy a little, and the policy collects other data.
#
# ### Exercise 3: find the silent bug
#
# A colleague writes the loss of DQN. `q` holds the value of the action that was taken, one row a transition. Its
# shape is `[B, 1]`. `next_q` has the shape `[B, actions]`, `reward` and `terminated` (0 or 1) the shape `[B]`. She
# tests it with a batch of one transition; it is right. The next cells give it *perfect* predictions.


# %%
def td_loss(q, reward, next_q, terminated, gamma):
    target = reward + gamma * (1 - terminated) * next_q.max(axis=1)
    error = q - target
    return (error**2).mean()


# %%
def perfect(batch_size, rng, gamma=0.99):
    """A batch whose predictions equal their targets, as arguments of `td_loss`."""
    reward, next_q = rng.normal(size=batch_size), 10 * rng.normal(size=(batch_size, 2))
    ended = (rng.random(batch_size) < 0.1).astype(float)
    return (reward + gamma * (1 - ended) * next_q.max(axis=1))[:, None], reward, next_q, ended, gamma


for batch_size in (1, 2, 8, 64, 512):
    loss = td_loss(*perfect(batch_size, np.random.default_rng(0)))
    print(f"batch of {batch_size:3}: the loss of perfect predictions is {loss:.1f}")

# %% [markdown]
# No error, no warning. The loss even falls while the agent trains, because it is least where every transition is
# predicted the *mean* target. Copy the function into the cell below and repair it. Hints: `hint("02.silent_bug")`;
# picture: `expected("02.silent_bug")`.


# %% answer="02.silent_bug"
def fixed_td_loss(q, reward, next_q, terminated, gamma):
    """Mean squared error of the predictions `q` [B, 1] against their targets, one for each transition."""
    ### BEGIN SOLUTION
    target = reward + gamma * (1 - terminated) * next_q.max(axis=1)
    error = q[:, 0] - target  # [B] and [B]; [B, 1] and [B] would be stretched to [B, B]
    return (error**2).mean()
    ### END SOLUTION


# %% check="02.silent_bug" points=3
check("02.silent_bug", fixed_td_loss)
### BEGIN HIDDEN TESTS
_loss = fixed_td_loss(np.array([[1.0], [2.0]]), np.zeros(2), np.array([[4.0, 0.0], [0.0, 8.0]]), np.zeros(2), 0.5)
assert abs(_loss - 2.5) < 1e-9
### END HIDDEN TESTS

# %% [markdown]
# The habit that finds this bug at once: **assert the shape of the error**, and try the loss on perfect predictions.
#
# ## 3 · Try it: the batch explorer
#
# The explorer trains DQN on CartPole with three batch sizes, sixteen seeds each, with the setting of lecture 01.
# Release a control, and it trains anew. Switch its axis to *seconds of training* to compare the same runs at equal
# time.
#
# **Predict first:** it will ask you. Then make the learning rate a third of what it is. Which batch size will lose
# the largest share of its return?

# %%
explorer_prediction = "with a third of the learning rate, batch size ... loses the largest share, because ..."

# %%
widgets.BatchExplorer(batch_sizes=(16, 64, 256))

# %% [markdown]
# **Explain.** What follows are longer runs with more batch sizes, measured by the same engine.
#
# ## 4 · Measured evidence: at equal steps
#
# This project trained DQN on CartPole with seven batch sizes, from 8 to 512 transitions, at three learning rates,
# sixteen seeds each. Every run takes 50,000 environment steps and the same number of updates. Runs are compared by
# the **area under the learning curve**, the return averaged over training, because single evaluations jump.
#
# **Predict.** At learning rate 0.001, which batch size comes out best? And at which of the three rates (0.0003,
# 0.001, 0.003) will an agent with batches of 8 learn least?

# %% claim
measured = datasets.load("batch_size_cartpole")
assert set(measured.configs["n_seeds"]) == {16}
assert sorted(set(measured.column("batch_size"))) == [8, 16, 32, 64, 128, 256, 512]
assert set(measured.table["steps"]) == {50_000}

# %%
measured_prediction = "best at 0.001: ...; batches of 8 learn least at ..."

# %%
cartpole = datasets.load("batch_size_cartpole")
summary = curves.iqm(cartpole.select(learning_rate=1e-3), by="batch_size", rng=0)
datasets.card("batch_size_cartpole")

# %% fold
# Figure: learning curves of seven batch sizes at learning rate 0.001
ax = plots.new_axes((7.2, 4.2))
plots.curves(summary, ax=ax, seeds=False, band="pointwise", title="DQN on CartPole, learning rate 0.001")
show(ax, plots.alt_text(summary))

# %% [markdown]
# Now every batch size at every learning rate:


# %% fold
# Figure: the return over training by batch size, a line for each learning rate
def over_batches(runs, by, title, objective="auc", ylabel="return, mean over training"):
    """IQM over seeds of one number a run, with 95 % intervals, against batch size; a line for each value of `by`."""
    table = curves.summarise(runs, objective, by=[by, "batch_size"], rng=0).table
    ax, said = plots.new_axes((7.2, 3.9)), []
    for index, (value, rows) in enumerate(table.groupby(by)):
        style, label = plots.look(index), curves.value_label(value)
        at = rows["batch_size"] * 1.05 ** (index - 1)  # side by side
        ax.plot(at, rows["estimate"], **style.line(), label=label)
        ax.vlines(at, rows["low"], rows["high"], color=style.color, linewidth=1.5)
        each = (f"{r.estimate:.3g} ({r.low:.3g} to {r.high:.3g}) at {r.batch_size}" for r in rows.itertuples())
        said.append(f"{label}: " + ", ".join(each))
    ticks = sorted(set(table["batch_size"]))
    ax.set_xscale("log")
    ax.set(xlabel="batch size", ylabel=ylabel, xticks=ticks, xticklabels=ticks)
    ax.minorticks_off()
    ax.legend(title=by.replace("_", " "), fontsize=8, loc="center left", bbox_to_anchor=(1.01, 0.5))
    n = " to ".join(f"{n}" for n in sorted({table["n"].min(), table["n"].max()}))
    ax.set_title(f"{title}: n = {n} runs each; IQM and 95 % interval", loc="left", fontsize=9)
    if objective == "value_error":
        ax.set_yscale("log")
    return show(ax, f"{title}, {ylabel}: IQM with 95 % interval. " + "; ".join(said) + ".")


over_batches(cartpole, "learning_rate", "DQN on CartPole")

# %% [markdown]
# Sixteen seeds do not rank neighbours; look at the intervals. So ask one question, chosen before looking: what does a
# batch of 64 gain on one of 8? (Comparing the best of many sizes with the worst would find a difference in pure
# noise.)


# %%
def gain(runs, smaller, larger, within):
    """What the larger batch gains in the mean area under the curve, with 95 % intervals."""
    pair = runs.select(batch_size=[smaller, larger])
    return curves.compare_within(pair, "auc", by="batch_size", reference=smaller, within=within)


gain(cartpole, 8, 64, within="learning_rate")

# %% [markdown]
# At the smallest rate, batches of 8 earn 11, half of what random actions earn (22). They push the cart to one side,
# always. Compare what they *predict* of a situation with the return that follows. No discounted return can exceed $1
# / (1 - \gamma) = 100$ here.

# %% claim
random = datasets.load("exploration_cartpole")
random = random.select(random.column("exploration").str.contains('"value": 1.0'))
end = curves.iqm(random, rng=0, value="train_return_mean").final["estimate"].iloc[0]
assert round(end) == 22

# %% fold
# Figure: the error of the predicted return by batch size, a line for each learning rate
over_batches(cartpole, "learning_rate", "DQN on CartPole", "value_error", "error of the predicted return")

# %%
wild = cartpole.evals.groupby("run_id")["value_error"].max() > 100
keys = [cartpole.column(name).rename(name.replace("_", " ")) for name in ("batch_size", "learning_rate")]
said = f"Runs of {cartpole.configs['n_seeds'].min()} whose values were off by more than 100 in some evaluation"
wild.groupby(keys).agg("sum").unstack().style.format_index("{:g}", axis=1).set_caption(said)

# %% [markdown]
# **What these runs say.**
#
# - **At equal steps the larger batch was better, at all three learning rates.** From 8 to 64 transitions the mean
#   return over training rises by 53, 67 and 83, and all three intervals are clear of 0. Which one is *best* at 0.001?
#   The highest IQM is that of 512 (234, 198 to 262), but from 64 on all intervals overlap: none can be named.
# - **The smallest rate is where small batches fail.** At 0.0003 all sixteen runs with batches of 8 let their values
#   grow beyond anything that can be earned. They end at an IQM of 9 (two of them at 71 and 109). Every target is made
#   from a value that is itself too high, and errors feed on themselves. At 0.001 two runs of 112 did so, at 0.003
#   none. (The explorer's question: from 0.001 to 0.0003 batches of 8 fall from 129 to 11, those of 64 from 194 to 66,
#   those of 512 from 234 to 80.)
# - **The linear scaling rule does not carry over.** It would give a batch of 8 an eighth of the rate of a batch
#   of 64. Here the batch of 8 learnt *least* at the smallest rate. The danger is another one: targets that run away.
#
# These runs do not say why a *larger* rate, or a larger batch, helps against such values.
#
# **And further up?** The same question, again chosen before looking: what does a batch of 512 gain on one of 64?

# %% claim full
for rate, told in ((3e-4, 53), (1e-3, 67), (3e-3, 83)):
    pair = cartpole.select(batch_size=[8, 64], learning_rate=rate)
    more = curves.compare(pair, "auc", by="batch_size", reference=8, rng=0, test="welch").table.iloc[0]
    assert round(more["difference"]) == told
    assert more["low"] > 0
final = curves.iqm(cartpole, by=["learning_rate", "batch_size"], rng=0).final
assert round(final.set_index(["learning_rate", "batch_size"])["estimate"][3e-4, 8]) == 9
last = cartpole.evals.groupby("run_id")[["return_mean", "value_error"]].last()
smallest = cartpole.select(learning_rate=3e-4)
ends = last["return_mean"][smallest.table.index[smallest.column("batch_size") == 8]].sort_values()
assert [round(one) for one in ends.iloc[-3:]] == [13, 71, 109]
area = curves.summarise(cartpole, "auc", by=["learning_rate", "batch_size"], rng=0).table
area = area.set_index(["learning_rate", "batch_size"])
assert [round(area["estimate"][1e-3, batch]) for batch in (8, 64, 512)] == [129, 194, 234]
assert [round(area["estimate"][3e-4, batch]) for batch in (8, 64, 512)] == [11, 66, 80]
assert [round(area[edge][1e-3, 512]) for edge in ("low", "high")] == [198, 262]
assert area.loc[1e-3].loc[64:, "high"].min() > area.loc[1e-3].loc[64:, "low"].max()
counts = wild.groupby([cartpole.column("batch_size"), cartpole.column("learning_rate")]).sum()
assert counts[8, 3e-4] == 16
assert counts.xs(1e-3, level=1).sum() == 2
assert counts.xs(3e-3, level=1).sum() == 0

# %%
gain(cartpole, 64, 512, within="learning_rate")

# %% [markdown]
# The differences are small and every interval holds 0: sixteen seeds do not show that anything is left to gain. At
# the smallest rate even five of the runs with batches of 512 let their values run away.
#
# **Recompute a small part.** Four of these runs again, beside what `data/` says.

# %% claim
for rate in (3e-4, 1e-3, 3e-3):
    pair = cartpole.select(batch_size=[64, 512], learning_rate=rate)
    more = curves.compare(pair, "auc", by="batch_size", reference=64, rng=0, test="welch").table.iloc[0]
    assert more["low"] < 0 < more["high"]
assert wild.groupby([cartpole.column("batch_size"), cartpole.column("learning_rate")]).sum()[512, 3e-4] == 5

# %%
stored = cartpole.select(batch_size=8, learning_rate=3e-3, seed=[0, 1, 2, 3])
config = {name: stored.column(name).iloc[0] for name in stored.hyperparameters}
steps, seeds = size(50_000, small=5_000), size(4, small=1)
again = rlhp.sweep("dqn", "CartPole-v1", config, steps=steps, seeds=seeds, evaluation=2_500, engine="jax")
curves.side_by_side({"now": again, "in data/": stored})

# %% [markdown]
# Unlike in lecture 01 they need not agree to the last digit. An earlier version of the engine measured these data and
# added sums in another order. Some hundred steps later a last digit makes it another run.
#
# ## 5 · At equal time
#
# **In plain words.** "Equal environment steps" is the right comparison where environment steps are what costs: a
# robot, a slow simulator, a patient. Here the updates cost more than the environment, and a small batch could spend
# the time on more steps. With $u$ seconds for an update, $e$ for an environment step:
#
# $$ \text{seconds a run} = N \left( e + \frac{\text{gradient_steps}}{\text{train_freq}}\, u(B) \right) $$
#
# How $u$ grows with $B$ depends on the machine and the program. Two answers:

# %%
compiled = cartpole.table.groupby("hp.batch_size")["cpu_time_s"].median()
timing = datasets.load("batch_size_time")
torch = timing.table.groupby("hp.batch_size")["cpu_time_s"].min() * 50_000 / timing.table["steps"].iloc[0]
both = {"compiled, many runs side by side": compiled, "stable-baselines3, one run alone": torch}
seconds = pd.DataFrame(both).dropna().rename_axis("batch size")
seconds.style.format("{:.2f}").set_caption("Processor seconds for 50,000 steps of DQN on CartPole")

# %% fold
# Figure: what a batch size costs, relative to batches of 8, in both programs
ax = plots.new_axes((7.2, 3.4))
for index, name in enumerate(seconds):
    ax.semilogx(seconds.index, seconds[name] / seconds[name].iloc[0], **plots.look(index).line(), label=name)
ax.set(xlabel="batch size", ylabel="cost, relative to batch size 8", ylim=(0, None))
ax.set_xticks(seconds.index, seconds.index)
ax.minorticks_off()
ax.legend()
times = {name: seconds[name].iloc[-1] / seconds[name].iloc[0] for name in seconds}
text = "Cost relative to batch size 8. At 512: " + ", ".join(f"{n} {x:.1f} times" for n, x in times.items()) + "."
show(ax, text)

# %% [markdown]
# **Explain.** In the compiled program four times the batch, 32 in place of 8, raises the price by 40 per cent. A run
# with batches of 64 takes about twice as long, one with batches of 512 eleven times. In PyTorch, one run alone,
# almost all of the time goes into *calling* things: 512 transitions cost little more than 8.
#
# ### Exercise 4: who is ahead at equal time?
#
# Make the table of a study at equal time. `seconds` gives, for each batch size, the seconds that a *whole* run takes.
# So a run's evaluation at `step` is reached after `seconds[batch_size] * step / steps`. For each batch size take each
# run's last evaluation within `budget` seconds. A batch size that has none by then has no row. Hints:
# `hint("02.equal_time")`; picture: `expected("02.equal_time")`.


# %% claim
assert abs(compiled[32] / compiled[8] - 1.4) < 0.05
assert round(compiled[64] / compiled[8]) == 2
assert round(compiled[512] / compiled[8]) == 11
assert torch[512] < 1.5 * torch[8]


# %% answer="02.equal_time"
def equal_time(runs, seconds, budget):
    """One row for each batch size (the index), with the columns `n` (runs), `step` (the one reached) and `iqm`.

    `iqm` is the interquartile mean over runs of `return_mean` in each run's last evaluation within `budget`.
    """
    ### BEGIN SOLUTION
    batch = runs.evals["run_id"].map(runs.column("batch_size"))
    share = runs.evals["step"] / runs.evals["run_id"].map(runs.table["steps"])
    inside = runs.evals[share * batch.map(seconds) <= budget * (1 + 1e-9)]
    last = inside.groupby("run_id")[["step", "return_mean"]].last()
    rows = {}
    for one, some in last.groupby(runs.column("batch_size")):
        cut = len(some) // 4
        middle = np.sort(some["return_mean"])[cut : len(some) - cut]
        rows[one] = (len(some), some["step"].max(), middle.mean())
    return pd.DataFrame.from_dict(rows, orient="index", columns=["n", "step", "iqm"])
    ### END SOLUTION


# %% check="02.equal_time" points=4
check("02.equal_time", equal_time, points=4)
### BEGIN HIDDEN TESTS
from rlhp.runs import Runs

_configs = [{"batch_size": size} for size in (16, 16, 16, 16, 32, 32)]
_runs = Runs.from_table(_configs, [1.0, 9.0, 3.0, 5.0, 70.0, 80.0], seeds=[0, 1, 2, 3, 0, 1], steps=100)
_inside, _all = equal_time(_runs, {16: 4.0, 32: 9.0}, 5.0), equal_time(_runs, {16: 4.0, 32: 9.0}, 9.0)
assert [int(size) for size in _inside.index] == [16]
assert sorted(int(size) for size in _all.index) == [16, 32]
assert [int(_all.loc[size, "n"]) for size in (16, 32)] == [4, 2]
assert np.allclose([float(_all.loc[size, "iqm"]) for size in (16, 32)], [4, 75])
### END HIDDEN TESTS

# %%
best = cartpole.select(learning_rate=1e-3)
with needs("02.equal_time"):
    for name in seconds:
        budget = float(seconds[name].loc[64])  # what a whole run with batches of 64 takes
        table = equal_time(best, dict(seconds[name]), budget)
        display(table.round(1).style.format(precision=0).set_caption(f"{name}: after {budget:.2f} s"))

# %% [markdown]
# Whole curves over time:

# %% fold
# Figure: learning curves of each batch size over processor seconds
ax, said = plots.new_axes((7.2, 3.9)), []
price = seconds.iloc[:, 0]
for index, group in enumerate(curves.iqm(best, by="batch_size", rng=0).groups):
    style, batch = plots.look(index), group.key[0]
    at = price[batch] * group.steps / group.steps[-1]
    ax.plot(at, group.estimate, **style.line(), markevery=4, label=f"{batch}")
    ax.fill_between(at, group.low, group.high, color=style.color, alpha=0.12, linewidth=0)
    said.append(f"batch size {batch} ends after {at[-1]:.2f} s at {group.estimate[-1]:.0f}")
ax.set(xlabel="processor seconds", ylabel="undiscounted return", xscale="log")
ticks = [0.03, 0.1, 0.3, 1, 3]
ax.set_xticks(ticks, ticks)
ax.minorticks_off()
title = f"Compiled engine, learning rate 0.001: n = {group.n} runs each; IQM and 95 % interval"
ax.set_title(title, loc="left", fontsize=9)
ax.legend(title="batch size")
show(ax, f"{title}, over time: " + "; ".join(said) + ".")

# %%
lines = {group.key[0]: group for group in curves.iqm(best, by="batch_size", rng=0).groups}
for batch in (8, 64):
    group, price = lines[batch], seconds.iloc[:, 0]
    done = np.flatnonzero(group.steps / group.steps[-1] * price[batch] <= price[8])[-1]
    there = f"IQM {group.estimate[done]:.0f} ({group.low[done]:.0f} to {group.high[done]:.0f})"
    print(f"batches of {batch:2}: {group.steps[done]:6,} steps in the time that 8 needs for all of its; {there}")

# %% [markdown]
# **Explain.** By the compiled engine's prices, batches of 512 are not at 10,000 steps when those of 64 have done all
# of their 50,000. By PyTorch's prices they have done most of theirs. Batches of 8 save half of the time of those of
# 64, but no gain from it can be seen. When their 50,000 steps are done, those of 64 are at 22,500, with an IQM of 146
# (129 to 172) against 141 (61 to 231). So first ask: *what is it that you cannot afford more of?*
#
# ## 6 · With n-step returns
#
# **In plain words.** One-step targets trust the network after a single reward; they are steady and biased. The target
# of $n$ steps counts $n$ real rewards first and trusts the network later:
#
# $$
# y = \sum_{k=0}^{n-1} \gamma^k r_{t+k} \;+\; \gamma^n \max_a Q(s_{t+n}, a) ,
# \qquad\text{cut off where the episode ends.}
# $$
#
# Rewards travel back faster, but the target's *variance* grows with $n$, because chance and other actions get in. A
# textbook would say: then take a larger batch.
#
# ### Exercise 5: the target of n steps
#
# `rewards` and `terminated` are those of the $n$ steps that follow a situation, `value` is $\max_a Q$ of the
# situation after them. Hints: `hint("02.n_step_target")`; picture: `expected("02.n_step_target")`.


# %% claim
assert 50_000 * compiled[64] / compiled[512] < 10_000
assert 50_000 * torch[64] / torch[512] > 25_000
within = np.flatnonzero(np.asarray(lines[64].steps) <= 50_000 * compiled[8] / compiled[64])[-1]
assert lines[64].steps[within] == 22_500
told = [
    [round(one[at]) for one in (line.estimate, line.low, line.high)]
    for line, at in ((lines[64], within), (lines[8], -1))
]
assert told == [[146, 129, 172], [141, 61, 231]]


# %% answer="02.n_step_target"
def n_step_target(rewards, terminated, value, gamma):
    """Target of one transition: rewards of up to n steps, then the value, unless the episode ended before."""
    ### BEGIN SOLUTION
    target, discount = 0.0, 1.0
    for reward, ended in zip(rewards, terminated, strict=True):
        target += discount * reward
        discount *= gamma
        if ended:
            return target
    return target + discount * value
    ### END SOLUTION


# %% check="02.n_step_target" points=2
check("02.n_step_target", n_step_target)
### BEGIN HIDDEN TESTS
assert abs(n_step_target(np.ones(4), np.zeros(4, bool), 10.0, 0.9) - (3.439 + 6.561)) < 1e-9
assert n_step_target([1.0, 1.0], [True, True], 10.0, 1.0) == 1.0
### END HIDDEN TESTS

# %% [markdown]
# **Predict.** DQN on CartPole with $n = 1, 3, 10$ and batches of 8 and 64. With which $n$ does the larger
# batch gain most: is the textbook right?

# %%
n_step_prediction = "the larger batch gains most with n = ..."

# %%
n_steps = datasets.load("batch_size_n_steps")
one_step = cartpole.select(learning_rate=1e-3, batch_size=[8, 64], seed=sorted(set(n_steps.column("seed"))))
both = concat([one_step, n_steps])
datasets.card("batch_size_n_steps")

# %% fold
# Figure: the return over training by batch size, a line for each n
over_batches(both, "n_steps", "DQN on CartPole, learning rate 0.001")

# %%
gain(both, 8, 64, within="n_steps")

# %%
curves.compare_within(both, "auc", by="n_steps", reference=1, within="batch_size")

# %%
batch, n = both.column("batch_size"), both.column("n_steps")
across = both.select(((batch == 8) & (n == 10)) | ((batch == 64) & (n == 1)))
found = curves.compare(across, "auc", by="n_steps", reference=1, rng=0, test="welch").table.iloc[0]
said = "batches of 8 with n = 10 less batches of 64 with n = 1: {difference:.0f} ({low:.0f} to {high:.0f})"
print(said.format(**found))

# %% [markdown]
# **What these runs say.**
#
# - **Ten steps did more than larger batches; three did not help.** From $n = 1$ to 10 the mean return over training
#   rises by 183 (105 to 262) with batches of 8 and by 194 (139 to 249) with 64. From 1 to 3 no gain is seen: −13 (−93
#   to 67) and −28 (−147 to 92). With $n = 10$ even batches of 8 earn more than 64 with $n = 1$, by 103 (19 to 187).
# - **No interaction can be seen.** A batch of 64 gains 80, 66 and 91 on one of 8 at $n = 1, 3, 10$, and the intervals
#   overlap widely. Neither the textbook nor its opposite is supported; eight seeds would show a strong interaction,
#   not a weak one.
#
# ## 7 · Plateaus and exploration
#
# **Plateaus.** Learning curves in RL rarely rise evenly: long stretches without any progress, then a jump. The mean
# over seeds hides them, so count run by run. How long is the longest stretch in which a run does not get better by at
# least 25 than the best it has shown?


# %% claim
def longer(runs, n):
    table = curves.compare(runs, "auc", by="n_steps", reference=1, rng=0, test="welch").table.iloc[0]
    return [round(table[name]) for name in ("difference", "low", "high")]


assert set(both.configs["n_seeds"]) == {8}
told = {(8, 3): [-13, -93, 67], (8, 10): [183, 105, 262], (64, 3): [-28, -147, 92], (64, 10): [194, 139, 249]}
for (size_, n_), values in told.items():
    assert longer(both.select(batch_size=size_, n_steps=[1, n_]), n_) == values
assert longer(across, 10) == [103, 19, 187]
gains = {}
for n_ in (1, 3, 10):
    pair = both.select(n_steps=n_)
    gains[n_] = curves.compare(pair, "auc", by="batch_size", reference=8, rng=0, test="welch").table.iloc[0]
assert [round(one["difference"]) for one in gains.values()] == [80, 66, 91]
assert max(one["low"] for one in gains.values()) < min(one["high"] for one in gains.values())
assert gains[3]["low"] < -50
assert gains[3]["high"] > 150


# %%
def longest_plateau(returns, gain=25, top=500):
    """Share of a run's evaluations in the longest stretch without a new best that is better by `gain`."""
    best, stretch, longest = returns[0], 0, 0
    for value in returns[1:]:
        if best > top - gain:  # nothing more to wait for
            break
        best, stretch = (value, 0) if value >= best + gain else (best, stretch + 1)
        longest = max(longest, stretch)
    return longest / len(returns)


# %%
waits = cartpole.evals.groupby("run_id")["return_mean"].apply(lambda returns: longest_plateau(returns.to_numpy()))
table = waits.groupby(keys).quantile([0.25, 0.5, 0.75]).unstack().mul(100).round()
texts = table.apply(lambda row: f"{row[0.5]:.0f} ({row[0.25]:.0f} to {row[0.75]:.0f})", axis=1).unstack()
said = f"Longest plateau in per cent of training: median (quartiles) of n = {len(waits) // len(texts) // 3} runs"
texts.style.format_index("{:g}", axis=1).set_caption(said)

# %% [markdown]
# In the median run the longest wait takes 30 to 60 per cent of training at the two larger rates. At the smallest
# rate, waiting is all that batches of 8 do (95 per cent): values that have run away seldom come back. Of the 65 runs
# at this rate whose values were off by more than 100, four were below that again at the end. So look at the values
# beside the return.
#
# **Does the noise of small batches explore?** A noisy update changes which action is greedy, and the agent does
# something new. (Schaul et al. 2022 find that greedy policies change in a large share of situations within a few
# updates.) If small batches explore by their noise, they should miss epsilon *least* when it is taken away. So here
# are the same runs with no random action once learning begins.
#
# **Predict.** Who loses most without epsilon: small batches or large ones?

# %% claim
middle = 100 * waits.groupby([cartpole.column("batch_size"), cartpole.column("learning_rate")]).median()
usual = middle[middle.index.get_level_values(1) > 3e-4]
assert (round(usual.min()), round(usual.max())) == (30, 60)
assert all(middle[512, rate] <= middle.xs(rate, level=1).nsmallest(2).iloc[-1] for rate in (1e-3, 3e-3))
assert round(middle[8, 3e-4]) == 95
off = wild[cartpole.select(learning_rate=3e-4).table.index]
last = cartpole.evals.groupby("run_id")["value_error"].last()
assert (off.sum(), (last[off.index[off]] < 100).sum()) == (65, 4)

# %%
epsilon_prediction = "without epsilon, ... batches lose most"

# %%
acrobot = datasets.load("batch_size_acrobot")
linear = next(text for text in acrobot.column("exploration") if "linear" in text)
display(curves.compare_within(acrobot, "auc", by="exploration", reference=linear, within="batch_size"))
datasets.card("batch_size_acrobot")

# %% fold
# Figure: the return over training on Acrobot by batch size, with epsilon and without
over_batches(acrobot, "exploration", "DQN on Acrobot")

# %% [markdown]
# **What these runs say: nothing for the hope, and nothing against it.** At six of seven batch sizes the interval of
# the difference holds 0. At 64 it just does not, and there it is *better* without epsilon. One of seven by a hair is
# what chance does. On Acrobot these agents learnt without epsilon after the first 1,000 random steps, and no loss by
# that could be shown. To answer the question, take an environment where epsilon is worth something.
#
# And the batch size itself, with epsilon and without:

# %% claim
assert set(acrobot.configs["n_seeds"]) == {16}
for batch_size_ in (8, 16, 32, 64, 128, 256, 512):
    pair = acrobot.select(batch_size=batch_size_)
    less = curves.compare(pair, "auc", by="exploration", reference=linear, rng=0, test="welch").table.iloc[0]
    assert less["high"] > 0
    assert (less["low"] > 0) == (batch_size_ == 64)

# %%
display(gain(acrobot, 8, 64, within="exploration"))
display(gain(acrobot, 64, 512, within="exploration"))
gain(acrobot, 256, 512, within="exploration")

# %% [markdown]
# At equal steps larger batches were better on Acrobot, and unlike on CartPole also beyond 64. With epsilon the mean
# return over training rises by 68 (25 to 110) from 8 to 64 and by 166 (125 to 208) from 64 to 512. From 256 to 512
# nothing more can be seen (12, −22 to 46).
#
# ## 8 · A game, and Atari
#
# MinAtar's Breakout shows a picture of 10 by 10 fields and asks the questions of Atari at a thousandth of the price.
# 100,000 steps are few, so this is about the *beginning* of learning. Batches of 8, 32 and 128, eight seeds each:
#
# **Predict.** On Atari, agents with multi-step returns gained from batches *below* 32. With which $n$ will batches of
# 8 come closer to those of 32 here: 1 or 3?

# %% claim
with_epsilon = acrobot.select(exploration=linear)
for (smaller, larger), told in {(8, 64): [68, 25, 110], (64, 512): [166, 125, 208], (256, 512): [12, -22, 46]}.items():
    pair = with_epsilon.select(batch_size=[smaller, larger])
    more = curves.compare(pair, "auc", by="batch_size", reference=smaller, rng=0, test="welch").table.iloc[0]
    assert [round(more[name]) for name in ("difference", "low", "high")] == told

# %%
minatar_prediction = "batches of 8 come closer to those of 32 with n = ..."

# %%
minatar = datasets.load("batch_size_minatar")
display(curves.compare_within(minatar, "auc", by="n_steps", reference=1, within="batch_size"))
datasets.card("batch_size_minatar")

# %% fold
# Figure: the return over training on MinAtar's Breakout by batch size, a line for each n
over_batches(minatar, "n_steps", "DQN on MinAtar's Breakout")

# %%
display(gain(minatar, 8, 32, within="n_steps"))
gain(minatar, 32, 128, within="n_steps")

# %% [markdown]
# **What these runs say.** At equal steps the larger batch was better here as well. From 8 to 32 transitions the
# return over training rises by 0.60 with one-step returns and by 0.98 with three steps, both intervals clear of 0.
# From 32 to 128 it rises by 1.08 and by 0.48, the second interval just holding 0. So batches of 8 come no closer to
# those of 32 with longer returns. Three-step returns helped with batches of 8 and 32, by 0.58 (0.27 to 0.89) and 0.97
# (0.62 to 1.31). With 128 the interval holds 0 (0.37, −0.18 to 0.92).
#
# **What was found on Atari.** Obando-Ceron, Bellemare and Castro (2023) varied the batch size of value-based agents
# with replay memories on Atari games, with hundreds of times more steps than here. *Reducing* the batch size below
# the usual 32 improved many of the agents, and cost less time. Mostly those gained that learn from multi-step
# returns. Why, they did not settle.
#
# **How to compare the two.** Ask what differs. There: deep convolutional networks, many games, millions of steps,
# multi-step agents. Here: two layers of 64 units, 100,000 steps at most, plain DQN. (Ceron and Castro 2021 argue for
# small environments in this.)
#
# ## Quiz


# %% claim
def found_with(runs, by, reference):
    return curves.compare(runs, "auc", by=by, reference=reference, rng=0, test="welch").table.iloc[0]


assert set(minatar.configs["n_seeds"]) == {8}
assert set(minatar.table["steps"]) == {100_000}
first, second = (
    {n_: found_with(minatar.select(batch_size=pair, n_steps=n_), "batch_size", pair[0]) for n_ in (1, 3)}
    for pair in ([8, 32], [32, 128])
)
assert [round(more["difference"], 2) for more in first.values()] == [0.60, 0.98]
assert min(more["low"] for more in first.values()) > 0
assert first[3]["low"] < first[1]["high"]
assert [round(more["difference"], 2) for more in second.values()] == [1.08, 0.48]
assert second[1]["low"] > 0 > second[3]["low"]
for batch_size_, told in {8: [0.58, 0.27, 0.89], 32: [0.97, 0.62, 1.31], 128: [0.37, -0.18, 0.92]}.items():
    more = found_with(minatar.select(batch_size=batch_size_, n_steps=[1, 3]), "n_steps", 1)
    assert [round(more[name], 2) for name in ("difference", "low", "high")] == told

# %%
quiz("02.quiz")

# %% [markdown]
# ### In your own words
#
# A colleague reports: "Batch size 256 beats 32 in our simulator, at equal environment steps, one learning rate, five
# seeds. Larger batches are better for DQN." Name two things that could turn the order around. For each, give the
# experiment that would tell.

# %% [markdown] manual="02.larger_is_better" points=2
# *Model answer.* (1) The learning rate: it may be too small for the small batch or suit only the large one.
# Try at least three rates for *each* batch size, and compare the best of each on fresh seeds. (2) Time: the
# large batch costs more for every update; compare at equal seconds on the machine in question (or let the
# small batch take more gradient steps for the same time). Also good: five seeds (give intervals; train
# more); n-step returns or the replay ratio change the order (vary them); another budget of steps; another
# environment.
#
# *Marking.* One point for each thing with an experiment that really tests it.

# %% [markdown]
# ## Take-aways
#
# - The noise of a gradient falls like $1/\sqrt B$; the price of an update grows, in the end, like $B$.
# - In supervised learning batch size and learning rate go together by a rule, up to a critical size. In DQN no rule
#   is known to carry over: here small batches failed at the *small* rate.
# - A larger batch in DQN does not mean fewer updates. It means a higher replay ratio.
# - Measured at equal steps, 64 beat 8 on CartPole and Acrobot, and 32 beat 8 on MinAtar's Breakout. From 64 to 512
#   Acrobot went on gaining; on CartPole no difference was seen. On Atari, Obando-Ceron et al. (2023) found otherwise.
#   Say where a result comes from.
# - Who wins at equal time depends on what an update costs on *your* machine.
# - Assert the shape of the error: `[B, 1]` and `[B]` make a loss that is right for batches of one.
#
# ## Where it is contested
#
# - **Small or large in deep RL?** Small: Obando-Ceron et al. (2023), for multi-step value-based agents on Atari.
#   Large: Stooke and Abbeel (2018) train with very large batches at little loss once the learning rate follows.
#   McCandlish et al. (2018) find that RL tasks bear far larger batches than image tasks. Nikulin et al. (2022) do
#   well with large ones in offline RL.
# - **Is it the batch, or the learning rate?** Both set how far and how randomly the weights move. Smith et al. (2018)
#   even raise the batch size *instead* of lowering the rate. How much is left once the rate is tuned for each batch
#   size? Few have asked it for RL.
#
# ## Further reading
#
# - Ceron, Castro (2021), *Revisiting Rainbow: promoting more insightful and inclusive deep reinforcement learning
#   research*.
# - Dinh, Pascanu, Bengio, Bengio (2017), *Sharp minima can generalize for deep nets*.
# - Fedus et al. (2020), *Revisiting fundamentals of experience replay*.
# - Goyal et al. (2017), *Accurate, large minibatch SGD: training ImageNet in 1 hour*.
# - Hoffer, Hubara, Soudry (2017), *Train longer, generalize better: closing the generalization gap in large batch
#   training of neural networks*.
# - Keskar, Mudigere, Nocedal, Smelyanskiy, Tang (2017), *On large-batch training for deep learning: generalization
#   gap and sharp minima*.
# - Malladi, Lyu, Panigrahi, Arora (2022), *On the SDEs and scaling rules for adaptive gradient algorithms*.
# - McCandlish, Kaplan, Amodei et al. (2018), *An empirical model of large-batch training*.
# - Nikishin, Schwarzer, D'Oro, Bacon, Courville (2022), *The primacy bias in deep reinforcement learning*.
# - Nikulin, Kurenkov, Tarasov, Akimov, Kolesnikov (2022), *Q-ensemble for offline RL: don't scale the ensemble, scale
#   the batch size*.
# - Obando-Ceron, Bellemare, Castro (2023), *Small batch deep reinforcement learning*.
# - Schaul, Barreto, Quan, Ostrovski (2022), *The phenomenon of policy churn*.
# - Shallue et al. (2019), *Measuring the effects of data parallelism on neural network training*.
# - Smith, Kindermans, Ying, Le (2018), *Don't decay the learning rate, increase the batch size*.
# - Stooke, Abbeel (2018), *Accelerated methods for deep reinforcement learning*.
# - Sutton, Barto (2018), *Reinforcement learning: an introduction*, chapter 7 (n-step bootstrapping).
#
# **Next:** lecture 03 asks what learning curves let you conclude, and how many seeds you need for it.
