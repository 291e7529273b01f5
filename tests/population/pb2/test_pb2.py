"""PB2: what it proposes to the children of a meeting, in every kind of space and after every kind of past."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ConfigSpace import Categorical, ConfigurationSpace, Constant, Float, Integer, OrdinalHyperparameter
from hypothesis import given, settings
from hypothesis import strategies as st

from rlhp import spaces
from rlhp.population import PB2, Exchange, Fitness, Meeting, Past, Truncation, meet

EVERY = 500


def all_kinds() -> ConfigurationSpace:
    return ConfigurationSpace(
        space=[
            Float("learning_rate", (1e-5, 1e-2), log=True),
            Float("gamma", (0.8, 0.9999), meta={"measure": "flipped-log"}),
            Float("clip_range", (0.1, 0.4)),
            Integer("n_epochs", (1, 20), log=True),
            OrdinalHyperparameter("batch_size", [32, 64, 128]),
            Categorical("n_steps", [1, 3, 5]),
            Categorical("clip_range_vf", [None, 0.2]),
            Constant("net_arch", "small"),
        ]
    )


def plain() -> ConfigurationSpace:
    return ConfigurationSpace(space=[Float("x", (0.0, 1.0)), Float("rate", (1e-4, 1.0), log=True)])


def drawn(space: ConfigurationSpace, n: int, seed: int) -> list[dict[str, Any]]:
    """Draw configurations as plain values, none of NumPy's."""
    unit = np.random.default_rng(seed).random((n, len(space)))
    columns = {name: spaces.decode(hp, unit[:, at]) for at, (name, hp) in enumerate(space.items())}
    return [{name: values[i] for name, values in columns.items()} for i in range(n)]


def past_of(
    space: ConfigurationSpace, configs: list[dict[str, Any]], gains: Any, *, members: int, before: float = 10.0
) -> Past:
    """Segments of so many members side by side, all from one score."""
    m = len(configs)
    round_ = np.arange(m) // members
    after = before + np.asarray(gains, dtype=float)
    frame = pd.DataFrame(configs, columns=list(space))
    return Past(
        np.arange(m) % members, round_ * EVERY, (round_ + 1) * EVERY, np.full(m, before), after, frame.astype(object)
    )


def met(
    past: Past, configs: list[dict[str, Any]], *, children: int = 2, fitness: Any = None, steps: int = 20_000
) -> Meeting:
    """A meeting at which the first members are children of the last."""
    n = len(configs)
    parents = np.where(np.arange(n) < children, n - 1, np.arange(n))
    now = int(past.end.max()) if len(past) else EVERY
    return Meeting(now, steps, tuple(configs), parents, Fitness(np.full(n, 10.0) if fitness is None else fitness), past)


def inside(space: ConfigurationSpace, config: dict[str, Any]) -> None:
    assert list(config) == list(space)
    for name, hp in space.items():
        spaces.encode(hp, [config[name]])  # refuses what is outside


@given(
    seed=st.integers(0, 10_000),
    rounds=st.integers(0, 4),
    scale=st.sampled_from([0.0, 1e-9, 1.0, 1e9]),
    lost=st.sampled_from([0.0, 0.3, 1.0]),
    n=st.integers(2, 5),
)
@settings(max_examples=15, deadline=None)
def test_whatever_was_gained_children_stay_inside_the_space(
    seed: int, rounds: int, scale: float, lost: float, n: int
) -> None:
    space, rng = all_kinds(), np.random.default_rng(seed)
    gains = np.where(rng.random(rounds * n) < lost, np.nan, scale * rng.standard_normal(rounds * n))
    past = past_of(space, drawn(space, rounds * n, seed), gains, members=n)
    meeting = met(past, drawn(space, n, seed + 1), children=n - 1)
    proposed = PB2(restarts=0).propose(space, meeting, rng)
    assert sorted(proposed) == list(range(n - 1))
    for config in proposed.values():
        inside(space, config)


def test_the_same_generator_gives_the_same_and_another_another_whatever_the_global_state() -> None:
    space = all_kinds()
    past = past_of(space, drawn(space, 12, 0), np.random.default_rng(0).standard_normal(12), members=4)
    meeting, found = met(past, drawn(space, 4, 1)), []
    for state in (1, 2):
        np.random.seed(state)  # noqa: NPY002 - what is scrambled here
        found.append(PB2().propose(space, meeting, np.random.default_rng(5)))
    assert found[0] == found[1] != PB2().propose(space, meeting, np.random.default_rng(6))


