"""What students typically write for scales, conditions and budgets, and a piece of what each is told."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Wrong = dict[str, tuple[Any, str]]


def _linear(u: Any, low: float, high: float) -> Any:
    return low + np.asarray(u) * (high - low)


def _log(u: Any, low: float, high: float) -> Any:
    return np.exp(_linear(u, np.log(low), np.log(high)))


def _flipped(u: Any, low: float, high: float) -> Any:
    return 1 - _log(u, 1 - low, 1 - high)


def _to_value(
    *, linear: Callable[..., Any] = _linear, log: Callable[..., Any] = _log, flipped: Callable[..., Any] = _flipped
) -> Callable[..., Any]:
    """Build a wrong `to_value`: the right one with one measure replaced."""

    def answer(u: Any, low: float, high: float, measure: str) -> Any:
        return {"linear": linear, "log": log, "flipped-log": flipped}[measure](u, low, high)

    return answer


TO_VALUE: Wrong = {
    "linear whatever is asked": (_to_value(log=_linear, flipped=_linear), "evenly in the value itself"),
    "log whatever is asked": (_to_value(linear=_log), "`linear` was asked"),
    "the share alone": (_to_value(linear=lambda u, low, high: np.asarray(u) * (high - low)), "starts at 0"),
    "stays in logarithms": (
        _to_value(log=lambda u, low, high: _linear(u, np.log(low), np.log(high))),
        "undo the logarithm",
    ),
    "stays in powers of ten": (
        _to_value(log=lambda u, low, high: _linear(u, np.log10(low), np.log10(high))),
        "the exponent",
    ),
    "mixes the bases": (
        _to_value(log=lambda u, low, high: np.exp(_linear(u, np.log10(low), np.log10(high)))),
        "`np.exp` undoes `np.log`",
    ),
    "backwards": (_to_value(log=lambda u, low, high: _log(1 - np.asarray(u), low, high)), "from high to low"),
    "flipped as log": (_to_value(flipped=_log), "logarithm of the value"),
    "flipped as linear": (_to_value(flipped=_linear), "not flipped"),
    "not flipped back": (_to_value(flipped=lambda u, low, high: _log(u, 1 - low, 1 - high)), "one minus the value"),
    "flipped backwards": (
        _to_value(flipped=lambda u, low, high: _flipped(1 - np.asarray(u), low, high)),
        "wrong end",
    ),
    "one number only": (
        _to_value(log=lambda u, low, high: math.exp(_linear(u, math.log(low), math.log(high)))),
        "TypeError",
    ),
}


def _clean(
    *,
    forbidden: Callable[[Any], bool] = lambda one: one["gradient_steps"] > one["train_freq"],
    tidy: Callable[[Any], Any] | None = None,
    seen: Callable[[Any, Any, Any], bool] = lambda one, kept, raw: one in kept,
) -> Callable[..., Any]:
    """Build a wrong `clean`: the right one with one part replaced."""

    def inactive(one: Any) -> Any:
        return one if one["ent_coef"] == "auto" else {**one, "target_entropy": None}

    def answer(configs: Any) -> Any:
        kept: list[Any] = []
        raw: list[Any] = []
        for config in configs:
            if forbidden(config):
                continue
            one = (tidy or inactive)(config)
            if one is not None and not seen(one, kept, (config, raw)):
                kept.append(one)
            raw.append(config)
        return kept

    return answer


def _in_place(config: Any) -> Any:
    if config["ent_coef"] != "auto":
        config["target_entropy"] = None
    return config


def _last_of_equal(configs: Any) -> Any:
    return _clean()(list(reversed(configs)))[::-1]


CLEAN: Wrong = {
    "keeps the forbidden": (_clean(forbidden=lambda one: False), "more gradient steps"),
    "forbids equal": (_clean(forbidden=lambda one: one["gradient_steps"] >= one["train_freq"]), "as many gradient"),
    "the wrong way round": (
        _clean(forbidden=lambda one: one["gradient_steps"] < one["train_freq"]),
        "wrong way round",
    ),
    "keeps what is inactive": (_clean(tidy=lambda one: one), "still there"),
    "throws the configuration away": (
        _clean(tidy=lambda one: one if one["ent_coef"] == "auto" else None),
        "thrown away",
    ),
    "deletes the key": (
        _clean(
            tidy=lambda one: (
                one
                if one["ent_coef"] == "auto"
                else {name: value for name, value in one.items() if name != "target_entropy"}
            )
        ),
        "keep the key",
    ),
    "inactive the wrong way round": (
        _clean(tidy=lambda one: {**one, "target_entropy": None} if one["ent_coef"] == "auto" else one),
        "where it counts",
    ),
    "keeps duplicates": (_clean(seen=lambda one, kept, raw: False), "trained twice"),
    "compares too early": (_clean(seen=lambda one, kept, raw: raw[0] in raw[1]), "before"),
    "keeps the last of equals": (_last_of_equal, "order"),
    "in place": (_clean(tidy=_in_place), "in place"),
}

LARGEST_SWEEP: Wrong = {
    "any number": (lambda budget, seeds, steps: budget // (seeds * steps), "power of two"),
    "rounds up": (lambda budget, seeds, steps: 2 ** math.ceil(math.log2(budget // (seeds * steps))), "over the budget"),
    "rounds": (lambda budget, seeds, steps: 2 ** round(math.log2(budget / (seeds * steps))), "nearest"),
    "forgets the seeds": (lambda budget, seeds, steps: 2 ** int(math.log2(budget / steps)), "Every seed"),
    "forgets the steps": (lambda budget, seeds, steps: 2 ** int(math.log2(budget / seeds)), "environment steps"),
    "one too few": (lambda budget, seeds, steps: 2 ** (int(math.log2(budget / (seeds * steps))) - 1), "Twice as many"),
    "the exponent": (lambda budget, seeds, steps: int(math.log2(budget / (seeds * steps))), "the exponent"),
    "strictly below": (
        lambda budget, seeds, steps: 2 ** int(math.log2((budget - 1) / (seeds * steps))),
        "exactly",
    ),
}
