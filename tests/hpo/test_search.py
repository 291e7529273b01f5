"""A search is a function of its seed and of what was told; its journal outlives the process."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ConfigSpace import ConfigurationSpace

from rlhp import hpo, spaces

ROOT = Path(__file__).resolve().parents[2]
SPACE = {"x": (0.0, 1.0), "k": (1, 8), "kind": ["a", "b"]}


def converse(search: hpo.Search, turns: int) -> list[dict]:
    for _ in range(turns):
        found = search.ask(2)
        search.tell(found, [one["x"] for one in found])
    return search.ask()


@pytest.mark.parametrize("name", ["random", "sobol", "grid"])
def test_same_seed_same_search(name) -> None:
    first, again, other = (converse(hpo.Search(SPACE, name, seed=seed), 3) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_ask_number_k_draws_from_its_own_generator() -> None:
    class Noting:
        def propose(self, space, seen, n, rng):
            return [{"x": float(rng.random())} for _ in range(n)]

    search = hpo.Search({"x": (0.0, 1.0)}, Noting(), seed=7)
    drawn = [search.ask()[0]["x"] for _ in range(3)]
    assert drawn == [np.random.default_rng([7, k]).random() for k in range(3)]


def test_what_is_pending_is_told_or_told_again() -> None:
    search = hpo.Search(SPACE, seed=0)
    one, two = search.ask(2)
    search.tell([two], [2.0], [0.5])
    seen = search.observations
    assert seen.pending == (one,)
    assert (seen.configurations, seen.scores.tolist(), seen.noise.tolist()) == ((two,), [2.0], [0.5])
    search.tell([two, {**two, "kind": "a"}], [3.0, math.nan])
    assert search.observations.latest().scores[0 if two["kind"] == "a" else -1] != 2.0
    assert len(search.observations) == 3
    assert len(search.observations.known()) == 2


def test_the_journal_gives_the_search_back_wherever_it_was_killed(tmp_path) -> None:
    path = tmp_path / "deep" / "search.jsonl"
    with hpo.Search(SPACE, "random", seed=3, journal=path) as search:
        expected = [search.ask(2)]
        search.tell(expected[0][:1], [1.0])
        pending = search.observations.pending
        expected.append(search.ask(2))
    text = path.read_bytes()
    lines = text.splitlines(keepends=True)
    assert [json.loads(line)["event"] for line in lines] == ["search", "ask", "tell", "ask"]
    for cut in (*range(0, len(text), 23), len(text) - 1, len(text)):
        torn = tmp_path / "torn.jsonl"
        torn.write_bytes(text[:cut])
        with hpo.Search(SPACE, "random", seed=3, journal=torn) as search:
            if not search.asked:
                search.ask(2)
            if not len(search.observations):
                search.tell(search.asked[0][:1], [1.0])
                assert search.observations.pending == pending
            if len(search.asked) < 2:
                search.ask(2)
            assert search.asked == expected
        assert torn.read_bytes() == text


def test_a_journal_holds_how_long_what_was_told_had_been_trained(tmp_path) -> None:
    path, told = tmp_path / "search.jsonl", [{"x": 0.5}, {"x": 0.25}]
    with hpo.Search({"x": (0.0, 1.0)}, journal=path) as search:
        search.tell(told, [1.0, 2.0], [np.nan, 0.5], [500, np.nan])
        search.tell(told[:1], [3.0])
    with hpo.Search({"x": (0.0, 1.0)}, journal=path) as search:
        seen = search.observations
    assert seen.steps.tolist()[0] == 500
    assert np.isnan(seen.steps[1:]).all()
    assert seen.latest().steps.tolist() == pytest.approx([np.nan, np.nan], nan_ok=True)
    assert seen.latest().scores.tolist() == [2.0, 3.0]
    assert hpo.Observations(told, [1.0, np.nan], steps=[7, 8]).known().steps.tolist() == [7]


def test_a_journal_takes_one_search_at_a_time_in_any_process(tmp_path) -> None:
    path = tmp_path / "search.jsonl"
    code = (
        "import sys; from rlhp import hpo\n"
        "try: hpo.Search({'x': (0.0, 1.0)}, journal=sys.argv[1])\n"
        "except RuntimeError as error: print(error)"
    )
    with hpo.Search({"x": (0.0, 1.0)}, journal=path):
        with pytest.raises(RuntimeError, match=r"another search is writing to .*wait for it to end"):
            hpo.Search({"x": (0.0, 1.0)}, journal=path)
        said = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, cwd=ROOT, check=True)
    assert "another search is writing to" in said.stdout
    hpo.Search({"x": (0.0, 1.0)}, journal=path).close()


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"seed": 2}, "its seed is 1, not 2"),
        ({"searcher": "grid"}, r"its searcher is Random\(\), not Grid"),
        ({"space": {"x": (0.0, 2.0)}}, "its space.x is .*high 1.0.*, not .*high 2.0"),
        ({"of": {"env_id": "a"}}, "its env_id is not there, not a"),
    ],
)
def test_the_journal_of_another_search_is_refused(tmp_path, other, what) -> None:
    path = tmp_path / "search.jsonl"
    mine = {"space": {"x": (0.0, 1.0)}, "searcher": "random", "seed": 1}
    hpo.Search(**mine, journal=path).close()
    with pytest.raises(ValueError, match=f"the journal of another search: {what}"):
        hpo.Search(**{**mine, **other}, journal=path)
    hpo.Search(**mine, journal=path).close()


def test_a_line_that_is_no_event_is_refused_with_its_number(tmp_path) -> None:
    path = tmp_path / "search.jsonl"
    hpo.Search({"x": (0.0, 1.0)}, journal=path).close()
    path.write_bytes(path.read_bytes() + b"{}\nhello\n")
    with pytest.raises(ValueError, match=r"line 2 of .* is no event of this search"):
        hpo.Search({"x": (0.0, 1.0)}, journal=path)
    with pytest.raises(ValueError, match=r"`journal` is .* which cannot be made"):
        hpo.Search({"x": (0.0, 1.0)}, journal=path / "below")


def journaled(path: Path) -> list[str]:
    """Write a journal of two asks and tells; return its lines."""
    with hpo.Search(SPACE, "random", seed=1, journal=path) as search:
        converse(search, 2)
    return path.read_text().splitlines()


def edited(line: str, **cells: object) -> str:
    """Change hyperparameters of the first configuration of a line."""
    event = json.loads(line)
    event["configurations"][0] |= cells
    return json.dumps(event)


@pytest.mark.parametrize(
    ("change", "number", "said"),
    [
        (lambda one: [*one[:1], *one[2:]], 2, "its number is 1 where 0 is due: a line is missing, or there twice"),
        (lambda one: [*one[:2], *one[1:]], 3, "its number is 0 where 1 is due"),
        (lambda one: [*one[:3], *one[2:]], 4, "its number is 1 where 2 is due"),
        (lambda one: one[1:], 1, "it does not say of which search it is"),
        (lambda one: [one[0], *one], 2, "its event is 'search', where `ask` or `tell` is due"),
        (lambda one: [one[0], '{"event": "bark"}'], 2, "its event is 'bark'"),
        (lambda one: [one[0], '{"event": "tell"}'], 2, "it has no `number`"),
        (lambda one: [one[0], edited(one[1], x=1.5)], 2, "`x`"),
        (lambda one: [one[0], edited(one[1], x="0.5")], 2, "`x` is '0.5'"),
        (lambda one: [one[0], edited(one[1], kind="c")], 2, "`kind`"),
        (lambda one: [one[0], edited(one[1], k=[2])], 2, "`k`"),
        (lambda one: [one[0], edited(one[1], y=1)], 2, "unknown hyperparameter `y`"),
        (lambda one: [*one[:2], one[2].replace('"scores": [', '"scores": [1.0, ')], 3, "has 2 entries, `scores` 3"),
        (lambda one: [*one[:2], one[2].replace('"scores": [', '"scores": ["no", ')], 3, "`scores` is"),
    ],
)
def test_an_edited_journal_is_refused_with_file_and_line(tmp_path, change, number, said) -> None:
    path = tmp_path / "search.jsonl"
    lines = journaled(path)
    hpo.Search(SPACE, "random", seed=1, journal=path).close()
    path.write_text("\n".join(change(lines)) + "\n")
    with pytest.raises(ValueError, match=f"line {number} of .*search.jsonl is no event of this search .*{said}"):
        hpo.Search(SPACE, "random", seed=1, journal=path)


def test_levels_come_back_as_the_space_has_them(tmp_path) -> None:
    space = ConfigurationSpace(space={"flag": [True, False], "n": [1, 2]})
    path = tmp_path / "search.jsonl"
    with hpo.Search(space, seed=1, journal=path) as search:
        asked = search.ask(4)
    with hpo.Search(space, seed=1, journal=path) as search:
        assert list(search.observations.pending) == asked
        assert {type(one["flag"]) for one in search.observations.pending} == {bool}


def test_a_search_over_the_default_space_of_an_algorithm() -> None:
    search = hpo.Search(spaces.default("ppo"), "sobol", seed=1)
    asked = search.ask(3) + search.ask(5)
    assert len({json.dumps(one, sort_keys=True) for one in asked}) == 8
    expected = spaces.sample(spaces.default("ppo"), 8, method="sobol", rng=np.random.default_rng([1]))
    assert [one["learning_rate"] for one in asked] == expected["learning_rate"].tolist()


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: hpo.Search(SPACE, "sobel"), ValueError, "unknown searcher `sobel`; did you mean `sobol`"),
        (lambda: hpo.searcher("grid", point=3), ValueError, "unknown option `point` for .*did you mean `points`"),
        (lambda: hpo.Search(SPACE, hpo.Random), TypeError, "give a name, one of"),
        (lambda: hpo.Search({}), ValueError, "has no hyperparameters"),
        (lambda: hpo.Search(SPACE, seed=-1), ValueError, "`seed` is -1"),
        (lambda: hpo.Search(SPACE).ask(0), ValueError, "`n` is 0"),
        (lambda: hpo.Search(SPACE).tell([{"x": 0.5}], [1.0]), ValueError, "item 0: .*`k`"),
        (lambda: hpo.Search(SPACE).tell([{"y": 1}], [1.0]), ValueError, "unknown hyperparameter `y`"),
        (lambda: hpo.Search(SPACE).tell([], [1.0]), ValueError, "`configurations` has 0 entries, `scores` 1"),
        (lambda: hpo.Search(SPACE).tell([{"x": 0.5, "k": 2.5, "kind": "a"}], [1.0]), ValueError, "`k`"),
        (lambda: hpo.Observations([{"x": 1.0}], [math.inf]), ValueError, "one that is infinite; give NaN"),
        (lambda: hpo.Observations([{"x": 1.0}], [1.0], [-1.0]), ValueError, "standard errors"),
        (lambda: hpo.Observations([{"x": 1.0}], [1.0], steps=[0]), ValueError, "`steps` holds environment steps"),
        (lambda: hpo.Observations([{"x": 1.0}], [1.0], steps=[1, 2]), ValueError, "and `steps` 2; give one score"),
    ],
)
def test_what_cannot_be_is_refused(call, kind, said) -> None:
    with pytest.raises(kind, match=said):
        call()
