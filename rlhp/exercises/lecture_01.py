"""Checks, hints and quiz of lecture 01: exploration schedules."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rlhp.exercises import CheckFailed, expect
from rlhp.exercises.declare import Choice, Question, checks, exercise, questions

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from rlhp.runs import Runs
    from rlhp.schedules import Schedule

# 1. A straight line -------------------------------------------------------------------------------------------


def _line(ax: Axes) -> str:
    ax.plot([0.0, 0.5, 1.0], [1.0, 0.05, 0.05])
    ax.set(xlabel="progress (share of training done)", ylabel="epsilon", ylim=(0, 1.05))
    return "Epsilon falls in a straight line from 1 at the start to 0.05 at half of training and stays there."


exercise(
    "01.linear_epsilon",
    title="Linear epsilon",
    hints=(
        "How far down the slope are you? That share is `progress / fraction`: 0 at the start, 1 at the foot.",
        "Past the foot the share must stay 1. `np.minimum` does it for numbers and for arrays.",
        "Go that share of the way from `start` to `end`: `start + share * (end - start)`.",
    ),
    picture=_line,
    wrong_answers={
        "over all of training": (
            lambda progress, start=1.0, end=0.05, fraction=0.5: start + (end - start) * np.asarray(progress),
            "over the whole of training",
        ),
        "never stops": (
            lambda progress, start=1.0, end=0.05, fraction=0.5: start + (end - start) * np.asarray(progress) / fraction,
            "goes on falling",
        ),
        "starts falling late": (
            lambda progress, start=1.0, end=0.05, fraction=0.5: (
                start + (end - start) * np.clip((np.asarray(progress) - fraction) / (1 - fraction), 0, 1)
            ),
            "begins to fall only at",
        ),
        "forgets the end": (
            lambda progress, start=1.0, end=0.05, fraction=0.5: (
                start * (1 - np.minimum(np.asarray(progress) / fraction, 1.0))
            ),
            "falls to 0",
        ),
        "rises": (
            lambda progress, start=1.0, end=0.05, fraction=0.5: (
                end + (start - end) * np.minimum(np.asarray(progress) / fraction, 1.0)
            ),
            "rises",
        ),
        "fraction in percent": (
            lambda progress, start=1.0, end=0.05, fraction=0.5: (
                start + (end - start) * np.minimum(np.asarray(progress) / (fraction / 100), 1.0)
            ),
            "per cent",
        ),
        "whole numbers": (
            lambda progress, start=1.0, end=0.05, fraction=0.5: (
                start + (end - start) * np.minimum(np.asarray(progress) // fraction, 1.0)
            ),
            "`//`",
        ),
        "one number only": (
            lambda progress, start=1.0, end=0.05, fraction=0.5: start + (end - start) * min(progress / fraction, 1.0),
            "array",
        ),
    },
)


@checks("01.linear_epsilon", "falls in a straight line", weight=2)
def _slope(answer: Any) -> None:
    early = answer(0.125)
    if np.size(early) == 1 and math.isclose(float(np.ravel(early)[0]), 1.0):
        if math.isclose(float(np.ravel(answer(0.75))[0]), 0.525):
            expect.fail("Epsilon begins to fall only at `fraction`; it should begin at once and be done at `fraction`.")
        expect.fail("An eighth into training epsilon has not moved at all. Does `//` cut the share down to 0?")
    expect.close(
        early,
        0.7625,
        "`linear_epsilon(0.125)`",
        mistakes=(
            (0.88125, "Epsilon falls over the whole of training: divide `progress` by `fraction`."),
            (0.75, "Epsilon falls to 0: it should fall to `end`."),
            (0.2875, "Epsilon rises: it should begin at `start` and come down to `end`."),
            (0.05, "Epsilon is at its end at once: `fraction` is a fraction between 0 and 1, not per cent."),
        ),
    )


@checks("01.linear_epsilon", "reaches its end at `fraction` and stays there")
def _foot(answer: Any) -> None:
    expect.close(answer(0.5), 0.05, "`linear_epsilon(0.5)`")
    expect.close(
        answer(1.0),
        0.05,
        "`linear_epsilon(1.0)`",
        mistakes=(
            (
                -0.9,
                "After `fraction` epsilon goes on falling, to -0.9, which is no probability: stop the share at 1.",
            ),
        ),
    )


@checks("01.linear_epsilon", "takes an array")
def _array(answer: Any) -> None:
    try:
        got = answer(np.array([0.0, 0.125, 0.5, 1.0]))
    except CheckFailed as failure:
        expect.fail(
            "It works for one number, but not yet for an array of them: `min(...)` and `if` look at single numbers, "
            f"`np.minimum` at both. {failure}"
        )
    expect.close(
        expect.array(got, (4,), "`linear_epsilon(array)`"), [1.0, 0.7625, 0.05, 0.05], "`linear_epsilon(array)`"
    )


# 2. What a schedule spends ------------------------------------------------------------------------------------


def _area(ax: Axes) -> str:
    progress = np.array([0.0, 0.8, 1.0])
    epsilon = np.array([1.0, 0.05, 0.05])
    ax.plot(progress, epsilon)
    ax.fill_between(progress, epsilon, alpha=0.3)
    ax.text(0.05, 0.15, "area = 0.43\ntimes 10,000 steps\n= 4,300 random actions")
    ax.set(xlabel="progress (share of training done)", ylabel="epsilon", ylim=(0, 1.05))
    return "The area under the linear schedule from 1 to 0.05 over 80 % of training is 0.43: 4,300 of 10,000 steps."


exercise(
    "01.exploratory_steps",
    title="What a schedule spends",
    hints=(
        (
            "At step t the progress is t / steps, and epsilon at that progress is the *expected* number of "
            "random actions there."
        ),
        "Add them up over all steps: t = 0, 1, ..., steps - 1.",
        "`sum(epsilon(t / steps) for t in range(steps))`, or the mean of epsilon on a fine grid times `steps`.",
    ),
    picture=_area,
    wrong_answers={
        "epsilon at the start": (lambda epsilon, steps: steps * epsilon(0.0), "only the first value"),
        "epsilon at the end": (lambda epsilon, steps: steps * epsilon(1.0), "only the last value"),
        "epsilon half-way": (lambda epsilon, steps: steps * epsilon(0.5), "half-way"),
        "mean of the two ends": (
            lambda epsilon, steps: steps * (epsilon(0.0) + epsilon(1.0)) / 2,
            "mean of the first and the last",
        ),
        "a share": (lambda epsilon, steps: sum(epsilon(t / steps) for t in range(steps)) / steps, "share"),
        "step in place of progress": (
            lambda epsilon, steps: sum(epsilon(t) for t in range(steps)),
            "not a step number",
        ),
        "whole-number progress": (
            lambda epsilon, steps: sum(epsilon(t // steps) for t in range(steps)),
            "`//`",
        ),
        "the greedy steps": (
            lambda epsilon, steps: sum(1 - epsilon(t / steps) for t in range(steps)),
            "greedy",
        ),
    },
)


class _Epsilon:
    """Epsilon for the exercise: takes numbers and arrays, refuses what is no progress, remembers what it was asked."""

    def __init__(self, of_one: Callable[[float], float]) -> None:
        self._of_one = of_one
        self.asked: list[float] = []

    def __call__(self, progress: Any) -> Any:
        values = [float(one) for one in np.ravel(progress)]
        for one in values:
            if not 0.0 <= one <= 1.0:
                expect.fail(
                    f"`epsilon` was asked for {one:g}: it takes the progress, a number from 0 to 1, not a "
                    "step number."
                )
        self.asked += values
        results = [self._of_one(one) for one in values]
        return results[0] if np.ndim(progress) == 0 else np.array(results).reshape(np.shape(progress))


def _falling(progress: float) -> float:
    """Linear from 1 to 0.05 over the first 80 % of training."""
    return 1.0 - 0.95 * min(progress / 0.8, 1.0)


@checks("01.exploratory_steps", "the area under the schedule, in steps", weight=2)
def _spent(answer: Any) -> None:
    epsilon = _Epsilon(_falling)
    got = answer(epsilon, 10_000)
    if len(epsilon.asked) > 1 and not any(epsilon.asked):
        expect.fail("The progress was 0 at every step: `//` cuts it down to a whole number; divide with `/`.")
    expect.close(
        got,
        4300.0,
        "`exploratory_steps(linear from 1 to 0.05 over 80 %, 10_000)`",
        rtol=2e-3,
        mistakes=(
            (10_000.0, "That uses only the first value of epsilon, 1, for every step."),
            (500.0, "That uses only the last value of epsilon for every step."),
            (4062.5, "That uses the value half-way through training for every step; add up those of all steps."),
            (
                5250.0,
                "That is the mean of the first and the last value: right for a line that falls to the very "
                "end, but this "
                "one is flat for the last fifth.",
            ),
            (0.43, "That is the share of steps; the question is how many steps: times `steps`."),
            (5700.0, "Those are the greedy steps; count the random ones."),
        ),
    )


@checks("01.exploratory_steps", "for any shape")
def _any_shape(answer: Any) -> None:
    always = _Epsilon(lambda progress: 0.3)
    expect.close(answer(always, 500), 150.0, "`exploratory_steps(always 0.3, 500)`", rtol=2e-3)
    dropping = _Epsilon(lambda progress: 1.0 if progress < 0.25 else 0.5)
    expect.close(answer(dropping, 8_000), 5000.0, "`exploratory_steps(1 for a quarter, then 0.5, 8_000)`", rtol=2e-3)


# 3. A schedule for a budget -----------------------------------------------------------------------------------


def _budget_picture(ax: Axes) -> str:
    ax.axhspan(0, 0.05, xmin=0.5, color="C2", alpha=0.3)
    ax.plot([0], [1], "o", color="C0")
    ax.axvline(0.5, color="C7", linestyle=":")
    ax.text(0.52, 0.08, "at most 0.05 from here on")
    ax.text(0.08, 0.95, "begins at 1")
    ax.text(0.03, 0.4, "area under the curve: 0.20")
    ax.set(xlabel="progress", ylabel="epsilon", xlim=(0, 1), ylim=(0, 1.05))
    return (
        "The frame that the schedule must fit: it begins at 1, is at most 0.05 from half of training on, and "
        "the area under "
        "it is 0.20."
    )


def _schedule(kind: str, *numbers: Any) -> Any:
    def answer() -> Any:
        from rlhp import schedules

        return schedules.kinds()[kind](*numbers)

    return answer


exercise(
    "01.budget",
    title="A schedule for a budget",
    hints=(
        "In the explorer, hold shape, start and end and move `fraction` until the share of random steps is 20 %.",
        "For `Linear(1.0, 0.05, f)` the share is f * (1 + 0.05) / 2 + (1 - f) * 0.05. Solve for f.",
        "`schedule.mean()` gives the share, so you can test your answer yourself.",
    ),
    picture=_budget_picture,
    wrong_answers={
        "constant": (_schedule("constant", 0.2), "begins at 0.2"),
        "half": (_schedule("linear", 1.0, 0.05, 0.5), "28.8 %"),
        "fraction is the share": (_schedule("linear", 1.0, 0.05, 0.2), "14.5 %"),
        "too slow": (_schedule("linear", 1.0, 0.0, 0.6), "from half of training on"),
        "a number": (lambda: 0.2, "a schedule, not"),
        "a function": (lambda: lambda progress: 1.0, "a schedule, not"),
    },
)


def _the_schedule(answer: Any) -> Schedule:
    from rlhp import schedules

    schedule = answer()
    if not isinstance(schedule, schedules.Schedule):
        expect.fail(
            f"Give back a schedule, not a {type(schedule).__name__}: for instance "
            "`schedules.Linear(1.0, 0.05, fraction=...)`."
        )
    return schedule


@checks("01.budget", "begins at 1 and has come down by half-way")
def _frame(answer: Any) -> None:
    schedule = _the_schedule(answer)
    expect.true(
        math.isclose(schedule(0.0), 1.0, abs_tol=1e-6),
        f"It begins at {schedule(0.0):g}; it should begin at epsilon = 1.",
    )
    grid = np.linspace(0.0, 1.0, 1001)
    values = np.array([schedule(float(at)) for at in grid])
    expect.true(
        bool((values >= 0).all() and (values <= 1).all()), "Epsilon is a probability: it must stay between 0 and 1."
    )
    late = float(values[grid >= 0.5].max())
    expect.true(
        late <= 0.05 + 1e-6,
        (
            f"It should be at most 0.05 from half of training on; it is still {late:.3f} there. Choose a smaller "
            "`fraction`."
        ),
    )


@checks("01.budget", "spends 20 % of the steps", weight=2)
def _share(answer: Any) -> None:
    share = _the_schedule(answer).mean()
    expect.true(
        abs(share - 0.2) <= 0.005,
        f"It spends {100 * share:.1f} % of the steps on random actions; 20 % are asked for (half a percent "
        "point up or "
        "down is fine). The share is the area under the curve, which is not the `fraction`.",
    )


# 4. Find the silent bug ---------------------------------------------------------------------------------------


def _episodes_picture(ax: Axes) -> str:
    ax.plot([0, 100], [1.0, 0.93], "--", color="C1", label="buggy")
    ax.plot([0, 50, 100], [1.0, 0.05, 0.05], color="C0", label="repaired")
    ax.set(xlabel="per cent of the environment steps", ylabel="epsilon", ylim=(0, 1.05))
    ax.legend()
    return "The buggy epsilon hardly leaves 1; the repaired one falls to 0.05 at half of the environment steps."


def _logs(lengths: Any, progress: Any, *, start: float, end: float, fraction: float) -> list[float]:
    """Epsilon at every step when progress is counted in the way given (step, episode, step in the episode)."""
    out, step = [], 0
    for episode, length in enumerate(lengths):
        for within in range(length):
            share = min(progress(step, episode, within) / fraction, 1.0)
            out.append(start + (end - start) * share)
            step += 1
    return out


def _logged(progress: Any) -> Any:
    def answer(
        episode_lengths: Any, total_steps: int, start: float = 1.0, end: float = 0.05, fraction: float = 0.5
    ) -> Any:
        return _logs(
            episode_lengths,
            lambda *where: progress(where, len(episode_lengths), total_steps, episode_lengths),
            start=start,
            end=end,
            fraction=fraction,
        )

    return answer


exercise(
    "01.silent_bug",
    title="Find the silent bug: an agent that never stops exploring",
    hints=(
        "What is the largest `progress` that the buggy function ever computes?",
        (
            "`episode` counts episodes and `total_steps` counts environment steps: their ratio is not a share of "
            "anything."
        ),
        "Keep a counter of environment steps that goes up by one for every epsilon you write down.",
    ),
    picture=_episodes_picture,
    wrong_answers={
        "the bug itself": (_logged(lambda where, n, total, lengths: where[1] / total), "never comes down"),
        "per episode": (_logged(lambda where, n, total, lengths: where[1] / n), "same for a whole episode"),
        "starts anew every episode": (
            _logged(lambda where, n, total, lengths: where[2] / max(lengths)),
            "jumps back",
        ),
        "one step late": (_logged(lambda where, n, total, lengths: (where[0] + 1) / total), "first step"),
        "whole-number progress": (_logged(lambda where, n, total, lengths: where[0] // total), "`//`"),
        "in percent": (_logged(lambda where, n, total, lengths: 100 * where[0] / total), "percent"),
        "one value per episode": (
            lambda episode_lengths, total_steps, start=1.0, end=0.05, fraction=0.5: [
                1.0 - 0.95 * min(i / len(episode_lengths) / fraction, 1.0) for i in range(len(episode_lengths))
            ],
            "every environment step",
        ),
    },
)

_LENGTHS = (10, 30, 60, 100)  # 200 steps in four episodes that grow longer, as those of a learning agent do


def _log(answer: Any, lengths: list[int]) -> Any:
    got = answer(lengths, 200)
    expect.true(
        np.size(got) == 200,
        f"{len(lengths)} episodes with 200 steps in all need an epsilon for every environment step, 200; there are "
        f"{np.size(got)}.",
    )
    return np.asarray(got, dtype=float)


@checks("01.silent_bug", "one epsilon for each environment step")
def _one_a_step(answer: Any) -> None:
    _log(answer, list(_LENGTHS))


@checks("01.silent_bug", "falls with every step, whatever the episodes", weight=2)
def _per_step(answer: Any) -> None:
    got = _log(answer, list(_LENGTHS))
    expect.true(
        math.isclose(got[0], 1.0, abs_tol=1e-9),
        f"At the very first step no training is done yet, so epsilon should be 1; it is {got[0]:.4f} (off by one?).",
    )
    if np.ptp(got) < 1e-9:
        expect.fail("Epsilon never moves at all: is the progress rounded down to a whole number, as `//` does?")
    expect.true(
        bool((np.diff(got) <= 1e-12).all()),
        "Epsilon jumps back up when an episode begins: count the steps of training, not those of the episode.",
    )
    expect.true(
        got[-1] < 0.06,
        (
            f"Epsilon never comes down: it is still {got[-1]:.2f} at the last step. Which two things does "
            "`progress` divide?"
        ),
    )
    if got[5] < 0.06:
        expect.fail("Epsilon is at its end within the first few steps: is the progress in percent?")
    if got[20] == got[30]:
        expect.fail("Epsilon is the same for a whole episode; it should fall with every step, also within an episode.")
    expect.close(got[[50, 99, 150]], [0.525, 0.0595, 0.05], "epsilon at the steps 50, 99 and 150 of 200")


@checks("01.silent_bug", "the number of episodes does not matter")
def _any_episodes(answer: Any) -> None:
    many = _log(answer, [20] * 10)
    few = _log(answer, [100, 100])
    expect.close(many, few, "epsilon with ten episodes of 20 steps, against two of 100")


# 5. Persistent exploration ------------------------------------------------------------------------------------


def _persistent_picture(ax: Axes) -> str:
    ax.step(
        range(12), [2, 0, 1, 1, 2, 0, 0, 2, 1, 0, 2, 1], where="post", color="C1", linestyle="--", label="repeat = 1"
    )
    ax.step(range(12), [0, 0, 0, 0, 2, 2, 2, 2, 1, 1, 1, 1], where="post", color="C0", label="repeat = 4")
    ax.set(xlabel="step", ylabel="action", yticks=[0, 1, 2])
    ax.set_ylim(-0.2, 2.9)
    ax.legend(loc="upper center", ncols=2)
    return (
        "With repeat 1 the action changes at almost every step; with repeat 4 each drawn action is held for "
        "four steps."
    )


exercise(
    "01.persistent_actions",
    title="Hold on to a random action",
    hints=(
        "Draw fewer actions than steps, then repeat each of them: `np.repeat`.",
        "When `repeat` does not divide `n_steps`, draw one more action and cut the rest off.",
        (
            "`rng.integers(n_actions, size=...)` draws from 0 to n_actions - 1. The size rounds up: "
            "`math.ceil(n_steps / repeat)`."
        ),
    ),
    picture=_persistent_picture,
    wrong_answers={
        "a new one each step": (
            lambda n_steps, n_actions, repeat, *, rng: rng.integers(n_actions, size=n_steps),
            "changes at every step",
        ),
        "tiles in place of repeats": (
            lambda n_steps, n_actions, repeat, *, rng: np.resize(rng.integers(n_actions, size=repeat), n_steps),
            "np.tile",
        ),
        "draws too few": (
            lambda n_steps, n_actions, repeat, *, rng: np.repeat(
                rng.integers(n_actions, size=n_steps // repeat), repeat
            ),
            "10 actions",
        ),
        "does not cut": (
            lambda n_steps, n_actions, repeat, *, rng: np.repeat(
                rng.integers(n_actions, size=math.ceil(n_steps / repeat)), repeat
            ),
            "12 actions",
        ),
        "never the last action": (
            lambda n_steps, n_actions, repeat, *, rng: np.repeat(
                rng.integers(n_actions - 1, size=math.ceil(n_steps / repeat)), repeat
            )[:n_steps],
            "never drawn",
        ),
        "counts from one": (
            lambda n_steps, n_actions, repeat, *, rng: np.repeat(
                rng.integers(1, n_actions + 1, size=math.ceil(n_steps / repeat)), repeat
            )[:n_steps],
            "from 0",
        ),
        "global numpy.random": (
            lambda n_steps, n_actions, repeat, *, rng: np.repeat(
                np.random.randint(n_actions, size=math.ceil(n_steps / repeat)),  # noqa: NPY002
                repeat,
            )[:n_steps],
            "numpy.random",
        ),
    },
)


@checks("01.persistent_actions", "draws from the generator that it is given")
def _own_generator(answer: Any) -> None:
    expect.seeded(answer, 40, 3, 4)


@checks("01.persistent_actions", "as many actions as steps")
def _as_many(answer: Any) -> None:
    got = np.asarray(expect.seeded(answer, 11, 3, 2))
    expect.true(got.shape == (11,), f"11 steps need 11 actions; with `repeat=2` there are {got.size} actions.")


@checks("01.persistent_actions", "holds each action", weight=2)
def _holds(answer: Any) -> None:
    got = np.asarray(expect.seeded(answer, 400, 3, 4))
    expect.true(got.shape == (400,), f"400 steps need 400 actions; there are {got.size}.")
    blocks = got.reshape(100, 4)
    held = bool((blocks == blocks[:, :1]).all())
    if not held and np.array_equal(got[:-4], got[4:]):
        expect.fail("The same four actions come again and again (`np.tile`); each should be held (`np.repeat`).")
    expect.true(held, "With `repeat=4` the action should stay for four steps; here it changes at every step.")
    expect.true(set(got.tolist()) <= {0, 1, 2}, "With three actions they are numbered from 0: 0, 1, 2.")
    expect.true(
        set(got.tolist()) == {0, 1, 2}, "One of the three actions is never drawn: `rng.integers(3)` gives 0, 1, 2."
    )


# 6. A small study ---------------------------------------------------------------------------------------------

_CONSTANT = '{"schedule": "constant", "value": 0.1}'
_LINEAR = '{"schedule": "linear", "start": 1.0, "end": 0.0, "fraction": 0.5}'


@functools.cache
def _measured() -> Runs:
    """Two schedules, eight and four seeds; the last evaluations are known, the earlier ones are far away."""
    from rlhp import runs

    finals = {_CONSTANT: [0, 0, 1, 2, 3, 10, 20, 500], _LINEAR: [100, 300, 320, 900]}
    table, evals = [], []
    for schedule, returns in finals.items():
        for seed, final in enumerate(returns):
            run_id = f"{schedule[14:17]}{seed}"
            table.append(
                {
                    "run_id": run_id, "algorithm": "dqn", "env_id": "CartPole-v1", "engine": "sb3", "seed": seed,
                    "steps": 300, "status": "finished", "wall_time_s": 1.0, "cpu_time_s": 1.0, "error": None,
                    "hp.exploration": schedule,
                }
            )  # fmt: skip
            for step, value in ((100, -1000.0), (200, 2000.0), (300, float(final))):
                evals.append(
                    {
                        "run_id": run_id, "step": step, "return_mean": value, "return_std": 0.0, "n_episodes": 10,
                        "length_mean": 10.0,
                    }
                )  # fmt: skip
    return runs.Runs(pd.DataFrame(table).set_index("run_id"), pd.DataFrame(evals), runs.empty_history())


def _table_picture(ax: Axes) -> str:
    table = ax.table(
        cellText=[["16", "0.100", "..."], ["16", "0.250", "..."]],
        colLabels=["n", "mean_epsilon", "iqm"],
        rowLabels=["constant 0.1", "linear 1 to 0 over 0.5"],
        loc="center",
    )
    table.scale(0.8, 1.6)
    ax.axis("off")
    return "A table with one row for each schedule and the columns n, mean_epsilon and iqm."


def _table_answer(
    *, last: Any = None, middle: Any = None, mean_epsilon: Any = None, count: Any = None, by: Any = None
) -> Any:
    """Build a wrong `schedule_table`: the right one with one part replaced."""

    def iqm(values: Any) -> float:
        cut = len(values) // 4
        return float(np.mean(np.sort(values)[cut : len(values) - cut]))

    def final(evals: Any) -> Any:
        return evals.groupby("run_id")["return_mean"].last()

    def average(schedule: str) -> float:
        from rlhp import schedules

        return schedules.from_json(schedule).mean()

    def answer(runs: Any) -> Any:
        scores = (last or final)(runs.evals)
        label = runs.table["hp.exploration"].reindex(scores.index)
        rows = {}
        for schedule, values in scores.groupby(label):
            rows[schedule] = {
                "n": (count or len)(values),
                "mean_epsilon": (mean_epsilon or average)(schedule),
                "iqm": (middle or iqm)(values.to_numpy()),
            }
        frame = pd.DataFrame.from_dict(rows, orient="index")
        return by(frame) if by else frame

    return answer


exercise(
    "01.schedule_table",
    title="A small study: what did each schedule reach?",
    hints=(
        ('The last evaluation of each run: `runs.evals.sort_values("step").groupby("run_id")["return_mean"].last()`.'),
        (
            "Both that and `runs.table` are indexed by run_id, so "
            '`final.groupby(runs.table["hp.exploration"])` fits together.'
        ),
        "`schedules.from_json(text).mean()` turns the JSON in the table into the average epsilon.",
        "`scipy.stats.trim_mean(values, 0.25)` is the interquartile mean of lecture 00.",
    ),
    picture=_table_picture,
    wrong_answers={
        "mean over the whole curve": (
            _table_answer(last=lambda evals: evals.groupby("run_id")["return_mean"].mean()),
            "whole curve",
        ),
        "the first evaluation": (
            _table_answer(last=lambda evals: evals.groupby("run_id")["return_mean"].first()),
            "*first* evaluation",
        ),
        "the best evaluation": (
            _table_answer(last=lambda evals: evals.groupby("run_id")["return_mean"].max()),
            "best evaluation",
        ),
        "the best seed": (_table_answer(middle=lambda values: float(np.max(values))), "best seed"),
        "the first seed": (_table_answer(middle=lambda values: float(values[0])), "one seed"),
        "mean in place of IQM": (_table_answer(middle=lambda values: float(np.mean(values))), "plain mean"),
        "median in place of IQM": (_table_answer(middle=lambda values: float(np.median(values))), "median"),
        "counts evaluations": (_table_answer(count=lambda values: 3 * len(values)), "runs, not evaluations"),
        "start of the schedule": (
            _table_answer(mean_epsilon=lambda schedule: 0.1 if "constant" in schedule else 1.0),
            "average over training",
        ),
        "in percent": (
            _table_answer(mean_epsilon=lambda schedule: 10.0 if "constant" in schedule else 25.0),
            "mean_epsilon` of the constant",
        ),
        "no index": (_table_answer(by=lambda frame: frame.reset_index()), "index"),
        "transposed": (_table_answer(by=lambda frame: frame.T), "transpose"),
        "a column misspelt": (_table_answer(by=lambda frame: frame.rename(columns={"iqm": "IQM"})), "did you mean"),
    },
)


def _row(answer: Any, schedule: str) -> Any:
    frame = answer(_measured())
    expect.true(isinstance(frame, pd.DataFrame), "Give back a pandas DataFrame.")
    if {"n", "mean_epsilon", "iqm"} <= set(frame.index):
        expect.fail("Rows and columns are swapped: one row for each schedule (transpose it with `.T`).")
    expect.columns(frame, ("n", "mean_epsilon", "iqm"), "the table")
    expect.true(
        schedule in frame.index,
        'The index should be the schedules as they stand in `runs.table["hp.exploration"]` (JSON text); it is '
        f"{list(frame.index)[:2]}.",
    )
    return frame.loc[schedule]


@checks("01.schedule_table", "one row for each schedule, n counts runs")
def _rows(answer: Any) -> None:
    _row(answer, _LINEAR)
    expect.close(
        _row(answer, _CONSTANT)["n"],
        8,
        "`n` of the constant schedule",
        mistakes=((24, "n should count runs, not evaluations: each run was evaluated three times."),),
    )


@checks("01.schedule_table", "the average epsilon")
def _averages(answer: Any) -> None:
    expect.close(_row(answer, _CONSTANT)["mean_epsilon"], 0.1, "`mean_epsilon` of the constant schedule")
    expect.close(
        _row(answer, _LINEAR)["mean_epsilon"],
        0.25,
        "`mean_epsilon` of the linear schedule",
        mistakes=((1.0, "That is where the schedule starts; the average over training is its `.mean()`."),),
    )


@checks("01.schedule_table", "the interquartile mean over seeds of the last evaluation", weight=2)
def _finals(answer: Any) -> None:
    got = float(_row(answer, _CONSTANT)["iqm"])
    if got < -900:
        expect.fail("That is the *first* evaluation of each run; the question is about the last one.")
    if got > 1900:
        expect.fail("That is the best evaluation of each run; the question is about the last one.")
    if 330 < got < 340:
        expect.fail("That averages the whole curve; the question is about the last evaluation of each run.")
    expect.close(
        got,
        4.0,
        "`iqm` of the constant schedule",
        mistakes=(
            (67.0, "That is the plain mean over seeds; the interquartile mean drops the outer quarters."),
            (2.5, "That is the median over seeds; the interquartile mean averages the middle half."),
            (500.0, "That is the best seed: choosing after the fact makes every method look good."),
            (0.0, "That is one seed (the first). One seed lies: use all of them."),
        ),
    )
    expect.close(_row(answer, _LINEAR)["iqm"], 310.0, "`iqm` of the linear schedule")


questions(
    "01.quiz",
    Question(
        "Why, so the argument goes, should epsilon fall during training?",
        Choice(
            "Because random actions cost more computing time than greedy ones.",
            "No: a random action is, if anything, cheaper. It is their *return* that costs.",
        ),
        Choice(
            "Because Q-learning only converges when epsilon is 0.",
            "No: Q-learning learns off-policy and converges in tables with any epsilon that keeps trying "
            "everything. It is "
            "the behaviour, not the convergence, that asks for a falling epsilon.",
        ),
        Choice(
            "Because the value of what a random action can still teach goes down while its price stays.",
            "Right: early on everything is news; later the agent mostly loses return, and it sees too little "
            "of what its good "
            "policy leads to.",
            right=True,
        ),
    ),
    Question(
        "Linear from 1 to 0 over half of training: which share of all actions is drawn at random?",
        Choice("50 %", "No: half is how *long* epsilon falls. During that half it is 0.5 on average."),
        Choice(
            "25 %",
            "Right: the area of the triangle, 0.5 * 0.5. And since a random action can be the greedy one by "
            "chance, fewer "
            "still differ from it: with two actions, half of them.",
            right=True,
        ),
        Choice("100 %", "No: only the very first action is random for sure."),
    ),
    Question(
        (
            "A tutorial multiplies epsilon by 0.995 after every *episode*. You move that line to every *step*. "
            "What happens?"
        ),
        Choice(
            "Epsilon is at 0.05 after about 600 steps, almost before training begins.",
            "Right: ln 0.05 / ln 0.995 = 598. In CartPole that is a few dozen episodes.",
            right=True,
        ),
        Choice(
            "Nothing: a rate is a rate.",
            "No: a rate has a unit. Per step and per episode differ by the length of an episode.",
        ),
        Choice(
            "Epsilon falls more slowly, because there are more steps than episodes.",
            "No: more multiplications make it fall *faster*.",
        ),
    ),
    Question(
        "You train in chunks: `for _ in range(10): model.learn(5_000)`, and epsilon is to fall over the "
        "whole 50,000 steps. "
        "What does stable-baselines3 do?",
        Choice(
            "It knows that the model has been trained before and goes on where epsilon was.",
            "No: progress is counted against the `total_timesteps` of the call.",
        ),
        Choice(
            "Progress runs from 0 to 1 in every chunk, so epsilon falls ten times.",
            "Right: `learn` resets its step counter unless told otherwise, and epsilon saw-tooths. (With "
            "`reset_num_timesteps=False` progress jumps as well, only differently.) Look at the epsilon that "
            "was really used.",
            right=True,
        ),
        Choice(
            "It raises an error.",
            "No, and that is what makes it dangerous: nothing complains.",
        ),
    ),
    Question(
        (
            "In MountainCar, 200 episodes of uniformly random actions never reached the goal. What follows for "
            "epsilon-greedy?"
        ),
        Choice(
            "That it cannot learn MountainCar.",
            "No: it often does. Random actions around a policy that changes all the time reach further than "
            "random actions alone.",
        ),
        Choice(
            "That a higher epsilon is always better there.",
            "No: at epsilon 1 the agent acts in just the way that never reached the goal.",
        ),
        Choice(
            "That single random steps cancel each other out; how long an action is held can matter as much "
            "as how often "
            "one is random.",
            "Right: that is the idea behind temporally extended exploration (Dabney et al. 2021).",
            right=True,
        ),
    ),
)
