"""A stranger presses everything, in any order: nothing breaks, and what stands there is of what is there."""

from __future__ import annotations

import html
import random
import re
import time
import traceback
from dataclasses import replace
from typing import Any

import ipywidgets
import pytest

from rlhp import hpo, plots
from rlhp.widgets import (
    AcquisitionExplorer,
    BatchExplorer,
    Experiment,
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
from rlhp.widgets.frame._controls import labelled
from rlhp.widgets.importance._fits import METHODS
from rlhp.widgets.live import _catalogue as catalogue
from tests.widgets import importance_data
from tests.widgets.measured_space import sweep
from tests.widgets.stand_in import until

# What is tried in a box for text: nothing, nonsense, and what some of them want.
TEXTS = ("", "cart", "zzz", "0: 1, 0.5: 0.1", "0 = 1", "lunar")
BRIEF = {"steps": 1_000, "n_seeds": 3}
PREDICTED = {"question": "Which ends higher?", "choices": ("mine", "the other"), "why": "Look."}


class AnotherProcess:
    """Fits in the background, as all do that are no `Emukit`."""

    fitted = staticmethod(hpo.Emukit().fitted)

    def propose(self, *asked: Any) -> list[dict[str, Any]]:
        raise AssertionError("whole searches of the explorer choose among what there is")


WALKS: dict[str, tuple[Any, Any, int]] = {
    "trainer": (LiveTrainer, lambda: BRIEF, 40),
    "schedule": (ScheduleExplorer, lambda: {"experiment": Experiment(**BRIEF), "prediction": PREDICTED}, 40),
    "batches": (BatchExplorer, lambda: {"experiment": Experiment(**BRIEF), "prediction": None}, 40),
    "runs": (RunExplorer, lambda: {"runs": ["learning_rate_cartpole", "exploration_cartpole"]}, 30),
    "seeds": (SeedsExplorer, lambda: {"runs": "learning_rate_cartpole"}, 25),
    "landscape": (LandscapeExplorer, lambda: {"runs": sweep(), "view": LandscapeView(y="exploration_fraction")}, 15),
    "acquisition": (
        AcquisitionExplorer,
        lambda: {
            "runs": "learning_rate_cartpole",
            "searchers": {"process": hpo.Emukit(), "slow one": AnotherProcess()},
            "repetitions": 2,
            "evaluations": 5,
        },
        25,
    ),
    "hyperband": (HyperbandExplorer, lambda: {"pools": ["sac_pendulum"], "repetitions": 3}, 25),
    "pareto": (ParetoExplorer, lambda: {"pools": ["sac_pendulum"], "splits": 3}, 25),
    "game": (SearchGame, lambda: {"pool": "sac_pendulum", "evaluations": 4, "opponents": {"random": 3}}, 25),
    "importance": (ImportanceExplorer, lambda: {"runs": importance_data.two()}, 15),
}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Draw, but write no PNG; fit few trees; wait for no second key."""

    def unwritten(draw: Any, *, width: int = 520, height: int = 320, zoom: float = 2.0) -> bytes:
        draw(plots.new_axes((width / 96, height / 96)))
        return b"png"

    for place in ("frame._figure", "importance._picture"):
        monkeypatch.setattr(f"rlhp.widgets.{place}.png", unwritten)
    monkeypatch.setattr("rlhp.widgets.retrain._retraining._RELEASED_S", 0.01)
    # The kernel has no packages for them, whatever this machine has: making a simulator takes long.
    monkeypatch.setattr(catalogue, "_installed", lambda name: name in {"gymnasium", "rlhp"})
    for name, method in METHODS.items():
        fit = {**method.fit, "n_trees": 8, "boot_trees": 2, "n_boot": 40}
        options = {**method.options, **({"n_orders": 4} if name == "shapley" else {})}
        monkeypatch.setitem(METHODS, name, replace(method, fit=fit, options=options))


class Stranger:
    """Presses what can be pressed, and lets what trains get somewhere meanwhile."""

    def __init__(self, explorer: Any, stand_in: Any, seed: int) -> None:
        self.explorer, self.stand_in, self.draws = explorer, stand_in, random.Random(seed)
        self.did: list[str] = []
        self.unclear: list[str] = []
        shown = explorer.show_error

        def seen(error: BaseException) -> None:
            last = traceback.extract_tb(error.__traceback__)[-1:] if error.__traceback__ else []
            # What is refused on purpose is raised by this library, as one of these.
            ours = isinstance(error, ValueError | FileNotFoundError) and all("rlhp" in one.filename for one in last)
            if not ours:
                self.unclear.append("".join(traceback.format_exception(error)))
            shown(error)

        explorer.show_error = seen

    def act(self) -> None:
        sweeps = [one for one in self.stand_in.made if one.started and not one.done]
        if sweeps and self.draws.random() < 0.4:
            self.train(sweeps[-1])
        else:
            can = [one for one in labelled(self.explorer) if not getattr(one, "disabled", False)]
            self.move(self.draws.choice(can))
        self.settle()

    def train(self, sweep: Any) -> None:
        kind = self.draws.choice(["on", "on", "break", "end", "fail"])
        self.did.append(f"training: {kind}")
        if kind == "on":
            sweep.reach(min(1_000, sweep.reached + self.draws.choice([50, 200, 400])))
        elif kind == "end":
            sweep.reach(1_000)
        elif kind == "break":
            broken = self.draws.sample([one.run_id for one in sweep.requests], k=1)
            sweep.statuses = {**sweep.statuses, **dict.fromkeys(broken, self.draws.choice(["diverged", "failed"]))}
        else:
            sweep.end(statuses=["diverged"] * len(sweep.requests))
        time.sleep(0.15)

    def move(self, one: Any) -> None:
        name = f"{type(one).__name__} {one.description}"
        if isinstance(one, ipywidgets.Button):
            self.did.append(f"{name}: pressed")
            one.click()
            return
        if isinstance(one, ipywidgets.Checkbox | ipywidgets.ToggleButton):
            value: Any = not one.value
        elif hasattr(one, "options"):
            if not one.options:
                return
            place = self.draws.randrange(len(one.options))
            self.did.append(f"{name}: choice {place}")
            one.index = place
            return
        elif hasattr(one, "max"):
            value = self.draws.uniform(one.min, one.max)
            value = round(value) if isinstance(one.value, int) else value
        else:
            value = self.draws.choice(TEXTS)
        self.did.append(f"{name}: {value!r}")
        one.value = value

    def settle(self) -> None:
        """Wait until what was asked for is being done, or done."""
        retraining = getattr(self.explorer, "retraining", None)
        if retraining is not None:
            until(lambda: retraining._due is None)
        ahead = getattr(self.explorer, "_ahead", None)
        if ahead is not None:
            ahead.wait(60)
        stopping = self.explorer.current is not None and (
            self.explorer.current.stopped_by or self.explorer.current.sweep.done
        )
        if stopping:
            self.explorer.current.wait(30)
        for job in self.explorer._jobs:
            job.join(30)


def check(one: Any, stand_in: Any) -> None:
    """What is said fits what is there."""
    with one._lock:
        for figure in one.figures:
            said = html.unescape(figure.value)
            assert figure.alt in said or "rlhp-film" in figure.value
        current = one.current
        assert one.training == (current is not None and not current.ended)
        if current is not None:
            assert one.stop_button.disabled == (current.ended or bool(current.stopped_by))
            if one.training:
                assert one.start_button.disabled
                assert not one.status.startswith(("trained", "ready"))
        if isinstance(one, LiveTrainer):
            lives(one, stand_in)
        if isinstance(one, RunExplorer):
            for group in one.groups:
                assert f"{group.steps[-1]:,} {group.n} {group.n_configs}" in one.text
            if len({int(group.steps[-1]) for group in one.groups}) > 1:
                assert "highest" not in one.text


def lives(one: LiveTrainer, stand_in: Any) -> None:
    """The trainer speaks of what was started last, as far as it has come."""
    if not stand_in.made:
        assert one.text.startswith(("Start trains", one.picker.problem.replace("`", "")[:20] or "Start trains"))
        return
    sweep = one.current.sweep
    first = sweep.requests[0]
    assert f"of {first.algorithm.upper()} on {first.env_id}. " in one.text
    now = re.split(r"Before(?=[:,])", one.text)[0]
    ends = [int(number.replace(",", "")) for number in re.findall(r"fter ([\d,]+) steps the IQM", now)]
    assert all(end <= sweep.reached for end in ends), (ends, sweep.reached)
    if one.current.ended and sweep.reached < first.eval_steps()[0]:
        assert ends == []
    if one._plan() != one._running:
        assert one._aside.value.startswith("A control was moved")
    else:
        assert one._aside.value == ""


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", WALKS)
def test_nothing_breaks_whatever_is_pressed(make, stand_in, name, seed, monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)  # a policy may be saved
    kind, options, length = WALKS[name]
    catalogue.looked_at.cache_clear()
    one = make(kind, **options())
    stranger = Stranger(one, stand_in, seed)
    end = time.monotonic() + 20
    for _ in range(length):
        stranger.act()
        assert stranger.unclear == [], "\n".join([*stranger.did, *stranger.unclear])
        try:
            check(one, stand_in)
        except AssertionError as error:
            raise AssertionError(f"{error}\nafter " + "\n".join([*stranger.did, one.status, one.text])) from error
        if time.monotonic() > end:
            break
    assert len(stranger.did) > 3
    catalogue.looked_at.cache_clear()
