"""Any rule can be watched, not only what was trained."""

from __future__ import annotations

import re

import gymnasium
import numpy as np
import pytest

import rlhp


def lean(observation):
    return int(observation[2] > 0)


def test_a_rule_is_recorded_as_it_plays() -> None:
    episode = rlhp.record("CartPole-v1", lean, seed=3)
    env = gymnasium.make("CartPole-v1")
    observation, _ = env.reset(seed=3)
    steps, over = 0, False
    while not over:
        observation, _, terminated, truncated, _ = env.step(lean(observation))
        steps, over = steps + 1, terminated or truncated
    assert (episode.length, episode.return_) == (steps, steps)
    assert episode.frames.shape[0] == steps + 1
    assert np.ptp(episode.frames.astype(int), axis=0).max() > 0, "the cart moves"


def test_a_notebook_shows_the_film_with_its_words() -> None:
    episode = rlhp.record("CartPole-v1", lean, max_steps=4)
    shown = episode._repr_html_()
    assert repr(episode) == "Episode: one episode: return 4 in 4 steps"
    film = r'<img class="rlhp-film" alt="Film of one episode: return 4 in 4 steps" src="data:image/gif;base64,R0lGOD'
    assert re.search(film, shown)
    assert "<figcaption>One episode: return 4 in 4 steps</figcaption>" in shown


def test_what_cannot_be_recorded() -> None:
    with pytest.raises(TypeError, match="`act` is 5; give a function that takes an observation"):
        rlhp.record("CartPole-v1", 5)
    with pytest.raises(ValueError, match="NoSuchEnvironment-v0 cannot be rendered to pictures"):
        rlhp.record("NoSuchEnvironment-v0", lean)
