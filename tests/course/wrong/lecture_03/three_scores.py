"""What students typically write for 03.three_scores, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np


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


# %% the first evaluation: "*first*"
three_scores = _scores(final=lambda steps, returns: returns[0])

# %% final is the best: "best, not the last"
three_scores = _scores(final=lambda steps, returns: returns.max())

# %% final is an average: "averages the last two"
three_scores = _scores(final=lambda steps, returns: returns[-2:].mean())

# %% position of the best: "position of the best"
three_scores = _scores(best=lambda steps, returns: returns.argmax())

# %% step of the best: "*when* the best"
three_scores = _scores(best=lambda steps, returns: steps[returns.argmax()])

# %% mean of the evaluations: "equally far apart"
three_scores = _scores(auc=lambda steps, returns: returns.mean())

# %% an area: "return times steps"
three_scores = _scores(auc=lambda steps, returns: np.trapezoid(returns, steps))

# %% divided by the last step: "before the first evaluation nothing is known"
three_scores = _scores(auc=lambda steps, returns: np.trapezoid(returns, steps) / steps[-1])

# %% divided by the evaluations: "number of evaluations"
three_scores = _scores(auc=lambda steps, returns: np.trapezoid(returns, steps) / len(steps))

# %% unit steps: "forgets `steps`"
three_scores = _scores(auc=lambda steps, returns: np.trapezoid(returns) / (len(steps) - 1))

# %% rectangles: "rectangles"
three_scores = _scores(auc=lambda steps, returns: (returns[:-1] * np.diff(steps)).sum() / (steps[-1] - steps[0]))

# %% starts at nothing: "return of 0 at step 0"
three_scores = _scores(auc=_from_zero)

# %% a tuple: "dictionary"
three_scores = _scores(shape=lambda found: tuple(found.values()))

# %% a key misspelt: "no key `final`"
three_scores = _scores(shape=lambda found: {"last": found["final"], "best": found["best"], "auc": found["auc"]})
