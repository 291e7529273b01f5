"""What students typically write for the exercises that make numbers of curves, and a piece of what each is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Wrong = dict[str, tuple[Any, str]]


def _scores(
    *,
    final: Callable[..., Any] = lambda steps, returns: returns[-1],
    best: Callable[..., Any] = lambda steps, returns: returns.max(),
    auc: Callable[..., Any] = lambda steps, returns: np.trapezoid(returns, steps) / (steps[-1] - steps[0]),
    shape: Callable[[dict[str, Any]], Any] = lambda found: found,
) -> Callable[..., Any]:
    """Build a wrong `three_scores`: the right one with one part replaced."""

    def answer(steps: Any, returns: Any) -> Any:
        return shape({"final": final(steps, returns), "best": best(steps, returns), "auc": auc(steps, returns)})

    return answer


def _from_zero(steps: Any, returns: Any) -> Any:
    return np.trapezoid([0, *returns], [0, *steps]) / steps[-1]


THREE_SCORES: Wrong = {
    "the first evaluation": (_scores(final=lambda steps, returns: returns[0]), "*first*"),
    "final is the best": (_scores(final=lambda steps, returns: returns.max()), "best, not the last"),
    "final is an average": (_scores(final=lambda steps, returns: returns[-2:].mean()), "averages the last two"),
    "position of the best": (_scores(best=lambda steps, returns: returns.argmax()), "position of the best"),
    "step of the best": (_scores(best=lambda steps, returns: steps[returns.argmax()]), "*when* the best"),
    "mean of the evaluations": (_scores(auc=lambda steps, returns: returns.mean()), "equally far apart"),
    "an area": (_scores(auc=lambda steps, returns: np.trapezoid(returns, steps)), "return times steps"),
    "divided by the last step": (
        _scores(auc=lambda steps, returns: np.trapezoid(returns, steps) / steps[-1]),
        "before the first evaluation nothing is known",
    ),
    "divided by the evaluations": (
        _scores(auc=lambda steps, returns: np.trapezoid(returns, steps) / len(steps)),
        "number of evaluations",
    ),
    "unit steps": (_scores(auc=lambda steps, returns: np.trapezoid(returns) / (len(steps) - 1)), "forgets `steps`"),
    "rectangles": (
        _scores(auc=lambda steps, returns: (returns[:-1] * np.diff(steps)).sum() / (steps[-1] - steps[0])),
        "rectangles",
    ),
    "starts at nothing": (_scores(auc=_from_zero), "return of 0 at step 0"),
    "a tuple": (_scores(shape=lambda found: tuple(found.values())), "dictionary"),
    "a key misspelt": (
        _scores(shape=lambda found: {"last": found["final"], "best": found["best"], "auc": found["auc"]}),
        "no key `final`",
    ),
}


def _iqm(
    cut: Callable[[int], int] = lambda n: n // 4,
    order: Callable[[Any], Any] = np.sort,
    low: bool = True,
    high: bool = True,
    of: Callable[[Any], Any] = np.mean,
) -> Callable[..., Any]:
    """Build a wrong `iqm`: the right one with one part replaced."""

    def answer(scores: Any) -> Any:
        n = len(scores)
        return of(order(scores)[cut(n) * low : n - cut(n) * high])

    return answer


def _in_place(scores: Any) -> Any:
    scores.sort()
    cut = len(scores) // 4
    return scores[cut : len(scores) - cut].mean()


IQM: Wrong = {
    "mean": (lambda scores: np.mean(scores), "plain mean"),
    "median": (lambda scores: np.median(scores), "median"),
    "not sorted": (_iqm(order=lambda scores: scores), "not sorted"),
    "only the best left out": (_iqm(low=False), "lowest quarter is still in"),
    "only the worst left out": (_iqm(high=False), "highest quarter is still in"),
    "an eighth": (_iqm(cut=lambda n: n // 8), "Too few are left out"),
    "interquartile range": (
        lambda scores: np.quantile(scores, 0.75) - np.quantile(scores, 0.25),
        "interquartile *range*",
    ),
    "mean of the quartiles": (lambda scores: np.quantile(scores, [0.25, 0.75]).mean(), "two quartiles"),
    "sum": (_iqm(of=np.sum), "sum"),
    "rounded up": (_iqm(cut=lambda n: -(-n // 4)), "rounded down"),
    "sorts in place": (_in_place, "changes its argument"),
    "the middle half itself": (_iqm(of=lambda middle: middle), "one number was expected"),
}
