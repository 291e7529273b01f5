"""Do teams of actors pay, at equal environment steps? `python benchmarks/teams.py`.

ERL, CEM-RL and P3S-TD3 beside TD3, and beside TD3 with as many parallel environments as the largest team has actors:
on Pendulum, and on MountainCarContinuous, whose reward is deceptive. SVPG beside as many independent A2C agents: what
they earn, and how far their policies are apart. Steps are the whole team's.

It trains what is not in `teams/` yet, a repetition of all settings after the other, and keeps each as it is finished;
the table is in `teams.md` and the curves in `teams.png`. `--only pendulum --repetitions 2` narrows it; `--table` trains
nothing.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import report
from scipy import stats

import rlhp
from rlhp.curves import wilson
from rlhp.runs import Runs, concat

HERE = Path(__file__).resolve().parent
KEPT, WORK = HERE / "teams", HERE / ".work" / "teams"
REPETITIONS = 10
TD3 = {"learning_rate": 1e-3, "batch_size": 128, "learning_starts": 1_000, "net_arch": [64, 64]} | {
    "action_noise_std": 0.1,
    "buffer_size": 300_000,
}
# Environment, steps, what is set besides, the length of an episode, and the return that counts as solved.
WORLDS: dict[str, tuple[str, int, dict[str, Any], int, float]] = {
    "pendulum": ("Pendulum-v1", 100_000, {"gamma": 0.98}, 200, -250.0),
    "mountain_car": ("MountainCarContinuous-v0", 300_000, {"gamma": 0.99}, 1_000, 90.0),
}
SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "TD3": ("td3", {}),
    "TD3, 10 environments": ("td3", {"n_envs": 10, "gradient_steps": -1}),
    "ERL": ("erl", {"train_freq": None}),
    "CEM-RL": ("cem_rl", {"train_freq": None, "action_noise_std": 0.0}),
    "P3S-TD3": ("p3s", {}),
}
A2C = {"n_envs": 8, "n_steps": 16, "use_rms_prop": False, "learning_rate": 1e-2, "gae_lambda": 0.8, "gamma": 0.95}
N_AGENTS, TEMPERATURES = 16, (10.0,)
# Environment, steps of each agent, and what is set.
SPREADS: dict[str, tuple[str, int, dict[str, Any]]] = {
    "svpg_pendulum": ("Pendulum-v1", 100_000, A2C),
    "svpg_cartpole": (
        "CartPole-v1",
        50_000,
        {"n_envs": 8, "n_steps": 16, "normalize_advantage": True, "gamma": 0.98, "learning_rate": 1e-3},
    ),
}


def config_of(world: str, setting: str) -> dict[str, Any]:
    """Give the hyperparameters of a setting; a generation is as long as an episode."""
    _, _, special, episode, _ = WORLDS[world]
    config = TD3 | special | SETTINGS[setting][1]
    return {name: episode if value is None else value for name, value in config.items()}


def kept(world: str, setting: str) -> Runs | None:
    """Give the runs of a setting that are there."""
    folder = KEPT / world / _named(setting)
    return Runs.load(folder) if folder.exists() else None


def train(world: str, setting: str, seed: int) -> None:
    """Train a repetition of a setting, if it is not there."""
    env_id, steps, *_ = WORLDS[world]
    before = kept(world, setting)
    if before is not None and seed in set(before.table["seed"]):
        return
    name = _named(setting)
    runs = rlhp.sweep(
        SETTINGS[setting][0],
        env_id,
        config_of(world, setting),
        steps=steps,
        seeds=[seed],
        evaluation=rlhp.Evaluation(steps // 20, episodes=20),
        engine="jax",
        out=WORK / world / f"{name}-{seed}",
        execution=rlhp.Execution(progress=False),
    )
    both = runs if before is None else concat([before, runs])
    shutil.rmtree(KEPT / world / name, ignore_errors=True)
    both.save(KEPT / world / name)


def _named(setting: str) -> str:
    return setting.lower().replace(",", "").replace(" ", "_").replace("-", "_")


def spread(world: str, setting: str, seed: int) -> None:
    """Train a repetition of agents that are a team, or are not, and measure what they have become, if it is not there.

    For each agent the mean return of 20 greedy episodes; and the mean, over pairs of agents and over the states that
    all of them see while they explore, of the divergence of Kullback and Leibler between their policies.
    """
    path = KEPT / f"{world}.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    if str(seed) in found.get(setting, {}):
        return
    from rlhp.trainers import RunRequest
    from rlhp.trainers.segments import advance, begin

    env_id, steps, config = SPREADS[world]
    if setting == "independent":
        seeds = range(N_AGENTS * seed, N_AGENTS * (seed + 1))
        asked = [RunRequest("a2c", env_id, one, steps, config, steps, 2, "jax") for one in seeds]
    else:
        team = config | {"n_actors": N_AGENTS, "temperature": float(setting.split()[-1])}
        total = steps * N_AGENTS
        asked = [RunRequest("svpg", env_id, seed, total, team, total, 2, "jax")]
    training = begin(asked)
    advance(training, asked[0].steps)
    states = [run.begun() for run in training.runs]
    returns, divergence = measured(env_id, setting, states, seed)
    found.setdefault(setting, {})[str(seed)] = {"returns": returns, "divergence": divergence}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n")


def measured(env_id: str, setting: str, states: list[Any], seed: int) -> tuple[list[float], float]:
    """Evaluate every agent, and measure how far their policies are apart."""
    import jax
    import jax.numpy as jnp

    from rlhp.agents import actor_critic, distributions, networks, normalizing, teams
    from rlhp.envs import make_jax
    from rlhp.envs.playing import play, start

    env = make_jax(env_id)
    family, context, n_dims = distributions.of(env), env.default_context(), len(env.observation_shape)
    if setting == "independent":
        models, statistics = teams.stacked([(state.weights.model, state.weights.statistics) for state in states])
    else:
        models, statistics, _ = states[0].weights
    stack = actor_critic.Weights(models, statistics)
    hp = {"gamma": jnp.float32(0.99)} | {f"env.{name}": jnp.float32(one) for name, one in context.items()}

    def returned(weights: Any, key: Any) -> Any:
        return actor_critic.evaluated(env, family, weights, hp, key, 20)["return_mean"]

    def outputs(weights: Any, observations: Any) -> Any:
        seen = normalizing.scaled(weights.statistics.view, networks.flat(observations, n_dims))
        return actor_critic.forward(weights.model, seen)[0]

    def visited(weights: Any, key: Any) -> Any:
        def step(playing: Any, t: Any) -> tuple[Any, Any]:
            noise = family.noise(jax.random.fold_in(key, 2 * t), 8)
            chosen = family.sample(outputs(weights, playing.observation), weights.model.log_std, noise)
            after, _ = play(env, jax.random.fold_in(key, 2 * t + 1), playing, family.playable(chosen), context)
            return after, playing.observation

        return jax.lax.scan(step, start(env, key, 8, context), jnp.arange(200))[1][::10]

    keys = jax.random.split(jax.random.key(seed), N_AGENTS)
    returns = jax.jit(jax.vmap(returned))(stack, keys)
    places = jax.jit(jax.vmap(visited))(stack, keys).reshape(-1, *env.observation_shape)
    said = np.asarray(jax.jit(jax.vmap(lambda weights: outputs(weights, places)))(stack), float)  # [agents, outputs, n]
    if env.n_actions is not None:
        logs = said - np.logaddexp.reduce(said, axis=1, keepdims=True)
        apart = [(np.exp(a) * (a - b)).sum(0).mean() for a in logs for b in logs]
    else:
        spreads = np.asarray(models.log_std, float)
        pairs = list(zip(said, spreads, strict=True))
        apart = [
            (s[:, None] - r[:, None] + (np.exp(2 * r)[:, None] + (a - b) ** 2) / (2 * np.exp(2 * s)[:, None]) - 0.5)
            .sum(0)
            .mean()
            for a, r in pairs
            for b, s in pairs
        ]
    return [round(float(one), 2) for one in returns], float(np.sum(apart) / (N_AGENTS * (N_AGENTS - 1)))


def rows_of(world: str) -> list[list[object]]:
    """Give the table's rows of an environment."""
    _, steps, _, _, solved = WORLDS[world]
    rows: list[list[object]] = []
    for setting in SETTINGS:
        runs = kept(world, setting)
        if runs is None:
            continue
        last = runs.evals.groupby("run_id")["return_mean"].last().to_numpy()
        ever = runs.evals.groupby("run_id")["return_mean"].max().to_numpy()
        n, above = len(last), int((last > solved).sum())
        low, high = (float(end) for end in wilson(np.asarray(above / n), n, 0.95))
        rows.append(
            [
                setting,
                n,
                f"{np.median(last):.1f} ({last.min():.1f} to {last.max():.1f})",
                f"{above} of {n} ({low:.0%} to {high:.0%})",
                f"{int((ever > solved).sum())} of {n}",
                f"{runs.table['cpu_time_s'].mean():.0f}",
            ]
        )
    del steps
    return rows


