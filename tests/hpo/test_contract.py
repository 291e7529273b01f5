"""Every searcher passes the suite that is asked of all; the suite finds each fault."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp import hpo

# Options that make a searcher small enough for its rules.
SMALL: dict[str, dict] = {"bnn": {"members": 8, "widths": (8,)}}


@pytest.mark.parametrize("rule", hpo.SEARCHER_RULES)
@pytest.mark.parametrize("name", hpo.searcher_names())
def test_every_searcher_holds_every_rule(name, rule) -> None:
    hpo.check_searcher(hpo.searcher(name, **SMALL.get(name, {})), rules=rule)


class Faulty:
    """Random search with one fault."""

    def __init__(self, fault: str) -> None:
        self.fault, self.calls = fault, 0

    def propose(self, space, seen, n, rng):
        self.calls += 1
        if self.fault == "raises":
            raise ZeroDivisionError("no")
        if self.fault == "memory":
            rng = np.random.default_rng(self.calls)
        if self.fault == "global":
            rng = np.random.default_rng(np.random.randint(2**31))  # noqa: NPY002
        if self.fault == "moves":
            np.random.random()  # noqa: NPY002
        if self.fault == "nan" and np.isnan(seen.scores).any():
            return [None] * n
        found = hpo.Random().propose(space, seen, n, rng)
        if self.fault == "twice":
            found = found[:1] * n
        if self.fault == "pending" and seen.pending:
            found[0] = dict(seen.pending[0])
        if self.fault == "short":
            found = found[:-1]
        if self.fault == "float" and "layers" in found[0]:
            found[0]["layers"] = float(found[0]["layers"])
        if self.fault == "inactive" and "fixed" in found[0]:
            found = [{**one, "momentum": 0.5} for one in found]
        if self.fault == "repeats" and "b" in found[0] and len(seen):
            found[0] = dict(seen.configurations[0])
        if self.fault == "eats" and seen.pending:
            seen.pending[0].clear()
        return found

    def choose(self, space, seen, n, rng, among):
        self.calls += 1
        if self.fault == "beyond":
            return [len(among), 0, 1]
        if self.fault == "doubles":
            return [0] * n
        return np.roll(np.arange(len(among)), self.calls if self.fault == "moody" else 0)[:n].tolist()


@pytest.mark.parametrize(
    ("fault", "rule", "said"),
    [
        ("short", "first", "asked for 5 configurations"),
        ("float", "mixed", "`layers` is .*whole number"),
        ("inactive", "mixed", "`momentum` is given but inactive"),
        ("twice", "distinct", "a batch of five"),
        ("pending", "distinct", "which is pending"),
        ("memory", "repeatable", "asked the same again"),
        ("global", "generator", "global"),
        ("moves", "generator", "drew from the global state"),
        ("nan", "failures", "no dict"),
        ("repeats", "categories", "of six configurations"),
        ("eats", "leaves_alone", "others than before"),
        ("memory", "resumes", "it goes on with"),
        ("raises", "mixed", "it raised ZeroDivisionError: no"),
        ("beyond", "chooses", r"of 24 it chose \[24, 0, 1\]"),
        ("doubles", "chooses", r"it chose \[0, 0, 0\]"),
        ("moody", "chooses", "asked the same again"),
    ],
)
def test_the_suite_finds_each_fault(fault, rule, said) -> None:
    with pytest.raises(AssertionError, match=f"Faulty breaks the rule `{rule}`.*{said}"):
        hpo.check_searcher(Faulty(fault), rules=rule)


def test_what_cannot_be_checked_is_refused() -> None:
    with pytest.raises(TypeError, match=r"give an object with `propose\(space, seen, n, rng\)`"):
        hpo.check_searcher("random")
    with pytest.raises(ValueError, match="unknown rule `distinkt`; did you mean `distinct`"):
        hpo.check_searcher(hpo.Random(), rules="distinkt")
    with pytest.raises(ValueError, match=r"`rules` is \[\]; give a name"):
        hpo.check_searcher(hpo.Random(), rules=[])


@pytest.mark.parametrize("kind", ["Asha", "Emukit", "FreezeThaw", "Grid", "Hyperband", "Race", "Random", "Sobol"])
def test_an_unknown_option_is_refused_with_those_there_are(kind) -> None:
    with pytest.raises(TypeError, match=f"unknown option `m` for {kind}"):
        getattr(hpo, kind)(m=3)
