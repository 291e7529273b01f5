"""Checks, hints and quiz of lecture 00: your first agent, your first hyperparameter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import Choice, Question, checks, exercise, questions

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# 1. The return of an episode ---------------------------------------------------------------------------------


def _discounts(ax: Axes) -> str:
    weights = 0.5 ** np.arange(4)
    ax.bar(range(4), weights)
    ax.set(xlabel="step t", ylabel="weight of the reward", title="gamma = 0.5", xticks=range(4))
    for step, weight in enumerate(weights):
        ax.annotate(f"{weight:g}", (step, weight), ha="center", va="bottom")
    ax.set_ylim(0, 1.15)
    return "Four bars: with gamma 0.5 the first reward weighs 1, the second 0.5, the third 0.25, the fourth 0.125."


exercise(
    "00.discounted_return",
    title="The return of an episode",
    hints=(
        "The first reward counts in full: its weight is gamma to the power 0, which is 1.",
        "`enumerate(rewards)` gives each reward with its step t, counted from 0.",
        "With NumPy: `gamma ** np.arange(len(rewards))` are all the weights at once.",
    ),
    picture=_discounts,
    wrong_answers={
        "plain sum": (lambda rewards, gamma: sum(rewards), "does not use `gamma`"),
        "starts at gamma to the 1": (
            lambda rewards, gamma: sum(gamma ** (t + 1) * r for t, r in enumerate(rewards)),
            "off by one",
        ),
        "discounts backwards": (
            lambda rewards, gamma: sum(gamma**t * r for t, r in enumerate(reversed(rewards))),
            "the last reward counts in full",
        ),
        "gamma once for all": (lambda rewards, gamma: gamma * sum(rewards), "the same weight"),
        "gamma times t": (
            lambda rewards, gamma: sum(gamma * t * r for t, r in enumerate(rewards)),
            "power",
        ),
        "the mean": (
            lambda rewards, gamma: sum(gamma**t * r for t, r in enumerate(rewards)) / len(rewards),
            "sum, not a mean",
        ),
        "one weighted reward a step": (
            lambda rewards, gamma: [gamma**t * r for t, r in enumerate(rewards)],
            "one number",
        ),
    },
)


@checks("00.discounted_return", "the first reward in full, later ones less and less", weight=2)
def _discounted(answer: Any) -> None:
    got = answer([1.0, 2.0, 3.0], 0.5)
    if np.ndim(got) > 0:
        expect.fail(
            "The return is one number for the whole episode: add the weighted rewards up. "
            f"`discounted_return([1, 2, 3], 0.5)` gave {np.size(got)} numbers."
        )
    expect.close(
        got,
        2.75,
        "`discounted_return([1, 2, 3], 0.5)`",
        mistakes=(
            (6.0, "That is the plain sum: the answer does not use `gamma`."),
            (
                1.375,
                "All is multiplied by one `gamma` too many (off by one): the weight of the first reward is gamma "
                "** 0 = 1.",
            ),
            (4.25, "The weights run backwards: the last reward counts in full, but it should be the first."),
            (3.0, "Every reward has the same weight: the weight must shrink with the step t, as gamma ** t."),
            (4.0, "gamma is multiplied by t: it should be raised to the power t."),
            (2.75 / 3, "A return is a sum, not a mean: do not divide by the number of steps."),
        ),
    )


@checks("00.discounted_return", "with gamma = 1 it is the plain sum")
def _undiscounted(answer: Any) -> None:
    expect.close(answer([1.0] * 40, 1.0), 40.0, "`discounted_return([1] * 40, 1)`")


# 2. How often does the network change? ------------------------------------------------------------------------


def _rollouts(ax: Axes) -> str:
    for rollout in range(3):
        ax.broken_barh([(rollout * 256, 256)], (0, 1), facecolors=("C0", "C1")[rollout % 2], alpha=0.6)
        ax.text(rollout * 256 + 128, 0.35, f"rollout {rollout + 1}\n256 steps", ha="center", va="center")
    ax.axvline(600, ymin=0.4, ymax=0.84, color="black", linestyle="--")
    ax.annotate("steps = 600", (600, 1.02), ha="center", va="bottom")
    ax.set(xlabel="environment steps (n_envs = 8, n_steps = 32)", yticks=[], ylim=(0, 1.2))
    return (
        "Asked for 600 environment steps with 8 environments of 32 steps, PPO plays three whole rollouts of "
        "256 steps, "
        "so it goes on to step 768."
    )


def _updates(
    rollouts: Any = math.ceil, minibatches: Any = math.ceil, envs: bool = True, epochs: bool = True, every: bool = True
) -> Any:
    """Build one of the typical wrong counts."""

    def answer(steps: int, n_envs: int, n_steps: int, batch_size: int, n_epochs: int) -> Any:
        rollout = n_envs * n_steps if envs else n_steps
        count = rollouts(steps / rollout) * (n_epochs if epochs else 1)
        return count * minibatches(rollout / batch_size) if every else count

    return answer


exercise(
    "00.gradient_steps",
    title="How often does the network change?",
    hints=(
        "One rollout is `n_envs * n_steps` environment steps.",
        (
            "PPO never stops in the middle of a rollout: 600 steps with rollouts of 256 need 3 rollouts, not 2 "
            "and not 2.34."
        ),
        "In each epoch the rollout is cut into minibatches of `batch_size`; a smaller rest is a minibatch too.",
        "`math.ceil(a / b)` rounds up; `a // b` rounds down.",
    ),
    picture=_rollouts,
    wrong_answers={
        "rollouts rounded down": (_updates(rollouts=math.floor), "rounds the number of rollouts down"),
        "rollouts not rounded": (_updates(rollouts=float), "a part of a rollout"),
        "one environment": (_updates(envs=False), "n_envs"),
        "no epochs": (_updates(epochs=False), "n_epochs"),
        "one minibatch an epoch": (_updates(every=False), "minibatch"),
        "rest minibatch lost": (_updates(minibatches=math.floor), "rest of a rollout"),
    },
)


@checks("00.gradient_steps", "rollouts, epochs and minibatches", weight=2)
def _count_updates(answer: Any) -> None:
    expect.close(
        answer(10_000, 4, 128, 64, 10),
        1600,
        "`gradient_steps(10_000, n_envs=4, n_steps=128, batch_size=64, n_epochs=10)`",
        mistakes=(
            (1520, "That rounds the number of rollouts down (`//`): PPO finishes the rollout it began, so round up."),
            (1562.5, "That counts a part of a rollout; PPO finishes the rollout it began, so round up."),
            (1580, "A rollout is `n_steps` in *each* of the environments: `n_envs` is missing."),
            (160, "Each rollout is used `n_epochs` times."),
            (200, "Each epoch has a gradient step for every minibatch of `batch_size`, not one in all."),
        ),
    )


@checks("00.gradient_steps", "a small last minibatch counts as well")
def _rest(answer: Any) -> None:
    expect.close(
        answer(100, 1, 100, 64, 1),
        2,
        "`gradient_steps(100, n_envs=1, n_steps=100, batch_size=64, n_epochs=1)`",
        mistakes=(
            (
                1,
                "100 transitions are a minibatch of 64 and one of 36: the rest of a rollout is a minibatch too, "
                "so round up.",
            ),
        ),
    )


# 3. Find the silent bug ---------------------------------------------------------------------------------------


class _Walk:
    """A tiny environment: the start is drawn at reset, each step earns it, and some episodes end by a time limit."""

    def __init__(self) -> None:
        self.seeds: list[int | None] = []
        self._rng = np.random.default_rng()
        self._over = True

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        self.seeds.append(seed)
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self._start, self._t, self._over = float(self._rng.integers(1, 1_000_000)), 0, False
        return np.array([self._start]), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        if self._over:
            expect.fail(
                "An episode was stepped after its end: it is over when it is `terminated` *or* `truncated` "
                "(time limit), "
                "and the next one begins with `env.reset()`."
            )
        self._t += 1
        terminated = self._t == 3 and self._start % 2 == 0
        truncated = self._t == 5
        self._over = terminated or truncated
        return np.array([self._start]), self._start, terminated, truncated, {}


def _act(observation: Any) -> int:
    return 0


def _episode(env: Any, policy: Any, seed: int | None, *, truncation: bool = True) -> float:
    observation, _ = env.reset(seed=seed)
    total, over = 0.0, False
    while not over:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total, over = total + reward, terminated or (truncation and truncated)
    return total


def _as_many_seeds(policy: Any, env: Any, n_episodes: int, seed: int) -> Any:
    return float(np.mean([_episode(env, policy, seed if i == 0 else None) for i in range(n_episodes)]))


def _spread(ax: Axes) -> str:
    ax.plot([1, 2, 3, 4, 5], [42, 42, 42, 42, 42], "x", color="C1", label="buggy: always the same")
    ax.plot([1, 2, 3, 4, 5], [42, 31, 55, 38, 47], "o", color="C0", label="repaired: they differ")
    ax.set(xlabel="episode", ylabel="return", ylim=(0, 80), xticks=range(1, 6))
    ax.legend()
    return (
        "Returns of five episodes: the buggy evaluation gives the same return five times, the repaired one "
        "gives five "
        "different returns."
    )


exercise(
    "00.silent_bug",
    title="Find the silent bug: an evaluation that never varies",
    hints=(
        "Print all returns instead of their mean. What is odd about them?",
        "What does `env.reset(seed=...)` do to the environment's random numbers?",
        "Gymnasium's rule: give the seed at the *first* reset only; later resets go on from there.",
    ),
    picture=_spread,
    wrong_answers={
        "the bug itself": (
            lambda policy, env, n_episodes, seed: [_episode(env, policy, seed) for _ in range(n_episodes)],
            "the same episode",
        ),
        "never seeded": (
            lambda policy, env, n_episodes, seed: [_episode(env, policy, None) for _ in range(n_episodes)],
            "never given",
        ),
        "own seed": (
            lambda policy, env, n_episodes, seed: [
                _episode(env, policy, 42 if i == 0 else None) for i in range(n_episodes)
            ],
            "Another seed",
        ),
        "the mean only": (_as_many_seeds, "a list with the return of every episode"),
        "one episode too few": (
            lambda policy, env, n_episodes, seed: [
                _episode(env, policy, seed if i == 0 else None) for i in range(n_episodes - 1)
            ],
            "episodes, not",
        ),
        "ignores the time limit": (
            lambda policy, env, n_episodes, seed: [
                _episode(env, policy, seed if i == 0 else None, truncation=False) for i in range(n_episodes)
            ],
            "time limit",
        ),
    },
)


def _returns(answer: Any, env: _Walk, seed: int) -> list[float]:
    returns = answer(_act, env, 6, seed)
    if np.ndim(returns) == 0:
        expect.fail("Give back a list with the return of every episode, as the buggy version does, not one number.")
    return list(returns)


@checks("00.silent_bug", "one return for each episode")
def _one_each(answer: Any) -> None:
    returns = _returns(answer, _Walk(), 0)
    expect.true(len(returns) == 6, f"With `n_episodes=6` there should be 6 episodes, not {len(returns)}.")


@checks("00.silent_bug", "the episodes are different ones", weight=2)
def _different(answer: Any) -> None:
    env = _Walk()
    returns = _returns(answer, env, 0)
    expect.true(
        len(set(returns)) > 1,
        "All six returns are equal: every reset starts the same episode again, so six episodes tell no more "
        "than one. "
        f"`env.reset` was called with the seeds {env.seeds}.",
    )


@checks("00.silent_bug", "the same seed gives the same returns")
def _reproducible(answer: Any) -> None:
    env = _Walk()
    first, second = _returns(answer, env, 3), _returns(answer, _Walk(), 3)
    expect.true(
        any(seed is not None for seed in env.seeds),
        (
            "The seed was never given to the environment, so nobody can repeat this evaluation: pass it to the "
            "first reset."
        ),
    )
    expect.true(first == second, "Twice the same seed gave different returns: where else does chance come in?")
    expect.true(
        first != _returns(answer, _Walk(), 4),
        "Another seed gave the very same returns: use the `seed` that is passed in, not one of your own.",
    )


# 4. One seed lies ---------------------------------------------------------------------------------------------


def _pairs(ax: Axes) -> str:
    good, bad = [500, 480, 300], [500, 200]
    for i, left in enumerate(good):
        for j, right in enumerate(bad):
            share = 1.0 if right > left else 0.5 if right == left else 0.0
            ax.text(j, i, f"{share:g}", ha="center", va="center", fontsize=14)
    ax.set(
        xticks=[0, 1], xticklabels=bad, yticks=[0, 1, 2], yticklabels=good, xlim=(-0.5, 1.5), ylim=(2.5, -0.5),
        xlabel="returns of `worse`", ylabel="returns of `better`",
    )  # fmt: skip
    return (
        "A table of all six pairs: the worse configuration wins against 480 and 300 with its 500 (1 each), "
        "ties with 500 "
        "(one half), and loses all three comparisons with its 200 (0 each): 2.5 of 6."
    )


exercise(
    "00.upset",
    title="How often does one seed point the wrong way?",
    hints=(
        "Compare *every* return of `worse` with *every* return of `better`: with 3 and 2 seeds that makes 6 pairs.",
        "`np.asarray(worse)[:, None] > np.asarray(better)[None, :]` is a table of True and False, one for each pair.",
        "A tie decides nothing: count it as half. The answer is the mean of the table.",
    ),
    picture=_pairs,
    wrong_answers={
        "ties lost": (
            lambda better, worse: float(np.mean(np.asarray(worse)[:, None] > np.asarray(better)[None, :])),
            "ties as nothing",
        ),
        "ties won": (
            lambda better, worse: float(np.mean(np.asarray(worse)[:, None] >= np.asarray(better)[None, :])),
            "ties in full",
        ),
        "the other way round": (
            lambda better, worse: float(
                np.mean(
                    (np.asarray(worse)[:, None] < np.asarray(better)[None, :])
                    + 0.5 * (np.asarray(worse)[:, None] == np.asarray(better)[None, :])
                )
            ),
            "`better` wins",
        ),
        "pairs of equal seeds only": (
            lambda better, worse: float(
                np.mean([(w > b) + 0.5 * (w == b) for b, w in zip(better, worse, strict=False)])
            ),
            "side by side",
        ),
        "compares the means": (
            lambda better, worse: float(np.mean(worse) > np.mean(better)),
            "compares two averages",
        ),
        "a count": (
            lambda better, worse: float(sum((w > b) + 0.5 * (w == b) for b in better for w in worse)),
            "number of pairs",
        ),
    },
)


@checks("00.upset", "every pair of seeds, ties half", weight=2)
def _upset(answer: Any) -> None:
    expect.close(
        answer([500.0, 480.0, 300.0], [500.0, 200.0]),
        2.5 / 6,
        "`upset([500, 480, 300], [500, 200])`",
        mistakes=(
            (2 / 6, "That counts ties as nothing: a tie is half an upset."),
            (3 / 6, "That counts ties in full: a tie is half an upset."),
            (3.5 / 6, "That is how often `better` wins; an upset is a win of `worse`."),
            (
                0.25,
                "That compares the lists side by side; compare every return of one with every return of the other.",
            ),
            (0.0, "That compares two averages; the question is about *single* seeds: compare every pair."),
            (2.5, "That is the number of upsets; divide by the number of pairs."),
        ),
    )


@checks("00.upset", "no upset, and nothing but upsets")
def _extremes(answer: Any) -> None:
    expect.close(answer([5.0, 6.0], [1.0, 2.0, 3.0]), 0.0, "`upset([5, 6], [1, 2, 3])`")
    expect.close(answer([1.0, 2.0, 3.0], [5.0, 6.0]), 1.0, "`upset([1, 2, 3], [5, 6])`")


# 5. The interquartile mean ------------------------------------------------------------------------------------


def _middle(ax: Axes) -> str:
    values = [0, 0, 1, 2, 3, 10, 20, 500]
    colours = ["C7"] * 2 + ["C0"] * 4 + ["C7"] * 2
    ax.bar(range(8), values, color=colours)
    ax.set(xlabel="runs, sorted", ylabel="return", ylim=(0, 25))
    ax.annotate("500", (7, 24), ha="center", va="top", color="white")
    ax.set_title("mean of the middle half (blue) = 4")
    return (
        "Eight sorted returns 0, 0, 1, 2, 3, 10, 20, 500. The lowest two and the highest two are grey; the "
        "mean of the "
        "middle four, 1, 2, 3 and 10, is 4."
    )


def _empty_slice(values: Any) -> Any:
    cut = len(values) // 4
    middle = np.sort(values)[cut:-cut]  # empty when cut is 0
    return middle.sum() / max(len(middle), 1)


exercise(
    "00.iqm",
    title="The interquartile mean",
    hints=(
        "Sort first: `np.sort(returns)`.",
        "Drop `n // 4` of the lowest and as many of the highest.",
        "`values[k:-k]` is empty when k is 0; `values[k : n - k]` is not.",
    ),
    picture=_middle,
    wrong_answers={
        "the mean": (lambda returns: float(np.mean(returns)), "plain mean"),
        "the median": (lambda returns: float(np.median(returns)), "median"),
        "not sorted": (
            lambda returns: float(np.mean(returns[len(returns) // 4 : len(returns) - len(returns) // 4])),
            "sort",
        ),
        "drops the best only": (
            lambda returns: float(np.mean(np.sort(returns)[: len(returns) - len(returns) // 4])),
            "only the highest",
        ),
        "drops the worst only": (
            lambda returns: float(np.mean(np.sort(returns)[len(returns) // 4 :])),
            "only the lowest",
        ),
        "a quarter in all": (
            lambda returns: float(np.mean(np.sort(returns)[len(returns) // 8 : len(returns) - len(returns) // 8])),
            "each side",
        ),
        "empty slice for few seeds": (_empty_slice, "fewer than four"),
    },
)


@checks("00.iqm", "the mean of the middle half", weight=2)
def _middle_half(answer: Any) -> None:
    expect.close(
        answer(np.array([20.0, 1.0, 500.0, 0.0, 3.0, 10.0, 0.0, 2.0])),
        4.0,
        "`iqm([20, 1, 500, 0, 3, 10, 0, 2])`",
        mistakes=(
            (67.0, "That is the plain mean: one lucky run of 500 pulls it up."),
            (2.5, "That is the median: the interquartile mean averages over the whole middle half."),
            (128.25, "Those are the middle ones of the list as it came: sort the returns first."),
            (16 / 6, "That drops only the highest quarter; drop the lowest quarter as well."),
            (536 / 6, "That drops only the lowest quarter; drop the highest quarter as well."),
            (36 / 6, "That drops a quarter in all; drop a quarter on each side, so that the middle half is left."),
        ),
    )


@checks("00.iqm", "with few seeds too")
def _few(answer: Any) -> None:
    expect.close(answer(np.array([4.0, 1.0, 100.0, 2.0, 3.0])), 3.0, "`iqm([4, 1, 100, 2, 3])`")
    three = answer(np.array([1.0, 2.0, 6.0]))
    if np.size(three) == 0 or not math.isclose(float(three), 3.0):
        expect.fail(
            "With fewer than four returns nothing is dropped: `iqm([1, 2, 6])` should be 3. "
            f"It gave {three}. Look at what your slice does when the number to drop is 0."
        )


# 6. A small study ---------------------------------------------------------------------------------------------

_PREDICTIONS = ("first", "second", "no difference")
_MOST_STEPS = 20_000


def _plan(ax: Axes) -> str:
    names = ["learning_rate", "n_steps", "batch_size", "gamma"]
    rows = [["0.001", "32", "256", "0.98"], ["0.001", "32", "256", "0.90"]]
    table = ax.table(cellText=rows, colLabels=names, rowLabels=["first", "second"], loc="center", cellLoc="center")
    table[(2, 3)].set_facecolor("#fde2b3")
    ax.axis("off")
    ax.set_title("seeds 0, 1, 2, 3, 4 for both; 20,000 steps for both")
    return (
        "Two configurations that agree in learning rate, n_steps and batch size and differ in gamma alone, "
        "0.98 against "
        "0.90; both with the seeds 0 to 4 and 20,000 steps."
    )


def _study(**changes: Any) -> Any:
    """Build a plan that is right but for `changes`."""
    base = {"learning_rate": 1e-3, "n_steps": 32, "n_envs": 8, "gamma": 0.98}
    plan: dict[str, Any] = {
        "configs": [base, {**base, "gamma": 0.9}],
        "seeds": [0, 1, 2, 3, 4],
        "steps": 10_000,
        "prediction": "first",
    }
    return lambda: {key: value for key, value in {**plan, **changes}.items() if value is not None}


exercise(
    "00.fair_comparison",
    title="A small study: a fair comparison",
    hints=(
        'Begin with `first = dict(GOOD)` and `second = {**GOOD, "gamma": 0.9}`: all but one entry stays the same.',
        "Five seeds: `list(range(5))`. Both configurations get the same ones.",
        (
            'The prediction is "first", "second" or "no difference". No check knows what will come out; '
            "you find out by running it."
        ),
    ),
    picture=_plan,
    wrong_answers={
        "two things changed": (
            _study(configs=[{"learning_rate": 1e-3, "gamma": 0.98}, {"learning_rate": 1e-4, "gamma": 0.9}]),
            "differ in 2 hyperparameters",
        ),
        "nothing changed": (_study(configs=[{"gamma": 0.98}, {"gamma": 0.98}]), "the same twice"),
        "a default in disguise": (_study(configs=[{"gamma": 0.99}, {}]), "default"),
        "a name misspelt": (_study(configs=[{"learning_rat": 1e-3}, {"learning_rat": 1e-4}]), "learning_rate"),
        "three configurations": (_study(configs=[{"gamma": 0.98}, {"gamma": 0.9}, {"gamma": 0.8}]), "exactly two"),
        "one seed": (_study(seeds=[0]), "has one seed"),
        "three seeds": (_study(seeds=[0, 1, 2]), "at least 5"),
        "the same seed five times": (_study(seeds=[0, 0, 0, 0, 0]), "repeated"),
        "the seed as hyperparameter": (_study(configs=[{"seed": 0}, {"seed": 1}]), "not a hyperparameter"),
        "too long": (_study(steps=1_000_000), "at most 20,000"),
        "no prediction": (_study(prediction=None), "prediction"),
        "a vague prediction": (_study(prediction="maybe"), "first, second, no difference"),
    },
)


def _entry(answer: Any, key: str) -> Any:
    plan = answer()
    expect.true(isinstance(plan, dict), "Give back a dictionary with `configs`, `seeds`, `steps` and `prediction`.")
    expect.true(key in plan, f"The plan has no entry `{key}`.")
    return plan[key]


@checks("00.fair_comparison", "two configurations that differ in one hyperparameter", weight=2)
def _one_change(answer: Any) -> None:
    from rlhp import trainers

    configs = _entry(answer, "configs")
    expect.true(
        isinstance(configs, list | tuple) and len(configs) == 2 and all(isinstance(config, dict) for config in configs),
        "`configs` should be a list of exactly two dictionaries: the first and the second configuration.",
    )
    defaults = trainers.hyperparameters("ppo")
    for name in sorted({name for config in configs for name in config}):
        expect.true(
            name != "seed",
            "`seed` is not a hyperparameter: it goes into `seeds`, and both configurations get all of them.",
        )
        expect.one_of(name, defaults, "a hyperparameter of PPO in `configs`")
    first, second = ({**defaults, **config} for config in configs)
    changed = [name for name in first if first[name] != second[name]]
    if not changed and configs[0] != configs[1]:
        expect.fail("What you changed equals the default, so both configurations are the same.")
    expect.true(bool(changed), "The two configurations are the same twice: change one number.")
    expect.true(
        len(changed) == 1,
        f"They differ in {len(changed)} hyperparameters ({', '.join(changed)}): whatever comes out, you could "
        "not say which "
        "of them did it. Change exactly one.",
    )


@checks("00.fair_comparison", "several seeds and an equal budget")
def _seeds_and_steps(answer: Any) -> None:
    seeds = _entry(answer, "seeds")
    seeds = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    expect.true(
        len(set(seeds)) == len(seeds) or len(seeds) == 1,
        "A seed is repeated: the same seed gives the same run again, which is no new evidence.",
    )
    expect.several_seeds(seeds, 5, "`seeds`")
    steps = _entry(answer, "steps")
    expect.true(
        isinstance(steps, int) and 0 < steps <= _MOST_STEPS,
        (
            f"`steps` should be a whole number, at most {_MOST_STEPS:,}, so that the study ends in about a "
            f"minute; it is {steps!r}."
        ),
    )


@checks("00.fair_comparison", "a prediction, made before")
def _prediction(answer: Any) -> None:
    prediction = _entry(answer, "prediction")
    expect.true(
        prediction in _PREDICTIONS,
        f"`prediction` should be one of {', '.join(_PREDICTIONS)}; it is {prediction!r}. Say it before you look.",
    )


questions(
    "00.quiz",
    Question(
        "Which of these is a hyperparameter?",
        Choice(
            "The weights of the policy's neural network.",
            "No: the algorithm learns them. They are parameters, and there are thousands of them.",
        ),
        Choice(
            "The learning rate.",
            "Right: somebody sets it before training, and the learning algorithm itself does not change it.",
            right=True,
        ),
        Choice(
            "The seed.",
            "No, although you set it: it names one draw of the luck. You report over seeds; you do not tune them.",
        ),
        Choice(
            "The return after training.",
            "No: that is what comes out. A hyperparameter goes in.",
        ),
    ),
    Question(
        "Why is the agent evaluated in an environment of its own, apart from training?",
        Choice(
            "Because training would otherwise be slower.",
            "No: evaluation costs extra time. It is worth it for another reason.",
        ),
        Choice(
            (
                "Because in training the agent acts partly at random to explore, and its return tells about that "
                "mixture."
            ),
            (
                "Right: the evaluation asks how good the policy is that you would use. It also leaves the "
                "training untouched."
            ),
            right=True,
        ),
        Choice(
            "Because the evaluation environment is harder, so that the result is on the safe side.",
            "No: it is the same environment with other seeds. A harder one would answer another question.",
        ),
    ),
    Question(
        "Configuration A reached 500 and B reached 430, each with one seed. What do you know?",
        Choice(
            "A is better, because 500 is the highest possible return.",
            (
                "No: a maximum that was reached once says that A *can* get there, not how often it does, nor how "
                "often B does."
            ),
        ),
        Choice(
            "A is better by 70.",
            "No: with another seed the difference may be 0 or have the other sign. One seed has no interval.",
        ),
        Choice(
            "That both can learn something; for a ranking, run several seeds of each and look at the intervals.",
            "Right: the luck of the seed is often as big as the effect of the hyperparameter.",
            right=True,
        ),
    ),
    Question(
        "Eight seeds gave 500, 500, 500, 500, 490, 480, 470 and 10. What does the interquartile mean do with the 10?",
        Choice(
            "It drops the lowest and the highest two values, so the 10 does not count.",
            "Right: 8 // 4 = 2 on each side. Good against outliers; but keep showing the single runs, since "
            "a failure in one "
            "of eight seeds is something that a user would want to know.",
            right=True,
        ),
        Choice(
            "It counts in full, as in every mean.",
            "No: the interquartile mean averages over the middle half only.",
        ),
        Choice(
            "It looks for outliers with a test and removes those.",
            (
                "No: it always drops the same share on both sides, whatever the values are. So nobody can choose "
                "what to leave out."
            ),
        ),
    ),
    Question(
        "You train with `n_envs=8` for `steps=80_000`. How many transitions does the agent see?",
        Choice(
            "80,000",
            "Right: environment steps are counted over all the copies together, 10,000 in each.",
            right=True,
        ),
        Choice(
            "640,000",
            (
                "No: that would be so if `steps` were counted for each copy. Budgets are compared in environment "
                "steps in all."
            ),
        ),
        Choice(
            "10,000",
            "No: each of the 8 copies plays 10,000 steps; together they make 80,000.",
        ),
    ),
)