def spread_rows(world: str) -> list[list[object]]:
    """Give the table's rows of what teams and independent agents have become."""
    path = KEPT / f"{world}.json"
    rows: list[list[object]] = []
    for setting, by_seed in (json.loads(path.read_text()) if path.exists() else {}).items():
        returns = np.array([one["returns"] for one in by_seed.values()])
        apart = np.array([one["divergence"] for one in by_seed.values()])
        rows.append(
            [
                setting,
                len(apart),
                *(_mean(values) for values in (returns.mean(1), returns.max(1), returns.std(1), apart)),
            ]
        )
    return rows


def _mean(values: np.ndarray) -> str:
    n = len(values)
    if n < 2:
        return f"{values.mean():.2f}"
    low, high = stats.t.interval(0.95, n - 1, values.mean(), max(stats.sem(values), 1e-12))
    return f"{values.mean():.2f} ({low:.2f} to {high:.2f})"


def page() -> None:
    """Write the tables and draw the curves."""
    header = ["setting", "repetitions", "final return: median (least to most)", "above at the end (95 %)"]
    header += ["above at any evaluation", "CPU seconds a run"]
    tables = {world: rows_of(world) for world in WORLDS}
    there = [world for world, rows in tables.items() if rows]
    text = (
        "Teams beside TD3 at equal environment steps of the whole team: networks of [64, 64], batches of 128, a "
        "gradient step of a critic for each environment step. Returns are means of 20 greedy episodes: of the "
        "champion's of ERL, the mean's of CEM-RL, the best learner's of P3S-TD3. The interval of a share is Wilson's."
    )
    parts: list[tuple[str, list[str], list[list[object]]]] = []
    for world in there:
        env_id, steps, _, _, solved = WORLDS[world]
        parts.append((f"## {env_id}, {steps:,} steps; above {solved:g}", header, tables[world]))
    for world, (env_id, steps, _) in SPREADS.items():
        rows = spread_rows(world)
        if rows:
            words = f"## SVPG on {env_id}: {N_AGENTS} agents, {steps:,} steps each"
            names = ["setting", "repetitions", "mean return of the agents", "of the best", "deviation among agents"]
            parts.append((words, [*names, "mean divergence of pairs (nats)"], rows))
    (words, names, cells), *more = parts
    report.write("teams", "Teams of actors", f"{text}\n\n{words}", names, cells, more=more)
    figure, axes = plt.subplots(1, max(len(there), 1), figsize=(7.5 * max(len(there), 1), 4.5), squeeze=False)
    for world, ax in zip(there, axes.flat, strict=False):
        for setting, style in zip(SETTINGS, ("-", "--", "-.", ":", (0, (5, 1))), strict=True):
            runs = kept(world, setting)
            if runs is None:
                continue
            returns = runs.evals.pivot(index="step", columns="run_id", values="return_mean")
            (line,) = ax.plot(returns.index, returns.median(axis=1), linestyle=style, label=f"{setting} ({len(runs)})")
            ax.fill_between(returns.index, returns.min(axis=1), returns.max(axis=1), color=line.get_color(), alpha=0.1)
        ax.set(title=WORLDS[world][0], xlabel="environment steps of the team", ylabel="mean return, median of runs")
        ax.legend(title="setting (runs)")
    figure.savefig(HERE / "teams.png", dpi=80, bbox_inches="tight")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", choices=[*WORLDS, *SPREADS], default=[*SPREADS, *WORLDS])
    parser.add_argument("--settings", nargs="*", choices=list(SETTINGS), default=list(SETTINGS))
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--table", action="store_true", help="only write the tables of what is there")
    chosen = parser.parse_args()
    for seed in range(0 if chosen.table else chosen.repetitions):
        for world in chosen.only:
            if world in WORLDS:
                for setting in chosen.settings:
                    train(world, setting, seed)
                    print(world, setting, seed, flush=True)
            else:
                for setting in ("independent", *(f"temperature {value:g}" for value in TEMPERATURES)):
                    spread(world, setting, seed)
                    print(world, setting, seed, flush=True)
    page()


if __name__ == "__main__":
    main()
