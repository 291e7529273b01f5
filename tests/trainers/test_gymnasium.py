"""Every environment is learned in, or refused by name before anything is trained."""

from __future__ import annotations

import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from stable_baselines3.common.preprocessing import is_image_space

from rlhp.algorithms import declared, names
from rlhp.envs import make_gymnasium
from rlhp.trainers import RunRequest
from rlhp.trainers._gymnasium import MissingPackageError, _is_picture, check_environment, space_kinds, spaces_of
from rlhp.trainers._policy import load_policy
from rlhp.trainers.sb3 import _evaluation as evaluation
from rlhp.trainers.sb3._training import Options, train_run

SMALL = {
    "dqn": {"buffer_size": 64, "learning_starts": 8, "batch_size": 4, "train_freq": 16},
    "ppo": {"n_steps": 32, "batch_size": 16, "n_epochs": 1},
    "a2c": {"n_steps": 32},
    "sac": {"buffer_size": 64, "learning_starts": 8, "batch_size": 4, "train_freq": 16},
    "td3": {"buffer_size": 64, "learning_starts": 8, "batch_size": 4, "train_freq": 16},
}


class Shown(gymnasium.Env):
    """Shows samples of a space for episodes of ten steps, and wants actions that are in the other."""

    def __init__(self, observations, actions, spoiled=None):
        self.observation_space, self.action_space, self.spoiled = observations, actions, spoiled
        self.observation_space.seed(0)
        self.time = self.total = 0

    def reset(self, *, seed=None, options=None):
        self.time = 0
        return self._seen(), {}

    def step(self, action):
        self.time, self.total = self.time + 1, self.total + 1
        assert self.action_space.contains(action), action
        reward = float("nan") if self.spoiled == "reward" and self.total == 40 else 1.0
        return self._seen(), reward, False, self.time == 10, {}

    def _seen(self):
        seen = self.observation_space.sample()
        if self.spoiled == "observation" and self.total == 40:
            seen = np.full_like(seen, np.nan)
        if self.spoiled == "last observation" and self.time == 10 and self.total == 40:
            seen = np.full_like(seen, np.inf)
        if self.spoiled == "part" and self.total == 40:
            seen = {**seen, "a": np.full_like(seen["a"], np.nan)}
        return seen


NUMBERS, MOVES = spaces.Box(-1, 1, (3,)), spaces.Discrete(3)


@pytest.fixture
def shown(monkeypatch):
    def register(observations=NUMBERS, actions=MOVES, **options) -> str:
        spec = gymnasium.envs.registration.EnvSpec(
            "Shown-v0", entry_point=lambda: Shown(observations, actions, **options), disable_env_checker=True
        )
        monkeypatch.setitem(gymnasium.registry, "Shown-v0", spec)
        return "Shown-v0"

    return register


def picture(*shape: int) -> spaces.Box:
    return spaces.Box(0, 255, shape, np.uint8)


def request(algorithm: str, env_id: str, **config) -> RunRequest:
    return RunRequest(algorithm, env_id, 0, 64, {**SMALL[algorithm], **config}, 64, 1)


OBSERVATIONS = {
    "row": NUMBERS,
    "table": spaces.Box(-1, 1, (2, 3)),
    "whole numbers": spaces.Box(0, 9, (3,), np.int64),
    "number": spaces.Discrete(5),
    "numbers": spaces.MultiDiscrete([2, 3]),
    "bits": spaces.MultiBinary(4),
    "table of bits": spaces.MultiBinary([2, 3]),
    "small picture": picture(7, 7, 3),
    "large picture": picture(36, 40, 3),
    "channels first": picture(3, 40, 36),
    "two channels": picture(40, 40, 2),
    "bytes": spaces.Box(0, 10, (7, 7, 3), np.uint8),
    "dictionary": spaces.Dict(a=NUMBERS, b=spaces.Discrete(2), c=spaces.MultiDiscrete([2, 2]), d=picture(40, 40, 1)),
}
ACTIONS = {
    "number": (MOVES, ["a2c", "dqn", "ppo"]),
    "row": (spaces.Box(-2, 3, (2,)), ["a2c", "ppo", "sac", "td3"]),
    "table": (spaces.Box(-2, 3, (2, 2)), ["a2c", "ppo", "sac", "td3"]),
    "numbers": (spaces.MultiDiscrete([2, 3]), ["a2c", "ppo"]),
    "bits": (spaces.MultiBinary(3), ["a2c", "ppo"]),
}


def trained(asked: RunRequest, tmp_path) -> None:
    runs = train_run(asked, Options(policy=tmp_path / "kept"))
    assert runs.table[["status", "error"]].values.tolist() == [["finished", ""]]
    assert runs.table["n_updates"].item() > 0
    policy = load_policy(tmp_path / "kept")
    env = make_gymnasium(asked.env_id, disable_env_checker=True)
    assert env.action_space.contains(policy.act(env.reset(seed=0)[0]))


