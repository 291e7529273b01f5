"""`minimize`: a function's failures are rows, Ctrl-C gives what there is, a journal evaluates nothing twice."""

from __future__ import annotations

import math

import pytest
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import NormalFloatHyperparameter as Normal

from rlhp import hpo

SPACE = {"x": (-1.0, 1.0), "kind": ["a", "b"]}


def bowl(one: dict) -> float:
    return one["x"] ** 2 + (one["kind"] == "b")


def test_the_lowest_value_is_found_and_its_configuration() -> None:
    found = hpo.minimize(bowl, SPACE, searcher="sobol", n=32, batch=4)
    assert found.best_value == bowl(found.best_config) == found.trials["value"].min() < 0.01
    assert found.best_config["kind"] == "a"
    assert found.table["best"].tolist() == found.table["value"].cummin().tolist()
    assert "32 of 32 evaluations, 0 failed" in repr(found)


def test_what_fails_is_a_row_and_never_the_best() -> None:
    calls = iter(range(100))

    def f(one):
        call = next(calls)
        if call == 0:
            raise ZeroDivisionError("no")
        return (math.nan, -math.inf, "text", (1.0, 0.5), (1, 2, 3))[call - 1] if call < 6 else bowl(one)

    found = hpo.minimize(f, SPACE, searcher="random", n=8)
    errors = found.trials["error"].tolist()
    assert errors[0] == "ZeroDivisionError: no"
    assert errors[1:3] == ["the value is nan", "the value is -inf"]
    assert "text" in errors[3]
    assert errors[4] == ""
    assert "give a number" in errors[5]
    assert found.trials["noise"].tolist()[4] == 0.5
    assert found.trials["value"].isna().tolist() == [True] * 4 + [False, True, False, False]
    everything = hpo.minimize(lambda one: math.nan, SPACE, searcher="random", n=2)
    assert math.isnan(everything.best_value)
    assert everything.best_config is None


def test_ctrl_c_gives_what_there_is_and_the_journal_goes_on(tmp_path) -> None:
    seen: list[dict] = []

    def f(one):
        if len(seen) == 5:
            seen.append(one)
            raise KeyboardInterrupt
        seen.append(one)
        return bowl(one)

    path = tmp_path / "search.jsonl"
    first = hpo.minimize(f, SPACE, searcher="random", n=8, batch=3, journal=path)
    assert (len(first.trials), first.interrupted) == (5, True)
    whole = hpo.minimize(f, SPACE, searcher="random", n=8, batch=3, journal=path)
    assert whole.configurations[:5] == tuple(seen[:5])
    assert whole.configurations[5] == seen[5] == seen[6], "the one that was interrupted is evaluated again"
    assert len(seen) == 9
    straight = hpo.minimize(bowl, SPACE, searcher="random", n=8, batch=3)
    assert straight.configurations == whole.configurations
    assert straight.trials["value"].tolist() == whole.trials["value"].tolist()
    fewer = hpo.minimize(f, SPACE, searcher="random", n=3, batch=3, journal=path)
    assert len(fewer.trials) == 8
    assert "8 evaluations (3 asked for), 0 failed" in repr(fewer)
    assert len(seen) == 9


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({"f": 3}, TypeError, "`f` is 3; give a function"),
        ({"n": 0}, ValueError, "`n` is 0"),
        ({"batch": 1.5}, ValueError, "`batch` is 1.5"),
        ({"rng": None}, ValueError, "`rng` is None; give a seed"),
        ({"space": 3}, TypeError, "space"),
        ({"space": {"x": (0, math.inf)}}, ValueError, r"`space`, `x` is \(0, inf\); give a range with two finite ends"),
    ],
)
def test_what_cannot_be_is_refused(options, kind, said) -> None:
    arguments = {"f": bowl, "space": SPACE, "n": 1, "searcher": "random", **options}
    with pytest.raises(kind, match=said):
        hpo.minimize(arguments.pop("f"), arguments.pop("space"), **arguments)


def test_a_hyperparameter_may_be_called_as_a_column_of_the_result() -> None:
    names = ["value", "noise", "error", "seconds", "best"]
    found = hpo.minimize(lambda c: (c["value"] - 3) ** 2 + 100, dict.fromkeys(names, (0.0, 5.0)), searcher="sobol", n=8)
    assert found.best_value == min(found.trials["value"]) >= 100
    assert found.best_value == (found.best_config["value"] - 3) ** 2 + 100
    for name in names:
        assert found.trials[f"hp.{name}"].tolist() == [one[name] for one in found.configurations]
    assert found.trials.columns.is_unique


@pytest.mark.parametrize("searcher", ["grid", "random", "sobol"])
def test_what_has_no_measure_is_refused_by_all_who_draw(searcher) -> None:
    space = ConfigurationSpace(space=[Normal("x", mu=0, sigma=1, lower=-3, upper=3)])
    with pytest.raises(ValueError, match="`x` is a NormalFloatHyperparameter, which has no measure here"):
        hpo.minimize(lambda one: one["x"], space, searcher=searcher, n=2)
