"""What limits the compiled engine: how much of its time are products of matrices, and how much the environment.

`python benchmarks/limits.py` measures, for the settings of `throughput.py`, a whole environment step with the training
that belongs to it, one run on each core; then the matrix products of that training alone, of the same shapes, on as
many cores; then the environment alone, under random actions. What is left is everything else: drawing and
gathering batches, activations, the optimiser, random numbers, the replay memory. It keeps the table in `limits.md`.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import report
import throughput
from throughput import SETTINGS, Setting

SECONDS = 4.0  # of each measurement, about


@dataclass(frozen=True)
class Passes:
    """How often an update sends its batch through networks of the given widths."""

    widths: tuple[int, ...]
    batch: int
    forward: int = 0
    backward: int = 0  # forward, and the gradient of the weights
    through: int = 0  # forward, and the gradient of the inputs

    @property
    def flops(self) -> float:
        """Floating-point operations of the products."""
        inner = sum(a * b for a, b in zip(self.widths[:-1], self.widths[1:], strict=True))
        first = self.widths[0] * self.widths[1]  # nobody asks for the gradient of the observations
        return (
            2.0 * self.batch * (self.forward * inner + self.backward * (3 * inner - first) + self.through * 2 * inner)
        )


@dataclass(frozen=True)
class Work:
    """The arithmetic of a setting: the passes of an update, and updates for each environment step."""

    passes: tuple[Passes, ...]
    an_update_every: float  # environment steps


def work(name: str) -> Work:
    """Count what the updates of a setting consist of."""
    config = SETTINGS[name].config
    wide = tuple(config.get("net_arch", (256, 256)))
    if name == "dqn":
        return Work((Passes((4, *wide, 2), config["batch_size"], forward=1, backward=1),), config["train_freq"])
    if name in ("ppo", "a2c"):
        n_inputs, n_actions = (4, 2) if name == "ppo" else (3, 1)
        collected = config["n_envs"] * config["n_steps"]
        batch = config.get("batch_size", collected)
        nets = tuple(Passes((n_inputs, *wide, out), batch, backward=1) for out in (n_actions, 1))
        return Work(nets, batch / config.get("n_epochs", 1))
    batch = config.get("batch_size", 256)
    if name == "td3":  # two updates, of which the policy sees one
        critics = Passes((4, *wide, 1), batch, forward=4, backward=4, through=1)
        return Work((critics, Passes((3, *wide, 1), batch, forward=2, backward=1)), 2)
    critics = Passes((4, *wide, 1), batch, forward=2, backward=2, through=2)
    return Work((critics, Passes((3, *wide, 2), batch, forward=1, backward=1)), 1)


def seconds_a_call(call: Callable[[int], Any]) -> float:
    """Measure what one repetition within `call(repetitions)` takes."""
    import jax

    jax.block_until_ready(call(1))
    count = 8
    while True:
        started = time.perf_counter()
        jax.block_until_ready(call(count))
        took = time.perf_counter() - started
        if took > SECONDS / 2:
            return took / count
        count = max(count + 1, int(count * min(8.0, 0.8 * SECONDS / max(took, 1e-4))))


def side_by_side(function: Callable[[Any, Any], Any], states: Sequence[Any]) -> Callable[[int], Any]:
    """Call ``function(state, repetitions)`` for each state in a thread of its own, on a core of its own."""
    from concurrent.futures import ThreadPoolExecutor

    import jax
    import numpy as np

    from rlhp.trainers.compiled import devices

    compiled, threads = jax.jit(function), ThreadPoolExecutor(len(states))
    placed = [jax.device_put(state, devices()[i % len(devices())]) for i, state in enumerate(states)]

    def call(count: int) -> Any:
        return list(threads.map(lambda state: jax.block_until_ready(compiled(state, np.int32(count))), placed))

    return call


def products(job: Work, runs: int) -> float:
    """Seconds that the products of one update of every run take."""
    import jax

    keys = jax.random.split(jax.random.key(0), runs)

    def chain(weights: list[Any], inputs: Any) -> Any:
        for one in weights:
            inputs = inputs @ one
        return inputs

    def begin(key: Any) -> Any:
        state = []
        for passes in job.passes:
            shapes = list(zip(passes.widths[:-1], passes.widths[1:], strict=True))
            weights = [0.1 * jax.random.normal(key, shape) for shape in shapes]
            state.append((weights, jax.random.normal(key, (passes.batch, passes.widths[0]))))
        return state

    def update(state: Any) -> Any:
        after = []
        for passes, (weights, inputs) in zip(job.passes, state, strict=True):
            seen = inputs
            for _ in range(passes.forward):
                seen = seen + 1e-6 * chain(weights, seen).sum(-1, keepdims=True)
            for _ in range(passes.backward):
                slopes = jax.grad(lambda w, x=seen: (chain(w, x) ** 2).sum())(weights)
                weights = [old - 1e-9 * slope for old, slope in zip(weights, slopes, strict=True)]
            for _ in range(passes.through):
                seen = seen - 1e-9 * jax.grad(lambda x, w=weights: (chain(w, x) ** 2).sum())(seen)
            after.append((weights, 0.5 * inputs + 0.5 * seen))
        return after

    def some(state: Any, count: Any) -> Any:
        return jax.lax.fori_loop(0, count, lambda _, s: update(s), state)

    return seconds_a_call(side_by_side(some, [begin(key) for key in keys]))


def environment(setting: Setting, runs: int) -> float:
    """Seconds that one step of every copy of the environment takes, in all runs, under random actions."""
    import jax
    import jax.numpy as jnp

    from rlhp.agents import streams
    from rlhp.envs import make_jax
    from rlhp.envs.playing import play, start

    env, n_envs = make_jax(setting.env_id), setting.config.get("n_envs", 1)

    context = {name: jnp.float32(one.default) for name, one in env.parameters.items()}

    def begin(words: Any) -> Any:
        return words, start(env, streams.from_words(words), n_envs, context)

    def one(i: Any, state: Any) -> Any:
        words, playing = state
        key = jax.random.fold_in(streams.from_words(words), i)
        if env.n_actions:
            action = jax.random.randint(jax.random.fold_in(key, 0), (n_envs,), 0, env.n_actions)
        else:
            low, high = jnp.asarray(env.action_low), jnp.asarray(env.action_high)
            action = jax.random.uniform(jax.random.fold_in(key, 0), (n_envs, low.shape[0]), minval=low, maxval=high)
        return words, play(env, jax.random.fold_in(key, 1), playing, action, context)[0]

    def some(state: Any, count: Any) -> Any:
        return jax.lax.fori_loop(0, count, one, state)

    seeds = [jnp.asarray(streams.words(seed)) for seed in range(runs)]
    return seconds_a_call(side_by_side(some, [begin(words) for words in seeds])) / n_envs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", nargs="*", help=f"of {', '.join(SETTINGS)}; all by default")
    rows = []
    for name in parser.parse_args().settings or SETTINGS:
        setting, job = SETTINGS[name], work(name)
        whole = throughput.ours(setting)
        runs = int(whole["runs"])
        step = 1e6 / whole["speed"]  # microseconds of the machine for one environment step of one run
        arithmetic = 1e6 * products(job, runs) / runs / job.an_update_every
        playing = 1e6 * environment(setting, runs) / runs
        flops = sum(passes.flops for passes in job.passes) / job.an_update_every
        rows.append(
            [
                setting.title,
                f"{step:.2f}",
                f"{arithmetic:.2f} ({arithmetic / step:.0%})",
                f"{playing:.2f} ({playing / step:.0%})",
                f"{1 - (arithmetic + playing) / step:.0%}",
                f"{flops / step / 1e3:.0f}",
                f"{flops / arithmetic / 1e3:.0f}",
            ]
        )
        print(*rows[-1], sep=" | ", flush=True)
    text = (
        "Microseconds of the whole machine for one environment step of one run, how much of it the products of "
        "matrices take when nothing else is done, and how much the environment when nothing is learnt. The rest is "
        "what a faster program could still save: batches drawn and gathered, activations, the optimiser, random "
        f"numbers, the replay memory. Load of the machine over the last five minutes: {os.getloadavg()[1]:.1f}."
    )
    header = ["setting", "us a step", "products", "environment", "the rest", "GFLOP/s", "GFLOP/s of the products alone"]
    report.write("limits", "What limits the compiled engine", text, header, rows)


if __name__ == "__main__":
    main()
