"""What every explorer promises; a new one is one more line in EXPLORERS."""

from __future__ import annotations

import html
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ipywidgets
import pytest

from rlhp.widgets import (
    AcquisitionExplorer,
    BatchExplorer,
    Experiment,
    Explorer,
    HyperbandExplorer,
    ImportanceExplorer,
    LandscapeExplorer,
    LandscapeView,
    LiveTrainer,
    ParetoExplorer,
    RunExplorer,
    ScheduleExplorer,
    SearchGame,
    SeedsExplorer,
)
from rlhp.widgets.frame._controls import Number, labelled
from tests.widgets import importance_data
from tests.widgets.measured_space import sweep
from tests.widgets.stand_in import until


@dataclass(frozen=True)
class Case:
    """One explorer, and how a hand moves one of its controls."""

    kind: type[Explorer]
    control: str
    options: Callable[[], dict[str, Any]]

    def move(self, explorer: Any) -> None:
        box = explorer
        for name in self.control.split("."):
            box = box[name] if isinstance(box, dict) else getattr(box, name)
        box.value = 7 if box.max > 1 else 0.7


def briefly() -> dict[str, Any]:
    return {"steps": 1_000, "n_seeds": 3}


def unasked() -> dict[str, Any]:
    return {"experiment": Experiment(**briefly()), "prediction": None}


def swept() -> dict[str, Any]:
    return {"runs": importance_data.sweep(), "prediction": None}


def measured() -> dict[str, Any]:
    return {"runs": "learning_rate_cartpole"}


def drawn() -> dict[str, Any]:
    return {"runs": "learning_rate_cartpole", "prediction": None}


def sampled() -> dict[str, Any]:
    return {"repetitions": 3, "evaluations": 5, "prediction": None}


def landscape() -> dict[str, Any]:
    return {"runs": sweep(), "view": LandscapeView(y="exploration_fraction"), "prediction": None}


def replayed() -> dict[str, Any]:
    return {"pools": ["sac_pendulum"], "repetitions": 9, "prediction": None}


def split() -> dict[str, Any]:
    return {"pools": ["dqn_cartpole"], "splits": 3, "prediction": None}


def played() -> dict[str, Any]:
    return {"pool": "sac_pendulum", "evaluations": 3, "opponents": {"random": 3}, "prediction": None}


# Those that train agents, and those that look at runs there are.
TRAINING = [
    Case(LiveTrainer, "seeds_control.box", briefly),
    Case(ScheduleExplorer, "editor.part.box", unasked),
    Case(BatchExplorer, "choice.updates.box", unasked),
]
LOOKING: list[Case] = [
    Case(RunExplorer, "part.box", measured),
    Case(SeedsExplorer, "number.box", drawn),
    Case(ImportanceExplorer, "time.box", swept),
    Case(AcquisitionExplorer, "choice.controls.kappa.box", sampled),
    Case(HyperbandExplorer, "controls.number.box", replayed),
    Case(ParetoExplorer, "controls.seeds.box", split),
    Case(SearchGame, "controls.learning_rate.box", played),
    Case(LandscapeExplorer, "held.rows.gamma.control.box", landscape),
]


def named(case: Case) -> str:
    return case.kind.__name__


that_train = pytest.mark.parametrize("case", TRAINING, ids=named, indirect=True)


@pytest.fixture(params=[*TRAINING, *LOOKING], ids=named)
def case(request):
    return request.param


@pytest.fixture
def one(case, make):
    return make(case.kind, **case.options())


def inside(widget):
    found = [widget]
    for child in getattr(widget, "children", ()):
        found += inside(child)
    return found


def test_it_shows_itself_as_the_last_expression_of_a_cell(one) -> None:
    bundle = one._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == one.model_id
    assert bundle["text/plain"].removesuffix("…") in repr(one)  # ipywidgets shortens it
    assert one.title in repr(one)
    shown = "".join(w.value for w in inside(one) if isinstance(w, ipywidgets.HTML))
    assert f'aria-level="3">{one.title}</div>' in shown


def test_moving_a_control_changes_the_text(one, case) -> None:
    before = one.text
    case.move(one)
    assert one.text != before
    assert one.error == ""


def test_every_control_has_a_name(one) -> None:
    nameless = [w for w in labelled(one) if not w.description.strip()]
    assert nameless == []
    assert len(labelled(one)) > 5


