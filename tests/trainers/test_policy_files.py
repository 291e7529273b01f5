"""A policy file may come from anybody: it acts as it was trained, runs nothing, and is refused where it is damaged."""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
import zipfile
from pathlib import Path

import gymnasium
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stable_baselines3.common.vec_env import VecNormalize

import rlhp
from rlhp.algorithms.loading import sb3_class
from rlhp.trainers import RunRequest
from rlhp.trainers._policy import load_policy
from rlhp.trainers._policy_files import NORMALIZE, PARAMETERS, REQUEST, WEIGHTS
from rlhp.trainers.sb3._training import Options, train_run
from tests.sweeps.asking import how

SMALL = {
    "dqn": {"net_arch": [8], "buffer_size": 100, "learning_starts": 10},
    "ppo": {"net_arch": [8], "n_steps": 16, "batch_size": 16},
    "a2c": {"net_arch": [8]},
    "sac": {"net_arch": [8], "buffer_size": 100, "learning_starts": 10},
    "td3": {"net_arch": [8], "buffer_size": 100, "learning_starts": 10},
}


def trained(algorithm: str, env_id: str, path: Path, **config) -> Path:
    asked = RunRequest(algorithm, env_id, 0, 48, {**SMALL[algorithm], **config}, 48, 1)
    runs = train_run(asked, Options(policy=path))
    assert runs.table["status"].item() == "finished", runs.table["error"].item()
    return path


def rewritten(source: Path, target: Path, **parts: bytes | None) -> Path:
    """Copy a policy file with some parts replaced, or left out (None); `_` stands for the dot of a name."""
    changed = {
        name.replace("_json", ".json").replace("_pth", ".pth").replace("_npz", ".npz"): part
        for name, part in parts.items()
    }
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in {**dict.fromkeys(old.namelist()), **changed}:
            part = changed[name] if name in changed else old.read(name)
            if part is not None:
                new.writestr(name, part)
    return target


def described(source: Path, **changes) -> bytes:
    with zipfile.ZipFile(source) as archive:
        return json.dumps({**json.loads(archive.read(REQUEST)), **changes}).encode()


@pytest.fixture(scope="module")
def of_sb3(tmp_path_factory):
    return trained("ppo", "CartPole-v1", tmp_path_factory.mktemp("sb3") / "kept.zip", normalize=True)


@pytest.fixture(scope="module")
def of_jax(tmp_path_factory):
    out = tmp_path_factory.mktemp("jax")
    asked = {
        "steps": 64,
        "evaluation": rlhp.Evaluation(64, episodes=2),
        "execution": rlhp.Execution(progress=False),
        "engine": "jax",
    }
    config = {"net_arch": [8], "n_steps": 16, "batch_size": 8}
    runs = rlhp.train("ppo", "CartPole-v1", config, out=out, **asked | how(keep_policies=True))
    return out / "policies" / f"{runs.table.index[0]}.zip"


@pytest.mark.parametrize(
    ("algorithm", "env_id", "config"),
    [
        ("dqn", "CartPole-v1", {}),
        ("dqn", "FrozenLake-v1", {"net_arch": None}),
        ("ppo", "CartPole-v1", {"normalize": True}),
        ("a2c", "Pendulum-v1", {}),
        ("sac", "Pendulum-v1", {}),
        ("td3", "Pendulum-v1", {"net_arch": None, "action_noise_std": 0.1}),
    ],
)
def test_acts_as_stable_baselines3_would_and_unpickles_nothing(algorithm, env_id, config, tmp_path, monkeypatch):
    file = trained(algorithm, env_id, tmp_path / "kept.zip", **config)
    theirs = sb3_class(algorithm).load(file, device="cpu")
    torch_stream = torch.get_rng_state()

    def unpickled(*args, **kwargs):
        raise AssertionError("something was unpickled")

    for name in ("loads", "load"):
        monkeypatch.setattr(pickle, name, unpickled)
        monkeypatch.setattr("cloudpickle." + name, unpickled)
    policy = load_policy(file)
    monkeypatch.undo()
    assert torch.equal(torch.get_rng_state(), torch_stream)
    env = gymnasium.make(env_id)
    env.observation_space.seed(0)
    seen, _ = env.reset(seed=0)
    for _ in range(20):
        scaled = seen if policy.normalize is None else policy.normalize.normalize_obs(seen)
        np.testing.assert_array_equal(policy.act(seen), theirs.predict(scaled, deterministic=True)[0])
        seen = env.observation_space.sample()


