# %% [markdown]
# # 04 · Search spaces and sweeps
#
# "We tuned the learning rate." Between which values? On which scale? With what else held where? A search space
# answers these questions before the first run, and no search finds what is not in it. This lecture builds a space,
# draws from it in four ways, and looks at what 256 configurations did in three environments.
#
# **After this lecture you can**
#
# - write a search space: ranges, scales, levels, conditions, and what is forbidden;
# - say what a logarithmic and a flipped-logarithmic scale do to a sample, and check it;
# - say what a grid, random, Latin hypercube and Sobol points cover, and what each misses;
# - read a landscape through a surrogate: a slice, an average, and how far to trust either;
# - say what a sweep on one environment tells about another, with an interval;
# - choose a configuration with some seeds and judge it with others;
# - design and run a small sweep of your own.
#
# **You need** lectures 00 to 03 (DQN, seeds, intervals), and some NumPy and pandas.
#
# **Time: about 90 minutes**
#
# | part | minutes |
# |---|---|
# | 1 · What a search space is | 8 |
# | 2 · Scales | 10 |
# | 3 · Conditional and forbidden parts | 10 |
# | 4 · Grid, random, Sobol | 18 |
# | 5 · Landscapes | 14 |
# | 6 · The same sweep in three environments | 12 |
# | 7 · The best of many | 8 |
# | 8 · Your own sweep | 8 |
# | Quiz, take-aways, reading | 2 |
#
# **The link:** lecture 03 said how many runs it takes to compare *two* settings. From here on there are hundreds, and
# the question is where to put them.

# %%
import numpy as np
import pandas as pd
from IPython.display import HTML, display
from scipy import stats

import rlhp
from rlhp import curves, datasets, importance, objectives, plots, spaces, widgets
from rlhp.exercises import check, expected, hint, needs, quiz, size


def show(ax, alt):
    """Show a figure, with a text for those who do not see it."""
    return HTML(plots.to_html_img(ax, alt))


# %% [markdown]
# ## 1 · What a search space is
#
# **In plain words.** For each hyperparameter a space says which values it may take, and *how they are spread*: where
# a draw is as likely as where. A configuration is one value for each. Formally a space is a set $\Lambda = \Lambda_1
# \times \dots \times \Lambda_d$ with a measure on it, less what is forbidden.

# %% fold
# Drawing: from a space to a landscape, by way of configurations, runs and scores
places = {"space": (0, 0), "configurations": (2.4, 0), "scores": (4.8, 0), "surrogate": (7.2, 0)}
arrows = [("space", "configurations", "draw"), ("configurations", "scores", "train"), ("scores", "surrogate", "fit")]
show(plots.diagram(places, arrows, marked=["space"]), plots.diagram_alt_text(places, arrows))

# %% [markdown]
# Here is this project's default space of DQN. Its names and defaults are those of stable-baselines3. Its ranges hold
# the defaults and what others have tuned on small environments.

# %%
space = spaces.default("dqn")
spaces.describe(space).fillna("")

# %% [markdown]
# Read a few rows. `gamma` ends at 0.9999, not at 1, and its measure is *flipped-log* (part 2). `batch_size` has
# levels, powers of two. `buffer_size` goes over three powers of ten. With another decision the same search finds
# something else. Eimer et al. (2023) ask for the space to be published along with the result.
#
# ## 2 · Scales
#
# **In plain words.** Learning rates of 0.001 and 0.002 differ as much as 0.1 and 0.2 do: by a *factor*. What matters
# about a discount is $1 - \gamma$, because $1/(1 - \gamma)$ is how many steps ahead the agent looks. From 0.9 to 0.99
# is as far as from 0.99 to 0.999. So a point $u$ of the unit interval becomes a value by
#
# $$
# \underbrace{a + u\,(b - a)}_{\text{linear}}, \qquad
# \underbrace{a^{1-u}\, b^{u}}_{\text{log}}, \qquad
# \underbrace{1 - (1 - a)^{1-u} (1 - b)^{u}}_{\text{flipped-log}} .
# $$
#
# **Predict.** You draw 16 learning rates between 0.00001 and 0.01, evenly in the value. How many of them will be
# below 0.001?

# %% claim
table_ = spaces.describe(space)
assert [table_.loc["gamma", "high"], table_.loc["gamma", "measure"]] == [0.9999, "flipped-log"]
assert table_.loc["buffer_size", "high"] / table_.loc["buffer_size", "low"] == 1_000
assert table_.loc["batch_size", "choices"] == "8, 16, 32, 64, 128, 256"

# %%
scale_prediction = "about ... of 16"

# %% [markdown]
# ### Exercise 1: from the unit interval to a value
#
# `u` is a number or an array in [0, 1], `measure` one of `"linear"`, `"log"`, `"flipped-log"`.

# %%
hint("04.to_value")

# %%
expected("04.to_value")


# %% answer="04.to_value"
def to_value(u, low, high, measure):
    """The value at `u` (0 to 1) of a range from `low` to `high`, by its measure."""
    ### BEGIN SOLUTION
    u = np.asarray(u)
    if measure == "log":
        return np.exp(np.log(low) + u * (np.log(high) - np.log(low)))
    if measure == "flipped-log":
        return 1 - to_value(u, 1 - low, 1 - high, "log")
    return low + u * (high - low)
    ### END SOLUTION


# %% check="04.to_value" points=2
check("04.to_value", to_value)
### BEGIN HIDDEN TESTS
assert abs(to_value(1.0, 0.5, 0.75, "flipped-log") - 0.75) < 1e-9
assert abs(to_value(2 / 3, 1e-3, 1.0, "log") - 0.1) < 1e-9
### END HIDDEN TESTS

# %%
u = np.random.default_rng(0).random(100_000)
decades = [1e-5, 1e-4, 1e-3, 1e-2]
with needs("04.to_value"):
    shares = {name: np.histogram(to_value(u, 1e-5, 1e-2, name), decades)[0] / len(u) for name in ("linear", "log")}
    table = pd.DataFrame(shares, index=["0.00001 to 0.0001", "0.0001 to 0.001", "0.001 to 0.01"])
    said = "Where learning rates are drawn, evenly in the value and in its logarithm"
    display(table.style.format("{:.1%}").set_caption(said))

# %% [markdown]
# **Explain.** Nine in ten of the even draws land in the top decade, and one in a hundred in the lowest. That is a
# strong opinion about where good learning rates lie, and nobody wrote it down.
#
# ### Exercise 2: find the silent bug
#
# A colleague draws configurations. She knows about scales, and she wants her sample to be reproducible. The next cell
# draws 2,000 of them and looks at each column.


# %% claim
even = to_value(u, 1e-5, 1e-2, "linear")
assert round(10 * (even > 1e-3).mean()) == 9
assert round(100 * (even < 1e-4).mean()) == 1


