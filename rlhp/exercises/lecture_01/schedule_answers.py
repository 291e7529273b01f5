"""What students typically write for the exercises on schedules, and a piece of what each is told."""

from __future__ import annotations

from typing import Any

import numpy as np

Wrong = dict[str, tuple[Any, str]]

LINEAR_EPSILON: Wrong = {
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
}

EXPLORATORY_STEPS: Wrong = {
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
}


def _schedule(kind: str, *numbers: Any) -> Any:
    def answer() -> Any:
        from rlhp import schedules

        return schedules.kinds()[kind](*numbers)

    return answer


BUDGET: Wrong = {
    "constant": (_schedule("constant", 0.2), "begins at 0.2"),
    "half": (_schedule("linear", 1.0, 0.05, 0.5), "28.75 %"),
    "fraction is the share": (_schedule("linear", 1.0, 0.05, 0.2), "14.5 %"),
    "too slow": (_schedule("linear", 1.0, 0.0, 0.6), "from half of training on"),
    "a number": (lambda: 0.2, "a schedule, not"),
    "a function": (lambda: lambda progress: 1.0, "a schedule, not"),
}
