"""The setting that stays and the learning curves, as explorers that re-train share them."""

from __future__ import annotations

import pytest

from rlhp.curves._labels import value_label
from rlhp.frames import encode_value
from rlhp.widgets.frame._markup import table
from rlhp.widgets.retrain._learning import fixed_setting, listed
from tests.widgets.stand_in import until


def test_what_an_explorer_moves_does_not_stay() -> None:
    def moved(name: str) -> bool:
        return name.startswith("n_")

    assert fixed_setting({"gamma": 0.9}, moved=moved, instead="leave it out") == {"gamma": 0.9}
    with pytest.raises(ValueError, match=r"^`n_steps` is what this explorer moves; leave it out\.$"):
        fixed_setting({"gamma": 0.9, "n_steps": 3}, moved=moved, instead="leave it out")
    with pytest.raises(ValueError, match="did you mean `gamma`"):
        fixed_setting({"gama": 0.9}, moved=moved, instead="leave it out")


def test_settings_are_listed_as_on_figures() -> None:
    said = listed({"gamma": 0.99, "net_arch": [64, 64]})
    assert said == f"gamma 0.99, net_arch {value_label(encode_value([64, 64]))}"
    assert listed({}) == ""


def test_an_explorer_says_what_is_the_same_for_all(batches, explorer) -> None:
    some = settings_of(batches(config={"gamma": 0.9}))
    assert "the same for all: DQN with gamma 0.9, and SB3&#x27;s defaults." in some
    assert "the same for all: DQN with SB3&#x27;s defaults." in settings_of(explorer(config={}))


def settings_of(one) -> str:
    return one.retraining.children[-1].value


def test_curves_are_given_once_until_there_is_something_new(batches, stand_in) -> None:
    one = batches(batch_sizes=(16, 64))
    configs = {str(config["batch_size"]): config for config in one._configs()}
    assert one.curves.now(configs) is None
    assert "appear here once the agents train" in one.curve.alt
    one.start()
    until(lambda: stand_in.made[-1].started)
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    now = one.curves.now(configs)
    assert [group.key[0] for group in now.summary.groups] == [16, 64]
    assert one.curves.now(configs) is None
    renamed = dict(zip(("small", "large"), configs.values(), strict=True))
    assert one.curves.now(renamed) is not None
    assert one.curves.now(renamed, "seconds") is not None
    one.curves.forget()
    assert one.curves.now(renamed, "seconds") is not None


def test_what_trains_but_is_not_shown_is_no_evaluation_to_come(explorer, stand_in) -> None:
    one = explorer(pinned=None)
    one.start()
    until(lambda: stand_in.made[-1].started)
    until(lambda: "the first evaluation is not done yet" in one.curve.alt)
    stand_in.made[-1].reach(500)
    until(lambda: "Now: after 500 steps" in one.text)
    one.editor.part.box.value = 0.2
    until(lambda: one.curve.alt.startswith("What trains now is not what the controls say."))
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    # It is kept to compare with, though the controls did not say it when it ended.
    assert "Before: after 1,000 steps" in one.text


def test_a_table_is_told_row_by_row() -> None:
    assert table(["a", "b"], [[1, "x"]]) == (
        '<table><tr><th scope="col">a</th><th scope="col">b</th></tr><tr><td>1</td><td>x</td></tr></table>'
    )
    assert table(["a"], []) == '<table><tr><th scope="col">a</th></tr></table>'
