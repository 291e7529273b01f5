"""Exercise 03.winners_curse. A small study: the winner's curse."""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the two numbers over the number of tuning seeds."""
    n = np.arange(1, 12)
    ax.plot(n, 300 + 160 / n, "o-", label="on the seeds that chose it (tuned)")
    ax.plot(n, 250 - 10 / n, "s--", label="on the other seeds (test)")
    ax.set(xlabel="n_tuning", ylabel="score of the chosen configuration", ylim=(0, None))
    ax.legend(fontsize=8)
    return "The tuned score of the winner starts far above its test score and comes nearer with more tuning seeds."


exercise(
    "03.winners_curse",
    title="A small study: the winner's curse",
    hints=(
        "One split: `order = rng.permutation(scores.shape[1])`; its first `n_tuning` entries choose, the others judge.",
        "The winner: `scores[:, tuning].mean(axis=1).argmax()`. Its score on the *other* seeds is what it is worth.",
        "Collect both numbers of each split in two lists, and return the means of the two lists.",
    ),
    picture=_picture,
    seconds=30,
)

# Three configurations with five seeds: the second has the best single seed, the third is the best on average.
_SCORES = np.array([[30.0, 34.0, 38.0, 42.0, 46.0], [0.0, 90.0, 10.0, 60.0, 20.0], [70.0, 40.0, 20.0, 55.0, 45.0]])

_TUNING, _SPLITS = 2, 3_000

_CHANCE = 1.6  # the mean of so many splits is off by less


@functools.cache
def _by_all_splits(what: str) -> tuple[float, float]:
    """Go through all splits, with one thing done as a typical mistake does it; empty for nothing."""
    rows = []
    for tuning in itertools.combinations(range(5), _TUNING):
        test = [seed for seed in range(5) if seed not in tuning]
        tuned, held = _SCORES[:, tuning].mean(axis=1), _SCORES[:, test].mean(axis=1)
        chosen_by = {
            "test chooses": held,
            "all choose": _SCORES.mean(axis=1),
            "smallest": -tuned,
            "single seed": _SCORES[:, tuning].max(axis=1),
        }
        winner = int(np.argmax(chosen_by.get(what, tuned)))
        judged = {"tuning judges": tuned[winner], "all judge": _SCORES[winner].mean(), "best judged": held.max()}
        rows.append((float(tuned[winner]), float(judged.get(what, held[winner]))))
    tuned_mean, test_mean = np.mean(rows, axis=0)
    return float(tuned_mean), float(test_mean)


def _pair(answer: Any, seed: int = 0) -> Any:
    got = answer(_SCORES.copy(), _TUNING, _SPLITS, rng=np.random.default_rng(seed))
    values = np.asarray(got, dtype=np.float64)
    if values.shape != (2,):
        expect.fail(f"Give back two numbers, first the tuned and then the test score; the shape is {values.shape}.")
    return values


@checks("03.winners_curse", "draws its splits from the generator, and leaves the scores alone")
def _own_generator(answer: Any) -> None:
    def thrice(scores: Any, *, rng: Any) -> Any:
        return answer(scores, 2, 3, rng=rng)

    thrice.__name__ = answer.__name__
    expect.seeded(thrice, _SCORES)
    expect.unchanged(thrice, _SCORES.copy(), rng=np.random.default_rng(0))


@checks("03.winners_curse", "the winner's score, tuned and on test seeds", weight=3)
def _two_scores(answer: Any) -> None:
    got = _pair(answer)
    others = [_pair(answer, seed) for seed in (1, 2)]
    if max(np.abs(got - other).max() for other in others) > 3 * _CHANCE:
        expect.fail("Three thousand splits should average chance away, but another seed changes much: a single split?")
    tuned, test = _by_all_splits("")
    mistakes = (
        ((test, tuned), "They are in the wrong order: first the tuned score, then the test score."),
        (_by_all_splits("tuning judges"), "The winner was judged on the seeds that chose it; the others must judge."),
        (_by_all_splits("all judge"), "The winner was judged on all seeds, those that chose it among them."),
        (_by_all_splits("test chooses"), "The winner was chosen by the test seeds, which must have no part in it."),
        (_by_all_splits("all choose"), "The winner was chosen by all seeds; only the tuning seeds may choose."),
        (_by_all_splits("best judged"), "That is the best of all test scores; nobody knows beforehand whose it is."),
        (_by_all_splits("smallest"), "The configuration with the *smallest* mean was chosen: `argmax`."),
        (_by_all_splits("single seed"), "The configuration with the best single seed was chosen; compare the means."),
    )
    told = [(got, said) for value, said in mistakes if np.abs(got - np.asarray(value)).max() < _CHANCE]
    expect.close(got, [tuned, test], "Tuned and test score with two tuning seeds", rtol=0, atol=_CHANCE, mistakes=told)
