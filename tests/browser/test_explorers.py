"""The explorers in JupyterLab, in one visit: moved by keyboard, named for those who do not see them, in one view."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.browser import layout
from tests.browser.explorers import EXPLORERS, NAME, Visit, write
from tests.browser.jupyter import Watch

# What "Restart Kernel" of the menu does.
RESTART = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"


@pytest.fixture(scope="module")
def visit(request, window) -> Iterator[Visit]:
    """Open the notebook of all explorers on a laptop's screen; nothing may leave loopback meanwhile."""
    write(window.lab.course)
    failed = request.session.testsfailed
    window.watch.left_loopback.clear()
    window.watch.errors.clear()
    yield Visit(window.show(NAME, layout.LAPTOP))
    if request.session.testsfailed > failed:
        window.close()
    assert window.watch.left_loopback == []


@pytest.fixture
def seen(window) -> Watch:
    """What the page complains about: all of the visit so far."""
    return window.watch


def laptop_faults(visit: Visit, name: str) -> list[str]:
    """List what a laptop does not show, with JupyterLab's list of files beside the notebook and without."""
    _, shown = visit.open(name)
    visit.book.page.set_viewport_size(layout.LAPTOP)
    faults = []
    for files in (True, False):
        visit.sidebar(shown=files)
        for measured in (layout.AT_HAND, layout.IN_HAND, layout.OVERLAPS):
            faults += layout.measure(shown, measured)
        visit.book.shot(f"{name}-files-{'shown' if files else 'away'}")
    return faults


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_laptop_shows_the_control_in_hand_the_figure_and_what_starts(visit, name) -> None:
    assert laptop_faults(visit, name) == []


def test_a_slider_is_moved_by_keyboard_and_the_text_follows(visit, seen) -> None:
    cell, shown = visit.open("schedule")
    book = visit.book
    book.wait_text(cell, "5,250 in the first half of training")
    assert shown.get_by_role("button", name="Re-train 16 seeds").is_disabled(), "a prediction comes first"
    slider = shown.get_by_role("slider", name="Fraction of training")
    slider.focus()
    book.page.keyboard.press("ArrowRight")
    book.wait_text(cell, "linear 1 → 0.05 over 51 %")
    box = shown.get_by_role("spinbutton", name="Fraction of training, exact number")
    assert box.input_value() == "0.51"
    shown.locator("[role=slider][aria-label='Fraction of training'][aria-valuetext='0.51']").wait_for(timeout=5_000)
    box.fill("1")
    box.press("Enter")
    book.wait_text(cell, "linear 1 → 0.05 buys 10,500 random steps")
    shown.get_by_role("combobox", name="Shape").select_option("exponential")
    book.wait_text(cell, "Now: exponential 1 → 0.05 buys")
    alt = shown.get_by_role("img").first.get_attribute("alt")
    assert "exponential" not in alt
    assert re.search(r"0\.224 half-way", alt)
    book.shot("schedule_explorer")
    assert seen.errors == []


def test_what_was_folded_out_stays_open_when_the_text_changes(visit) -> None:
    cell, shown = visit.open("schedule")
    book, fold = visit.book, shown.locator("details", has_text="The schedules as a table")
    fold.wait_for()
    assert not fold.get_by_role("table").is_visible()
    fold.locator("summary").press("Enter")
    fold.get_by_role("table").wait_for()
    end = shown.get_by_role("spinbutton", name="End, exact number")
    end.fill("0.2")
    end.press("Enter")
    book.wait_text(cell, "Now: exponential 1 → 0.2 buys")
    assert fold.get_by_role("cell", name="0.2", exact=True).first.is_visible()
    fold.locator("summary").press("Enter")
    end.fill("0.05")
    end.press("Enter")
    book.wait_text(cell, "Now: exponential 1 → 0.05 buys")
    assert not fold.get_by_role("table").is_visible()


