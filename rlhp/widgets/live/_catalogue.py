"""Gymnasium's registry as a list to pick from: newest versions first, and what each environment lacks to run here."""

from __future__ import annotations

import functools
import importlib.util
import warnings
from collections.abc import Set
from dataclasses import dataclass

__all__ = ["Listing", "Suited", "search", "suited", "where_to_find"]

# Room of Gymnasium -> the import it needs, and what to install to have it. Anything else needs its own package.
# Classic control and toy text are not here: without pygame they cannot be watched, but they can be trained.
_NEEDS = {
    "gymnasium.envs.box2d": ("Box2D", "gymnasium[box2d]"),
    "gymnasium.envs.mujoco": ("mujoco", "gymnasium[mujoco]"),
    "gymnasium.envs.phys2d": ("jax", "gymnasium[jax]"),
    "gymnasium.envs.tabular": ("jax", "gymnasium[jax]"),
}
# Families that register themselves only once their package is there, so that the registry cannot list them.
_ELSEWHERE = {
    "gymnasium[atari]": "ale atari breakout pong spaceinvaders asterix seaquest qbert freeway montezuma",
    "minigrid": "minigrid babyai doorkey fourrooms",
    "gymnasium-robotics": "fetch handreach antmaze adroit kitchen pointmaze robotics",
    "metaworld": "metaworld",
    "highway-env": "highway roundabout parking",
}
# What stable-baselines3's multilayer perceptron can read.
_READABLE = {"Box", "Discrete", "MultiDiscrete", "MultiBinary"}


@dataclass(frozen=True)
class Listing:
    """One registered environment.

    Parameters
    ----------
    env_id : str
        Its id.
    latest : bool
        Whether no newer version of it is registered.
    install : str
        What `pip install` must be given for it to run; empty where nothing is missing.
    moved : str
        Why it can run no more, where the registry keeps only its name.
    """

    env_id: str
    latest: bool
    install: str = ""
    moved: str = ""

    @property
    def label(self) -> str:
        """The id, with what it lacks."""
        if self.moved:
            return f"{self.env_id}  (no longer in Gymnasium)"
        return self.env_id + (f"  (needs {self.install})" if self.install else "")

    @property
    def problem(self) -> str:
        """Why it cannot be used now and what to do, in a sentence; empty where it can."""
        if self.moved:
            return f"{self.env_id} {self.moved}"
        if not self.install:
            return ""
        command = f'pip install "{self.install}"'
        return f"{self.env_id} needs packages that are not installed: run `{command}`, then restart the kernel."


@dataclass(frozen=True)
class Suited:
    """Which algorithms can learn an environment, and why the others cannot."""

    spaces: str
    algorithms: tuple[str, ...]
    why_not: dict[str, str]


def search(text: str = "") -> list[Listing]:
    """List environments whose id contains every word of `text`: those that run here first, old versions last."""
    words = text.lower().split()
    found = [entry for entry in _entries() if all(word in entry.env_id.lower() for word in words)]
    return sorted(found, key=lambda e: (bool(e.moved), not e.latest, bool(e.install), e.env_id.lower()))


def where_to_find(text: str) -> str:
    """Say what to install for environments that register only once their package is there; empty if none is known."""
    words = [word for word in text.lower().split() if len(word) > 2]
    for package, names in _ELSEWHERE.items():
        if any(word in names or word.split("-")[0] in names.split() for word in words):
            return f'`pip install "{package}"` brings environments of that name; restart the kernel afterwards.'
    return ""