@pytest.mark.parametrize("kind", OBSERVATIONS)
def test_whatever_is_not_refused_can_be_seen(kind, shown, tmp_path):
    trained(request("ppo", shown(OBSERVATIONS[kind])), tmp_path)


@pytest.mark.parametrize("kind", ["number", "table of bits", "small picture", "dictionary"])
def test_and_kept_in_a_replay_memory(kind, shown, tmp_path):
    trained(request("dqn", shown(OBSERVATIONS[kind])), tmp_path)
    trained(request("sac", shown(OBSERVATIONS[kind], spaces.Box(-1, 1, (1,)))), tmp_path)


@pytest.mark.parametrize("kind", ACTIONS)
@pytest.mark.parametrize("algorithm", [name for name in names() if declared(name).sb3 is not None])
def test_an_algorithm_acts_or_says_which_one_does(algorithm, kind, shown, tmp_path):
    actions, fitting = ACTIONS[kind]
    env_id = shown(NUMBERS, actions)
    if algorithm in fitting:
        trained(request(algorithm, env_id), tmp_path)
    else:
        with pytest.raises(ValueError, match=f"{algorithm} acts in .*; use one of {', '.join(fitting)}"):
            request(algorithm, env_id)


REFUSED = {
    "text": (spaces.Text(5), "has Text observations; the algorithms here see"),
    "tuple": (spaces.Tuple([MOVES]), r"has Tuple observations.*FlattenObservation"),
    "sequence": (spaces.Sequence(NUMBERS), "has Sequence observations"),
    "part of text": (
        spaces.Dict(a=NUMBERS, says=spaces.Text(5)),
        r"has a part `says` .* no network here reads \(Text\)",
    ),
    "nested": (spaces.Dict(a=spaces.Dict(b=NUMBERS)), r"has a dictionary within its observations \(`a`\)"),
    "empty": (spaces.Dict(), "shows nothing"),
    "from 1": (spaces.Discrete(4, start=1), r"has observations that do not count from 0 \(Discrete\(4, start=1\)\)"),
    "part from 1": (spaces.Dict(a=spaces.Discrete(4, start=1)), "has a part `a` .* do not count from 0"),
    "row from 1": (spaces.MultiDiscrete([2, 2], start=[0, 1]), "do not count from 0"),
    "table of numbers": (spaces.MultiDiscrete([[2, 2], [2, 2]]), "are a table of whole numbers"),
    "scalar": (spaces.Box(-1, 1, ()), r"have the shape \(\), without an axis"),
    "nothing": (spaces.Box(-1, 1, (0,)), r"have the shape \(0,\), without an axis"),
    "part of a small picture": (spaces.Dict(eye=picture(7, 7, 3)), r"a picture of 7 x 7 pixels .*\(`eye`\), too small"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_observations_that_cannot_be_read_are_refused_in_one_sentence(kind, shown):
    space, message = REFUSED[kind]
    with pytest.raises(ValueError, match=f"^Shown-v0 .*{message}") as caught:
        request("ppo", shown(space))
    assert ". " not in str(caught.value)


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (spaces.Discrete(3, start=1), r"has actions that do not count from 0 \(Discrete\(3, start=1\)\)"),
        (spaces.MultiDiscrete([2, 2], start=[1, 0]), "has actions that do not count from 0"),
        (spaces.MultiDiscrete([[2, 2]]), "has actions in a table"),
        (spaces.MultiBinary([2, 2]), "has actions in a table"),
        (spaces.Box(-np.inf, 1, (2,)), "has actions without bounds"),
        (spaces.Box(-1, 1, (0,)), "there is nothing to decide"),
        (spaces.Box(0, 3, (1,), np.int32), "has whole numbers in a Box as actions"),
        (spaces.Tuple([MOVES]), "has a Tuple one; no algorithm here can"),
    ],
)
def test_actions_that_cannot_be_taken_are_refused(space, message, shown):
    with pytest.raises(ValueError, match=message):
        request("ppo", shown(NUMBERS, space))


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (MOVES, "has Discrete observations, which have no mean to normalise by; leave `normalize` out"),
        (spaces.Dict(a=NUMBERS, b=MOVES), "has Discrete observations, which have no mean"),
        (picture(40, 40, 3), "shows pictures, which are divided by 255 anyway"),
        (spaces.Dict(a=picture(40, 40, 3)), "shows pictures"),
    ],
)
def test_what_cannot_be_normalised_is_refused_with_it(space, message, shown):
    env_id = shown(space)
    request("ppo", env_id, normalize=False)
    with pytest.raises(ValueError, match=message):
        request("ppo", env_id, normalize=True)


def test_a_dictionary_of_numbers_can_be_normalised(shown, tmp_path):
    trained(request("ppo", shown(spaces.Dict(a=NUMBERS, b=spaces.Box(0, 9, (2,)))), normalize=True), tmp_path)