def test_a_released_slider_trains_and_the_curve_streams_in(visit, seen) -> None:
    cell, shown = visit.open("schedule")
    book = visit.book
    shown.get_by_role("radio", name="The pinned one").press("Space")
    shown.get_by_role("button", name="Commit to this").press("Enter")
    book.wait_text(cell, "You predicted: The pinned one")
    book.wait_text(cell, "Ready to train", seconds=180)
    assert shown.get_by_role("button", name="Re-train 16 seeds").is_enabled()
    # Every sentence that the text says of the schedule, in turn, as one hears it.
    shown.evaluate("""output => {
        window.heard = [];
        const hear = () => {
            const said = output.textContent.match(/Now: after [\\d,]+ steps/);
            if (said && window.heard.at(-1) !== said[0]) window.heard.push(said[0]);
        };
        new MutationObserver(hear).observe(output, { childList: true, characterData: true, subtree: true });
    }""")
    shown.get_by_role("slider", name="Fraction of training").focus()
    book.page.keyboard.press("ArrowLeft")
    book.wait_text(cell, re.compile("Trained 16 seeds"), seconds=300)
    heard = book.page.evaluate("() => window.heard")
    assert len(heard) > 1, heard
    assert heard[-1] == "Now: after 20,000 steps"
    alt = shown.get_by_role("img", name=re.compile("^Learning curves")).get_attribute("alt")
    assert "Now: after 20,000 steps the IQM return of 16 seeds" in alt
    book.shot("schedule_explorer_trained")
    assert laptop_faults(visit, "schedule") == []

    shown.get_by_role("slider", name="Fraction of training").focus()
    book.page.keyboard.press("ArrowLeft")
    book.wait_text(cell, re.compile(r"(?<!\d)(?!320,000)[1-9][\d,]* of 320,000 steps"), seconds=120)
    stop = shown.get_by_role("button", name="Stop")
    stop.focus()
    book.page.keyboard.press("Enter")
    book.wait_text(cell, re.compile("Stopped, because you pressed Stop"))
    assert "the IQM return of 16 seeds" in book.text(cell), "what was learnt until then stays"
    assert seen.errors == []


def test_batch_sizes_are_compared_by_keyboard(visit, seen) -> None:
    cell, shown = visit.open("batches")
    book = visit.book
    another = shown.get_by_role("button", name="32", exact=True)
    assert another.get_attribute("aria-pressed") == "false"
    another.press("Space")
    book.wait_text(cell, re.compile("all sizes make as many updates"))
    shown.locator("button[aria-pressed='true']", has_text="32").first.wait_for()
    shown.get_by_role("radio", name="The largest").press("Space")
    shown.get_by_role("button", name="Commit to this").press("Enter")
    book.wait_text(cell, "You predicted: The largest")
    train = shown.get_by_role("button", name="Re-train 4 seeds")
    train.press("Enter")
    book.wait_text(cell, "Trained 4 seeds of each", seconds=300)
    said = book.wait_text(cell, re.compile("Batch size 32: after 2,000 steps the IQM return of 4 seeds"))
    assert re.search(r"After [\d.]+ s of training, as long as the fastest takes: batch size (32|40|48)", said)
    shown.get_by_role("combobox", name="Curves over").select_option("seconds of training")
    shown.get_by_role("img", name=re.compile("^Learning curves over seconds of training")).wait_for(timeout=30_000)
    book.shot("batch_explorer")
    shown.locator("summary", has_text="The ends of the curves as a table").press("Enter")
    shown.get_by_role("slider", name="Learning rate").focus()
    book.page.keyboard.press("ArrowRight")
    shown.get_by_role("columnheader", name="IQM return before").wait_for(timeout=300_000)
    assert seen.errors == []
    assert laptop_faults(visit, "batches") == []