def test_children_of_one_meeting_differ_from_each_other_and_from_all_that_go_on() -> None:
    space = plain()
    past = past_of(space, drawn(space, 16, 0), np.random.default_rng(0).standard_normal(16), members=4)
    configs = drawn(space, 8, 1)
    meeting = met(past, configs, children=6)
    for seed, kappa in itertools.product(range(3), (0.0, 1.5)):
        proposed = PB2(kappa=kappa).propose(space, meeting, np.random.default_rng(seed))
        played = [tuple(one.values()) for one in [*proposed.values(), *configs[6:]]]
        assert len(set(played)) == 8


def test_members_that_go_on_and_children_before_count_as_seen() -> None:
    space = plain()
    told, configs = drawn(space, 16, 0), drawn(space, 6, 1)
    # Hardly any noise: what is seen once needs no second look.
    past = past_of(space, told, [np.sin(9 * one["x"]) for one in told], members=4)
    proposed = PB2(kappa=3.0).propose(space, met(past, configs, children=4), np.random.default_rng(0))
    unit = spaces.to_unit(space, [*proposed.values(), *configs[4:]])
    apart = np.linalg.norm(unit[:, None] - unit[None], axis=-1) + 9 * np.eye(6)
    assert apart[:4].min() > 0.1
    # Who goes on with a child's favourite drives it elsewhere.
    for kept in range(2):
        going = list(configs)
        going[4 + kept] = proposed[0]
        other = PB2(kappa=3.0).propose(space, met(past, going, children=4), np.random.default_rng(0))[0]
        favourite, instead = spaces.to_unit(space, [proposed[0], other])
        assert np.linalg.norm(favourite - instead) > 0.1


def test_a_setting_that_gains_is_found_and_one_that_diverges_kept_away_from() -> None:
    space = plain()
    configs = [{"x": x, "rate": 10**rate} for x in np.linspace(0.05, 0.95, 7) for rate in np.linspace(-3.8, -0.2, 4)]
    near = [-10 * (one["x"] - 0.3) ** 2 - (np.log10(one["rate"]) + 3) ** 2 for one in configs]
    past = past_of(space, configs, near, members=4)
    meeting = met(past, drawn(space, 4, 1), children=1)
    best = PB2(kappa=0.0).propose(space, meeting, np.random.default_rng(0))[0]
    assert abs(best["x"] - 0.3) < 0.15
    assert abs(np.log10(best["rate"]) + 3) < 0.7
    lost = past_of(space, configs, np.where([one["x"] < 0.55 for one in configs], np.nan, near), members=4)
    for seed in range(3):
        assert PB2(kappa=0.5).propose(space, met(lost, drawn(space, 4, 1)), np.random.default_rng(seed))[0]["x"] > 0.45


def test_what_was_good_long_ago_gives_way_to_what_is_good_now() -> None:
    space = ConfigurationSpace(space=[Float("x", (0.0, 1.0))])
    rng = np.random.default_rng(0)
    xs = rng.random(80)
    best = np.where(np.arange(80) < 40, 0.2, 0.8)
    past = past_of(
        space, [{"x": float(x)} for x in xs], -((xs - best) ** 2) + 0.02 * rng.standard_normal(80), members=4
    )
    meeting = met(past, drawn(space, 4, 1), children=1)
    assert PB2(kappa=0.0).propose(space, meeting, np.random.default_rng(0))[0]["x"] > 0.65
    # Who never forgets believes in the middle, where nothing ever was best.
    still = PB2(kappa=0.0, drift=0.0).propose(space, meeting, np.random.default_rng(0))[0]["x"]
    assert 0.35 < still < 0.65


@pytest.mark.parametrize("points", [0, 1, 2, 4])
def test_few_segments_are_enough(points: int) -> None:
    space = all_kinds()
    past = past_of(space, drawn(space, points, 0), np.arange(float(points)), members=max(points, 1))
    for config in PB2().propose(space, met(past, drawn(space, 4, 1)), np.random.default_rng(0)).values():
        inside(space, config)


def test_segments_whose_beginning_nobody_evaluated_are_left_out() -> None:
    space = plain()
    known = past_of(space, drawn(space, 8, 0), np.arange(8.0), members=4)
    first = Past(
        np.append(known.member, [0, 1]),
        np.append(known.start, [0, 0]),
        np.append(known.end, [EVERY, EVERY]),
        np.append(known.before, [np.nan, np.nan]),
        np.append(known.after, [1e6, np.nan]),
        pd.concat([known.configs, pd.DataFrame(drawn(space, 2, 9))], ignore_index=True),
    )
    configs = drawn(space, 4, 1)
    one, other = (PB2().propose(space, met(past, configs), np.random.default_rng(0)) for past in (known, first))
    assert one == other


