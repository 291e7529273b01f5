"""Trained policies in an explorer: watch one play, save it, load another."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from rlhp.curves import number_label
from rlhp.widgets.frame._controls import note, section
from rlhp.widgets.frame._explorer import Explorer
from rlhp.widgets.frame._figure import Figure

if TYPE_CHECKING:
    from rlhp.trainers import Episode, Policy

__all__ = ["PolicyBox"]

_BEFORE = "before: "
_LATER = "Train first, or load a policy: then you can watch it here."


class PolicyBox(ipywidgets.VBox):
    """Watch, save and load policies.

    Parameters
    ----------
    explorer : Explorer
        Whose callbacks, error box and background work it uses.
    figure : Figure
        Where episodes are shown.
    """

    episode = traitlets.Any(None, allow_none=True, help="The Episode shown last.")

    def __init__(self, explorer: Explorer, figure: Figure) -> None:
        self._explorer, self._figure = explorer, figure
        self._trained: dict[str, Path] = {}
        self._loaded: dict[str, Policy] = {}
        self._open: dict[Path, Policy] = {}
        self._played = 0
        self.choice = ipywidgets.Dropdown(description="Policy", options=[]).add_class("rlhp-wide")
        self.watch_button = ipywidgets.Button(description="Watch an episode", disabled=True)
        self.file = ipywidgets.Text(description="Policy file", value="policies/policy.zip").add_class("rlhp-wide")
        self.save_button = ipywidgets.Button(description="Save", disabled=True)
        self.load_button = ipywidgets.Button(description="Load")
        self._said = ipywidgets.HTML().add_class("rlhp-live")
        warning = note(
            "Loading runs nothing that is in the file. One whose environment needs a module of its own is refused "
            "here; <code>load_policy(path, trust=True)</code> of the explorer loads it, which runs that module."
        )
        buttons = ipywidgets.Box([self.watch_button, self.save_button, self.load_button]).add_class("rlhp-buttons")
        super().__init__(
            [section("Watch it, keep it"), self.choice, self.file, buttons, warning, self._said, figure],
        )
        figure.layout.display = "none"
        explorer.on_click(self.watch_button, self._watch_clicked)
        explorer.on_click(self.save_button, lambda: self.save(self.file.value))
        explorer.on_click(self.load_button, self._load_clicked)
        self._say(_LATER)

    def offer(self, trained: Mapping[str, Path], suggestion: str) -> None:
        """Offer the policies of the last training by name, and a file name to save one under."""
        self._trained = dict(trained)
        self.file.value = suggestion
        self._list(next(iter(self._trained), None))
        self._say("" if self.choice.options else _LATER)

    def put_back(self) -> None:
        """Call the policies of the last training those before: another training begins, which may leave none."""
        self._trained = {name if name.startswith(_BEFORE) else _BEFORE + name: at for name, at in self._trained.items()}
        self._list(next(iter(self._trained), None))

    def save(self, path: str | Path) -> Path:
        """Save the chosen policy; gives the file that was written.

        Raises
        ------
        ValueError
            If there is no policy, or no file name.
        """
        if not str(path).strip():
            raise ValueError("no file name; give one such as policies/policy.zip.")
        saved = self._chosen().save(path)
        self._say(f"Saved {self.choice.value} to {saved}.")
        return saved

    def load(self, path: str | Path, *, trust: bool = False) -> Policy:
        """Load a policy and choose it; see `rlhp.load_policy`."""
        from rlhp.trainers import load_policy

        policy = load_policy(path, trust=trust)
        self._remember(policy)
        return policy

    def watch(self, *, seed: int | None = None, max_steps: int = 1000) -> Episode:
        """Play one greedy episode of the chosen policy and show it.

        Parameters
        ----------
        seed : int, optional
            What the environment is reset with; by default another one each time.
        max_steps : int
            Where to cut a long episode.
        """
        chosen = self._chosen()
        seed = self._next_seed(seed)
        return self._show(chosen, str(self.choice.value), seed, self._play(chosen, seed, max_steps))

    def _watch_clicked(self) -> None:
        name, seed = str(self.choice.value), self._next_seed(None)
        where = self._where()
        self.watch_button.disabled = True
        self._say("Playing an episode, a few seconds.")

        def work() -> Any:
            chosen = self._loaded[name] if where is None else self._opened(where)
            return chosen, self._play(chosen, seed, 1000)

        def then(result: Any) -> None:
            self.watch_button.disabled = not self.choice.options
            if result is None:
                self._say("The episode could not be played.")
            else:
                self._show(result[0], name, seed, result[1])

        self._explorer.in_background(work, then)

    def _load_clicked(self) -> None:
        from rlhp.trainers import load_policy

        path = self.file.value.strip()
        if not path:
            raise ValueError("no file name; give the file of a saved policy.")
        self.load_button.disabled = True
        self._say("Loading, a few seconds.")

        def work() -> Any:
            return load_policy(path)

        def then(policy: Any) -> None:
            self.load_button.disabled = False
            if policy is None:
                self._say("Nothing was loaded.")
            else:
                self._remember(policy)

        self._explorer.in_background(work, then)

    def _remember(self, policy: Policy) -> None:
        name = f"loaded: {policy.path.name}"
        self._loaded[name] = policy
        self._list(name)
        asked = policy.request
        self._say(
            f"Loaded {policy.path}: {asked.algorithm.upper()} on {asked.env_id}, "
            f"{asked.steps:,} steps, seed {asked.seed}."
        )

    def _list(self, name: str | None) -> None:
        self.choice.options = [*self._trained, *self._loaded]
        if name is not None:
            self.choice.value = name
        for button in (self.watch_button, self.save_button):
            button.disabled = not self.choice.options

    def _where(self) -> Path | None:
        if not self.choice.options:
            raise ValueError("there is no policy yet; train until a seed is done, or load one.")
        return self._trained.get(str(self.choice.value))

    def _chosen(self) -> Policy:
        where = self._where()
        return self._loaded[str(self.choice.value)] if where is None else self._opened(where)

    def _opened(self, where: Path) -> Policy:
        if where not in self._open:
            from rlhp.trainers import load_policy

            self._open[where] = load_policy(where, trust=True)  # this kernel's own training wrote the file
        return self._open[where]

    def _next_seed(self, seed: int | None) -> int:
        if seed is None:
            seed, self._played = self._played, self._played + 1
        return seed

    def _play(self, policy: Policy, seed: int, max_steps: int) -> tuple[Episode, bytes]:
        episode = policy.record(seed=seed, max_steps=max_steps)
        return episode, episode.to_gif()

    def _show(self, policy: Policy, name: str, seed: int, played: tuple[Episode, bytes]) -> Episode:
        episode, film = played
        said = (
            f"{policy.request.env_id}, {name}, episode {seed}: return {number_label(episode.return_, 4)} "
            f"in {episode.length:,} steps ({_seconds(episode.length / episode.fps)})."
        )
        self._figure.show_gif(film, alt=f"Animation of one greedy episode. {said}")
        self._figure.layout.display = None
        self._say(said)
        self.episode = episode
        return episode

    def _say(self, text: str) -> None:
        self._said.value = f'<div class="rlhp-note">{html.escape(text)}</div>' if text else ""


def _seconds(length: float) -> str:
    """Return how long a film is; the shortest is not nothing."""
    return f"{length:.0f} s" if length >= 10 else f"{max(length, 0.1):.1f} s"
