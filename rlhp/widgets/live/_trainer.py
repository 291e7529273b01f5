"""Train any agent on any environment and see it learn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from rlhp.algorithms import declared, names
from rlhp.curves import number_label
from rlhp.envs import has_gymnasium
from rlhp.frames import BROKEN
from rlhp.runs import Runs
from rlhp.sweeps import Evaluation, Execution
from rlhp.trainers import declared_world
from rlhp.widgets.background._fates import brief, fates
from rlhp.widgets.background._training import BackgroundSweep, seeds
from rlhp.widgets.frame._controls import Number, section, tie
from rlhp.widgets.frame._explorer import Explorer
from rlhp.widgets.frame._form import HyperparameterForm
from rlhp.widgets.frame._markup import fold, marked, paragraphs, table
from rlhp.widgets.live import _catalogue as catalogue
from rlhp.widgets.live._picker import AlgorithmPicker, EnvironmentPicker
from rlhp.widgets.live._plan import Plan, Trained
from rlhp.widgets.live._policy_box import PolicyBox
from rlhp.widgets.retrain._growing import Frame, growing, joined, verdict
from rlhp.worlds import split

if TYPE_CHECKING:
    from rlhp.trainers import Episode, Policy

__all__ = ["LiveTrainer"]

_STEPS = (100, 1_000_000)
_SEEDS = (1, 16)
_CURVE = "The learning curve appears here as soon as an agent has been evaluated. Press Start."


class LiveTrainer(Explorer):
    """Pick an environment, an algorithm and its hyperparameters; train several seeds; watch them learn and play.

    Training runs in processes of its own, so the notebook stays free. Everything that can be moved by hand is a trait.

    Parameters
    ----------
    env_id : str
        Any environment that Gymnasium knows.
    algorithm : str
        One of `rlhp.algorithms.names()`; the action space decides which of them fit.
    steps : int
        Environment steps of each seed.
    n_seeds : int
        How many agents are trained, seeds 0 to n - 1.
    config : mapping, optional
        Hyperparameters that differ from stable-baselines3's defaults, and parameters of the environment such as
        ``env.gravity``; schedules too.
    evaluation : Evaluation or int
        As in `rlhp.sweep`, but by default every twentieth of `steps`, over five episodes.
    execution : Execution
        How; see `rlhp.sweep`. Policies are kept in any case, and the trainer has a bar of its own.
    title : str
        Its heading.

    Raises
    ------
    ValueError
        If a name is unknown or a value is not allowed.

    Examples
    --------
    >>> trainer = LiveTrainer("CartPole-v1", "ppo", steps=10_000, n_seeds=2, config={"n_envs": 8})
    >>> trainer.config["n_envs"], trainer.algorithm
    (8, 'ppo')
    >>> trainer.start(); runs = trainer.wait()  # doctest: +SKIP
    >>> trainer.close()
    """

    env_id = traitlets.Unicode(help="The environment.")
    algorithm = traitlets.Unicode(help="The algorithm.")
    steps = traitlets.Int(help="Environment steps of each seed.")
    n_seeds = traitlets.Int(help="How many seeds.")
    config = traitlets.Dict(help="Every active hyperparameter; assign some of them to move the form.")

    def __init__(
        self,
        env_id: str = "CartPole-v1",
        algorithm: str = "ppo",
        *,
        steps: int = 20_000,
        n_seeds: int = 4,
        config: Mapping[str, Any] | None = None,
        evaluation: Evaluation | int = Evaluation(episodes=5),
        execution: Execution = Execution(),
        title: str = "Live trainer",
    ) -> None:
        super().__init__(title, "Train a few agents that differ in nothing but their seed, and watch what they learn.")
        self._evaluation, self._execution = Evaluation.of(evaluation), Execution.of(execution)
        self._drawn: object = None
        self._running: Plan | None = None
        self._ended: Trained | None = None
        self._past: list[Trained] = []
        self._shelf: Any = None  # the sweep whose policies are offered
        self.at_close(self._clear_shelf)
        self._moving = False
        self.picker = EnvironmentPicker(env_id, self.guarded)
        self.choice = AlgorithmPicker(algorithm, names(), self.guarded)
        self.steps_control = Number("Steps per seed", _in("steps", steps, _STEPS), *_STEPS, measure="log", integer=True)
        self.seeds_control = Number("Seeds", _in("n_seeds", n_seeds, _SEEDS), *_SEEDS, integer=True)
        self.form = HyperparameterForm(algorithm, config, self.guarded, env_id=env_id)
        self._form_place = ipywidgets.VBox([self.form])
        self.curve = self.figure(_CURVE, height=300)
        self.film = self.figure("No episode has been played yet.", widest=400)
        self.policies = PolicyBox(self, self.film)
        self._link()
        self._fit()
        controls = [
            section("Environment"),
            self.picker,
            section("Algorithm"),
            self.choice,
            section("How much"),
            self.steps_control,
            self.seeds_control,
            section("Hyperparameters"),
            self._form_place,
        ]
        bar = self.bar(self.start_button, self.stop_button, progress=True)
        self.compose(controls, [self.curve, self._twin, self.policies], run=[bar])
        self._explain()

    # --- what can be moved -------------------------------------------------------------------------------------

    def _link(self) -> None:
        """Tie every trait to its control, both ways."""
        controls = {
            "env_id": (self.picker, "env_id"),
            "algorithm": (self.choice, "algorithm"),
            "steps": (self.steps_control, "value"),
            "n_seeds": (self.seeds_control, "value"),
        }
        for trait, (control, name) in controls.items():
            held = getattr(control, name)
            setattr(self, trait, int(held) if isinstance(control, Number) else held)
            tie(self, trait, control, self.guarded, name=name)
        self.observe(lambda _: self._fit(), "env_id")
        self.observe(lambda _: self._new_form(), ["algorithm", "env_id"])
        self.observe(lambda change: self._assigned(change["new"]), "config")
        self.observe(lambda _: self._explain(), ["env_id", "algorithm", "steps", "n_seeds", "config"])
        self._watch_form()

    @traitlets.validate("env_id")
    def _known_environment(self, proposal: Any) -> str:
        return str(self.picker._known(proposal))

    @traitlets.validate("algorithm")
    def _known_algorithm(self, proposal: Any) -> str:
        return str(self.choice._known(proposal))

    @traitlets.validate("steps")
    def _some_steps(self, proposal: Any) -> int:
        return _in("steps", proposal["value"], _STEPS)

    @traitlets.validate("n_seeds")
    def _some_seeds(self, proposal: Any) -> int:
        return _in("n_seeds", proposal["value"], _SEEDS)

    def _fit(self) -> None:
        try:
            self.choice.offer(catalogue.suited(self.env_id))
        except ValueError:
            self.choice.offer(None)
        if not self.training:
            self.start_button.disabled = bool(self.picker.problem)
            self.say("choose another environment to train" if self.picker.problem else "ready")

    def _new_form(self) -> None:
        """Another algorithm, or an environment with other parameters, has other controls; what both have stays set."""
        same = self.form.algorithm == self.algorithm
        if not same or (self.form.env_id != self.env_id and declared_world(self.env_id) != self.form.world):
            kept = split({**self.form.config, **self.form.fixed})[0] if same else None
            self.form = HyperparameterForm(self.algorithm, kept, self.guarded, env_id=self.env_id)
            self._form_place.children = (self.form,)
            self._watch_form()

    def _watch_form(self) -> None:
        self.listen(self.form, self._from_form, "config")
        self._from_form()

    def _from_form(self) -> None:
        self._moving = True
        try:
            self.config = dict(self.form.config)
        finally:
            self._moving = False

    def _assigned(self, config: Mapping[str, Any]) -> None:
        if not self._moving:
            try:
                self.form.set(config)
            finally:
                self._from_form()

    def _explain(self) -> None:
        """Say what Start would do where nothing was trained, and where the controls have moved away from what was."""
        plan, problem = self._plan(), self.picker.problem
        would = f"Start trains {plan} from {self.n_seeds * self.steps:,} environment steps in all."
        said = ""
        if self._running is None:
            self.tell(f"<p>{marked(problem or would)}</p>")
        elif plan != self._running and self.training:
            said = (
                f"A control was moved: what trains now are {self._running}, as they were set when Start was pressed. "
                f"Press Stop, then Start, to train what the controls say."
            )
        elif plan != self._running:
            said = f"A control was moved since this was trained. {problem or would}"
        self.remark(said)

    def _plan(self) -> Plan:
        return Plan(self.algorithm, self.env_id, self.steps, self.n_seeds, dict(self.config))

    # --- training ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Train with what is chosen now; returns at once.

        Raises
        ------
        ValueError
            If the environment or algorithm cannot be used, or a training is running here.
        """
        from rlhp.sweeps import Session, requests_of

        if self.picker.problem:
            raise ValueError(self.picker.problem)
        requests = requests_of(
            self.algorithm,
            self.env_id,
            dict(self.config),
            steps=self.steps,
            seeds=self.n_seeds,
            evaluation=replace(self._evaluation, every=self._evaluation.interval(self.steps, times=20)),
            # What stable-baselines3 lacks, the compiled engine trains.
            engine="sb3" if declared(self.algorithm).sb3 and has_gymnasium(self.env_id) else "jax",
        )
        sweep = Session(requests, execution=replace(self._execution, keep_policies=True))
        plan = self._plan()
        with self._lock:  # no report comes before all of this is set
            before = self._keep(plan)
            self.begin(sweep, what=seeds(self.n_seeds), report=lambda training: self._report(training, plan, before))
            self._drawn, self._running, self._ended = None, plan, None
            self.policies.put_back()
            self._show(plan, None, before)
            self._explain()

    def _keep(self, plan: Plan) -> Trained | None:
        """Return the training to compare with: the last whole one on this environment that was set differently."""
        if self._ended is not None and self._ended.whole:
            kept = [one for one in self._past if one.plan != self._ended.plan]
            self._past = [*kept, self._ended]
        others = [one for one in self._past if one.plan.env_id == plan.env_id and one.plan != plan]
        return others[-1] if others else None

    def _report(self, training: BackgroundSweep, plan: Plan, before: Trained | None) -> None:
        runs = training.sweep.snapshot()
        self.runs = runs
        state = (len(runs.evals), tuple(runs.table["status"]), training.ended)
        if state != self._drawn:
            self._drawn = state
            self._show(plan, runs, before)
        if training.ended:
            self._ended = Trained(plan, runs)
            self._explain()
            self._offer(training, plan)

    def _show(self, plan: Plan, runs: Runs | None, before: Trained | None) -> None:
        """Draw what the training has by now beside the one before it, and say what both show."""
        now = growing(runs) if runs is not None else None
        broken = fates({"": runs}) if runs is not None else ""
        curves = {plan.called("now", before.plan) if before else "": now} if now is not None and now.summary else {}
        looks = list(range(len(curves)))
        if before is not None:
            curves[before.plan.called("before", plan)] = before.grown()
            looks.append(1)  # also while it is alone: the first look is that of what trains now
        state = f"{plan}" if self._over(runs) else f"{plan}, while they train"
        state += f"; {brief(runs)}" if runs is not None and broken else ""
        said = [
            one.sentence(None if name == "" else [name], over=self._over(runs))
            for name, one in curves.items()
            if one is not None
        ]
        if now is None or now.summary is None:
            said.insert(0, broken or self._nothing(runs))
        elif broken:
            said.insert(1, broken)
        text = " ".join(said)
        grown = [one for one in curves.values() if one is not None]
        if not grown:
            self.curve.clear(text)
        else:
            both = joined(grown, sum(one.n_runs for one in grown))
            labels = list(curves) if before is not None else None
            frame = Frame(max(plan.steps, before.plan.steps)) if before is not None else Frame(plan.steps)
            self.curve.draw(
                lambda ax: both.draw(ax, title=state, labels=labels, looks=looks, frame=frame),
                alt=f"Learning curves of {plan}. {text}",
            )
            if before is not None and self._over(runs) and len(grown) > 1:
                told = verdict(both, list(curves), f"{seeds(plan.n_seeds)} each", steps=plan.steps)
                text += f" {told[:1].upper()}{told[1:]}"
        seeds_table = _seeds_table(runs) if runs is not None else ""
        self.tell(paragraphs([f"{plan}. {text}"]) + fold("The seeds as a table", seeds_table))

    def _over(self, runs: Runs | None) -> bool:
        return runs is not None and self.current is not None and self.current.ended

    def _nothing(self, runs: Runs | None) -> str:
        if self._over(runs):
            return "Training ended before the first evaluation, so that there is nothing to see of it."
        return "The agents are learning; the first evaluation is not done yet."

    def _offer(self, training: BackgroundSweep, plan: Plan) -> None:
        """Offer the policies of a training that has ended; where it left none, those before it stay."""
        trained = {}
        for run_id, row in training.sweep.snapshot().table.iterrows():
            path = _path(training.sweep, str(run_id))
            if path is not None:
                early = "" if row["status"] == "finished" else f" ({row['status']} early)"
                trained[f"seed {row['seed']}{early}"] = path
        if trained:
            left, self._shelf = self._shelf, training.sweep
            self.policies.offer(trained, f"policies/{plan.algorithm}_{plan.env_id.replace('/', '_')}.zip")
            if left is not None:
                left.close()

    def release(self, sweep: Any) -> None:
        """Close a sweep, unless its policies are the last that there are."""
        if sweep is not self._shelf:
            sweep.close()

    def _clear_shelf(self) -> None:
        if self._shelf is not None:
            self._shelf.close()

    # --- policies ----------------------------------------------------------------------------------------------

    def watch(self, *, seed: int | None = None, max_steps: int = 1000) -> Episode:
        """Play one greedy episode of the chosen policy and show it; see `PolicyBox.watch`."""
        return self.policies.watch(seed=seed, max_steps=max_steps)

    def save_policy(self, path: str | Path) -> Path:
        """Save the chosen policy."""
        return self.policies.save(path)

    def load_policy(self, path: str | Path, *, trust: bool = False) -> Policy:
        """Load a policy to watch; see `rlhp.load_policy`."""
        return self.policies.load(path, trust=trust)


def _in(name: str, value: Any, allowed: tuple[int, int]) -> int:
    low, high = allowed
    if isinstance(value, bool) or int(value) != value or not low <= value <= high:
        raise ValueError(f"`{name}` is {value}; give a whole number from {low:,} to {high:,}.")
    return int(value)


def _path(sweep: Any, run_id: str) -> Path | None:
    try:
        path = Path(sweep.policy_path(run_id))
    except (ValueError, FileNotFoundError):
        return None
    return path if path.is_file() else None


def _seeds_table(runs: Runs) -> str:
    last: dict[Any, Any] = {one.run_id: one for one in runs.evals.groupby("run_id").tail(1).itertuples()}
    broke = runs.table["status"].isin(BROKEN).any()
    rows: list[list[str]] = []
    for run_id, run in runs.table.sort_values("seed").iterrows():
        at = last.get(run_id)
        cells = ["", ""] if at is None else [number_label(at.return_mean), f"{at.step:,}"]
        if at is not None or broke:
            rows.append([f"seed {run['seed']}", *cells, *([str(run["status"])] if broke else [])])
    return table(["agent", "mean return", "at step", *(["run"] if broke else [])], rows) if rows else ""