@pytest.mark.parametrize("gains", [[0.0] * 12, [np.nan] * 12, [np.nan] * 11 + [3.0], [-1e12, *range(11)]])
def test_gains_that_say_little_are_survived(gains: list[float]) -> None:
    space = plain()
    past = past_of(space, [drawn(space, 1, 0)[0]] * 3 + drawn(space, 9, 1), gains, members=4)
    for config in PB2().propose(space, met(past, drawn(space, 4, 2)), np.random.default_rng(0)).values():
        inside(space, config)


def test_parents_that_nobody_knows_the_score_of_are_survived() -> None:
    space = plain()
    past = past_of(space, drawn(space, 8, 0), np.arange(8.0), members=4)
    meeting = met(past, drawn(space, 4, 1), fitness=[np.nan, 1.0, np.nan, 3.0])
    assert set(PB2().propose(space, meeting, np.random.default_rng(0))) == {0, 1}


def test_categories_follow_what_they_gain_and_are_never_lost() -> None:
    space = ConfigurationSpace(space=[Categorical("n_steps", [1, 3, 5]), Float("x", (0.0, 1.0))])
    configs = drawn(space, 120, 0)
    gains = [1.0 if one["n_steps"] == 3 else 0.0 for one in configs]
    meeting = met(past_of(space, configs, gains, members=4), drawn(space, 4, 1), children=3, steps=60 * EVERY)
    chosen = [
        one["n_steps"]
        for seed in range(20)
        for one in PB2(restarts=0).propose(space, meeting, np.random.default_rng(seed)).values()
    ]
    assert chosen.count(3) > 28  # evenly drawn it were 20
    assert {1, 5} <= set(chosen)


def test_the_rest_is_chosen_for_the_category_that_was_drawn() -> None:
    space = ConfigurationSpace(space=[Categorical("vf", ["none", "clipped"]), Float("x", (0.0, 1.0))])
    configs = drawn(space, 60, 0)
    peak = {"none": 0.15, "clipped": 0.85}
    past = past_of(space, configs, [-8 * abs(one["x"] - peak[one["vf"]]) for one in configs], members=4)
    found = {}
    for seed in range(6):
        for one in PB2(kappa=0.0).propose(space, met(past, drawn(space, 4, 1)), np.random.default_rng(seed)).values():
            found.setdefault(one["vf"], []).append(one["x"])
    assert np.max(found["none"]) < 0.4 < 0.6 < np.min(found["clipped"])


def test_spaces_of_categories_alone_and_of_one_point() -> None:
    only = ConfigurationSpace(space=[Categorical("n_steps", [1, 3, 5]), Constant("c", 1)])
    past = past_of(only, drawn(only, 8, 0), np.arange(8.0), members=4)
    for config in PB2().propose(only, met(past, drawn(only, 4, 1)), np.random.default_rng(0)).values():
        inside(only, config)
    point = ConfigurationSpace(space=[Constant("c", 1)])
    past = past_of(point, drawn(point, 8, 0), np.arange(8.0), members=4)
    meeting = met(past, drawn(point, 4, 1))
    assert PB2().propose(point, meeting, np.random.default_rng(0)) == {0: {"c": 1}, 1: {"c": 1}}


def test_it_is_an_operator_of_an_exchange() -> None:
    space, configs = all_kinds(), drawn(all_kinds(), 5, 1)
    exchange = Exchange(every=EVERY, exploit=Truncation(0.4), explore=PB2(kappa=1.0))
    past = past_of(space, drawn(space, 20, 0), np.random.default_rng(0).standard_normal(20), members=5)
    meeting = meet(
        exchange,
        space,
        step=4 * EVERY,
        total_steps=10_000,
        configs=configs,
        fitness=Fitness(np.arange(5.0)),
        past=past,
        ready=np.full(5, True),
        rng=np.random.default_rng(0),
    )
    assert meeting.children.tolist() == [0, 1]
    described = {"name": "PB2", "kappa": 1.0, "score": True, "restarts": 1, "drift": None}
    assert exchange.described()["explore"] == described


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kappa": -1.0}, "`kappa` is -1.0"),
        ({"restarts": 0.5}, "`restarts` is 0.5"),
        ({"score": 1}, "`score` is 1"),
        ({"drift": 1.0}, "`drift` is 1.0"),
        ({"kapa": 1.0}, "did you mean `kappa`"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        PB2(**options)
