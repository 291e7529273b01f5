"""What every method of importance gives."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd

from rlhp.errors import unknown_name
from rlhp.importance._seed_noise import SeedNoise
from rlhp.importance._study import Array, around

Kind = Literal["main", "interaction", "total"]
"""A kind of share: alone, of several together, or both added up."""
KINDS = ("main", "interaction", "total")
"""The kinds of shares."""
# Below, the surrogate misses more than two thirds of the differences between configurations: what it does not see may
# be the larger part, so that an order of what it does see is no order of the hyperparameters.
LEAST_R2 = 0.3
BETWEEN = " x "
"""Stands between the names of an interaction."""


class PoorFitError(ValueError):
    """The surrogate says too little of the runs for a ranking of hyperparameters to mean anything."""


def nothing_varies(n_configs: int, score: float) -> str:
    """Say that all configurations have the same score."""
    return f"all {n_configs} configurations have the same score ({score:.4g}): nothing varies, so nothing matters"


@dataclass(frozen=True, eq=False)
class Importance:
    """Which hyperparameters matter, by one method, with how sure that is.

    Attributes
    ----------
    method : str
        ``"fanova"``, ``"ped_anova"``, ...
    about : str
        What a share is a share of, in words.
    terms : tuple of (kind, names)
        What each share is of; kind is "main", "interaction" or "total".
    estimate : array [k]
        Shares, one a term. An unbiased method can give one slightly below 0, or a total slightly below its main effect;
        where `bounded`, `.table` shows 0 and that main effect then.
    draws : array [B, k]
        Shares of the resamples; B may be 0.
    names : tuple of str
        All hyperparameters, in the order of the space.
    measures : dict
        By which measure each counted.
    measure : str
        The option that was given.
    r2 : float or None
        Of the surrogate, on configurations it did not see; None for a method without one, and where nothing varies.
    least_r2 : float
        Below this R2 `.table` and `.ranking` refuse.
    allow_poor_fit : bool
        True if they must not.
    confidence : float
        Of the intervals.
    interval : str
        How the intervals were made.
    n_configs, n_seeds, n_runs, n_failed, n_stopped : int
        Configurations, most seeds of one, runs with a score, runs that failed, and runs that were stopped before their
        end, which count with what they did until then.
    failures : str or float
        What failed runs counted as.
    objective, direction, unit, env_id : str
    step : int or None
        Only evaluations up to this step counted; None for all.
    seed_noise : SeedNoise or None
        Apart from the hyperparameters: what part of the differences between runs is between seeds.
    curves : dict
        Per hyperparameter its marginal: a frame with `value`, `unit`, `mean`, and the interval `low`, `high`.
    path : DataFrame or None
        For methods that walk from one configuration to another: one row a step.
    notes : tuple of str
        What else a reader must know.
    bounded : bool
        True if shares lie between 0 and 1 by their meaning.
    alike : float or None
        The score of all configurations, where they have the same but for rounding: nothing varies, so nothing matters,
        and all shares are 0. None where configurations differ.
    surrogate : str
        Which one the shares were computed of, in words; empty for a method without one.
    own : array [k] or None
        The surrogate's own shares, before what it errs by was taken off; None where nothing was.
    bias_from : str
        What told that error, in words.
    unexplained : float or None
        Share of the variance between configurations that the surrogate does not predict and that is no seed noise.
    """

    method: str
    about: str
    terms: tuple[tuple[Kind, tuple[str, ...]], ...]
    estimate: Array
    draws: Array
    names: tuple[str, ...]
    measures: Mapping[str, str]
    measure: str
    r2: float | None
    confidence: float
    interval: str
    n_configs: int
    n_seeds: int
    n_runs: int
    n_failed: int
    failures: str | float
    objective: str
    direction: str
    unit: str
    env_id: str
    step: int | None = None
    least_r2: float = LEAST_R2
    allow_poor_fit: bool = False
    seed_noise: SeedNoise | None = None
    curves: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    path: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    bounded: bool = True
    alike: float | None = None
    surrogate: str = ""
    own: Array | None = None
    bias_from: str = "configurations that it did not see"
    unexplained: float | None = None
    n_stopped: int = 0

    def __post_init__(self) -> None:
        if self.alike is not None:
            # Sums over one number many times round, and shares of a whole that is nothing would be shares of that.
            object.__setattr__(self, "estimate", np.zeros_like(self.estimate))
            object.__setattr__(self, "draws", np.zeros_like(self.draws))

    @property
    def bias(self) -> pd.Series:
        """The surrogate's estimated error in each share (its own share less the one given), index: name, kind.

        `bias_from` says what it is estimated from; NaN where a method has no such estimate.
        """
        index = pd.MultiIndex.from_tuples(
            [(BETWEEN.join(names), kind) for kind, names in self.terms], names=["name", "kind"]
        )
        off = np.full(len(self.terms), np.nan) if self.own is None else self.own - self.estimate
        return pd.Series(off, index=index, name="bias")

    @property
    def poor_fit(self) -> bool:
        """Whether the surrogate's R2 is below the threshold."""
        return self.r2 is not None and not self.r2 >= self.least_r2

    @property
    def table(self) -> pd.DataFrame:
        """One row a term: `name`, `kind`, `order`, `share`, `low`, `high`; largest first within a kind.

        Raises
        ------
        PoorFitError
            If the surrogate's R2 is below `least_r2` and the caller did not allow that.
        """
        self._refuse()
        return self._rows()

    @property
    def ranking(self) -> list[str]:
        """Hyperparameters, the most important first: by main effects, or by totals where a method has only these.

        Empty where all configurations scored the same (`alike`): then there is no order.

        Raises
        ------
        PoorFitError
            As `table`.
        """
        shares = self.shares()
        return (
            []
            if self.alike is not None
            else [str(name) for name in shares.sort_values(ascending=False, kind="stable").index]
        )

    def shares(self, kind: Kind | None = None) -> pd.Series:
        """Return the shares of one kind, index: name, in the order of the space.

        Raises
        ------
        ValueError
            If the kind is unknown, or the method does not have it.
        PoorFitError
            As `table`.

        Examples
        --------
        >>> imp.shares("total")  # doctest: +SKIP
        """
        self._refuse()
        there = [one for one in KINDS if any(kind_of == one for kind_of, _ in self.terms)]
        wanted = kind or there[0]
        if wanted not in there:
            raise ValueError(unknown_name("kind", wanted, there, where=self.method))
        of_kind = [k for k, (kind_of, _) in enumerate(self.terms) if kind_of == wanted]
        index = pd.Index([BETWEEN.join(self.terms[k][1]) for k in of_kind], name="name")
        return pd.Series(self._shown(self.estimate)[of_kind], index=index, name="share")

    def marginals(self, name: str) -> pd.DataFrame:
        """Return how the score depends on one hyperparameter, all others averaged over their measures.

        Returns
        -------
        DataFrame
            `value` (of the hyperparameter), `unit` (its coordinate in [0, 1]), `mean`, `low`, `high` (in the
            objective's unit), where it is active.

        Raises
        ------
        ValueError
            If the hyperparameter is unknown or the method has no marginals.
        PoorFitError
            As `table`.
        """
        self._refuse()
        if not self.curves:
            raise ValueError(f"{self.method} has no marginals; `importance.fanova` has.")
        if name not in self.curves:
            raise ValueError(unknown_name("hyperparameter", name, self.curves, where=self.method))
        return self.curves[name].copy()

    def despite_poor_fit(self) -> Importance:
        """Return the same result, told not to refuse; it still says what its R2 is."""
        return replace(self, allow_poor_fit=True)

    def _refuse(self) -> None:
        if self.poor_fit and not self.allow_poor_fit:
            raise PoorFitError(
                f"the surrogate's cross-validated R2 is {self.r2:.2f}, below {self.least_r2:g}: it does not know these "
                f"{self.n_configs} configurations well enough to rank hyperparameters. Sweep more configurations, or "
                f"more seeds of each (noise), or choose a steadier objective such as 'auc'; to see the ranking all the "
                f"same, pass fit=importance.Fit(allow_poor_fit=True) or take `.despite_poor_fit()`."
            )

    def _shown(self, shares: Array) -> Array:
        if not self.bounded:
            return shares
        shown = np.clip(shares, 0.0, 1.0)
        for total, main in self._pairs():
            shown[total] = max(shown[total], shown[main])
        return shown

    def _pairs(self) -> list[tuple[int, int]]:
        """Return the places of the total and of the main effect of every hyperparameter that has both."""
        place = {term: k for k, term in enumerate(self.terms)}
        both = ((place.get(("total", (name,))), place.get(("main", (name,)))) for name in self.names)
        return [(total, main) for total, main in both if total is not None and main is not None]

    def _rows(self) -> pd.DataFrame:
        low, high = around(self.estimate, self.draws, self.confidence)
        shown = self._shown(self.estimate)
        rows = pd.DataFrame(
            {
                "name": [BETWEEN.join(names) for _, names in self.terms],
                "kind": [kind for kind, _ in self.terms],
                "order": [len(names) for _, names in self.terms],
                "share": shown,
                "low": np.minimum(self._shown(low), shown),
                "high": np.maximum(self._shown(high), shown),
            }
        )
        # Not adding 0.0 would show shares of nothing as -0.
        rows[["share", "low", "high"]] += 0.0
        place = rows["kind"].map({kind: k for k, kind in enumerate(KINDS)})
        order = np.lexsort((-rows["share"], rows["order"], place))
        return rows.iloc[order].reset_index(drop=True)

    # --- reading -----------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """What was asked, in words."""
        when = "" if self.step is None else f" up to step {self.step:,}"
        return f"{self.method} of {self.objective}{when} on {self.env_id} ({self.direction}); measure: {self.measure}"

    @property
    def fit_text(self) -> str:
        """What the surrogate's fit is, in words."""
        if self.alike is not None:
            return "nothing varies"
        if self.r2 is None:
            return "no surrogate"
        which = f", {self.surrogate}" if self.surrogate else ""
        return f"cross-validated R2 of the surrogate {self.r2:.2f}{which}"

    @property
    def bias_text(self) -> str:
        """What the surrogate's error was, in words; empty where it is not known."""
        if self.own is None or self.alike is not None or (self.poor_fit and not self.allow_poor_fit):
            return ""
        off = np.abs(self.own - self.estimate)
        at = int(np.argmax(off))
        said = (
            f"the surrogate's own shares are off by up to {off[at]:.3f} ({BETWEEN.join(self.terms[at][1])}), as "
            f"{self.bias_from} tell; that is taken off"
        )
        if self.unexplained is not None and self.unexplained >= 0.005:
            said += f"; {100 * self.unexplained:.0f} % of the variance is no noise and not predicted"
        return said

    @property
    def data_text(self) -> str:
        """What the shares rest on, in words."""
        seeds = f"up to {self.n_seeds} seeds" if self.n_seeds > 1 else "one seed each"
        policy = f"failures={self.failures!r}" if isinstance(self.failures, str) else f"failures={self.failures:g}"
        failed = f"{self.n_failed} runs failed" if self.n_failed else "none failed"
        stopped = f"; {self.n_stopped} stopped early, scored on what they did" if self.n_stopped else ""
        return f"{self.n_configs:,} configurations, {seeds}, {self.n_runs:,} runs; {failed} ({policy}){stopped}"

    @property
    def noise_text(self) -> str:
        """What seed noise there is, in words; empty where it is not known."""
        noise = self.seed_noise
        if noise is None or np.isnan(noise.share):
            return ""
        span = "" if np.isnan(noise.low) else f" ({100 * noise.low:.0f} to {100 * noise.high:.0f} %)"
        return f"seed noise apart: {100 * noise.share:.0f} %{span} of the variance between single runs"

    def _lines(self) -> list[str]:
        lines = [
            f"{self.about}; {100 * self.confidence:g} % interval: {self.interval}",
            f"{self.data_text}; {self.fit_text}",
        ]
        return [
            self.title,
            *filter(None, [self.alike_text]),
            *lines,
            *filter(None, [self.bias_text, self.noise_text, self._below()]),
            *self.notes,
        ]

    @property
    def alike_text(self) -> str:
        """That all configurations scored the same, in words; empty where they differ."""
        if self.alike is None:
            return ""
        return nothing_varies(self.n_configs, self.alike)

    def _below(self) -> str:
        """Say of which hyperparameters noise put the total below the main effect, which it cannot be."""
        found = [
            BETWEEN.join(self.terms[total][1])
            for total, main in self._pairs()
            if self.bounded and self.estimate[total] < self.estimate[main] - 0.0005
        ]
        if not found:
            return ""
        few = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
        return f"the noise of the estimate put totals below main effects ({few}): shown as large as these"

    def _refusal(self) -> str:
        return f"R2 {self.r2:.2f} is below {self.least_r2:g}: no ranking; .despite_poor_fit() shows it all the same"

    def __repr__(self) -> str:
        if self.poor_fit and not self.allow_poor_fit:
            body = self._refusal()
        else:
            body = self._rows().to_string(index=False, float_format=lambda number: f"{number:.3f}", max_rows=30)
        return "\n".join([f"Importance: {self._lines()[0]}", *self._lines()[1:], body])

    def _repr_html_(self) -> str:
        if self.poor_fit and not self.allow_poor_fit:
            body = f"<p><b>{html.escape(self._refusal())}</b></p>"
        else:
            body = self._rows().to_html(index=False, float_format=lambda number: f"{number:.3f}", max_rows=30)
        head = f"<b>Importance: {html.escape(self._lines()[0])}</b>"
        return "<p>" + "<br>".join([head, *map(html.escape, self._lines()[1:])]) + f"</p>{body}"
