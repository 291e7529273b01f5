"""From a space and a budget to a setting that was confirmed: on real training, or replayed on a measured sweep."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp import arguments, spaces
from rlhp.algorithms import names
from rlhp.hpo.evaluating._evaluating import Evaluator, Judging
from rlhp.hpo.evaluating._pool import Pool, pool
from rlhp.hpo.evaluating._training import Training
from rlhp.hpo.plans._planned import as_plan, need_budget
from rlhp.hpo.plans._trials import Plan, Terms, Trial
from rlhp.hpo.search._configurations import as_space
from rlhp.hpo.search._events import OtherSearchError, described
from rlhp.hpo.search._search import Search
from rlhp.hpo.search._searcher import Searcher
from rlhp.hpo.searchers._names import as_searcher
from rlhp.hpo.tuning._algorithms import finalists_of, leaders
from rlhp.hpo.tuning._bar import Bar
from rlhp.hpo.tuning._choosing import Cap, choose, incumbent
from rlhp.hpo.tuning._confirming import confirm, finalist_table
from rlhp.hpo.tuning._loop import search_trials
from rlhp.hpo.tuning._result import Tuning
from rlhp.returns import return_bounds
from rlhp.runs import Runs
from rlhp.sweeps import Execution

__all__ = ["optimize", "replay"]

_BUDGET = "Environment steps over all runs."


def optimize(
    algorithm: str | Sequence[str],
    env_id: str,
    space: ConfigurationSpace | None = None,
    *,
    judging: Judging,
    budget: int,
    searcher: str | Searcher = "emukit",
    plan: str | Plan = "race",
    rng: int = 0,
    out: str | Path | None = None,
    execution: Execution = Execution(),
) -> Tuning:
    """Tune an algorithm on an environment, by training.

    A progress bar counts the environment steps.

    Parameters
    ----------
    algorithm : str or sequence of str
        What the compiled engine has. Of several, which one is part of what is searched: `Tuning.algorithms` compares
        the best of each, and these are all trained with the test seeds.
    env_id : str
    space : ConfigurationSpace, optional
        By default `rlhp.spaces.default(algorithm)`, of several `rlhp.spaces.algorithms(algorithm)`.
    judging : Judging
        What a setting is worth: how long a run is trained, by what it is scored, which seeds tune, choose and test.
    budget : int
        Environment steps of the search, over all runs. Evaluations, choice seeds and test seeds come on top, and are
        counted in the result.
    searcher : str or Searcher
        A name, see `rlhp.hpo.searcher`, or an object that proposes.
    plan : str or Plan
        A name, see `rlhp.hpo.plan`, or an object that decides what is trained next, and how many configurations side
        by side: `hpo.Race(batch=8)`.
    rng : int
        Seed of the search.
    out : path, optional
        Folder of the search: its journal, its runs, and the states of paused ones. The same call again goes on where it
        was, with the same proposals, and trains nothing again but what was under way.
    execution : Execution
        As in `rlhp.sweep`: the bar, Ray, a time limit, policies (`Tuning.policy` gives them). It changes nothing that
        a run learns, and the same call may go on with another one; policies that were not kept are trained again.

    Returns
    -------
    Tuning
        After Ctrl-C, what there is by then; nothing is confirmed then.

    Raises
    ------
    ValueError, TypeError
        If an argument cannot be, the budget lets nothing begin, or `out` is of another search.
    RuntimeError
        If another search writes to `out`, or the training cannot go on.

    Examples
    --------
    >>> from rlhp import hpo
    >>> hpo.optimize("dqn", "CartPole-v1", judging=hpo.Judging(steps=50_000), budget=2_000_000,
    ...              out="results/tuning")  # doctest: +SKIP
    """
    several = not isinstance(algorithm, str) and arguments.several(algorithm)
    listed = arguments.name_list("algorithm", algorithm, empty=False) if several else [algorithm]
    chosen_from = [arguments.choice("algorithm", one, names()) for one in listed]
    env_id = arguments.text("env_id", env_id, hint="An id such as 'CartPole-v1'.")
    space = _space(chosen_from, space)
    arguments.instance("judging", judging, Judging, hint="`rlhp.hpo.Judging(steps=50_000)` makes one.")
    arguments.whole("budget", budget, at_least=1, hint=_BUDGET)
    made, ordered = as_searcher(searcher, _seed(rng)), as_plan(plan)
    how = _execution(execution, out)
    carried = "" if how == Execution() else f", execution={_given(how)}"
    with tempfile.TemporaryDirectory(prefix="rlhp-") as temporary:
        folder = Path(temporary) if out is None else arguments.path("out", out)
        training = Training(chosen_from, env_id, judging, folder, how)
        n = len(judging.tuning)
        terms = Terms(training.pauses[-1], n, budget, training.pauses, return_bounds(env_id))
        call = (
            f"hpo.optimize({listed if several else algorithm!r}, {env_id!r}, space, judging={_given(judging)}, "
            f"budget={budget!r}, searcher={_given(searcher)}, plan={_given(plan)}, rng={rng!r}, "
            f"out={None if out is None else str(out)!r}{carried})"
        )
        need_budget(ordered, terms)
        judged = {f"judging.{one.name}": getattr(judging, one.name) for one in fields(judging)}
        of = {"algorithm": ", ".join(chosen_from), "env_id": env_id, **judged, "budget": budget}
        try:
            search = Search(
                space, made, seed=rng, journal=folder / "search.jsonl", of={**of, "plan": described(ordered)}
            )
        except OtherSearchError as other:
            raise other.of_call("out", folder, seed="rng") from None
        with search, Bar(budget, shown=how.progress) as bar:
            training.on_trained = bar.trained
            found = _searched(search, ordered, terms, training, env_id, call, bar)
        runs = training.runs()
    trained = {"trained": training.trained(), "evaluating": _evaluating(runs), "programs": training.programs()}
    return replace(found, searcher=_named(searcher), runs=runs, counts=found.counts | trained)


def replay(
    source: str | Pool,
    *,
    budget: int,
    searcher: str | Searcher = "emukit",
    plan: str | Plan = "race",
    rng: int = 0,
) -> Tuning:
    """Tune on a measured sweep: what `optimize` does, in milliseconds, on configurations that were trained.

    A searcher that can choose among configurations does; of others, a proposal becomes the nearest measured one that
    nobody has, and the searcher is told which. See `Pool.adapted`.

    Parameters
    ----------
    source : str or Pool
        A data set, or what `rlhp.hpo.pool` makes of one.
    budget : int
        Environment steps, as if they were trained.
    searcher, plan, rng
        As for `optimize`.

    Returns
    -------
    Tuning

    Raises
    ------
    ValueError, TypeError
        If an argument cannot be.

    Examples
    --------
    >>> from rlhp import hpo
    >>> found = hpo.replay("dqn_cartpole", budget=2_000_000, searcher="random", rng=1)
    >>> found.counts["env_steps"] <= 2_000_000 and len(found.finalists) == 3
    True
    """
    arguments.whole("budget", budget, at_least=1, hint=_BUDGET)
    made = source if isinstance(source, Pool) else pool(source)
    asked, ordered = made.adapted(as_searcher(searcher, _seed(rng))), as_plan(plan)
    environment = str(made.runs.table["env_id"].iloc[0])
    n = len(made.judging.tuning)
    terms = Terms(made.pauses[-1], n, budget, made.pauses, return_bounds(environment), made.capacity)
    call = (
        f"hpo.replay({repr(source) if isinstance(source, str) else made.call}, budget={budget!r}, "
        f"searcher={_given(searcher)}, plan={_given(plan)}, rng={rng!r})"
    )
    need_budget(ordered, terms)
    found = _searched(Search(made.space, asked, seed=rng), ordered, terms, made, environment, call)
    return replace(found, searcher=_named(searcher))


def _execution(given: Any, out: Any) -> Execution:
    """Return how a search is carried out; refuse what a search cannot be."""
    how = Execution.of(given)
    if how.retry_failed:
        raise ValueError(
            "`execution.retry_failed` is True, and what a search decided rests on the runs that failed; leave it out."
        )
    if how.keep_policies and out is None:
        raise ValueError("`execution.keep_policies` needs a place to keep them; give `out=`.")
    return how


def _space(algorithms: Sequence[str], given: Any) -> ConfigurationSpace:
    """Return the space to search, of one algorithm or of several."""
    if given is None:
        return spaces.default(algorithms[0]) if len(algorithms) == 1 else spaces.algorithms(algorithms)
    space = as_space(given)
    named = [str(one) for one in spaces.levels_of(space[spaces.ALGORITHM])[0]] if spaces.ALGORITHM in space else []
    if len(algorithms) > 1 and not named:
        raise ValueError("`space` does not say which algorithm: `rlhp.spaces.algorithms({name: space, ...})` does.")
    others = [one for one in named if one not in algorithms]
    if others:
        raise ValueError(
            f"`space` has the algorithm {others[0]!r}, and `algorithm` is {', '.join(algorithms)}; name them all."
        )
    return space


def _named(searcher: str | Searcher) -> str:
    return searcher if isinstance(searcher, str) else str(searcher)


def _given(value: Any) -> str:
    """Write an argument as it is written in a call, beside ``import rlhp`` and ``from rlhp import hpo``."""
    module = type(value).__module__
    if not (is_dataclass(value) and module.startswith("rlhp.")):
        return repr(value)
    given = [(one.name, getattr(value, one.name)) for one in fields(value) if getattr(value, one.name) != one.default]
    home = "hpo" if module.startswith("rlhp.hpo") else "rlhp"
    return f"{home}.{type(value).__name__}({', '.join(f'{name}={_given(option)}' for name, option in given)})"


def _seed(rng: Any) -> int:
    return arguments.whole("rng", rng, at_least=0, what="a seed, a whole number from 0: a search is known by it")


def _searched(
    search: Search, plan: Plan, terms: Terms, evaluator: Evaluator, env_id: str, call: str, bar: Bar | None = None
) -> Tuning:
    judging = evaluator.judging
    cap = Cap.of(env_id, judging)
    history: list[dict[str, Any]] = []
    latest: list[Sequence[Trial]] = [()]

    def note(trials: Sequence[Trial]) -> None:
        latest[0] = tuple(trials)
        best = incumbent(trials, cap)
        if bar is not None:
            bar.measured(trials, best)
        if best is not None:
            last = best.last
            spent = {"env_steps": sum(one.spent for one in trials), "trial": best.number}
            history.append({**spent, "score": last.score, "steps": last.steps, "seeds": last.seeds})

    interrupted = False
    finalists, chosen, tested = pd.DataFrame(), dict[int, np.ndarray](), dict[int, np.ndarray]()
    confirming = 0
    try:
        search_trials(search, plan, terms, evaluator, on_measured=note)
        best_few = finalists_of(latest[0], cap, judging.finalists)
        choosing = len(best_few) * len(judging.choosing) * terms.steps
        if bar is not None and choosing:
            bar.left(choosing, "choosing")
        choice = choose(best_few, evaluator, cap)
        first = leaders(choice.order)
        testing = len(first) * len(judging.testing) * terms.steps
        if bar is not None:
            bar.left(testing, "confirming")
        confirmed = confirm(first, choice, evaluator)
        finalists = finalist_table(choice, confirmed, env_id, judging.confidence)
        chosen, tested, confirming = choice.scores, confirmed.scores, choosing + testing
    except KeyboardInterrupt:
        interrupted = True
    trials = tuple(one for one in latest[0] if one.rungs)
    best = incumbent(trials, cap)
    number = int(finalists["trial"].iloc[0]) if len(finalists) else None if best is None else best.number
    return Tuning(
        best_config=None if number is None else dict(trials[number].configuration),
        trials=trials,
        history=pd.DataFrame(history, columns=["env_steps", "trial", "score", "steps", "seeds"]),
        finalists=finalists,
        chosen=chosen,
        tested=tested,
        runs=None,
        plan=plan,
        terms=terms,
        judging=judging,
        searcher=search.name,
        rng=search.seed,
        cap=cap,
        counts={"env_steps": sum(one.spent for one in trials), "confirming": confirming},
        call=call,
        interrupted=interrupted,
    )


def _evaluating(runs: Runs | None) -> int:
    """Return the environment steps that evaluations took."""
    if runs is None:
        return 0
    return int(np.nansum(runs.evals["length_mean"] * runs.evals["n_episodes"]))