# %%
def draw(n, seed):
    rate = 10 ** np.random.default_rng(seed).uniform(-5, -2, size=n)
    gamma = 1 - 10 ** np.random.default_rng(seed).uniform(-4, np.log10(0.2), size=n)
    return pd.DataFrame({"learning_rate": rate, "gamma": gamma})


sampled = draw(2_000, seed=0)
pd.DataFrame(
    {
        "learning rates": np.histogram(sampled["learning_rate"], decades)[0],
        "gammas": np.histogram(sampled["gamma"], 1 - 0.2 * 0.0005 ** (np.arange(4) / 3))[0],
    },
    index=["lowest third", "middle third", "highest third"],
).style.set_caption("Draws in each third of the range, by its measure")

# %% [markdown]
# Perfectly even. She trains 256 configurations, and concludes that learning rate and gamma are equally important.
# Write it again, with the generator `rng` that comes in, the same ranges and the same scales (learning rate 0.00001
# to 0.01, gamma 0.8 to 0.9999). Hints: `hint("04.silent_bug")`; picture: `expected("04.silent_bug")`.


# %% answer="04.silent_bug"
def fixed_draw(n, *, rng):
    """A data frame of `n` configurations with the columns `learning_rate` and `gamma`."""
    ### BEGIN SOLUTION
    rate = 10 ** rng.uniform(-5, -2, size=n)
    gamma = 1 - 10 ** rng.uniform(-4, np.log10(0.2), size=n)  # the next numbers of the same generator
    return pd.DataFrame({"learning_rate": rate, "gamma": gamma})
    ### END SOLUTION


# %% check="04.silent_bug" points=3
check("04.silent_bug", fixed_draw)
### BEGIN HIDDEN TESTS
_frame = fixed_draw(4_000, rng=np.random.default_rng(9))
assert abs(np.log(_frame["learning_rate"]).corr(np.log(1 - _frame["gamma"]))) < 0.06
### END HIDDEN TESTS

# %% [markdown]
# The habit that finds it: **plot pairs**, or print the correlation of the columns, before the first run.
#
# ## 3 · Conditional and forbidden parts
#
# **In plain words.** Not every hyperparameter counts in every configuration. SAC may learn its temperature
# (`ent_coef="auto"`), and then it needs a *target* for the entropy. Or it holds the temperature fixed, and then
# nobody reads the target. So `target_entropy` is **conditional** on `ent_coef`. And some combinations should not be
# run at all. With `gradient_steps=128` and `train_freq=1` an agent makes 128 updates for each environment step, a
# hundred times the price of the default. This project's spaces **forbid** more gradient steps than environment steps.

# %%
sac = spaces.default("sac")
print(*sac.conditions, *sac.forbidden_clauses, sep="\n")
spaces.sample(sac, 5, rng=0)[["ent_coef", "target_entropy", "train_freq", "gradient_steps"]]

# %% [markdown]
# Whoever ignores conditions pays twice. Two configurations that differ only in what nobody reads are *one*, and
# training both is waste. And an analysis finds a hyperparameter that "does not matter", because in half of the rows
# it was not there.
#
# ### Exercise 3: clean a list of configurations
#
# Somebody wrote 500 configurations by hand, as dicts with the four names above. Leave out those with more
# `gradient_steps` than `train_freq`. Set `target_entropy` to None where it is inactive. Keep equal configurations
# once, the first of them, in the order given. (`gradient_steps=-1` means "as many as environment steps" and is
# allowed.) Change nothing in place. Hints: `hint("04.clean")`; picture: `expected("04.clean")`.


# %% claim
assert [str(one) for one in sac.conditions] == ["target_entropy | ent_coef == 'auto'"]
assert [str(one) for one in sac.forbidden_clauses] == ["Forbidden: gradient_steps > train_freq"]
default = dict(sac.get_default_configuration())
assert 128 / 1 > 100 * default["gradient_steps"] / default["train_freq"]


# %% answer="04.clean"
def clean(configs):
    """The configurations that are worth training, as a list of dicts."""
    ### BEGIN SOLUTION
    kept = []
    for config in configs:
        if config["gradient_steps"] > config["train_freq"]:
            continue
        active = config["ent_coef"] == "auto"
        one = {**config, "target_entropy": config["target_entropy"] if active else None}
        if one not in kept:
            kept.append(one)
    return kept
    ### END SOLUTION


# %% check="04.clean" points=3
check("04.clean", clean)
### BEGIN HIDDEN TESTS
_one = {"ent_coef": 0.5, "target_entropy": -1.0, "train_freq": 8, "gradient_steps": -1}
assert clean([_one, {**_one, "target_entropy": -2.0}]) == [{**_one, "target_entropy": None}]
### END HIDDEN TESTS

# %%
rng = np.random.default_rng(0)
by_hand = [
    {
        "ent_coef": ["auto", 0.1, 0.5][rng.integers(3)],
        "target_entropy": [-2.0, -1.0, 0.0][rng.integers(3)],
        "train_freq": 2 ** int(rng.integers(5)),
        "gradient_steps": 2 ** int(rng.integers(5)),
    }
    for _ in range(500)
]
with needs("04.clean"):
    print(f"{len(clean(by_hand))} of {len(by_hand)} configurations are worth training")

# %% [markdown]
# ## 4 · Grid, random, Sobol
#
# Sixteen configurations of two hyperparameters, chosen in four ways. Each dot is a run. The ticks along the edges are
# what is left of the dots when only one of the two matters.

# %%
two = spaces.subspace(space, ["learning_rate", "gamma"])
methods = ("grid", "random", "lhs", "sobol")
drawn = {name: spaces.to_unit(two, spaces.sample(two, 16, method=name, rng=3)) for name in methods}

# %% fold
# Figure: sixteen points in a square, chosen in four ways
ax = plots.new_axes((8.4, 2.5))
for index, (name, points) in enumerate(drawn.items()):
    left, color = 1.25 * index, plots.look(index).color
    ax.plot(left + np.array([0, 1, 1, 0, 0]), [0, 0, 1, 1, 0], color="0.6", linewidth=1)
    ax.plot(left + points[:, 1], points[:, 0], plots.look(index).marker, color=color, markersize=4)
    ax.vlines(left + points[:, 1], -0.09, -0.03, color=color)
    ax.text(left, 1.05, f"{name}: {len(np.unique(points[:, 1].round(9)))} learning rates", fontsize=9)
ax.set(xlim=(-0.05, 4.8), ylim=(-0.12, 1.15), aspect="equal")
ax.axis("off")
text = (
    "Sixteen points in a square, four times: a grid of four by four; random points with gaps and clumps; a Latin "
    "hypercube, one point in each of 16 columns and rows; Sobol points, spread evenly in the plane as well."
)
show(ax, text)

