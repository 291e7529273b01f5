"""What the explorer of brackets says in words: one search, many of them counted, and the rungs as a table."""

from __future__ import annotations

from rlhp.curves import number_label
from rlhp.widgets.frame._markup import table
from rlhp.widgets.hyperband._searches import Measured, Searched, Tally
from rlhp.widgets.hyperband._setting import Setting

__all__ = ["counted", "one_search", "rung_table", "share"]


def one_search(one: Searched, number: int) -> str:
    """Return how one search went: who came to the end, and what became of the best."""
    found, ended = one.found, int(one.ended.sum())
    brackets = len({trial.bracket for trial in found.trials})
    worth, ties = number_label(float(one.truth[one.best]), 4), int(one.winners.sum())
    equals = f" ({ties} are equally good)" if ties > 1 else ""
    if one.kept:
        fate = "came to the end"
    else:
        last = found.trials[one.best].last
        fate = f"was thrown away after {last.steps:,} steps with {last.seeds} seed{'s' * (last.seeds > 1)}"
    taken = (
        "Nothing was taken."
        if one.taken is None
        else (
            f"The search takes one that is worth {number_label(one.worth_taken, 4)}"
            f"{', a truly best one' if one.took else ''}."
        )
    )
    return (
        f"Search {number}: {len(found.trials)} configurations begin in {brackets} bracket{'s' * (brackets > 1)}, "
        f"{ended} come to the end, for {found.counts['env_steps']:,} environment steps. The truly best of them, worth "
        f"{worth}{equals}, {fate}. {taken}"
    )


def share(count: Tally) -> str:
    """Return in how many searches the best was kept, with the interval."""
    low, high = count.interval
    return f"{count.kept} of {count.n} (95 % interval {100 * low:.0f} to {100 * high:.0f} %)"


def counted(count: Tally | None, wanted: int, measured: Measured) -> str:
    """Return what many searches of this setting did."""
    if count is None:
        return "Searches with other seeds are being counted."
    so_far = "" if count.n >= wanted else f" so far, {wanted} are to come in all"
    ends = ""
    if count.worth_low == count.worth_low:
        ends = f" (95 % interval {number_label(count.worth_low, 4)} to {number_label(count.worth_high, 4)})"
    return (
        f"Kept the best of those that began in {share(count)} searches{so_far}, and took it in {count.took}. On "
        f"average {count.began:.0f} configurations begin, and what is taken is worth "
        f"{number_label(count.worth, 4)}{ends}: the mean over {len(measured.testing)} seeds that no search saw."
    )


def rung_table(one: Searched) -> str:
    """Return the rungs of a search as HTML."""
    rows = [
        [int(row["bracket"]), int(row["n"]), f"{row['steps']:,}", int(row["seeds"]), f"{row['env_steps']:,}",
         number_label(float(row["best"]), 4)]
        for _, row in one.found.brackets.table.iterrows()
    ]  # fmt: skip
    return table(["bracket", "configurations", "steps", "seeds", "environment steps", "best return"], rows)


def answered(choice: str, why: str, count: Tally | None, asked: Setting) -> str:
    """Return what came of the prediction."""
    said = f"You predicted: {choice}."
    if count is None:
        return f"{said} It is being counted ({asked.words})."
    return f"{said} The best was kept in {share(count)}: {asked.words}. {why}"