def test_a_dictionary_has_no_returns_over_several_steps(shown):
    env_id = shown(spaces.Dict(a=NUMBERS))
    request("dqn", env_id, n_steps=1)
    request("ppo", env_id, n_steps=4)
    with pytest.raises(ValueError, match="`n_steps` must be 1 with a replay memory"):
        request("dqn", env_id, n_steps=3)


def test_pictures_are_those_of_stable_baselines3():
    for space in [*OBSERVATIONS.values(), picture(8, 8, 4), picture(4, 8, 8), picture(8, 8, 5), picture(8, 8)]:
        if isinstance(space, spaces.Dict):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert _is_picture(space) == is_image_space(space), space


def test_an_id_that_is_registered_again_is_looked_at_again(shown):
    assert space_kinds(shown()) == ("Discrete", "Box")
    assert space_kinds(shown(MOVES, NUMBERS)) == ("Box", "Discrete")


@pytest.mark.parametrize("when", ["made", "reset"])
def test_an_environment_whose_own_code_fails_is_refused_by_name(when, monkeypatch):
    class Broken(Shown):
        def __init__(self):
            super().__init__(NUMBERS, MOVES)
            if when == "made":
                raise KeyError("map")

        def reset(self, **options):
            raise KeyError("map")

    monkeypatch.setitem(gymnasium.registry, "Broken-v0", gymnasium.envs.registration.EnvSpec("Broken-v0", Broken))
    with pytest.raises(ValueError, match=f"`Broken-v0` cannot be {when}: KeyError: 'map'"):
        request("ppo", "Broken-v0")


@pytest.mark.parametrize("algorithm", ["ppo", "dqn"])
@pytest.mark.parametrize(
    ("spoiled", "message"),
    [
        ("reward", "the environment gave the reward nan at step"),
        ("observation", "the environment gave an observation with nan at"),
        ("last observation", "the environment gave an observation with inf at"),
        ("part", "the environment gave an observation with nan in its part `a` at"),
    ],
)
@pytest.mark.parametrize("normalize", [False, True])
def test_what_is_not_finite_ends_a_run_as_diverged_and_is_not_blamed_on_it(
    algorithm, spoiled, message, normalize, shown
):
    seen = spaces.Dict(a=NUMBERS, b=spaces.Box(0, 1, (1,))) if spoiled == "part" else NUMBERS
    runs = train_run(request(algorithm, shown(seen, spoiled=spoiled), normalize=normalize))
    assert runs.table["status"].item() == "diverged"
    assert message in runs.table["error"].item()
    assert not len(runs.evals)


@pytest.mark.parametrize("reward", [None, "1.0", [1.0, 2.0], {"main": 1.0}])
def test_a_reward_that_is_no_number_ends_a_run_as_failed_in_one_sentence(reward, monkeypatch):
    class Odd(Shown):
        def __init__(self):
            super().__init__(NUMBERS, MOVES)

        def step(self, action):
            seen, _, *rest = super().step(action)
            return seen, reward, *rest

    spec = gymnasium.envs.registration.EnvSpec("Shown/Odd-v0", Odd, disable_env_checker=True)
    monkeypatch.setitem(gymnasium.registry, "Shown/Odd-v0", spec)
    run = train_run(request("ppo", "Shown/Odd-v0")).table.iloc[0]
    assert run["status"] == "failed"
    assert f"the environment gave the reward {reward!r}, which is not a number" in run["error"]


def ids() -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import minigrid  # noqa: F401 (registers its environments)
        except ImportError:
            pass
    return [name for name in gymnasium.registry if not name.startswith(("Shown", "Broken", "Breaks", "Room"))]


def test_every_registered_environment_is_learned_in_or_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluation, "MAX_EPISODE_STEPS", 200)  # some have no end of their own
    learned: dict[tuple[str, str], tuple[str, str]] = {}  # one id for each kind of spaces
    for env_id in ids():
        for algorithm in ("ppo", "sac"):
            try:
                check_environment(algorithm, env_id)
            except (ValueError, MissingPackageError) as error:
                said = str(error)
                assert env_id in said
                assert "\n" not in said
            else:
                learned.setdefault((algorithm, str(spaces_of(env_id))), (algorithm, env_id))
    assert len(learned) >= 9
    for algorithm, env_id in learned.values():
        trained(request(algorithm, env_id), tmp_path)


def test_a_room_of_minigrid_is_refused_with_the_wrapper_that_it_needs(monkeypatch, tmp_path):
    minigrid = pytest.importorskip("minigrid")
    with pytest.raises(ValueError, match=r"has a part `mission` .*\(MissionSpace\).*`minigrid.wrappers.ImgObsWrapper`"):
        request("ppo", "minigrid:MiniGrid-Empty-8x8-v0")

    def wrapped():
        return minigrid.wrappers.ImgObsWrapper(gymnasium.make("MiniGrid-Empty-8x8-v0"))

    monkeypatch.setitem(gymnasium.registry, "Room-v0", gymnasium.envs.registration.EnvSpec("Room-v0", wrapped))
    trained(request("ppo", "Room-v0"), tmp_path)