# %% [markdown]
# **Explain.** A grid of $n$ points over $d$ hyperparameters tries $n^{1/d}$ values of each. If only one of them
# matters (and you do not know which), it spends its $n$ runs on $n^{1/d}$ different experiments. Random search spends
# them on $n$ (Bergstra and Bengio 2012). Random points leave gaps and clumps by chance. A **Latin hypercube** cuts
# each side into $n$ parts and hits each once. A **Sobol** sequence spreads its points evenly over pairs of sides too,
# in blocks of powers of two.
#
# | points $n$ | values tried of each of 3 | of each of 14, grid | random, Latin hypercube, Sobol |
# |---|---|---|---|
# | 64 | 4 | 1 or 2 | 64 |
# | 256 | 6 | 1 or 2 | 256 |
# | 16,384 | 25 | 2 | 16,384 |
#
# How much does it matter in practice? Take four hyperparameters of DQN on CartPole, where this project measured 256
# Sobol configurations. From those we build a **surrogate**: a forest of regression trees that predicts the score of
# any configuration and stands in for training (part 5). The score is the return averaged over training, as in lecture
# 02.
#
# **Predict.** 16 runs, four hyperparameters, everything else as in the best of the 256. Which finds the best
# configuration: a grid with two values each, 16 random points, 16 Sobol points? And with 256?

# %% claim
for n, of_three, of_fourteen in ((64, 4, 1), (256, 6, 1), (16_384, 25, 2)):
    assert int(n ** (1 / 3) + 1e-9) == of_three
    assert int(n ** (1 / 14) + 1e-9) == of_fourteen
tried = {
    method: spaces.sample(two, 16, method=method, rng=3)["learning_rate"].nunique()
    for method in ("grid", "random", "lhs", "sobol")
}
assert tried == {"grid": 4, "random": 16, "lhs": 16, "sobol": 16}

# %%
methods_prediction = "with 16: ..., with 256: ..."

# %%
names = ["dqn_cartpole", "dqn_acrobot", "dqn_minigrid_empty"]
sweeps = {str(runs.table["env_id"].iloc[0]): runs for runs in map(datasets.load, names)}
cartpole = sweeps["CartPole-v1"]
swept = spaces.subspace(space, [name for name in space if name != "net_arch"])  # held at [64, 64] in these runs
models = {env_id: importance.surrogate(runs, swept, "auc", rng=0, failures="worst") for env_id, runs in sweeps.items()}
datasets.card("dqn_cartpole")

# %%
four = spaces.subspace(space, ["learning_rate", "gamma", "train_freq", "exploration_fraction"])
at = [list(swept).index(name) for name in four]
study = models["CartPole-v1"].study


def best_found(n, method, rng):
    """What the surrogate of CartPole predicts for the best of `n` configurations."""
    unit = np.repeat(study.unit[[study.best]], n, axis=0)  # the others as in the best configuration that was run
    unit[:, at] = spaces.to_unit(four, spaces.sample(four, n, method=method, rng=rng))
    return models["CartPole-v1"].forest.predict(unit).max()


# %% fold
# Table: the best of 16 and of 256 configurations in many searches, by each of the four ways
def searched(n, method, repeats):
    """Mean of many searches, and the range of nine tenths of them; a grid has no chance in it."""
    found = [best_found(n, method, seed) for seed in range(1 if method == "grid" else repeats)]
    low, high = np.quantile(found, [0.05, 0.95])
    return f"{np.mean(found):.0f}" if method == "grid" else f"{np.mean(found):.0f} ({low:.0f} to {high:.0f})"


repeats = size(40, small=3)
pd.DataFrame(
    {f"n = {n}": {method: searched(n, method, repeats) for method in methods} for n in (16, 256)}
).style.set_caption(f"Best of n by the surrogate: mean (90 % range) of {repeats} searches; a grid is always the same")

# %% [markdown]
# **Explain.** With 16 points nine in ten random searches end between 298 and 342, nine in ten Sobol searches between
# 321 and 346. Evenness means a smaller chance of a bad search. A single search says next to nothing.
#
# The grid does as well as the others do on average (335). It has no range, because it has no chance in it: it depends
# on where its two values fall, here on the ends of each range. With 256 points nobody can tell the four ways apart
# (346 to 348). The case against grids is about *many* hyperparameters of which few matter. (All of this is what the
# surrogate predicts.)
#
# ### Exercise 4: how good is the best of n?
#
# The progress of random search can be worked out without running it. From $N$ measured scores, in ascending order
# $s_1 \le \dots \le s_N$, draw $n$ with replacement. All of them are among the $i$ smallest with probability
# $(i/N)^n$, so the best of them is expected to be
#
# $$
# \mathbb{E}[\max] = \sum_{i=1}^{N} s_i \left[ \left(\tfrac{i}{N}\right)^n - \left(\tfrac{i-1}{N}\right)^n \right] .
# $$
#
# Dodge et al. (2019) ask for this curve in every paper that tuned anything: it says what the result costs. Hints:
# `hint("04.expected_best")`; picture: `expected("04.expected_best")`.


# %% claim full
def ends_of(method):
    return [round(q) for q in np.quantile([best_found(16, method, seed) for seed in range(40)], [0.05, 0.95])]


assert len(swept) == 14
assert ends_of("random") == [298, 342]
assert ends_of("sobol") == [321, 346]
assert round(best_found(16, "grid", 0)) == 335
means_ = [np.mean([best_found(256, method, seed) for seed in range(40)]) for method in ("random", "lhs", "sobol")]
assert {round(one) for one in [*means_, best_found(256, "grid", 0)]} == {346, 347, 348}


# %% answer="04.expected_best"
def expected_best(scores, n):
    """Expected maximum of `n` draws from `scores` (an array, in any order), with replacement."""
    ### BEGIN SOLUTION
    ordered = np.sort(scores)
    below = np.arange(len(ordered) + 1) / len(ordered)
    return float(np.sum(ordered * np.diff(below**n)))
    ### END SOLUTION


# %% check="04.expected_best" points=2
check("04.expected_best", expected_best)
### BEGIN HIDDEN TESTS
assert abs(expected_best(np.array([0.0, 10.0]), 2) - 7.5) < 1e-9
assert abs(expected_best([3.0, 0.0, 0.0], 1) - 1.0) < 1e-9
### END HIDDEN TESTS

# %%
means = {env_id: model.study.y for env_id, model in models.items()}
with needs("04.expected_best"):
    print({n: round(expected_best(means["CartPole-v1"], n)) for n in (1, 16, 64)}, "of CartPole's 256")

