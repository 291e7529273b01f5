"""What students typically write for 08.silent_bug, and a piece of what each is told."""

from typing import Any

import numpy as np


# %% the bug itself: "the test seeds decide between them"
def fixed_report(scores: Any, tuning: Any, testing: Any) -> Any:
    finalists = np.argsort(-scores[:, tuning].mean(axis=1))[:3]
    confirmed = scores[finalists][:, testing].mean(axis=1)
    return finalists[confirmed.argmax()], confirmed.max()


# %% the best by the test seeds: "by the test seeds alone, which"
def fixed_report(scores: Any, tuning: Any, testing: Any) -> Any:
    confirmed = scores[:, testing].mean(axis=1)
    return confirmed.argmax(), confirmed.max()


# %% by the first seed: "the best by the first seed"
def fixed_report(scores: Any, tuning: Any, testing: Any) -> Any:
    best = scores[:, tuning[0]].argmax()
    return best, scores[best, testing].mean()


# %% the score that chose it: "the most flattered of all"
def fixed_report(scores: Any, tuning: Any, testing: Any) -> Any:
    tuned = scores[:, tuning].mean(axis=1)
    return tuned.argmax(), tuned.max()


# %% all seeds report: "those that chose among them"
def fixed_report(scores: Any, tuning: Any, testing: Any) -> Any:
    best = scores[:, tuning].mean(axis=1).argmax()
    return best, scores[best].mean()


# %% the score of another one: "of another configuration"
def fixed_report(scores: Any, tuning: Any, testing: Any) -> Any:
    best = scores[:, tuning].mean(axis=1).argmax()
    return best, scores[:, testing].mean(axis=1).max()


# %% one test seed: "That is one test seed"
def fixed_report(scores: Any, tuning: Any, testing: Any) -> Any:
    best = scores[:, tuning].mean(axis=1).argmax()
    return best, scores[best, testing[0]]


# %% only the place: "two things"
def fixed_report(scores: Any, tuning: Any, testing: Any) -> Any:
    return int(scores[:, tuning].mean(axis=1).argmax())
