"""A fitted surrogate with everything the methods ask of it, how it is fitted, and the facts that every result names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp.arguments import flag, random_generator, real, shown, whole
from rlhp.errors import unknown_name
from rlhp.importance._result import LEAST_R2
from rlhp.importance._study import Array, Study, resamples, watched
from rlhp.importance.surrogates._boxes import Boxes, Domain
from rlhp.importance.surrogates._forest import Forest, grow
from rlhp.importance.surrogates._measures import MeasureOption, measures_used
from rlhp.spaces import to_unit

Rng = int | np.random.Generator


@dataclass(frozen=True, eq=False)
class Surrogate:
    """A forest fitted to a study, and smaller ones fitted to resamples of it.

    Attributes
    ----------
    study : Study
    used : dict
        By which measure each hyperparameter counts.
    domain : Domain
    forest : Forest
    resampled : tuple of Forest
    r2 : float
        On configurations that the trees did not see.
    """

    study: Study
    used: dict[str, str]
    domain: Domain
    forest: Forest
    resampled: tuple[Forest, ...]
    r2: float

    @cached_property
    def boxes(self) -> list[Boxes]:
        """The trees of the forest as boxes."""
        return [self.domain.boxes(tree) for tree in self.forest.trees]

    @cached_property
    def resampled_boxes(self) -> list[list[Boxes]]:
        """The trees of the forests of resamples as boxes."""
        return [[self.domain.boxes(tree) for tree in one.trees] for one in self.resampled]


def fitted(
    study: Study,
    *,
    measure: MeasureOption,
    n_trees: int,
    min_leaf: int | None,
    n_boot: int,
    boot_trees: int,
    rng: np.random.Generator,
    progress: bool = False,
) -> Surrogate:
    """Fit a forest to the mean scores of configurations, and smaller ones to resamples."""
    used = measures_used(study.space, measure)
    domain = Domain.of(study.space, used)
    # One stream each: the forest does not change with the number of resamples.
    of_forest, of_resamples = rng.spawn(2)
    forest = grow(study.unit, study.y, n_trees=n_trees, min_leaf=min_leaf, rng=of_forest)
    small = tuple(
        grow(study.unit, one.y, n_trees=boot_trees, min_leaf=min_leaf, rng=of_resamples, times=one.times)
        for one in watched(resamples(study, n_boot, of_resamples), n_boot, progress)
    )
    return Surrogate(study, used, domain, forest, small, forest.r2(study.y))


@dataclass(frozen=True)
class Fit:
    """The options that all methods with a surrogate share; `rlhp.importance.fanova` documents them.

    Attributes
    ----------
    n_trees, boot_trees : int
    min_leaf : int or None
    confidence : float
    n_boot : int
    least_r2 : float
    allow_poor_fit : bool
    progress : bool
    """

    n_trees: int
    min_leaf: int | None
    confidence: float
    n_boot: int
    boot_trees: int
    least_r2: float
    allow_poor_fit: bool
    progress: bool = False

    def checked(self, rng: Any, **counts: Any) -> np.random.Generator:
        """Check all of them, and further counts of a method, and give the generator; see `checked`."""
        flag("progress", self.progress)
        flag("allow_poor_fit", self.allow_poor_fit)
        whole("n_trees", self.n_trees, at_least=1)
        whole("boot_trees", self.boot_trees, at_least=1)
        counts = {"min_leaf": self.min_leaf, **counts}
        return checked(rng, confidence=self.confidence, n_boot=self.n_boot, least_r2=self.least_r2, **counts)

    def to(self, study: Study, *, measure: MeasureOption = "declared", rng: np.random.Generator) -> Surrogate:
        """Fit a surrogate to a study; see `fitted`."""
        return fitted(
            study,
            measure=measure,
            n_trees=self.n_trees,
            min_leaf=self.min_leaf,
            n_boot=self.n_boot,
            boot_trees=self.boot_trees,
            rng=rng,
            progress=self.progress,
        )

    def facts(self, model: Surrogate, *, measure: str) -> dict[str, Any]:
        """Give what an `Importance` says about a surrogate and its data; `measure` in words. See `facts`."""
        return self.known(model.study, model.used, model.r2, measure=measure)

    def known(self, study: Study, used: dict[str, str], r2: float, *, measure: str) -> dict[str, Any]:
        """Give what an `Importance` says about its data and how well a surrogate of it foretells."""
        return {
            "r2": None if study.alike else r2,
            **facts(
                study,
                measure=measure,
                used=used,
                confidence=self.confidence,
                least_r2=self.least_r2,
                allow_poor_fit=self.allow_poor_fit,
            ),
        }


def filled(space: ConfigurationSpace, unit: Array) -> Array:
    """Give coordinates to what is inactive, those of the default or the middle, so that it can become active."""
    default = to_unit(space, [dict(space.get_default_configuration())])[0]
    return np.where(np.isnan(unit), np.nan_to_num(default, nan=0.5), unit)


def point(study: Study, asked: Mapping[str, Any] | str | None, otherwise: str, option: str) -> tuple[Array, str]:
    """Give a configuration as a point of the unit cube [d] (NaN where inactive), and what to call it.

    Parameters
    ----------
    study : Study
    asked : mapping, str or None
        A configuration (hyperparameters that it does not name take their defaults), "default", "best", or the id of
        one that was run.
    otherwise : str
        What None means.
    option : str
        Name of the option, for messages.

    Raises
    ------
    ValueError
        If there is no such configuration.
    """
    asked = otherwise if asked is None else asked
    if isinstance(asked, Mapping):
        for name in asked:
            if name not in study.space:
                raise ValueError(unknown_name("hyperparameter", name, list(study.space), where=f"`{option}`"))
        # Also what is inactive in the default configuration has a default: `asked` may switch it on.
        defaults = {name: hp.default_value for name, hp in study.space.items()}
        try:
            return to_unit(study.space, [defaults | dict(asked)])[0], "a given configuration"
        except ValueError as error:
            raise ValueError(f"`{option}`: {str(error).removeprefix('`configs`, row 0: ')}") from None
    if isinstance(asked, str) and asked == "default":
        return to_unit(study.space, [dict(study.space.get_default_configuration())])[0], "the default"
    if isinstance(asked, str) and asked == "best":
        return study.unit[study.best], "the best configuration"
    if isinstance(asked, str) and asked in study.config_ids:
        return study.unit[study.config_ids.index(asked)], f"configuration {asked}"
    raise ValueError(
        f"`{option}` is {shown(asked)}; give a configuration as a mapping, 'default', 'best', or the id of one that "
        f"was run."
    )


def facts(
    study: Study, *, measure: str, used: dict[str, str], confidence: float, least_r2: float, allow_poor_fit: bool
) -> dict[str, Any]:
    """Give what every `Importance` says about the data it rests on."""
    return {
        "names": study.names,
        "measures": used,
        "measure": measure,
        "confidence": confidence,
        "least_r2": least_r2,
        "allow_poor_fit": allow_poor_fit,
        "n_configs": len(study.scores),
        "n_seeds": study.n_seeds,
        "n_runs": study.n_runs,
        "n_failed": study.n_failed,
        "n_stopped": study.n_stopped,
        "failures": study.failures,
        "objective": study.objective,
        "direction": study.direction,
        "unit": study.unit_text,
        "env_id": study.env_id,
        "step": study.step,
        "alike": float(study.y[0]) if study.alike else None,
    }


def measure_text(option: MeasureOption) -> str:
    """Say which measure was asked for."""
    if isinstance(option, str):
        return option
    return "declared, but " + ", ".join(f"{name} {one}" for name, one in option.items())


def checked(
    rng: Any, *, confidence: float = 0.95, n_boot: int = 0, least_r2: float = LEAST_R2, **counts: Any
) -> np.random.Generator:
    """Check the options that all methods share, and give the generator.

    Raises
    ------
    ValueError
        If one is not what it must be; the message names it.
    """
    percent = "It is not per cent: 95 % is 0.95." if _is_number(confidence) and confidence >= 1 else ""
    real("confidence", confidence, above=0, below=1, hint=percent)
    least = math.ceil(round(2 / (1 - confidence), 6))
    if whole("n_boot", n_boot, at_least=0, hint="0 is for no interval.") and n_boot < least:
        raise ValueError(
            f"`n_boot` is {n_boot!r}; give 0 for no interval, or at least {least}: with fewer draws none lies outside "
            f"an interval of {100 * confidence:g} %."
        )
    real("least_r2", least_r2, at_most=1, finite=False, hint="It is the R2 below which to refuse.")
    for name, count in counts.items():
        if count is not None:
            whole(name, count, at_least=1)
    return random_generator(rng)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)