# %% fold
# Figure: the expected best by the number of configurations tried at random
counts = np.unique(np.geomspace(1, 256, 25).round().astype(int))
with needs("04.expected_best"):
    ax = plots.new_axes((7.2, 3.6))
    for index, (env_id, scores) in enumerate(means.items()):
        scale = (scores - scores.min()) / (scores.max() - scores.min())
        ax.semilogx(counts, [expected_best(scale, n) for n in counts], **plots.look(index).line(), label=env_id)
    ax.set(xlabel="configurations tried at random", ylabel="expected best (0 worst, 1 best of all)", ylim=(0, 1.02))
    ticks = [1, 4, 16, 64, 256]
    ax.set_xticks(ticks, ticks)
    ax.minorticks_off()
    ax.legend()
    ax.set_title(f"n = {len(scores)} configurations each, mean return over training", loc="left", fontsize=9)
    reached = {env_id: expected_best((s - s.min()) / np.ptp(s), 16) for env_id, s in means.items()}
    said = "; ".join(f"{e}: {x:.2f} with 16" for e, x in reached.items())
    display(show(ax, f"Expected best of n random configurations. {said}"))

# %% [markdown]
# **Explain.** Each run buys less than the one before it, on average. On CartPole one configuration at random is
# expected to earn 112, the best of 16 already 346, the best of 64 another 61 more. One reason for the steep start:
# 106 of the 256 never learn anything, with a mean return below 25, hardly more than random actions earn. (The best of
# all, 436, was lucky as well: part 7.)
#
# ## 5 · Landscapes
#
# **In plain words.** No two of the 256 configurations differ only in the learning rate. A **surrogate** is a model
# that was fitted to the runs and can be asked anywhere. Two questions are worth asking it:
#
# - a **slice**, $f(\lambda_1, \lambda_2, \lambda_{\text{rest}} = \text{held})$: what happens around *this*
#   configuration?
# - an **average**, $\frac{1}{|\Lambda_{\text{rest}}|}\int f(\lambda_1, \lambda_2, \lambda_{\text{rest}})\,
#   d\lambda_{\text{rest}}$: what happens on the whole?
#
# The surrogate here is a forest. Each tree cuts the space into boxes and gives each box the mean score of the
# configurations in it. How far the trees lie apart says where it knows little. How well it predicts configurations
# that it has not seen says how far to trust the whole (R²: 1 perfect, 0 no better than the mean).

# %% claim
of_cartpole = means["CartPole-v1"]
best = {n: expected_best(of_cartpole, n) for n in (1, 16, 64)}
assert {n: round(value) for n, value in best.items()} == {1: 112, 16: 346, 64: 407}
assert round(best[64] - best[16]) in (61, 62)
assert round(of_cartpole.max()) == 436
assert (of_cartpole < 25).sum() == 106

# %% fold
# Table: the scores in each environment, and how well the surrogate predicts them
rows = {}
for env_id, model in models.items():
    y = model.study.y
    rows[env_id] = [len(y), model.study.n_seeds, y.min(), np.median(y), y.max(), model.r2]
columns = ["configurations", "seeds each", "lowest mean return", "median", "highest", "R² of the surrogate"]
pd.DataFrame.from_dict(rows, orient="index", columns=columns).T.style.format("{:.3g}")

# %% [markdown]
# On CartPole the surrogate predicts about half of the differences between configurations that it has not seen (R²
# 0.53). That is good enough to see plateaus, not good enough to believe a single peak.
#
# **Now the explorer.** It shows any two hyperparameters, the rest held where its controls stand or averaged out, in
# each environment. Dots are configurations that were run, in the colour of their own score. They stand at other
# values of the other twelve, so they need not match what lies under them. Hatched is what the trees do not agree on;
# grey is what the space forbids.
#
# It will ask you first.

# %% claim
assert f"{models['CartPole-v1'].r2:.2f}" == "0.53"

# %%
widgets.LandscapeExplorer(list(sweeps.values()), objective="auc")

# %% [markdown]
# Three things to do with it:
#
# 1. **Slice against average.** Learning rate and gamma on CartPole, first held, then averaged out. Around the best
#    configuration the best place promises 339; averaged over the other twelve it promises 171. No learning rate is
#    good by itself: the rest decides what it is worth.
# 2. **Move what is held.** Held as in the best configuration, drag `train_freq` from one end to the other. Does the
#    best learning rate stay where it is?
# 3. **Doubt.** Look at *uncertainty*, and find a place where the surrogate promises much and knows little. Would you
#    train there? (Lecture 06 asks this at every step.)
#
# ## 6 · The same sweep in three environments
#
# The same 256 configurations were trained on CartPole, where every step that the pole stays up earns 1. On Acrobot
# every step costs 1 until the arm is up (at most 500). On a MiniGrid, a room of 5 by 5 fields, only reaching the goal
# earns anything, and the sooner the more.
#
# **Predict.** Rank the 256 configurations on CartPole and on Acrobot. Are the two orders alike: rank correlation near
# 1, near 0, or in between? And of the ten best on CartPole, how many are among the ten best on Acrobot?

# %% claim full
for rest, told in (("best", 339), ("averaged", 171)):
    land_ = importance.landscape(models["CartPole-v1"], swept, "learning_rate", "gamma", rng=0, rest=rest)
    assert round(land_.best[2]) == told

# %%
transfer_prediction = "rank correlation about ..., ... of the ten best"

# %% fold
# Figure: the average landscape of learning rate and train_freq in each environment
for name, (env_id, model) in zip(names, models.items(), strict=True):
    display(datasets.card(name))
    land = importance.landscape(model, swept, "learning_rate", "train_freq", rng=0, rest="averaged")
    ax = plots.new_axes((7.2, 3.9))
    plots.landscape(land, ax=ax, limits=(model.study.y.min(), model.study.y.max()), title=env_id)
    display(show(ax, plots.landscape_alt_text(land)))


# %%
def with_scores(runs, env_id):
    """The configurations of a sweep, and the mean score of each over its seeds."""
    scores = objectives.score(runs, "auc", failures="worst", per="config").values.rename(env_id)
    return runs.configs[list(swept)].join(scores)


every = with_scores(cartpole, "CartPole-v1")
for env_id in list(sweeps)[1:]:
    every = every.merge(with_scores(sweeps[env_id], env_id), on=list(swept))
every = every[list(sweeps)]  # a row for each configuration, a column for each environment


# %%
def rank_correlation(pair, rng, draws=1_000):
    """Spearman's rank correlation of two columns, with a 95 % interval (bootstrap over configurations)."""
    values = pair.to_numpy()
    drawn = rng.integers(len(values), size=(draws, len(values)))
    low, high = np.quantile([stats.spearmanr(values[one]).statistic for one in drawn], [0.025, 0.975])
    return f"{stats.spearmanr(values).statistic:.2f} (95 % interval {low:.2f} to {high:.2f})"