def suited(env_id: str) -> Suited:
    """Return which algorithms fit an environment, those included that somebody registered a moment ago.

    Raises
    ------
    ValueError
        If it cannot be made; the message says what it lacks.
    """
    from rlhp.algorithms import declared, names
    from rlhp.envs import find, has_gymnasium, has_jax

    kind, reads, spaces = looked_at(env_id, find(env_id))
    if reads not in _READABLE:
        reason = f"{env_id}'s observations are a {reads}, which its networks cannot read"
        return Suited(spaces, (), dict.fromkeys(names(), reason))
    fitting = tuple(name for name in names() if kind in declared(name).actions)
    others = [name for name in names() if name not in fitting]
    why = {name: f"for {_words(declared(name).actions)} actions; {env_id}'s are {_words({kind})}" for name in others}
    for name in fitting:
        if declared(name).sb3 is None and not has_jax(env_id):
            why[name] = f"trains only in environments written in JAX, which {env_id} is not"
        if declared(name).agent is None and not has_gymnasium(env_id):
            why[name] = f"trains only in environments of Gymnasium's, which {env_id} is not"
    return Suited(spaces, tuple(name for name in fitting if name not in why), why)


@functools.lru_cache(maxsize=256)
def looked_at(env_id: str, entry: object) -> tuple[str, str, str]:
    """Make an environment once and give the kinds of its actions and observations, and both in words.

    `entry` is what is registered under the id here: of another, another is made.

    Raises
    ------
    ValueError
        If it cannot be made; the message says what it lacks.
    """
    from rlhp.envs import has_gymnasium, make_gymnasium
    from rlhp.trainers import spaces_of

    missing = next((entry.problem for entry in _entries() if entry.env_id == env_id), "")
    if missing:
        raise ValueError(missing)
    if not has_gymnasium(env_id):
        return _kinds(*spaces_of(env_id))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Gymnasium recommends newer versions; the list shows them first
            environment = make_gymnasium(env_id)
    except Exception as error:  # whatever an environment of someone else's raises
        raise ValueError(f"{env_id} cannot be made: {error}") from error
    action, seen = environment.action_space, environment.observation_space
    environment.close()
    return _kinds(action, seen)


def _kinds(action: object, seen: object) -> tuple[str, str, str]:
    words = f"observations {_space(seen)}, actions {_space(action)}"
    return type(action).__name__, type(seen).__name__, words


def _entries() -> list[Listing]:
    from gymnasium import registry

    from rlhp.envs import catalogue, registered

    newest: dict[str, int] = {}
    specs = registry.copy().values()  # a package that a training thread imports adds its own
    for spec in specs:
        newest[_family(spec)] = max(newest.get(_family(spec), -1), spec.version or 0)
    return [
        Listing(
            spec.id,
            latest=(spec.version or 0) == newest[_family(spec)],
            install=_install(spec.entry_point),
            moved=_moved(spec),
        )
        for spec in specs
    ] + [Listing(env_id, latest=True) for env_id in catalogue().index if registered(env_id) and env_id not in registry]


def _family(spec: object) -> str:
    return f"{getattr(spec, 'namespace', '')}/{getattr(spec, 'name', '')}"


def _moved(spec: object) -> str:
    """Gymnasium keeps some old ids whose entry point only raises; it is a function of the package itself."""
    entry = getattr(spec, "entry_point", None)
    name = getattr(entry, "__name__", "")
    if "mujoco_py" in name:
        return "has moved to the package gymnasium-robotics; choose version 5, which needs only mujoco."
    if "shimmy" in name:
        return "is an adapter for environments of the old Gym; use such environments through the package shimmy."
    return ""


def _install(entry_point: object) -> str:
    if not isinstance(entry_point, str):
        return ""
    module = entry_point.partition(":")[0]
    for room, (needed, package) in _NEEDS.items():
        if module.startswith(room):
            return "" if _installed(needed) else package
    top = module.partition(".")[0]
    return "" if _installed(top) else top


@functools.cache
def _installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _space(space: object) -> str:
    kind, shape = type(space).__name__, getattr(space, "shape", None)
    if kind == "Discrete":
        return f"Discrete({getattr(space, 'n', '?')})"
    return f"{kind}{tuple(shape)}" if shape else kind


def _words(kinds: Set[str]) -> str:
    plain = {"Box": "continuous (Box)", "Discrete": "discrete"}
    return " or ".join(sorted(plain.get(kind, kind) for kind in kinds))
