"""What students typically write for 05.ablation_path, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any


def _different(start: Any, end: Any) -> list[str]:
    return [name for name in start if start[name] != end[name]]


def _path(
    *,
    choose: Callable[..., Any] = max,
    names: Callable[[Any, Any], list[str]] = _different,
    until: Callable[[float], bool] = lambda gain: True,
    note: Callable[[float, float], float] = lambda after, before: after - before,
    give: Callable[[list[Any]], Any] = lambda path: path,
    copied: bool = True,
) -> Callable[..., Any]:
    """Build a wrong `ablation_path`: the right one with one part replaced."""

    def answer(score: Any, start: Any, end: Any) -> Any:
        here, path, left = dict(start) if copied else start, [], names(start, end)
        while left:
            before = score(here)
            after = {name: score({**here, name: end[name]}) for name in left}
            best = choose(after, key=lambda name: after[name])
            if not until(after[best] - before):
                break
            here[best] = end[best]
            left.remove(best)
            path.append((best, note(after[best], before)))
        return give(path)

    return answer


def _shares(path: list[Any]) -> Any:
    whole = sum(gain for _, gain in path)
    return [(name, gain / whole) for name, gain in path]


# %% ranks from the start: "seen from the start"
def ablation_path(score: Any, start: Any, end: Any) -> Any:
    gains = {n: score({**start, n: end[n]}) - score(start) for n in start if start[n] != end[n]}
    return sorted(gains.items(), key=lambda pair: -pair[1])


# %% ranks from the end: "taken back at the end"
def ablation_path(score: Any, start: Any, end: Any) -> Any:
    losses = {n: score(end) - score({**end, n: start[n]}) for n in start if start[n] != end[n]}
    return sorted(losses.items(), key=lambda pair: -pair[1])


# %% smallest first: "smallest gain first"
ablation_path = _path(choose=min)

# %% one change: "after the first change"
ablation_path = _path(give=lambda path: path[:1])

# %% what does not change: "same at both ends"
ablation_path = _path(names=lambda start, end: list(start))

# %% scores: "Those are scores"
ablation_path = _path(note=lambda after, before: after)


# %% gains from the start: "Those are gains from the start"
def ablation_path(score: Any, start: Any, end: Any) -> Any:
    return [(name, score({**start, name: end[name]}) - score(start)) for name, _ in _path()(score, start, end)]


# %% shares: "shares of the whole gain"
ablation_path = _path(give=_shares)

# %% stops downhill: "may still hold a bad choice"
ablation_path = _path(until=lambda gain: gain > 0)

# %% changes the start: "changes its argument in place"
ablation_path = _path(copied=False)

# %% names only: "should be a pair"
ablation_path = _path(give=lambda path: [name for name, _ in path])

# %% a dictionary: "Give back a list"
ablation_path = _path(give=dict)