# %% fold
# Figure: the return of each configuration on CartPole against that on the other two
draws = size(1_000, small=50)
for env_id in every.columns[1:]:
    pair = every[["CartPole-v1", env_id]]
    ax = plots.new_axes((6.0, 3.8))
    ax.plot(*pair.T.to_numpy(), "o", markersize=4, alpha=0.6, color=plots.look(0).color)
    ax.set(xlabel="mean return on CartPole-v1", ylabel=f"mean return on {env_id}")
    said = f"n = {len(pair)} configurations; rank correlation {rank_correlation(pair, np.random.default_rng(0), draws)}"
    ax.set_title(said, loc="left", fontsize=9)
    display(show(ax, f"A dot for each configuration, its return on CartPole against that on {env_id}: {said}."))


# %%
def shared(pair, k):
    """How many of the `k` best of one column are among the `k` best of the other, the same of the worst, and chance."""
    best, worst = ([set(one.nlargest(k).index) for _, one in table.items()] for table in (pair, -pair))
    return {"among the best": len(best[0] & best[1]), "worst": len(worst[0] & worst[1]), "by chance": k * k / len(pair)}


counts = {
    (other, k): shared(every[["CartPole-v1", other]], k) for other in every.columns[1:] for k in (10, 32, 64, 128)
}
pd.DataFrame(counts).T.style.format(precision=1).set_caption("Shared with CartPole, of the k best and k worst")

# %%
ranks = every.rank(ascending=False).astype(int)
winners = ranks.loc[[every[name].idxmax() for name in every]]
winners.index = [f"the best on {name}" for name in every]
winners.style.set_caption(f"Rank of each winner, of {len(every)}")

# %% [markdown]
# **What these runs say of CartPole and Acrobot.** Three ways to look at one question, and they disagree.
#
# - **Over all 256, hardly related:** the rank correlation is 0.21 (0.08 to 0.34). But 106 configurations learn
#   nothing on CartPole. On Acrobot half of all stay below a mean return of −476, where −500 is failing throughout.
#   The order among failures is noise.
# - **At the top, clearly related:** of the 32 best on CartPole 14 are among the 32 best on Acrobot, where chance
#   gives 4. Of the ten best it is three, where chance gives less than one. Of the better halves 65 of 128 are shared,
#   which is chance.
# - **The winners travel, at a price:** the best of CartPole is number 24 of 256 on Acrobot and earns −320 there,
#   where Acrobot's own best earns −156. Acrobot's best is number 6 on CartPole.
#
# **And of CartPole and the MiniGrid?**
#
# - **Over all 256:** the rank correlation is 0.57 (0.49 to 0.65). Of the worse halves 94 of 128 are shared. (In 114
#   configurations no run ever saw the green square when it was evaluated; these are equals.)
# - **At the top as well:** of the 32 best 9 are shared and of the 64 best 35, where chance gives 4 and 16. Of the ten
#   best not one is shared. That says nothing: by chance alone it happens in two cases of three.
# - **The winners travel at a price, too:** the best of CartPole is number 26 on the MiniGrid, with a mean return of
#   0.46 where its own best has 0.90. That one is number 103 on CartPole.
#
# So from CartPole and Acrobot you can say both, "settings transfer" and "settings do not transfer". Say which of the
# three you mean. And averaged over the rest, the best learning rate by the surrogate lies far lower on Acrobot than
# on CartPole. But there the average is nearly flat, and the surrogate poor (R² 0.32): a question for new runs.
#
# **Where do runs die?** A crash is a result as well: it says which part of the space not to enter.

# %% claim
first = cartpole.configs[list(swept)]
assert len(first) == len(every) == 256
assert set(cartpole.configs["n_seeds"]) == {10}
assert set(cartpole.table["steps"]) == {50_000}
for env_id_, runs_ in sweeps.items():
    assert list(runs_.table["env_id"].unique()) == [env_id_]
    assert set(runs_.table["hp.net_arch"]) == {"[64, 64]"}
    assert len(runs_.configs[list(swept)].merge(first, on=list(swept))) == 256


def top(other, k):
    return len(set(every["CartPole-v1"].nlargest(k).index) & set(every[other].nlargest(k).index))


grid_ = "MiniGrid-Empty-5x5-v0"
assert [top("Acrobot-v1", k) for k in (10, 32, 128)] == [3, 14, 65]
assert [top(grid_, k) for k in (10, 32, 64)] == [0, 9, 35]
assert [k * k / len(every) for k in (32, 64, 128)] == [4, 16, 64]
assert abs(stats.hypergeom(len(every), 10, 10).pmf(0) - 2 / 3) < 0.01
worst = [set(every[name_].nsmallest(128).index) for name_ in ("CartPole-v1", grid_)]
assert len(worst[0] & worst[1]) == 94
assert (every["Acrobot-v1"] < -476).mean() >= 0.5
assert round(every["Acrobot-v1"].median()) == -477
assert (every[grid_] == 0).sum() == 114
for other, there, at_home, earns, best, digits in (
    ("Acrobot-v1", 24, 6, -320, -156, 0),
    (grid_, 26, 103, 0.46, 0.90, 2),
):
    of_cartpole, its_own = every["CartPole-v1"].idxmax(), every[other].idxmax()
    assert [ranks.loc[of_cartpole, other], ranks.loc[its_own, "CartPole-v1"]] == [there, at_home]
    assert [round(every.loc[of_cartpole, other], digits), round(every[other].max(), digits)] == [earns, best]

# %% claim full
for other, told in (
    ("Acrobot-v1", "0.21 (95 % interval 0.08 to 0.34)"),
    ("MiniGrid-Empty-5x5-v0", "0.57 (95 % interval 0.49 to 0.65)"),
):
    assert rank_correlation(every[["CartPole-v1", other]], np.random.default_rng(0)) == told
assert f"{models['Acrobot-v1'].r2:.2f}" == "0.32"
best = [
    importance.landscape(models[env_id_], swept, "learning_rate", "gamma", rng=0, rest="averaged").best[0]
    for env_id_ in ("CartPole-v1", "Acrobot-v1")
]
assert best[1] < best[0] / 10

# %%
ends = {env_id: runs.table["status"].value_counts() for env_id, runs in sweeps.items()}
pd.DataFrame(ends).fillna(0).astype(int).style.set_caption("How the runs ended")

# %% [markdown]
# DQN lost none. PPO lost some on Pendulum, in 256 configurations of its own space:

# %%
pendulum = datasets.load("ppo_pendulum")
wide = spaces.default("ppo")
crashes = importance.crash_map(pendulum, spaces.subspace(wide, [name for name in wide if name != "net_arch"]))
part = crashes.table.query("name == 'n_steps' and part == '16'").iloc[0]
apart = stats.binomtest(int(part["n_dead"]), int(part["n"])).proportion_ci(method="wilson")
print(f"n_steps = 16: {part['n_dead']} of {part['n']} runs died, of {part['n_configs']} configurations")
print("95 % interval of that rate:")
print(f"if every run were an accident of its own: {apart.low:.1%} to {apart.high:.1%}")
print(f"if seeds share their configuration's fate: {part['low']:.1%} to {part['high']:.1%}")

