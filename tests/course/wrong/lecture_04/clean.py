"""What students typically write for 04.clean, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any


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


# %% keeps the forbidden: "more gradient steps"
clean = _clean(forbidden=lambda one: False)

# %% forbids equal: "as many gradient"
clean = _clean(forbidden=lambda one: one["gradient_steps"] >= one["train_freq"])

# %% the wrong way round: "wrong way round"
clean = _clean(forbidden=lambda one: one["gradient_steps"] < one["train_freq"])

# %% keeps what is inactive: "still there"
clean = _clean(tidy=lambda one: one)

# %% throws the configuration away: "thrown away"
clean = _clean(tidy=lambda one: one if one["ent_coef"] == "auto" else None)

# %% deletes the key: "keep the key"
clean = _clean(
    tidy=lambda one: (
        one if one["ent_coef"] == "auto" else {name: value for name, value in one.items() if name != "target_entropy"}
    )
)

# %% inactive the wrong way round: "where it counts"
clean = _clean(tidy=lambda one: {**one, "target_entropy": None} if one["ent_coef"] == "auto" else one)

# %% keeps duplicates: "trained twice"
clean = _clean(seen=lambda one, kept, raw: False)

# %% compares too early: "before"
clean = _clean(seen=lambda one, kept, raw: raw[0] in raw[1])


# %% keeps the last of equals: "order"
def clean(configs: Any) -> Any:
    return _clean()(list(reversed(configs)))[::-1]


# %% in place: "in place"
clean = _clean(tidy=_in_place)
