"""What students typically write for 03.winners_curse, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np


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


# %% tested on the tuning seeds: "on the seeds that chose it"
winners_curse = _curse(judge=lambda scores, tuning, test: tuning)

# %% tested on all seeds: "on all seeds"
winners_curse = _curse(judge=lambda scores, tuning, test: np.arange(scores.shape[1]))

# %% chosen by the test seeds: "chosen by the test seeds"
winners_curse = _curse(choose=lambda scores, tuning, test: scores[:, test].mean(axis=1).argmax())

# %% chosen by all seeds: "chosen by all seeds"
winners_curse = _curse(choose=lambda scores, tuning, test: scores.mean(axis=1).argmax())

# %% the best test score: "best of all test scores"
winners_curse = _curse(value=lambda scores, winner, test: scores[:, test].mean(axis=1).max())

# %% the worst is chosen: "smallest"
winners_curse = _curse(choose=lambda scores, tuning, test: scores[:, tuning].mean(axis=1).argmin())

# %% the best single seed: "best single seed"
winners_curse = _curse(choose=lambda scores, tuning, test: scores[:, tuning].max(axis=1).argmax())

# %% always the first seeds: "whatever `rng`"
winners_curse = _curse(order=lambda n, rng: np.arange(n))

# %% one split: "single split"
winners_curse = _curse(splits=lambda n: 1)

# %% a difference: "two numbers"
winners_curse = _curse(shape=lambda tuned, test: tuned - test)

# %% the wrong order: "wrong order"
winners_curse = _curse(shape=lambda tuned, test: (test, tuned))

# %% global numpy.random: "numpy.random"
winners_curse = _curse(order=lambda n, rng: np.random.permutation(n))


# %% shuffles the scores: "changes its argument"
def winners_curse(scores: Any, n_tuning: int, n_splits: int, *, rng: Any) -> Any:
    tuned, tested = [], []
    for _ in range(n_splits):
        rng.shuffle(scores, axis=1)
        winner = scores[:, :n_tuning].mean(axis=1).argmax()
        tuned.append(scores[winner, :n_tuning].mean())
        tested.append(scores[winner, n_tuning:].mean())
    return float(np.mean(tuned)), float(np.mean(tested))
