"""Scoring runs, and configurations over their seeds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from rlhp.arguments import choice, real, whole
from rlhp.objectives._definitions import PER_CONFIG, Array, find
from rlhp.objectives._failures import POLICIES, filled, floors, refusal
from rlhp.objectives._measures import of_equal_length, per_run
from rlhp.objectives._scores import Failures, Per, Scores
from rlhp.runs import Runs, need_runs

# Of scores [configurations, seeds], one for each configuration.
_AGGREGATES: dict[str, Callable[[Array], Array]] = {
    "mean": lambda v: v.mean(axis=-1),
    "median": lambda v: np.median(v, axis=-1),
    "iqm": lambda v: stats.trim_mean(v, 0.25, axis=-1),
    "min": lambda v: v.min(axis=-1),
    "max": lambda v: v.max(axis=-1),
}


def score(
    runs: Runs,
    objective: str,
    *,
    failures: Failures,
    per: Per | None = None,
    aggregate: str | None = None,
    threshold: float | None = None,
    last: int = 1,
) -> Scores:
    """Score runs, or configurations over their seeds, by one objective.

    Parameters
    ----------
    runs : Runs
        May be of several environments; each is scored by itself.
    objective : str
        Maximised: `final_return` (mean of the last `last` evaluations), `best_return` (highest evaluation, at any
        time), `auc` (see Notes), `train_auc` (the same of the return while training), `exploration` (the same of the
        policy's entropy). Minimised: `steps_to_threshold` (step of the first evaluation that reached `threshold`),
        `seed_std` (standard deviation of the final return between seeds, n - 1 in the denominator; per configuration
        only), `wall_time`, `cpu_time`, `env_steps`, `value_error` (predicted against realised discounted return,
        absolute, averaged like `auc`).
    failures : {"worst", "drop", "raise"} or float
        What a failed run counts as: one that is `diverged` or `failed`, has no evaluation, or whose value was not
        recorded or is not finite. There is no default. "worst": strictly worse than all runs of that environment that
        did not fail; for returns no better than the worst finite return that any run showed at any time, one that
        failed later too, for `steps_to_threshold` the longest budget, else the worst score. A number stands for itself,
        must be finite and must not beat the best run. "drop" leaves
        the run out, so that a configuration is judged by the seeds that survived. "raise" refuses.
    per : {"run", "config"}, optional
        By default "run"; "config" for `seed_std`.
    aggregate : {"mean", "median", "iqm", "min", "max"}, optional
        How the seeds of a configuration are put together, after `failures` has been applied; by default "mean".
    threshold : float
        Undiscounted return to reach; for `steps_to_threshold` only, and needed there.
    last : int
        Evaluations averaged for `final_return` and `seed_std`.

    Returns
    -------
    Scores

    Raises
    ------
    ValueError
        If a name is unknown, an option does not fit the objective, the runs do not record what it needs, a run failed
        under "raise", all runs of an environment failed, or a number for failures would win.

    Notes
    -----
    `auc` is the trapezoid over environment steps divided by the steps covered, from the first evaluation to the last:
    the average return in between, in the unit of the return. Before the first evaluation nothing is known, and that
    stretch does not count; compare only runs evaluated at the same steps. With one evaluation it is that value.

    A run that was *stopped* did not fail. It is scored on what it did, up to the column `step`; its time and steps are
    those it used.

    `steps_to_threshold` is right-censored: a run that never reached the threshold has `censored` True, and as value
    the longest budget of its environment, so that giving up early never looks fast. A mean over seeds with censored
    ones is a lower bound; the median is exact while fewer than half are.

    In `seed_std` one failed seed fails its configuration, except under "drop": seeds that all crash agree perfectly.
    A configuration with fewer than two seeds fails too.

    References
    ----------
    T. Eimer, M. Lindauer, R. Raileanu (2023), Hyperparameters in reinforcement learning and how to tune them.
    R. Agarwal et al. (2021), Deep reinforcement learning at the edge of the statistical precipice (the IQM).

    Examples
    --------
    >>> configs = [{"gamma": 0.9}, {"gamma": 0.9}, {"gamma": 0.99}, {"gamma": 0.99}]
    >>> runs = Runs.from_table(configs, [1.0, 3.0, 4.0, 6.0], seeds=[0, 1, 0, 1])
    >>> score(runs, "final_return", failures="raise", per="config").values.tolist()
    [2.0, 5.0]
    """
    need_runs(runs)
    what = find(objective)
    per = _options(objective, failures, per, aggregate, threshold, last)
    if not len(runs):
        raise ValueError("no runs to score; `len(runs)` is 0.")
    table = per_run(runs, objective, what, threshold=threshold, last=last)
    failed = table["failure"] != ""
    stopped = (table["status"] == "stopped") & ~failed
    if failures == "raise" and failed.any():
        raise ValueError(refusal(objective, table[failed], f"{len(runs)} runs"))
    if objective == "seed_std":
        aggregate, result = "std", _spread(table, failures)
        result["value"] = filled(result, floors(runs, what, result), what.direction, failures)
        result = result.drop(columns="failure")
    else:
        table["value"] = filled(table, floors(runs, what, table), what.direction, failures)
        result = table
        if per == "config":
            aggregate = aggregate or "mean"
            result = _together(table, _AGGREGATES[aggregate])
    if per == "config":
        masks = {"n_failed": failed, "n_stopped": stopped}
        if "censored" in table:
            masks["n_censored"] = table["censored"]
        for name, mask in masks.items():
            result[name] = mask.groupby(table["config_id"]).sum().reindex(result.index).astype("int64")
    return Scores(
        values=result["value"].dropna().rename(objective),
        table=result,
        objective=objective,
        direction=what.direction,
        unit=what.unit,
        failures=failures,
        per=per,
        aggregate=aggregate,
        n=int(result["n"].sum() if per == "config" else result["value"].notna().sum()),
        n_failed=int(failed.sum()),
        n_stopped=int(stopped.sum()),
        threshold=None if threshold is None else float(threshold),
        last=int(last),
    )


def _options(objective: str, failures: Any, per: Any, aggregate: str | None, threshold: float | None, last: int) -> Per:
    """Check the options against each other and give what `per` comes to."""
    hint = "Or give the number that a failed run counts as."
    if isinstance(failures, str):
        choice("failures", failures, POLICIES, kind="failures policy", hint=hint)
    else:
        what = f"one of {', '.join(POLICIES)}, or a number; it must be finite: NaN hides failures, infinity has no mean"
        real("failures", failures, what=what)
    if per is not None:
        choice("per", per, ("run", "config"))
    if objective in PER_CONFIG and (per == "run" or aggregate is not None):
        raise ValueError("seed_std compares the seeds of a configuration; leave `per` and `aggregate` out.")
    per = per or ("config" if objective in PER_CONFIG else "run")
    if aggregate is not None:
        choice("aggregate", aggregate, _AGGREGATES)
    if aggregate is not None and per == "run":
        raise ValueError(f"aggregate={aggregate!r} puts seeds together; give per='config' as well.")
    if objective == "steps_to_threshold":
        real(
            "threshold",
            threshold,
            what="the undiscounted return to reach (475 on CartPole-v1): steps_to_threshold needs it",
        )
    if objective != "steps_to_threshold" and threshold is not None:
        raise ValueError(f"`threshold` is for steps_to_threshold, not for {objective}; leave it out.")
    whole("last", last, at_least=1, what="the number of evaluations to average, at least 1")
    if last != 1 and objective not in ("final_return", "seed_std"):
        raise ValueError(f"`last` is for final_return and seed_std, not for {objective}; leave it out.")
    return "config" if per == "config" else "run"


def _spread(table: pd.DataFrame, failures: Failures) -> pd.DataFrame:
    """Return the standard deviation between the seeds of each configuration, or the reason why there is none."""
    seeds_of = table.groupby("config_id", sort=False)
    if seeds_of.size().max() < 2:
        raise ValueError("seed_std needs at least two seeds of a configuration; here each has one. Train more seeds.")
    rows = {}
    for config, seeds in seeds_of:
        ok = seeds.loc[seeds["failure"] == "", "value"].to_numpy(dtype=float)
        reason = f"{len(seeds) - len(ok)} of {len(seeds)} seeds failed" if len(ok) < len(seeds) else ""
        if failures == "drop" or not reason:
            reason = "" if len(ok) > 1 else "fewer than two seeds"
        value = math.nan if reason else float(np.std(ok, ddof=1))
        rows[config] = {"env_id": seeds["env_id"].iloc[0], "value": value, "n": len(ok), "failure": reason}
    result = pd.DataFrame.from_dict(rows, orient="index").rename_axis("config_id")
    failed = result["failure"] != ""
    if failures == "raise" and failed.any():
        raise ValueError(refusal("seed_std", result[failed], f"{len(result)} configurations"))
    return result


def _together(table: pd.DataFrame, aggregate: Callable[[Array], Array]) -> pd.DataFrame:
    """Put the seeds of each configuration together."""
    owner, configs = pd.factorize(table["config_id"])
    scores = table["value"].to_numpy(dtype=np.float64)
    order = np.argsort(owner, kind="stable")
    order = order[~np.isnan(scores[order])]
    n = np.bincount(owner[order], minlength=len(configs))
    value = np.full(len(configs), np.nan)
    for mine, rows in of_equal_length(n, n > 0):
        value[mine] = aggregate(scores[order[rows]])
    index = pd.Index(configs, name="config_id", dtype="str")
    env_id = table.drop_duplicates("config_id")["env_id"].to_numpy()
    return pd.DataFrame({"env_id": pd.Series(env_id, index=index, dtype="str"), "value": value, "n": n}, index=index)
