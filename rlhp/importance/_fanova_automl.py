"""The `fanova` package behind our own result, for comparison; an optional extra under a licence of its own."""

from __future__ import annotations

import contextlib
import importlib
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import UniformFloatHyperparameter

from rlhp.arguments import random_generator, whole
from rlhp.importance._result import Importance
from rlhp.importance._study import Score, scored
from rlhp.importance.surrogates._fit import Fit, Rng, facts, fit_option
from rlhp.objectives import Failures
from rlhp.runs import Runs


def fanova_automl(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str | Score = "final_return",
    *,
    rng: Rng,
    order: int = 1,
    failures: Failures = "raise",
    fit: Fit = Fit(n_trees=16),
) -> Importance:
    """Ask the `fanova` package (Hutter et al. 2014), by the declared measure.

    It is handed the unit cube, on which every declared measure is uniform, with what is inactive in the middle of its
    range. It has no intervals over runs; its R2 is not known, so that nothing is refused.

    Parameters
    ----------
    runs, space, objective, rng, failures
        As for `rlhp.importance.fanova`.
    order : {1, 2}
        Main effects; also interactions of two.
    fit : Fit
        Of which `n_trees` counts: the surrogate is the package's own.

    Raises
    ------
    ImportError
        If the package is not installed. It is free for academic and non-commercial use only, and needs a C++ compiler:
        ``pip install swig==4.0.2 setuptools wheel``, then ``pip install --no-build-isolation pyrfr fanova``.
    ValueError
        If an option is wrong.

    References
    ----------
    https://github.com/automl/fanova

    Examples
    --------
    >>> fanova_automl(runs, space, rng=0).table  # doctest: +SKIP
    """
    fit, stream = fit_option(fit), random_generator(rng)
    whole("order", order, at_least=1, at_most=2, hint="For triples take `importance.fanova`.")
    data = scored(runs, space, objective, failures=failures)
    package = _package()
    plain = ConfigurationSpace(space=[UniformFloatHyperparameter(f"x{j:03}", 0.0, 1.0) for j in range(len(space))])
    unit = np.where(np.isnan(data.unit), 0.5, data.unit)
    with _old_names_of_numpy():
        model = package.fANOVA(
            unit,
            data.y,
            config_space=plain,
            n_trees=fit.n_trees,
            seed=int(stream.integers(0, 2**31 - 1)),
            bootstrapping=True,
        )
        terms, shares = [], []
        for size in range(1, order + 1):
            for one in itertools.combinations(range(len(space)), size):
                found = model.quantify_importance(one)[one]
                terms.append(("main" if size == 1 else "interaction", tuple(data.names[j] for j in one)))
                shares.append(float(found["individual importance"]))
    return Importance(
        method="fanova_automl",
        about="shares of the variance between configurations (of every tree by itself, averaged)",
        terms=tuple(terms),  # type: ignore[arg-type]
        estimate=np.array(shares),
        draws=np.empty((0, len(shares))),
        r2=None,
        interval="the package has none over runs",
        notes=("inactive hyperparameters were put in the middle of their range",) if np.isnan(data.unit).any() else (),
        **facts(
            data,
            measure="declared",
            used={name: "declared" for name in data.names},
            confidence=0.95,
            least_r2=fit.least_r2,
            allow_poor_fit=fit.allow_poor_fit,
        ),
    )


def _package() -> Any:
    try:
        return importlib.import_module("fanova")
    except ImportError as error:
        raise ImportError(
            "`fanova_automl` needs the package `fanova`, an optional extra for academic and non-commercial use: `pip "
            "install swig==4.0.2 setuptools wheel`, then `pip install --no-build-isolation pyrfr fanova` (with a "
            "C++ compiler). `importance.fanova` needs nothing further."
        ) from error


@contextlib.contextmanager
def _old_names_of_numpy() -> Iterator[None]:
    """Lend numpy the names `float` and `int`, which it dropped in 1.24 and the package still uses."""
    lent = {name: kind for name, kind in (("float", float), ("int", int)) if name not in vars(np)}
    for name, kind in lent.items():
        setattr(np, name, kind)
    try:
        yield
    finally:
        for name in lent:
            delattr(np, name)