def test_a_landscape_is_looked_at_by_keyboard(visit, seen) -> None:
    cell, shown = visit.open("landscape")
    book, keyboard = visit.book, visit.book.page.keyboard
    book.wait_text(cell, "Ready: commit to a prediction first")
    shown.get_by_role("radio").first.press("Space")
    shown.get_by_role("button", name="Commit to this").press("Enter")
    book.wait_text(cell, "final_return on Here-v0 over learning_rate and gamma")
    picture = shown.get_by_role("img", name=re.compile("^Landscape. final_return on Here-v0"))
    picture.wait_for(timeout=30_000)
    shown.get_by_role("combobox", name="Environment").focus()
    keyboard.press("ArrowDown")
    said = book.wait_text(cell, "final_return on There-v0 over learning_rate and gamma")
    assert "score at the best of There-v0" in said
    shown.get_by_role("combobox", name="Seen as").select_option("surface")
    shown.get_by_role("slider", name="exploration_fraction").focus()
    keyboard.press("ArrowRight")
    book.wait_text(cell, re.compile("the others held where the controls stand"))
    book.shot("landscape_explorer")
    assert seen.errors == []
    assert laptop_faults(visit, "landscape") == []


def test_brackets_are_looked_at_and_counted_by_keyboard(visit, seen) -> None:
    cell, shown = visit.open("hyperband")
    book, keyboard = visit.book, visit.book.page.keyboard
    book.wait_text(cell, "Waiting")
    shown.get_by_role("radio", name="Fewer than 10").press("Space")
    shown.get_by_role("button", name="Commit to this").press("Enter")
    book.wait_text(cell, "Search 1: 65 configurations begin in 7 brackets")
    said = book.wait_text(cell, re.compile(r"20 of 20 searches are counted"), seconds=120)
    assert re.search(r"You predicted: Fewer than 10. The best was kept in \d+ of 20 \(95 % interval", said)
    shown.get_by_role("slider", name="Search shown").focus()
    keyboard.press("ArrowRight")
    book.wait_text(cell, "Search 2: 65 configurations begin")
    shown.get_by_role("combobox", name="Plan").select_option("race")
    book.wait_text(cell, re.compile("Search 2: .* in 1 bracket,"))
    assert shown.get_by_role("combobox", name="Rungs differ in").is_disabled()
    box = shown.get_by_role("spinbutton", name="Seeds, exact number")
    box.fill("1")
    box.press("Enter")
    book.wait_text(cell, re.compile("with 1 seed|came to the end"))
    shown.get_by_role("img", name=re.compile("^Learning curves of a search, and its brackets. Search 2")).wait_for()
    shown.get_by_role("combobox", name="Environment").select_option("DQN on MiniGrid-Empty-5x5-v0")
    book.wait_text(cell, re.compile(r"on PPO on Pendulum-v1 for 60"))
    book.shot("hyperband_explorer")
    assert seen.errors == []
    assert laptop_faults(visit, "hyperband") == []


def test_a_front_is_drawn_judged_and_a_point_is_taken_by_keyboard(visit, seen) -> None:
    cell, shown = visit.open("pareto")
    book, keyboard = visit.book, visit.book.page.keyboard
    book.wait_text(cell, "Waiting")
    shown.get_by_role("radio", name="About a third").press("Space")
    shown.get_by_role("button", name="Commit to this").press("Enter")
    book.wait_text(cell, "of 256 configurations of DQN on CartPole-v1 are beaten by none")
    said = book.wait_text(cell, re.compile(r"12 of 12 splits of the seeds are counted"), seconds=120)
    assert re.search(r"You predicted: About a third. Over 12 splits of the seeds, \d+% of them on average", said)
    assert "on the front in half of 200 resamples" in said
    shown.get_by_role("slider", name="Seeds that draw").focus()
    keyboard.press("ArrowRight")
    book.wait_text(cell, "spread over seeds, by 4 seeds.")
    shown.get_by_role("combobox", name="First objective").select_option("return over training")
    book.wait_text(cell, "beaten by none in return over training and spread over seeds, by 4 seeds.")
    shown.get_by_role("combobox", name="Take").select_option("weights")
    box = shown.get_by_role("spinbutton", name="Weight of the first, exact number")
    box.fill("0.9")
    box.press("Enter")
    book.wait_text(cell, "weighed by return over training 0.9")
    shown.get_by_role("combobox", name="Take").select_option("a limit on the second")
    book.wait_text(cell, "are within spread over seeds")
    assert box.is_disabled()
    shown.get_by_role("img", name=re.compile("^Configurations by two objectives, and their Pareto front")).wait_for()
    shown.get_by_role("combobox", name="Environment").select_option("SAC on Pendulum-v1")
    book.wait_text(cell, "configurations of SAC on Pendulum-v1")
    book.shot("pareto_explorer")
    assert seen.errors == []
    assert laptop_faults(visit, "pareto") == []