# %% fold
# Figure: where in its space runs of PPO died
ax = plots.new_axes((7.2, 3.9))
plots.crash_map(crashes, x="n_steps", y="learning_rate", ax=ax)
show(ax, plots.crash_map_alt_text(crashes))

# %%
configs = pendulum.configs[["n_steps", "learning_rate", "ent_coef", "normalize_advantage"]]
config_of = pendulum.config_id
configs["most entropy"] = pendulum.evals["entropy"].groupby(pendulum.evals["run_id"].map(config_of)).max()
configs["died"] = configs.index.isin(config_of[pendulum.table["status"] == "diverged"])
configs.nlargest(6, "most entropy").style.hide(axis="index").format(precision=4).format(
    precision=1, subset="most entropy"
).set_caption(f"The largest entropies of the policy (nats), of {len(configs)} configurations")

# %% [markdown]
# **Ten runs, but two accidents.** Two configurations died, each with all of its five seeds. Count runs, and the rate
# at `n_steps` = 16 is 4.1 to 13.1 %. Count configurations, and it is 2.1 to 23.4 %.
#
# **And you looked where it happened.** Of 78 parts of thirteen ranges this one was shown *because* its rate is the
# highest. No interval above knows that (lecture 03, the winner's curse).
#
# **How they died.** The policy's entropy was the highest of all 256 configurations before the weights stopped being
# finite. Two cases prove no cause: the others in the table have much of the same, and lived.
#
# A run that died counts as the worst that was seen (`failures="worst"`) in every analysis here.
#
# **Recompute a small part.** One good configuration of the sweep, beside what `data/` says.

# %% claim
assert all((runs_.table["status"] == "finished").all() for runs_ in sweeps.values())
assert [crashes.n_dead, crashes.n_dead_configs, crashes.n_configs] == [10, 2, 256]
assert [len(crashes.table), crashes.table["name"].nunique()] == [78, 13]
assert crashes.table.loc[crashes.table["rate"].idxmax(), ["name", "part"]].tolist() == ["n_steps", "16"]
assert [round(100 * end, 1) for end in (apart.low, apart.high)] == [4.1, 13.1]
assert [round(100 * end, 1) for end in (part["low"], part["high"])] == [2.1, 23.4]
most = configs.nlargest(6, "most entropy")
assert most["died"].tolist() == [True, True, False, False, False, False]
assert not most["normalize_advantage"].any()
assert most["n_steps"].tolist()[:2] == [16, 16]

# %%
area = objectives.score(cartpole, "auc", failures="worst", per="config").values
good = cartpole.table["cpu_time_s"].groupby(cartpole.config_id).median()[area.nlargest(32).index].idxmin()
stored = cartpole.select(cartpole.config_id == good, seed=[0, 1, 2])
config = {name: stored.column(name).iloc[0] for name in stored.hyperparameters} | {"net_arch": [64, 64]}
steps, seeds = size(50_000, small=5_000), size(3, small=1)
again = rlhp.sweep("dqn", "CartPole-v1", config, steps=steps, seeds=seeds, evaluation=5_000, engine="jax")
curves.side_by_side({"now": again, "in data/": stored})

# %% [markdown]
# As in lecture 02, a run need not be the same to the last digit.
#
# ## 7 · The best of many
#
# **In plain words.** Take the best of 256 means of a few seeds each, and you have taken the one that was good *and*
# lucky. Its score is too high, because it was chosen for being high: the **winner's curse**. The remedy costs nothing
# but seeds: some choose, others judge.
#
# ### Exercise 5: the winner, and what it is worth
#
# `scores` is an array [configurations, seeds]. Let the first `n_tuning` seeds choose the configuration with the
# highest mean, and give back three things: its row, its mean over those seeds, its mean over the others. Hints:
# `hint("04.honest_best")`; picture: `expected("04.honest_best")`.


# %% answer="04.honest_best"
def honest_best(scores, n_tuning):
    """The row that the first `n_tuning` seeds choose, its mean over them, and its mean over the other seeds."""
    ### BEGIN SOLUTION
    row = int(np.argmax(scores[:, :n_tuning].mean(axis=1)))
    return row, scores[row, :n_tuning].mean(), scores[row, n_tuning:].mean()
    ### END SOLUTION


# %% check="04.honest_best" points=3
check("04.honest_best", honest_best)
### BEGIN HIDDEN TESTS
assert honest_best(np.array([[1.0, 2.0], [3.0, 0.0]]), 1) == (1, 3.0, 0.0)
### END HIDDEN TESTS


# %% fold
# Function: draws the score of the chosen configuration on the seeds that chose it and on the others
def draw_curse(curse, n_configs, n_splits):
    ax = plots.new_axes((7.2, 3.4))
    for index, name in enumerate(curse):
        ax.plot(curse.index, curse[name], **plots.look(index).line(), label=f"judged by the {name}")
    ax.set(xlabel="tuning seeds", ylabel="mean return of the chosen configuration", xticks=curse.index)
    title = f"CartPole: best of n = {n_configs} configurations; mean of {n_splits} splits of the seeds"
    ax.set_title(title, loc="left", fontsize=9)
    ax.legend()
    ends = curse.iloc[[0, -1]].round().astype(int)
    said = f"With one tuning seed the winner scores {ends.iloc[0, 0]} on it and {ends.iloc[0, 1]} on the others; with "
    said += f"{curse.index[-1]} tuning seeds {ends.iloc[1, 0]} and {ends.iloc[1, 1]}."
    return show(ax, said)


# %%
scores, rng = models["CartPole-v1"].study.scores, np.random.default_rng(0)
n_splits, rows = size(200, small=5), {}
with needs("04.honest_best"):
    for n_tuning in range(1, scores.shape[1]):
        splits = [honest_best(rng.permuted(scores, axis=1), n_tuning) for _ in range(n_splits)]
        rows[n_tuning] = np.mean([split[1:] for split in splits], axis=0)
    curse = pd.DataFrame.from_dict(rows, orient="index", columns=["tuning seeds", "other seeds"])
    display(curse.round().T, draw_curse(curse, len(scores), n_splits))

# %% [markdown]
# **Explain.** The upper curve is what a study reports that chooses and judges with the same seeds. The lower one is
# what you get. With one tuning seed the winner promises 470 and is worth 399; with nine it promises 439.
#
# **And how much better is what more seeds choose?** The right end of the lower curve cannot say. With nine tuning
# seeds one judges, in ten possible splits. Nine of them choose the same configuration, and the seed left out gives it
# 416 to 462. The tenth chooses another one, which earns 57. That one run brings the mean down to 400.
#
# (`curves.selection(runs, "auc", rng=0)` does this and more.)
#
# **With seeds that nobody chose by.** The ten configurations with the highest final return of each sweep were trained
# once more, with ten seeds that had no part in the choice.
#
# **Predict.** In which environments do *single* ones of the ten fall far? Where returns vary finely, as on Acrobot?
# Or where all ten stood at the highest return there is, as on the MiniGrid?

