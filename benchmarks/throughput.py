"""How many environment steps a second: the compiled engine beside stable-baselines3 and rejax, on the same settings.

`python benchmarks/throughput.py` measures each setting in turns, ours and theirs, and keeps the table in
`throughput.md`. stable-baselines3 trains in two processes at once, one thread each, since that is what it can do with
two cores; nobody evaluates while being timed. rejax needs an older gymnax, so it gets an environment of its own under
`.work/`, made at the first call. CleanRL's JAX scripts are not measured: the package on PyPI does not contain them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import report

WORK = Path(__file__).resolve().parent / ".work"
REJAX = ["rejax==0.1.3", "gymnax==0.0.9", "jax==0.4.38", "jaxlib==0.4.38", "numpy<2.3"]
SECONDS = 10.0  # of each of stable-baselines3's turns, and about of each of ours


@dataclass(frozen=True)
class Setting:
    """One algorithm on one environment, and what is to be reached."""

    title: str
    algorithm: str
    env_id: str
    config: dict[str, Any]
    target: float | None = None
    rejax: dict[str, Any] = field(default_factory=dict)


NETWORK = {"net_arch": [64, 64]}
SETTINGS = {
    "dqn": Setting(
        "DQN CartPole, batch 64, an update every 4 steps, [64, 64]",
        "dqn",
        "CartPole-v1",
        {"batch_size": 64, "train_freq": 4, "buffer_size": 50_000, "learning_rate": 1e-3, **NETWORK},
        30.0,
        {
            "agent_kwargs": {"activation": "relu"},
            "num_envs": 4,
            "num_epochs": 1,
            "batch_size": 64,
            "buffer_size": 50_000,
            "fill_buffer": 256,
        },
    ),
    "ppo": Setting(
        "PPO CartPole, 8 envs, 32 steps, batch 256, 20 epochs, [64, 64]",
        "ppo",
        "CartPole-v1",
        {"n_envs": 8, "n_steps": 32, "batch_size": 256, "n_epochs": 20, "learning_rate": 1e-3, **NETWORK},
        12.0,
        {
            "agent_kwargs": {"activation": "tanh"},
            "num_envs": 8,
            "num_steps": 32,
            "num_minibatches": 1,
            "num_epochs": 20,
        },
    ),
    "a2c": Setting(
        "A2C Pendulum, 8 envs, 16 steps, [64, 64]",
        "a2c",
        "Pendulum-v1",
        {"n_envs": 8, "n_steps": 16, **NETWORK},
        10.0,
    ),
    "sac": Setting(
        "SAC Pendulum, batch 256, an update every step, [64, 64]",
        "sac",
        "Pendulum-v1",
        {"learning_rate": 1e-3, **NETWORK},
        4.0,
    ),
    "td3": Setting(
        "TD3 Pendulum, batch 256, an update every step, [64, 64]",
        "td3",
        "Pendulum-v1",
        {"learning_rate": 1e-3, "action_noise_std": 0.1, **NETWORK},
    ),
    "sac_256": Setting(
        "SAC Pendulum, batch 256, an update every step, [256, 256] (SB3's default)", "sac", "Pendulum-v1", {}
    ),
}


def ours(setting: Setting) -> dict[str, float]:
    """Measure the compiled engine: one run on each core, after compiling; steps of all runs a second."""
    from concurrent.futures import ThreadPoolExecutor

    import jax

    from rlhp.agents import streams
    from rlhp.trainers import RunRequest
    from rlhp.trainers.compiled import devices, moment, prepared, program

    steps = 10**6  # what the replay memory is made for, and what schedules would see
    runs = [
        prepared(RunRequest(setting.algorithm, setting.env_id, seed, steps, setting.config, steps, 10, "jax"))
        for seed in range(len(devices()))
    ]
    started = time.perf_counter()
    compiled = [program(run, device) for run, device in zip(runs, devices(), strict=True)]
    compiling = time.perf_counter() - started
    states = [compiled[seed].init(streams.words(seed), run.traced, run.loops) for seed, run in enumerate(runs)]
    a_rollout = runs[0].iteration_steps
    # Past the start of learning, then as many iterations as fill the time.
    first, count, took = 0, max(1, 400 // a_rollout), 0.0
    with ThreadPoolExecutor(len(runs)) as threads:

        def train(number: int) -> None:
            run, clock = runs[number], moment(first, count, steps, True)
            states[number], metrics = compiled[number].segment(states[number], run.traced, run.loops, clock)
            jax.block_until_ready(metrics)

        while True:
            started = time.perf_counter()
            list(threads.map(train, range(len(runs))))
            took = time.perf_counter() - started
            first += count
            if took > SECONDS / 3:
                break
            count = max(count + 1, int(count * min(8.0, SECONDS / 2 / max(took, 1e-3))))
    return {"speed": len(runs) * count * a_rollout / took, "compile_s": compiling, "runs": len(runs)}


def sb3_alone(setting: Setting, seed: int) -> float:
    """Measure one process of stable-baselines3."""
    import torch
    from stable_baselines3.common.callbacks import BaseCallback

    from rlhp.trainers import RunRequest
    from rlhp.trainers.sb3 import build

    class Watch(BaseCallback):
        begun = 0.0
        steps = 0

        def _on_step(self) -> bool:
            now = time.perf_counter()
            if not self.begun and self.num_timesteps > 1_000:  # learning has begun, and everything has been used once
                self.begun, self.first = now, self.num_timesteps
            if self.begun and now - self.begun > SECONDS:
                self.speed = (self.num_timesteps - self.first) / (now - self.begun)
                return False
            return True

    torch.set_num_threads(1)
    model = build(RunRequest(setting.algorithm, setting.env_id, seed, 10**7, setting.config, 10**7, 1, "sb3"))
    watch = Watch()
    model.learn(10**7, callback=watch)
    return watch.speed


def sb3(name: str) -> float:
    """Measure two processes of stable-baselines3 at once; their speeds together."""
    command = [sys.executable, __file__, "--worker", name]
    processes = [subprocess.Popen([*command, str(seed)], stdout=subprocess.PIPE, text=True) for seed in range(2)]
    return sum(float(process.communicate()[0].splitlines()[-1]) for process in processes)


REJAX_SCRIPT = """
import json, sys, time
import jax
from rejax import get_algo
algorithm, env, seconds, config = sys.argv[1], sys.argv[2], float(sys.argv[3]), json.loads(sys.argv[4])
keys = jax.random.split(jax.random.key(0), 16)
def speed(steps):
    algo = get_algo(algorithm).create(env=env, total_timesteps=steps, eval_freq=steps, learning_rate=1e-3,
                                      skip_initial_evaluation=True, **config)
    algo = algo.replace(eval_callback=lambda *_: ())
    train = jax.jit(jax.vmap(algo.train)).lower(keys).compile()
    started = time.perf_counter()
    jax.block_until_ready(train(keys))
    return steps * 16 / (time.perf_counter() - started)