def test_a_game_is_played_to_its_end_by_keyboard(visit, seen) -> None:
    cell, shown = visit.open("game")
    book, keyboard = visit.book, visit.book.page.keyboard
    book.wait_text(cell, "Waiting")
    shown.get_by_role("radio", name="Mine").press("Space")
    shown.get_by_role("button", name="Commit to this").press("Enter")
    book.wait_text(cell, "5 of 5 searches of machines", seconds=60)
    train = shown.get_by_role("button", name="Train this")
    train.press("Enter")
    book.wait_text(cell, "Configuration 1 of 2, the nearest one that was measured")
    shown.get_by_role("slider", name="learning_rate").focus()
    for _ in range(20):
        keyboard.press("ArrowRight")
    train.press("Enter")
    said = book.wait_text(cell, re.compile("By the 2 test seeds your choice returns"))
    assert re.search(r"behind you in \d of 5", said)
    assert train.is_disabled()
    shown.get_by_role("img", name=re.compile("^The best return so far, by hand and by machines")).wait_for()
    book.shot("search_game")
    assert seen.errors == []
    assert laptop_faults(visit, "game") == []


def test_an_agent_is_trained_and_watched_by_keyboard(visit, seen) -> None:
    cell, shown = visit.open("trainer")
    book = visit.book
    search = shown.get_by_role("textbox", name="Search environments")
    assert not search.is_visible()
    other = shown.get_by_role("button", name="Choose another")
    other.press("Space")
    search.fill("lunar")
    book.wait_text(cell, "2 that match cannot run here")
    shown.get_by_role("checkbox", name="Show all, also those that cannot run here").press("Space")
    book.wait_text(cell, "2 of the registry match")
    assert shown.get_by_role("option").all_inner_texts()[0].startswith("LunarLander-v3")
    search.fill("")
    other.press("Space")
    search.wait_for(state="hidden")
    pressed = shown.get_by_role("button", name="A2C")
    assert pressed.get_attribute("aria-pressed") == "true"
    assert shown.get_by_role("button", name="SAC").is_disabled()
    shown.get_by_role("button", name="Start").press("Enter")
    book.wait_text(cell, "Trained 2 seeds", seconds=120)
    assert "After 600 steps the IQM return of 2 seeds" in shown.get_by_role("img").first.get_attribute("alt")
    shown.locator("summary", has_text="The seeds as a table").press("Enter")
    said = book.wait_text(cell, re.compile("After 600 steps the IQM return of 2 seeds is"))
    assert re.search(r"seed 0\s+[\d.]+\s+600", said)
    assert "too few seeds for an interval" in said
    shown.locator("summary", has_text="The seeds as a table").press("Enter")
    shown.get_by_role("button", name="Watch an episode").press("Enter")
    film = shown.get_by_role("img", name=re.compile("^Animation of one greedy episode"))
    film.wait_for(timeout=90_000)
    assert film.get_attribute("src").startswith("data:image/gif;base64,")
    assert book.faults(cell) == []
    book.shot("live_trainer")
    assert seen.errors == []
    assert laptop_faults(visit, "trainer") == []


