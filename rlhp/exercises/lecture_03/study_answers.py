"""What students typically write for the study of the winner's curse, and a piece of what each is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Wrong = dict[str, tuple[Any, str]]


def _curse(
    *,
    order: Callable[..., Any] = lambda n, rng: rng.permutation(n),
    judge: Callable[..., Any] = lambda scores, tuning, test: test,
    choose: Callable[..., Any] = lambda scores, tuning, test: scores[:, tuning].mean(axis=1).argmax(),
    value: Callable[..., Any] = lambda scores, winner, test: scores[winner, test].mean(),
    splits: Callable[[int], int] = lambda n: n,
    shape: Callable[..., Any] = lambda tuned, test: (tuned, test),
) -> Callable[..., Any]:
    """Build a wrong `winners_curse`: the right one with one part replaced."""

    def answer(scores: Any, n_tuning: int, n_splits: int, *, rng: Any) -> Any:
        tuned, tested = [], []
        for _ in range(splits(n_splits)):
            seeds = order(scores.shape[1], rng)
            tuning, test = seeds[:n_tuning], seeds[n_tuning:]
            winner = choose(scores, tuning, test)
            tuned.append(scores[winner, tuning].mean())
            tested.append(value(scores, winner, judge(scores, tuning, test)))
        return shape(float(np.mean(tuned)), float(np.mean(tested)))

    return answer


def _in_place(scores: Any, n_tuning: int, n_splits: int, *, rng: Any) -> Any:
    tuned, tested = [], []
    for _ in range(n_splits):
        rng.shuffle(scores, axis=1)
        winner = scores[:, :n_tuning].mean(axis=1).argmax()
        tuned.append(scores[winner, :n_tuning].mean())
        tested.append(scores[winner, n_tuning:].mean())
    return float(np.mean(tuned)), float(np.mean(tested))


WINNERS_CURSE: Wrong = {
    "tested on the tuning seeds": (_curse(judge=lambda scores, tuning, test: tuning), "on the seeds that chose it"),
    "tested on all seeds": (
        _curse(judge=lambda scores, tuning, test: np.arange(scores.shape[1])),
        "on all seeds",
    ),
    "chosen by the test seeds": (
        _curse(choose=lambda scores, tuning, test: scores[:, test].mean(axis=1).argmax()),
        "chosen by the test seeds",
    ),
    "chosen by all seeds": (
        _curse(choose=lambda scores, tuning, test: scores.mean(axis=1).argmax()),
        "chosen by all seeds",
    ),
    "the best test score": (
        _curse(value=lambda scores, winner, test: scores[:, test].mean(axis=1).max()),
        "best of all test scores",
    ),
    "the worst is chosen": (
        _curse(choose=lambda scores, tuning, test: scores[:, tuning].mean(axis=1).argmin()),
        "smallest",
    ),
    "the best single seed": (
        _curse(choose=lambda scores, tuning, test: scores[:, tuning].max(axis=1).argmax()),
        "best single seed",
    ),
    "always the first seeds": (_curse(order=lambda n, rng: np.arange(n)), "whatever `rng`"),
    "one split": (_curse(splits=lambda n: 1), "single split"),
    "a difference": (_curse(shape=lambda tuned, test: tuned - test), "two numbers"),
    "the wrong order": (_curse(shape=lambda tuned, test: (test, tuned)), "wrong order"),
    "global numpy.random": (_curse(order=lambda n, rng: np.random.permutation(n)), "numpy.random"),  # noqa: NPY002
    "shuffles the scores": (_in_place, "changes its argument"),
}