def test_every_slider_has_a_number_box_that_follows_it_and_none_floods(one, monkeypatch) -> None:
    monkeypatch.setattr("rlhp.widgets.frame._figure.png", lambda *_, **__: b"")  # drawing is not what is tested here
    sliders = [w for w in inside(one) if "Slider" in type(w).__name__]
    numbers = [w for w in inside(one) if isinstance(w, Number)]
    assert {id(s) for s in sliders} == {id(n.slider) for n in numbers}
    for number in numbers:
        assert not number.slider.continuous_update
        for end in (number.slider.min, number.slider.max):
            number.slider.value = end
            assert number.box.value == pytest.approx(number.low if end == number.slider.min else number.high)
        number.box.value = number.low
        assert number.slider.value == number.slider.min


def test_every_figure_has_an_alt_text_or_says_what_will_stand_there(one) -> None:
    assert one.figures
    for figure in one.figures:
        assert len(figure.alt) > 20
        said = html.unescape(figure.value)
        assert f'alt="{figure.alt}"' in said or (figure.alt in said and "<img" not in said)


def test_an_exception_in_a_callback_is_shown_and_goes_when_the_next_one_works(one, case, monkeypatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("the <pole> fell")

    with monkeypatch.context() as patch:
        patch.setattr(one, "tell", broken)
        case.move(one)
    assert one.error == "RuntimeError: the <pole> fell"
    box = next(w for w in inside(one) if "rlhp-error" in w._dom_classes)
    assert box.layout.display is None
    assert 'role="alert"' in box.value
    assert "the &lt;pole&gt; fell" in box.value
    assert "Traceback" in box.value
    one.guarded(lambda: None)()
    assert one.error == ""
    assert box.layout.display == "none"


@that_train
def test_training_reports_its_progress_honestly_and_draws_what_there_is(one, stand_in) -> None:
    assert one.status.startswith("ready")
    one.start()
    sweep = stand_in.made[-1]
    until(lambda: one.status.startswith("starting"))
    assert one.training
    assert one.start_button.disabled
    assert not one.stop_button.disabled
    sweep.reach(500)
    total = 1_000 * len(sweep.requests)
    until(lambda: f"{total // 2:,} of {total:,} steps" in one.status)
    until(lambda: "after 500 steps the iqm return of 3 seeds" in one.text.lower())
    drawn = [figure for figure in one.figures if "IQM" in figure.alt]
    assert len(drawn) == 1
    assert "<img" in drawn[0].value
    time.sleep(1.1)
    sweep.reach(600)
    until(lambda: re.search(rf"{total * 6 // 10:,} of {total:,} steps, [1-9]\d* s$", one.status))
    sweep.reach(1_000)
    runs = one.wait(20)
    assert runs is one.runs
    assert list(runs.table["status"].unique()) == ["finished"]
    assert one.status.startswith("trained 3 seeds")
    assert f"{total:,} of {total:,} steps" in one.status
    assert not one.training
    assert not one.start_button.disabled
    assert one.stop_button.disabled
    assert "after 1,000 steps" in one.text.lower()


def test_controls_stand_first_then_what_asks_and_starts_then_figures_then_texts(one) -> None:
    """The order of the parts is that in which they are read, and in which Tab goes through the controls."""
    everything = inside(one)
    columns = next(w for w in everything if "rlhp-columns" in w._dom_classes)
    left, right = columns.children
    assert "rlhp-controls" in left._dom_classes
    assert "rlhp-start" in {name for w in inside(left.children[-1]) for name in w._dom_classes}
    assert not [w for w in inside(left) if "rlhp-figure" in w._dom_classes or "rlhp-twin" in w._dom_classes]
    shown = [next(iter({"rlhp-figure", "rlhp-twin"} & set(w._dom_classes)), "") for w in right.children]
    places = [place for place, kind in enumerate(shown) if kind == "rlhp-figure"]
    assert places
    assert min(place for place, kind in enumerate(shown) if kind == "rlhp-twin") > max(places)


def test_a_table_is_folded_away_and_still_said(one) -> None:
    twins = "".join(w.value for w in inside(one) if "rlhp-twin" in w._dom_classes)
    for summary in re.findall(r"<summary>(.*?)</summary>", twins):
        assert html.unescape(summary) in one.text


def test_no_prediction_can_be_made_where_none_is_asked(one) -> None:
    assert not one.asking
    with pytest.raises(ValueError, match="this explorer asks no prediction; there is nothing to commit to"):
        one.commit("this")


@that_train
def test_a_run_of_which_nothing_is_heard_is_noticed(one, stand_in) -> None:
    one.start()
    sweep = stand_in.made[-1]
    until(lambda: sweep.hear is not None)
    name = sweep.requests[0].run_id
    sweep.hear({"event": "silent", "run_id": name, "seconds": 61.0, "heard": "no progress for 61 s from seed 0"})
    until(lambda: "No progress for 61 s from seed 0. It may be slow, or it hangs; Stop ends it." in one._notice.value)
    sweep.reach(400)
    until(lambda: "No progress" not in one._notice.value)


@that_train
def test_stop_returns_at_once_and_keeps_what_is_trained(one, stand_in) -> None:
    one.start()
    stand_in.made[-1].reach(400)
    until(lambda: one.runs is not None and len(one.runs))
    one.stop_button.click()
    assert one.stop_button.disabled
    runs = one.wait(20)
    assert stand_in.made[-1].stopped
    assert one.status.startswith("stopped, because you pressed Stop: ")
    assert set(runs.table["status"]) == {"stopped"}
    assert "after 400 steps" in one.text.lower()


@that_train
def test_close_stops_the_work_and_leaves_nothing_open(one, stand_in) -> None:
    one.start()
    sweep = stand_in.made[-1]
    sweep.reach(200)
    everything = inside(one)
    one.close()
    assert sweep.stopped
    assert sweep.closed
    assert not one.training
    assert all(widget.comm is None for widget in everything)
    assert not [t for t in threading.enumerate() if t.name == "rlhp-training"]
    with pytest.raises(ValueError, match="this explorer was closed; make a new one"):
        one.start()
    one.close()


@that_train
def test_a_second_start_is_refused_while_training(one, stand_in) -> None:
    one.start()
    with pytest.raises(ValueError, match="a training is running here; press Stop first"):
        one.start()
    one.guarded(one.start)()
    assert "press Stop first" in one.error
    assert len([sweep for sweep in stand_in.made if sweep.started]) <= 1


@that_train
def test_wait_gives_up_without_stopping(one, stand_in) -> None:
    one.start()
    with pytest.raises(TimeoutError, match=r"still training after 0\.1 s"):
        one.wait(0.1)
    assert one.training


@that_train
def test_another_training_stops_this_one_and_it_says_so(one, case, make, stand_in) -> None:
    one.start()
    other = make(case.kind, **case.options())
    other.start()
    one.wait(20)
    assert one.status.startswith("stopped, because another training was started")
    assert other.training


@that_train
def test_what_breaks_a_training_is_shown(one, stand_in) -> None:
    one.start()
    stand_in.made[-1].end(error="worker processes do not start: out of memory")
    one.wait(20)
    assert one.status.startswith("training failed")
    assert "out of memory" in one.error
    assert not one.training


@that_train
def test_an_exception_while_drawing_is_shown_and_training_goes_on(one, stand_in, monkeypatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no ink")

    one.start()
    with monkeypatch.context() as patch:
        patch.setattr(type(one.figures[0]), "draw", broken)
        stand_in.made[-1].reach(300)
        until(lambda: "no ink" in one.error)
    stand_in.made[-1].reach(1_000)
    one.wait(20)
    assert one.status.startswith("trained")


@that_train
def test_failed_runs_are_named(one, stand_in) -> None:
    one.start()
    sweep = stand_in.made[-1]
    sweep.reached = 500
    sweep.end(statuses=["failed", *["finished"] * (len(sweep.requests) - 1)])
    one.wait(20)
    assert f"1 of {len(sweep.requests)} runs failed: ValueError: pole fell" in one.error


def test_text_twins_are_read_aloud_and_numbers_that_keep_changing_are_not(one) -> None:
    live = [w for w in inside(one) if "rlhp-live" in w._dom_classes]
    assert sum("rlhp-twin" in w._dom_classes for w in live) >= 1
    assert sum("rlhp-state" in w._dom_classes for w in live) == 1
    assert not [w for w in live if "rlhp-detail" in w._dom_classes or "<progress" in w.value]


def test_nothing_it_shows_comes_from_elsewhere(one) -> None:
    shown = "".join(w.value for w in inside(one) if isinstance(w, ipywidgets.HTML))
    assert "accessible name" in shown
    assert not re.search(r"(src|href)=.?(https?:)?//", shown)
    assert "url(" not in shown


def test_no_name_of_ours_hides_one_of_ipywidgets(case) -> None:
    """A method called `_compare` once broke the display of the whole explorer."""
    ours = {name for name in vars(case.kind) | vars(Explorer) if not name.startswith("__")}
    theirs = set(dir(ipywidgets.VBox))
    traitlets_own = {n for n in ours if n.startswith(("_trait", "_static", "_descriptors", "_all_trait", "_instance_"))}
    assert ours & theirs - traitlets_own == {"close", "notify_change", "_repr_mimebundle_"}  # each calls theirs