def test_an_exception_is_shown_in_the_explorer(visit) -> None:
    _, shown = visit.open("broken")
    shown.get_by_role("combobox", name="Shape").select_option("cosine")
    alert = shown.get_by_role("alert")
    alert.wait_for()
    assert "This did not work. ZeroDivisionError: division by zero" in alert.inner_text()


def test_runs_are_filtered_grouped_and_overlaid_by_keyboard(visit, seen) -> None:
    cell, shown = visit.open("runs")
    book, keyboard = visit.book, visit.book.page.keyboard
    book.wait_text(cell, "IQM of the return after 20,000 steps: highest 0.003 with 500")
    shown.locator("summary", has_text="The ends of the curves as a table").press("Enter")
    shown.get_by_role("combobox", name="Filter by").select_option("learning_rate")
    for level in ("0.0001", "0.0003", "0.01"):
        shown.get_by_role("button", name=level, exact=True).press("Space")
    book.wait_text(cell, "Only learning_rate 0.001 or 0.003.")
    book.wait_text(cell, "32 of 80 runs on CartPole-v1 pass")
    shown.get_by_role("button", name="Keep these curves").press("Enter")
    book.wait_text(cell, re.compile("kept: 0.001"))
    shown.get_by_role("combobox", name="Runs", exact=True).select_option("exploration_cartpole")
    book.wait_text(cell, "linear 1 → 0.05 over 10 %")
    book.wait_text(cell, "kept: learning rate 0.001, learning_rate_cartpole")
    shown.get_by_role("combobox", name="Filter by").select_option("final return")
    shown.get_by_role("slider", name="final return from").focus()
    keyboard.press("ArrowRight")
    book.wait_text(cell, re.compile(r"[67] of 7 configurations chosen: final return from \d+ to \d+\."))
    book.wait_text(cell, "They were chosen by what came out.")
    shown.locator("summary", has_text="The chosen configurations by hyperparameter").press("Enter")
    book.shot("run_explorer_chosen")
    shown.get_by_role("button", name="Let all runs pass").press("Enter")
    shown.get_by_role("combobox", name="Filter by").select_option("choose a column")
    shown.get_by_role("slider", name="Training shown, %").focus()
    keyboard.press("ArrowLeft")
    book.wait_text(cell, "45,000")
    shown.get_by_role("checkbox", name="Single runs").press("Space")
    alt = shown.get_by_role("img", name=re.compile("^Learning curves")).first.get_attribute("alt")
    assert (
        "the curves end at different steps, after 20,000 to 45,000 steps, so that their ends cannot be compared" in alt
    )
    book.shot("run_explorer")
    assert seen.errors == []
    assert laptop_faults(visit, "runs") == []


def test_studies_are_drawn_by_keyboard(visit, seen) -> None:
    cell, shown = visit.open("seeds")
    book, keyboard = visit.book, visit.book.page.keyboard
    draw = shown.get_by_role("button", name="Draw a study")
    draw.wait_for()
    assert draw.is_disabled(), "a prediction comes first"
    shown.get_by_role("radio", name="Hardly ever").press("Space")
    shown.get_by_role("button", name="Commit to this").press("Enter")
    book.wait_text(cell, "You predicted: Hardly ever.")
    assert re.search(r"In 2\d % of the studies learning_rate = 0\.001 comes out ahead", book.text(cell))
    draw.press("Enter")
    book.wait_text(cell, re.compile("Of 1 drawn so far"))
    shown.get_by_role("button", name="Draw 100 studies").press("Enter")
    book.wait_text(cell, re.compile("Of 101 drawn so far"))
    shown.get_by_role("slider", name="Seeds of each").focus()
    keyboard.press("ArrowRight")
    book.wait_text(cell, "A study: 4 seeds of each, compared by the mean of the final return")
    shown.get_by_role("combobox", name="Objective").select_option("auc")
    book.wait_text(cell, re.compile(r"is ahead with 378 against 320"))
    alt = shown.get_by_role("img").first.get_attribute("alt")
    assert alt.startswith("Scores of all measured runs, and the share of wrong studies by seeds.")
    book.shot("seeds_explorer")
    assert seen.errors == []
    assert laptop_faults(visit, "seeds") == []


