"""What students typically write for 07.early_rank, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats


def _rank(
    *,
    early: Callable[[Any, int, int], Any] = lambda c, at, n: c[:, :n, at].mean(axis=1),
    late: Callable[[Any, int, int], Any] = lambda c, at, n: c[:, n:, -1].mean(axis=1),
    join: Callable[[Any, Any], Any] = lambda a, b: float(stats.spearmanr(a, b).statistic),
) -> Callable[..., Any]:
    """Build a wrong `early_rank`: the right one with one part replaced."""

    def answer(curves: Any, at: int, n_ranking: int) -> Any:
        return join(early(curves, at, n_ranking), late(curves, at, n_ranking))

    return answer


# %% the same seeds judge: "The seeds that rank judge as well"
early_rank = _rank(late=lambda c, at, n: c[:, :n, -1].mean(axis=1))

# %% all seeds judge: "All seeds judge"
early_rank = _rank(late=lambda c, at, n: c[:, :, -1].mean(axis=1))

# %% Pearson: "Pearson's correlation"
early_rank = _rank(join=lambda a, b: float(np.corrcoef(a, b)[0, 1]))

# %% judged early: "same early moment"
early_rank = _rank(late=lambda c, at, n: c[:, n:, at].mean(axis=1))

# %% ranked late: "Both look at the end"
early_rank = _rank(early=lambda c, at, n: c[:, :n, -1].mean(axis=1))

# %% counted from one: "One evaluation too early"
early_rank = _rank(early=lambda c, at, n: c[:, :n, at - 1].mean(axis=1))

# %% one seed ranks: "Only the first seed ranks"
early_rank = _rank(early=lambda c, at, n: c[:, 0, at])

# %% mean over time: "mean over all evaluations"
early_rank = _rank(early=lambda c, at, n: c[:, :n, : at + 1].mean(axis=(1, 2)))

# %% ranks in opposite directions: "sign is turned round"
early_rank = _rank(join=lambda a, b: float(stats.spearmanr(-a, b).statistic))
