"""A fitted surrogate with everything the methods ask of it, how it is fitted, and the facts that every result names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp.arguments import flag, instance, random_generator, real, shown, whole
from rlhp.curves import fewest_draws
from rlhp.errors import unknown_name
from rlhp.importance._result import LEAST_R2
from rlhp.importance._study import Array, Study, resamples, watched
from rlhp.importance.surrogates._boxes import Boxes, Domain
from rlhp.importance.surrogates._choice import SurrogateOption, checked_kind
from rlhp.importance.surrogates._forest import Forest, grow
from rlhp.importance.surrogates._measures import MeasureOption, measures_used
from rlhp.options import options
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


@options
@dataclass(frozen=True, kw_only=True)
class Fit:
    """How a surrogate is fitted, how sure its answers are said to be, and when it knows too little to answer.

    Every method of this room takes one as `fit=`, so that methods can be exchanged.

    Attributes
    ----------
    surrogate : {"auto", "forest", "boosted", "process"}
        Bagged trees, boosted trees or a Gaussian process; "auto" takes the one that predicts best what it did not see.
        A process needs a space without conditions.
    n_trees : int
        Trees of the forest.
    min_leaf : int, optional
        Fewest configurations in a leaf: by default 2, and n / 1,000 from 2,000 configurations on. The cost grows with
        the square of the number of leaves.
    confidence : float
        Of the intervals.
    n_boot : int
        Resamples of configurations and whole seeds behind the intervals; 0 for none.
    boot_trees : int
        Trees for each resample, where these are fitted anew.
    least_r2 : float
        `.table` refuses below this cross-validated R2 (out of bag: every configuration is predicted by the trees that
        did not see it). At 0.3 more than two thirds of the differences are unexplained, and an order of what is
        explained is no order of the hyperparameters.
    allow_poor_fit : bool
        Show the ranking all the same.
    progress : bool
        Show a progress bar where fitting resamples takes longer than a second.

    Raises
    ------
    TypeError, ValueError
        If one is not what it must be; the message names it.

    Examples
    --------
    >>> Fit(n_trees=16, n_boot=0).surrogate
    'auto'
    """

    surrogate: SurrogateOption = "auto"
    n_trees: int = 64
    min_leaf: int | None = None
    confidence: float = 0.95
    n_boot: int = 100
    boot_trees: int = 8
    least_r2: float = LEAST_R2
    allow_poor_fit: bool = False
    progress: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        checked_kind(self.surrogate)
        flag("progress", self.progress)
        flag("allow_poor_fit", self.allow_poor_fit)
        whole("n_trees", self.n_trees, at_least=1)
        whole("boot_trees", self.boot_trees, at_least=1)
        if self.min_leaf is not None:
            whole("min_leaf", self.min_leaf, at_least=1)
        check_resampling(self.confidence, self.n_boot)
        real("least_r2", self.least_r2, at_most=1, finite=False, hint="It is the R2 below which to refuse.")

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
        """Return what an `Importance` says about a surrogate and its data; `measure` in words. See `facts`."""
        return self.known(model.study, model.used, model.r2, measure=measure)

    def known(self, study: Study, used: dict[str, str], r2: float, *, measure: str) -> dict[str, Any]:
        """Return what an `Importance` says about its data and how well a surrogate of it predicts."""
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
    """Return coordinates to what is inactive, those of the default or the middle, so that it can become active."""
    default = to_unit(space, [dict(space.get_default_configuration())])[0]
    return np.where(np.isnan(unit), np.nan_to_num(default, nan=0.5), unit)


def point(
    study: Study, asked: Mapping[str, Any] | str | None, otherwise: str, option: str, *, also: str = ""
) -> tuple[Array, str]:
    """Return a configuration as a point of the unit cube [d] (NaN where inactive), and what to call it.

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
    also : str
        What else the option may be, for messages.

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
        f"`{option}` is {shown(asked)}; give {also}a configuration as a mapping, 'default', 'best', or the id of one "
        f"that was run."
    )


def facts(
    study: Study, *, measure: str, used: dict[str, str], confidence: float, least_r2: float, allow_poor_fit: bool
) -> dict[str, Any]:
    """Return what every `Importance` says about the data it rests on."""
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
    """Return which measure was asked for."""
    if isinstance(option, str):
        return option
    return "declared, but " + ", ".join(f"{name} {one}" for name, one in option.items())


def fit_option(fit: Any) -> Fit:
    """Return the option `fit`, or say what it must be."""
    return instance("fit", fit, Fit, hint="For instance: importance.Fit(n_boot=0).")


def checked(rng: Any, *, confidence: float = 0.95, n_boot: int = 0, **counts: Any) -> np.random.Generator:
    """Check the options of a method without a `Fit`, and return the generator.

    Raises
    ------
    ValueError
        If one is not what it must be; the message names it.
    """
    check_resampling(confidence, n_boot)
    for name, count in counts.items():
        if count is not None:
            whole(name, count, at_least=1)
    return random_generator(rng)


def check_resampling(confidence: Any, n_boot: Any) -> None:
    """Refuse a confidence and a number of resamples that make no interval."""
    percent = "It is not per cent: 95 % is 0.95." if _is_number(confidence) and confidence >= 1 else ""
    real("confidence", confidence, above=0, below=1, hint=percent)
    least = fewest_draws(confidence)
    if whole("n_boot", n_boot, at_least=0, hint="0 is for no interval.") and n_boot < least:
        raise ValueError(
            f"`n_boot` is {n_boot!r}; give 0 for no interval, or at least {least}: with fewer draws none lies outside "
            f"an interval of {100 * confidence:g} %."
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)