def test_the_importance_explorer_is_asked_moved_and_read_by_keyboard(visit, seen) -> None:
    cell, shown = visit.open("importance")
    book, keyboard = visit.book, visit.book.page.keyboard
    book.wait_text(cell, re.compile(r"Chosen: fANOVA on CartPole-v1 after [\d,]+ steps of training"))
    assert "has the largest share" not in book.text(cell), "a prediction comes first"
    shown.get_by_role("radio").first.press("Space")
    shown.get_by_role("button", name="Commit to this").press("Enter")
    book.wait_text(cell, re.compile("has the largest share|No ranking"), seconds=120)
    assert "You predicted" in book.text(cell)
    book.shot("importance_explorer_first")

    shown.get_by_role("combobox", name="Environment").select_option("MiniGrid-Empty-5x5-v0")
    moved = re.compile(r"^Bars of importance by fanova on MiniGrid")
    shown.get_by_role("img", name=moved).wait_for(timeout=180_000)
    book.wait_text(cell, re.compile("You predicted .* for fANOVA on CartPole-v1"), seconds=120)
    shown.get_by_role("slider", name="Evaluation").focus()
    keyboard.press("ArrowLeft")
    said = re.compile(r"fANOVA on MiniGrid\S* after [\d,]+ steps of training, measure declared\. A share")
    book.wait_text(cell, said, seconds=120)
    # What the text says held before the move as well: the number is what tells that it has come.
    exact = shown.get_by_role("spinbutton", name="Evaluation, exact number")
    sync_api = pytest.importorskip("playwright.sync_api")
    sync_api.expect(exact).to_have_value("9", timeout=60_000)
    shown.get_by_role("combobox", name="Method").select_option("Ablation")
    book.wait_text(cell, re.compile("Ablation has no choice of measure or region here"))
    assert shown.get_by_role("combobox", name="Measure").is_disabled()
    shown.get_by_role("button", name="Stop").press("Enter")
    book.wait_text(cell, re.compile("Stopped, because you pressed Stop|Ready"), seconds=60)
    book.shot("importance_explorer")
    assert seen.errors == []
    assert laptop_faults(visit, "importance") == []


def test_a_curve_is_sampled_by_keyboard_by_the_loop_and_by_a_click(visit, seen) -> None:
    cell, shown = visit.open("acquisition")
    book, keyboard = visit.book, visit.book.page.keyboard
    step = shown.get_by_role("button", name="Step the loop")
    step.wait_for()
    assert step.is_disabled(), "a prediction comes first"
    shown.get_by_role("radio", name="kappa 2").press("Space")
    shown.get_by_role("button", name="Commit to this").press("Enter")
    book.wait_text(cell, re.compile("mean of 4 searches each"), seconds=120)
    assert "You predicted: kappa 2." in book.text(cell)
    step.press("Enter")
    book.wait_text(cell, "After 4 samples")
    shown.get_by_role("slider", name="learning_rate").focus()
    keyboard.press("ArrowRight")
    shown.get_by_role("button", name="Sample here").press("Enter")
    book.wait_text(cell, "After 5 samples")
    shown.get_by_role("slider", name="kappa").focus()
    keyboard.press("ArrowLeft")
    book.wait_text(cell, "where mean + 1.9 sd is highest")
    picture = shown.get_by_role("img", name=re.compile("^Samples, belief and acquisition over learning_rate"))
    box = picture.bounding_box()
    picture.click(position={"x": 0.095 * box["width"] + 0.5 * 0.87 * box["width"], "y": 0.3 * box["height"]})
    book.wait_text(cell, "After 6 samples")
    shown.locator("summary", has_text="All samples").press("Enter")
    place = re.findall(r"\b6\s+([\d.e-]+)\s+-?[\d.]+", book.text(cell))[-1]
    assert 9e-4 < float(place) < 1.1e-3, "the middle of a logarithmic axis from 0.00001 to 0.1"
    shown.locator("summary", has_text="All samples").press("Enter")
    shown.get_by_role("button", name="Repeat 4 searches").press("Enter")
    book.wait_text(cell, re.compile(r"^Gaussian process, kappa 1\.9$"), seconds=120)
    book.shot("acquisition_explorer")
    assert seen.errors == []
    assert laptop_faults(visit, "acquisition") == []


