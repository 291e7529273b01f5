"""What students typically write for the ablation path, and a piece of what each is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Wrong = dict[str, tuple[Any, str]]


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


def _from_the_start(score: Any, start: Any, end: Any) -> Any:
    gains = {n: score({**start, n: end[n]}) - score(start) for n in start if start[n] != end[n]}
    return sorted(gains.items(), key=lambda pair: -pair[1])


def _gains_from_the_start(score: Any, start: Any, end: Any) -> Any:
    return [(name, score({**start, name: end[name]}) - score(start)) for name, _ in _path()(score, start, end)]


def _from_the_end(score: Any, start: Any, end: Any) -> Any:
    losses = {n: score(end) - score({**end, n: start[n]}) for n in start if start[n] != end[n]}
    return sorted(losses.items(), key=lambda pair: -pair[1])


def _shares(path: list[Any]) -> Any:
    whole = sum(gain for _, gain in path)
    return [(name, gain / whole) for name, gain in path]


ABLATION_PATH: Wrong = {
    "ranks from the start": (_from_the_start, "seen from the start"),
    "ranks from the end": (_from_the_end, "taken back at the end"),
    "smallest first": (_path(choose=min), "smallest gain first"),
    "one change": (_path(give=lambda path: path[:1]), "after the first change"),
    "what does not change": (_path(names=lambda start, end: list(start)), "same at both ends"),
    "scores": (_path(note=lambda after, before: after), "Those are scores"),
    "gains from the start": (_gains_from_the_start, "Those are gains from the start"),
    "shares": (_path(give=_shares), "shares of the whole gain"),
    "stops downhill": (_path(until=lambda gain: gain > 0), "may still hold a bad choice"),
    "changes the start": (_path(copied=False), "changes its argument in place"),
    "names only": (_path(give=lambda path: [name for name, _ in path]), "should be a pair"),
    "a dictionary": (_path(give=dict), "Give back a list"),
}