def test_observations_are_scaled_as_in_training(tmp_path, monkeypatch):
    wrappers = []
    original = VecNormalize.__init__
    monkeypatch.setattr(
        VecNormalize, "__init__", lambda self, *a, **k: wrappers.append(self) or original(self, *a, **k)
    )
    policy = load_policy(trained("ppo", "CartPole-v1", tmp_path / "kept.zip", normalize=True))
    for size in (0.1, 1.0, 1e6):
        seen = (np.ones(4) * size).astype(np.float32)
        np.testing.assert_array_equal(policy.normalize.normalize_obs(seen), wrappers[0].normalize_obs(seen))


class Payload:
    """Runs when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module that leaves a trace where it is imported, and registers an environment."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "evilmod.py").write_text(f"import os; os.mkdir({str(tmp_path / 'ran')!r})\n")
    monkeypatch.syspath_prepend(tmp_path / "lib")
    yield tmp_path / "ran"
    sys.modules.pop("evilmod", None)


@pytest.mark.parametrize("engine", ["jax", "sb3", "auto"])
@pytest.mark.parametrize("kind", ["of_jax", "of_sb3"])
def test_a_module_that_a_file_names_is_not_imported_without_trust(engine, kind, module, request, tmp_path):
    source = request.getfixturevalue(kind)
    changed = described(source, env_id="evilmod:CartPole-v1", engine=engine)
    file = rewritten(source, tmp_path / "evil.zip", rlhp_request_json=changed)
    with pytest.raises(ValueError, match=r"evil.zip is of the environment `evilmod:CartPole-v1`.*`trust=True`"):
        load_policy(file)
    assert not module.exists()


def test_with_trust_or_where_the_module_is_there_it_is_loaded(of_sb3, module, tmp_path):
    changed = described(of_sb3, env_id="evilmod:CartPole-v1")
    file = rewritten(of_sb3, tmp_path / "mine.zip", rlhp_request_json=changed)
    assert load_policy(file, trust=True).request.env_id == "evilmod:CartPole-v1"
    assert module.exists()
    load_policy(file)  # imported already: nothing new would run


def test_a_run_hands_trust_on(of_sb3, module, tmp_path):
    table, name = rlhp.Runs.from_table([{"a": 1}], [1.0]), None
    name = table.table.index[0]
    changed = described(of_sb3, env_id="evilmod:CartPole-v1")
    rewritten(of_sb3, tmp_path / f"{name}.zip", rlhp_request_json=changed)
    runs = rlhp.Runs(table.table, table.evals, table.history, tmp_path)
    with pytest.raises(ValueError, match="trust=True"):
        runs.policy(name)
    assert not module.exists()
    runs.policy(name, trust=True)


def test_pickles_inside_are_left_alone(of_sb3, tmp_path):
    marker = tmp_path / "ran"
    payload = pickle.dumps(Payload(marker))
    file = rewritten(of_sb3, tmp_path / "a.zip", data=payload, rlhp_vecnormalize_pkl=payload)
    load_policy(file)
    assert not marker.exists()
    buffer = io.BytesIO()
    torch.save({"weights": Payload(marker)}, buffer)
    objects = io.BytesIO()
    np.savez(objects, np.array([Payload(marker)], dtype=object), allow_pickle=True)
    for part, content in (
        ({"policy_pth": buffer.getvalue()}, "tensors"),
        ({"policy_pth": payload}, "bare"),
        ({NORMALIZE.replace(".", "_"): objects.getvalue()}, "statistics"),
    ):
        file = rewritten(of_sb3, tmp_path / f"{content}.zip", **part)
        with pytest.raises(ValueError, match=rf"{content}.zip holds no parameters of the policy"):
            load_policy(file)
        assert not marker.exists()


def test_arrays_of_objects_are_refused(of_jax, tmp_path):
    objects = io.BytesIO()
    np.savez(objects, np.array([Payload(tmp_path / "ran")], dtype=object), allow_pickle=True)
    file = rewritten(of_jax, tmp_path / "objects.zip", **{PARAMETERS.replace(".", "_"): objects.getvalue()})
    with pytest.raises(ValueError, match=r"objects.zip holds no parameters of the policy"):
        load_policy(file)
    assert not (tmp_path / "ran").exists()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["algorithm", "env_id", "seed", "steps", "config", "eval_every", "eval_episodes", "engine", "run_id", "other"]
MALFORMED = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("kind", ["of_jax", "of_sb3"])
class TestMalformed:
    def refused(self, file: Path) -> None:
        """Load the file, or be told what is wrong with it by its name: it may be a policy of another description."""
        said = str(file)
        try:
            load_policy(file)
        except ValueError as error:
            said = str(error)
        assert str(file) in said

    @MALFORMED
    @given(value=JSON, name=st.sampled_from(FIELDS))
    def test_any_field_may_be_anything(self, kind, value, name, request, tmp_path_factory):
        source = request.getfixturevalue(kind)
        content = described(source, **{name: value})
        self.refused(rewritten(source, tmp_path_factory.getbasetemp() / f"{kind}.zip", rlhp_request_json=content))

    @MALFORMED
    @given(value=JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=30))
    def test_any_description_may_stand_there(self, kind, value, request, tmp_path_factory):
        source = request.getfixturevalue(kind)
        file = rewritten(source, tmp_path_factory.getbasetemp() / f"{kind}.zip", rlhp_request_json=value)
        with pytest.raises(ValueError, match="not a policy that rlhp saved, or is damaged"):
            load_policy(file)

    @MALFORMED
    @given(data=st.data())
    def test_any_part_may_be_damaged_or_missing(self, kind, data, request, tmp_path_factory):
        source = request.getfixturevalue(kind)
        part = PARAMETERS if kind == "of_jax" else data.draw(st.sampled_from([WEIGHTS, NORMALIZE]))
        with zipfile.ZipFile(source) as archive:
            whole = archive.read(part)
        at = data.draw(st.integers(0, len(whole) - 1))
        damaged = data.draw(st.sampled_from([None, b"", whole[:at], whole[:at] + b"\x00\xff" + whole[at + 2 :]]))
        self.refused(
            rewritten(source, tmp_path_factory.getbasetemp() / f"{kind}.zip", **{part.replace(".", "_"): damaged})
        )

    @MALFORMED
    @given(data=st.data())
    def test_any_byte_of_the_archive_may_be_damaged(self, kind, data, request, tmp_path_factory):
        whole = request.getfixturevalue(kind).read_bytes()
        at = data.draw(st.integers(0, len(whole) - 1))
        file = tmp_path_factory.getbasetemp() / f"{kind}.zip"
        cut = data.draw(st.booleans())
        file.write_bytes(whole[:at] if cut else whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        self.refused(file)


def test_a_description_too_long_is_not_read(of_sb3, tmp_path):
    file = rewritten(of_sb3, tmp_path / "long.zip", rlhp_request_json=b" " * (2 << 20))
    with pytest.raises(ValueError, match=r"long.zip .*its description is too long"):
        load_policy(file)


def test_an_engine_that_does_not_fit_the_parts_is_damage(of_sb3, tmp_path):
    file = rewritten(of_sb3, tmp_path / "mixed.zip", rlhp_request_json=described(of_sb3, engine="jax"))
    with pytest.raises(ValueError, match=r"mixed.zip is damaged: it says engine='jax' and holds numbers of 'sb3'"):
        load_policy(file)


@pytest.mark.parametrize("path", [5, None, b"x", "", "a\0b"])
def test_what_is_no_path_is_named(path):
    with pytest.raises((TypeError, ValueError), match="`path` is"):
        load_policy(path)