@pytest.mark.parametrize("name", EXPLORERS)
def test_what_is_read_first_stands_first(visit, name) -> None:
    _, shown = visit.open(name)
    order = layout.measure(shown, layout.ORDER)
    ranks = ["rlhp-controls", "rlhp-question", "rlhp-start", "rlhp-figure", "rlhp-twin"]
    kinds = [one for one in order if one in ranks]
    first_of_each = list(dict.fromkeys(kinds))
    assert first_of_each == [rank for rank in ranks if rank in first_of_each]
    assert {"rlhp-controls", "rlhp-start", "rlhp-figure", "rlhp-twin"} <= set(kinds)


def test_a_narrow_window_shows_one_column(visit) -> None:
    visit.open_all()
    visit.book.page.set_viewport_size(layout.NARROW)
    visit.sidebar(shown=False)
    try:
        for name in EXPLORERS:
            _, shown = visit.open(name)
            controls, results = (shown.locator(f".rlhp-{part}").bounding_box() for part in ("controls", "results"))
            assert results["y"] >= controls["y"] + controls["height"], name
            assert layout.measure(shown, layout.OVERLAPS) == [], name
    finally:
        visit.book.page.set_viewport_size(layout.LAPTOP)


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_no_fault_and_what_cannot_be_pressed_is_still_read(visit, theme) -> None:
    visit.open_all()
    visit.book.theme(theme)
    off = []
    for name in EXPLORERS:
        cell, shown = visit.open(name)
        shown.locator("[role=slider][aria-label]").first.wait_for(state="attached")
        shown.locator("[role=status][aria-live=polite]").first.wait_for(state="attached")
        assert shown.locator("[role=slider]:not([aria-label])").count() == 0
        assert visit.book.faults(cell) == [], name
        off += layout.measure(shown, layout.CONTRAST)
        for size in (layout.DESKTOP, layout.LAPTOP):
            visit.book.page.set_viewport_size(size)
            shown.locator(".rlhp-columns").scroll_into_view_if_needed()
            visit.book.shot(f"{name}-{theme.lower()}-{size['width']}")
    assert len(off) > 3
    assert [one for one in off if one[1] < 4.5] == []


def test_a_restarted_kernel_is_told_and_the_cell_can_be_run_again(visit) -> None:
    """The last one: the explorers are gone after it."""
    cell, shown = visit.open("runs")
    book, (other, _) = visit.book, visit.open("seeds")
    assert not shown.get_by_role("alert").count()
    book.page.evaluate(RESTART)
    gone = "The kernel was restarted or is gone: run this cell again."
    for index in (cell, other):
        book.output(index).get_by_role("alert").filter(has_text=gone).wait_for(timeout=30_000)
    icons = shown.locator(".rlhp-explorer .jupyter-widgets-disconnected").evaluate_all(
        "parts => parts.map(part => getComputedStyle(part, '::before').content).filter(one => one !== 'none')"
    )
    assert icons == []
    assert book.faults(cell) == []
    book.shot("explorer_after_restart")
    book.wait_idle()
    book.run(cell)
    assert "80 of 80 runs on CartPole-v1 pass" in book.text(cell)
    assert not book.output(cell).get_by_role("alert").count()
