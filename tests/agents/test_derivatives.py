"""Derivatives of updates by every traced hyperparameter equal finite differences, in 64 bits, on fixed trajectories.

A new algorithm is one more line of `CASES`. Every case runs in a process of its own, so that the rest of the tests stay
in 32 bits.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROLLOUT = {"n_envs": 3, "n_steps": 5, "net_arch": [6], "learning_rate": 1e-2, "ent_coef": 0.02, "max_grad_norm": 0.4}
PPO = ROLLOUT | {"batch_size": 6, "n_epochs": 2, "clip_range": 0.01, "clip_range_vf": 0.02}
REPLAY = {"batch_size": 6, "train_freq": 12, "gradient_steps": 3, "learning_starts": 4, "n_steps": 2, "net_arch": [6]}
REPLAY |= {"learning_rate": 1e-2, "tau": 0.4}
DQN = REPLAY | {"max_grad_norm": 0.3, "target_update_interval": 12}
DRAWN = DQN | {"double_q": True, "dueling": True, "prioritized_replay": True}
SAC = REPLAY | {"target_entropy": -0.4}
FIXED = REPLAY | {"ent_coef": 0.2, "target_update_interval": 2}
TD3 = REPLAY | {"target_policy_noise": 0.3, "target_noise_clip": 0.2}
CASES = {
    "ppo": ("ppo", "CartPole-v1", PPO, "both"),
    "ppo, one-hot": ("ppo", "one-hot", PPO, "both"),
    "ppo, normalised": ("ppo", "Pendulum-v1", PPO | {"normalize": True}, "both"),
    "a2c": ("a2c", "Pendulum-v1", ROLLOUT, "both"),
    "a2c, one-hot": ("a2c", "one-hot", ROLLOUT | {"normalize_advantage": True}, "both"),
    "a2c with adam": ("a2c", "CartPole-v1", ROLLOUT | {"use_rms_prop": False}, "both"),
    "dqn, one-hot": ("dqn", "one-hot", DQN, "both"),
    "dqn, priorities": ("dqn", "CartPole-v1", DRAWN, "both"),
    "sac": ("sac", "Pendulum-v1", SAC, "both"),
    "sac, fixed entropy coefficient": ("sac", "Pendulum-v1", FIXED, "both"),
    "td3": ("td3", "Pendulum-v1", TD3, "both"),
}


@pytest.mark.parametrize("case", CASES)
def test_derivatives_are_finite_differences(case):
    """See `tests/agents/derivatives.py`, which this runs."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.agents.derivatives", repr(CASES[case])]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert "learning_rate" in done.stdout