first = speed(1_024)
longer = int(first * seconds / 16) // 1024 * 1024
print(speed(longer) if longer > 1_024 else first)
"""


def rejax(setting: Setting) -> float | None:
    """Measure rejax, 16 seeds vmapped; None where it has not the setting."""
    if not setting.rejax:
        return None
    python = WORK / "venv-rejax" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(python.parents[1])], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *REJAX], check=True)
    config = json.dumps(setting.rejax)
    command = [str(python), "-c", REJAX_SCRIPT, setting.algorithm, setting.env_id, str(SECONDS), config]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20 * SECONDS)
    except subprocess.TimeoutExpired:
        print(f"rejax has not ended after {20 * SECONDS:.0f} s")
        return None
    if done.returncode:
        print(f"rejax does not run: {done.stderr.splitlines()[-1] if done.stderr else done.returncode}")
        return None
    return float(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", nargs="*", help=f"of {', '.join(SETTINGS)}; all by default")
    parser.add_argument("--turns", type=int, default=3, help="turns of each")
    parser.add_argument("--without-rejax", action="store_true", help="measure the two engines only")
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        print(sb3_alone(SETTINGS[asked.worker[0]], int(asked.worker[1])))
        return
    rows = []
    for name in asked.settings or SETTINGS:
        setting = SETTINGS[name]
        mine, theirs, compiling, runs = [], [], 0.0, 0
        for turn in range(asked.turns):
            found = ours(setting)
            mine.append(found["speed"])
            compiling = compiling or found["compile_s"]
            runs = int(found["runs"])
            theirs.append(sb3(name))
            print(f"{name}, turn {turn + 1}: ours {mine[-1]:,.0f}, SB3 {theirs[-1]:,.0f} steps/s", flush=True)
        ratios = sorted(a / b for a, b in zip(mine, theirs, strict=True))
        peer = None if asked.without_rejax else rejax(setting)
        rows.append(
            [
                setting.title,
                f"{statistics.median(mine):,.0f} ({runs} runs)",
                f"{compiling:.1f}",
                f"{statistics.median(theirs):,.0f}",
                f"**{statistics.median(ratios):.1f}** ({ratios[0]:.1f} to {ratios[-1]:.1f})",
                f"{setting.target:g}" if setting.target else "",
                f"{peer:,.0f}" if peer else "",
            ]
        )
    text = (
        f"Environment steps a second, all runs together, training only. The ratio is the median of {asked.turns} turns "
        "(lowest to highest), each a turn of ours and then two processes of stable-baselines3 at once. Compiling is "
        "what the first turn took, from the cache on disk where the program was there. rejax: 16 seeds vmapped, its "
        "own update at the same batch, epochs and environment steps an update."
    )
    if asked.without_rejax:
        text += " rejax was left out of this call."
    header = ["setting", "rlhp", "compile s", "two SB3 processes", "ratio", "asked", "rejax 0.1.3"]
    report.write("throughput", "Throughput", text, header, rows)


if __name__ == "__main__":
    main()