# %% claim full
assert [round(value) for value in rows[1]] == [470, 399]
assert round(rows[9][0]) == 439
assert all(rows[n][0] > rows[n + 1][0] for n in range(1, 9))

# %% claim
winners_ = [int(np.delete(scores, out, axis=1).mean(axis=1).argmax()) for out in range(10)]
usual = max(set(winners_), key=winners_.count)
assert winners_.count(usual) == 9
worth = sorted(scores[usual, out] for out in range(10) if winners_[out] == usual)
assert [round(worth[0]), round(worth[-1])] == [416, 462]
assert [round(scores[row, out]) for out, row in enumerate(winners_) if row != usual] == [57]
assert round(np.mean([scores[row, out] for out, row in enumerate(winners_)])) == 400

# %%
fresh_prediction = "single ones fall far on ..., because ..."


# %%
def final_returns(name):
    """The mean final return of every configuration of a data set, by its learning rate, which no two share."""
    runs = datasets.load(name)
    scores = objectives.score(runs, "final_return", failures="worst", per="config").values
    return scores.set_axis(runs.configs["learning_rate"])


fresh = {env_id: final_returns(f"{name}_best") for name, env_id in zip(names, sweeps, strict=True)}
chosen = {env_id: final_returns(name)[fresh[env_id].index] for name, env_id in zip(names, sweeps, strict=True)}
datasets.card("dqn_cartpole_best")

# %% fold
# Table: what the ten best lose with fresh seeds, on average and one by one
kept, each = {}, {}
for env_id in sweeps:
    lost = chosen[env_id] - fresh[env_id]
    reach = stats.t.ppf(0.975, len(lost) - 1) * lost.std() / np.sqrt(len(lost))
    pairs = zip(chosen[env_id], fresh[env_id], strict=True)
    each[env_id] = [f"{before:.4g} → {after:.3g}" for before, after in pairs]
    both = [chosen[env_id].mean(), fresh[env_id].mean()]
    kept[env_id] = [*both, lost.mean(), lost.mean() - reach, lost.mean() + reach]
columns = ["seeds that chose", "fresh seeds", "lost", "low", "high"]
said = "Final return of the ten best, mean; what is lost with its 95 % interval (n = 10 configurations)"
display(pd.DataFrame.from_dict(kept, orient="index", columns=columns).style.format(precision=2).set_caption(said))
pd.DataFrame(each, index=range(1, 11)).rename_axis("chosen as").style.set_caption("Seeds that chose → fresh seeds")

# %% [markdown]
# **What these runs say.** The ten lose everywhere: 20 of 458 on CartPole, 31 on Acrobot (from −90 to −120), 0.05 of
# 0.96 on the MiniGrid. But no interval is clear of 0: most keep what they promised, and a few lose much, in every
# environment. On CartPole the worst comes down from 450 to 327, on Acrobot from −94 to −240. On the MiniGrid 13
# configurations reach the highest return with all five seeds; still three of the ten chosen come down to 0.86 and
# less. Five seeds at the top say "good", not "safe".
#
# ## 8 · Your own sweep
#
# Now you: DQN on CartPole, three hyperparameters, whatever fits into 800,000 environment steps. First, how many
# configurations?
#
# ### Exercise 6: the largest sweep in a budget
#
# Each configuration is trained with `seeds` seeds of `steps` environment steps each, and all of it must not take more
# than `budget` steps. Sobol points are even in blocks of powers of two, so give the largest power of two that fits.
# Hints: `hint("04.largest_sweep")`; picture: `expected("04.largest_sweep")`.


# %% claim
for env_id_, before, after, less, digits in (
    ("CartPole-v1", 458, 438, 20, 0),
    ("Acrobot-v1", -90, -120, 31, 0),
    ("MiniGrid-Empty-5x5-v0", 0.96, 0.91, 0.05, 2),
):
    first, second = chosen[env_id_], fresh[env_id_]
    assert len(second) == 10
    assert [round(first.mean(), digits), round(second.mean(), digits)] == [before, after]
    gone = first - second
    assert round(gone.mean(), digits) == less
    assert abs(gone.mean()) < stats.t.ppf(0.975, 9) * gone.std() / np.sqrt(10)
for name_, runs_ in zip(names, sweeps.values(), strict=True):
    assert set(datasets.load(f"{name_}_best").table["seed"]).isdisjoint(runs_.table["seed"])
falls = (chosen["CartPole-v1"] - fresh["CartPole-v1"]).idxmax()
assert [round(some["CartPole-v1"][falls]) for some in (chosen, fresh)] == [450, 327]
ninth = chosen["Acrobot-v1"].sort_values(ascending=False).index[8]
assert [round(some["Acrobot-v1"][ninth]) for some in (chosen, fresh)] == [-94, -240]
on_grid = final_returns("dqn_minigrid_empty")
assert (on_grid > on_grid.max() - 0.001).sum() == 13
assert (fresh["MiniGrid-Empty-5x5-v0"] < 0.87).sum() == 3


# %% answer="04.largest_sweep"
def largest_sweep(budget, seeds, steps):
    """The largest number of configurations, a power of two, whose runs take at most `budget` steps together."""
    ### BEGIN SOLUTION
    n = 1
    while 2 * n * seeds * steps <= budget:
        n *= 2
    return n
    ### END SOLUTION


# %% check="04.largest_sweep" points=1
check("04.largest_sweep", largest_sweep)
### BEGIN HIDDEN TESTS
assert largest_sweep(1_000, 1, 1_000) == 1
assert largest_sweep(64_000, 1, 1_000) == 64
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 7: the design
#
# `n` configurations of `learning_rate`, `gamma` and `exploration_fraction`, over the ranges and on the scales of
# `spaces.default("dqn")`: with 16 of them, four in each quarter of each range, by its measure. Draw from `rng`. Two
# lines with what you have seen in this lecture. Hints: `hint("04.design")`; picture: `expected("04.design")`.


# %% answer="04.design"
def design(n, *, rng):
    """A data frame of `n` configurations, even along each of the three hyperparameters."""
    ### BEGIN SOLUTION
    three = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma", "exploration_fraction"])
    return spaces.sample(three, n, method="sobol", rng=rng)
    ### END SOLUTION


# %% check="04.design" points=4
check("04.design", design, points=4)
### BEGIN HIDDEN TESTS
from rlhp import spaces

_names = ["learning_rate", "gamma", "exploration_fraction"]
_three = spaces.subspace(spaces.default("dqn"), _names)
_one, _other = (spaces.to_unit(_three, design(16, rng=np.random.default_rng(seed))[_names]) for seed in (11, 12))
assert all(np.bincount((4 * column).astype(int), minlength=4).tolist() == [4, 4, 4, 4] for column in _one.T)
assert all(np.bincount((4 * column).astype(int), minlength=4).tolist() == [4, 4, 4, 4] for column in _other.T)
assert not np.allclose(_one, _other)
### END HIDDEN TESTS

# %% [markdown]
# **Predict.** Which of the three will tell good from bad within 10,000 steps? Then run it; the rest is held much as
# in lecture 02, with half as many random steps first.

# %%
design_prediction = "..."


# %% fold
# Function: draws your configurations by learning rate and gamma, in the colour of their return
def draw_sweep(result, seeds):
    ax = plots.new_axes((6.4, 4.0))
    dots = ax.scatter(result["learning_rate"], 1 - result["gamma"], c=result["estimate"], s=70, edgecolor="black")
    ax.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="1 - gamma")
    ax.get_figure().colorbar(dots, label="mean return over training")
    ax.set_title(f"n = {len(result)} configurations, {seeds} seeds each", loc="left", fontsize=9)
    top = result.loc[result["estimate"].idxmax()]
    told = f"best {top.estimate:.0f}, learning rate {top.learning_rate:.2g}, gamma {top.gamma:.4g}"
    return show(ax, f"Your configurations by learning rate and one minus gamma, coloured by mean return: {told}.")


# %%
seeds, steps = 5, size(10_000, small=2_000)
fixed = {"net_arch": [64, 64], "buffer_size": 50_000, "learning_starts": 500, "target_update_interval": 250}
moved = ["learning_rate", "gamma", "exploration_fraction"]
with needs("04.largest_sweep", "04.design"):
    n = largest_sweep(size(800_000, small=20_000), seeds, steps)
    configs = [{**fixed, **row} for row in design(n, rng=np.random.default_rng(4)).to_dict("records")]
    mine = rlhp.sweep("dqn", "CartPole-v1", configs, steps=steps, seeds=seeds, evaluation=steps // 8, engine="jax")
    result = curves.summarise(mine, "auc", by=moved, rng=0, statistic="mean").table
    best = result.sort_values("estimate", ascending=False)[[*moved, "estimate", "low", "high", "n"]].head(8)
    said = f"Your sweep: mean return over training, {n} configurations, {seeds} seeds each, 95 % intervals"
    display(best.style.format("{:.4g}").set_caption(said), draw_sweep(result, seeds))

# %% [markdown]
# Go on from here: change `fixed`, the three names, or the environment (`rlhp.envs.catalogue()` lists them).
#
# ### In your own words
#
# Somebody reads your table and says: "So the best learning rate for DQN on CartPole is the one in the first row."
# What would you answer, and what would you run before you agree? A person reads this one.

# %% [markdown] manual="04.first_row" points=3
# *Model answer.* The first row is the best of 16 means of five seeds, so part of its lead is luck; the intervals of
# the first rows overlap. It is also one *configuration*: its learning rate was never tried with another gamma. And
# 10,000 steps favour whatever is fast at first. Before agreeing: train the first few rows with new seeds, which had no
# part in the choice; vary the learning rate alone around the winner, everything else held; and train longer.
#
# *Marking.* One point each for: chosen because it was high (or overlapping intervals, few seeds); confounded with the
# other hyperparameters; an experiment with *new* seeds. A good word on the budget can stand in for one of them.

# %% [markdown]
# ## Quiz

# %%
quiz("04.quiz")

# %% [markdown]
# ## Take-aways
#
# - A search space is an opinion: names, ranges, scales, conditions, and what is forbidden. Publish it.
# - Learning rates on a log scale, discounts on a flipped one.
# - Look at pairs before you run.
# - Inactive values are no values: blank them.
# - A grid of $n$ points tries $n^{1/d}$ values of each hyperparameter. Random, Latin hypercube and Sobol try $n$.
# - A landscape shows a surrogate. Look at its R² and its spread before you look at its shape.
# - CartPole beside Acrobot: a rank correlation of 0.21 over all, and yet the best of one are often among the best of
#   the other.
# - The best of many was lucky. Some seeds choose, others judge.
#
# ## Where it is contested
#
# - **Random search or something cleverer?** Bergstra and Bengio (2012) showed that random search beats grids where
#   few hyperparameters matter. Li and Talwalkar (2019) found it a strong competitor of more elaborate searches for
#   network architectures. Turner et al. (2021) report, from a contest, that Bayesian optimisation beats it clearly at
#   equal numbers of trials.
# - **Does evenness help?** Bousquet et al. (2017) argue for low-discrepancy points in place of random ones, at no
#   cost. In many dimensions only their evenness along each side is left, and a Latin hypercube has that too.
# - **Are landscapes of RL smooth?** Mohan et al. (2023) looked at how they change over training, and argue that
#   settings should change as well. Pushak and Hoos (2018) find that many landscapes of algorithm configuration are
#   surprisingly benign, one valley along each parameter.
# - **One set of hyperparameters for many environments?** Most papers on RL do that, and Patterson et al. (2024) study
#   it. A setting that is best on average may be best nowhere.
#
# ## Further reading
#
# - Bergstra, Bengio (2012), *Random search for hyper-parameter optimization*.
# - Bousquet, Gelly, Kurach, Teytaud, Vincent (2017), *Critical hyper-parameters: no random, no cry*.
# - Dodge, Gururangan, Card, Schwartz, Smith (2019), *Show your work: improved reporting of experimental results*.
# - Eimer, Lindauer, Raileanu (2023), *Hyperparameters in reinforcement learning and how to tune them*.
# - Li, Talwalkar (2019), *Random search and reproducibility for neural architecture search*.
# - Lindauer et al. (2019), *BOAH: a tool suite for multi-fidelity Bayesian optimization and analysis of
#   hyperparameters*, where ConfigSpace is described.
# - Mohan, Benjamins, Wienecke, Dockhorn, Lindauer (2023), *AutoRL hyperparameter landscapes*.
# - Patterson, Neumann, White, White (2024), *The cross-environment hyperparameter setting benchmark for reinforcement
#   learning*.
# - Pushak, Hoos (2018), *Algorithm configuration landscapes: more benign than expected?*
# - Sobol (1967), *On the distribution of points in a cube and the approximate evaluation of integrals*.
# - Turner et al. (2021), *Bayesian optimization is superior to random search for machine learning hyperparameter
#   tuning: analysis of the black-box optimization challenge 2020*.
#
# **Next:** lecture 05 asks the question behind all of this: of the fourteen, which matter?
