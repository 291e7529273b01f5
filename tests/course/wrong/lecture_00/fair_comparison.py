"""What students typically write for 00.fair_comparison, and a piece of what each is told."""

from typing import Any


def _study(**changes: Any) -> Any:
    """Build a plan that is right but for `changes`."""
    base = {"learning_rate": 1e-3, "n_steps": 32, "n_envs": 8, "gamma": 0.98}
    plan: dict[str, Any] = {
        "configs": [base, {**base, "gamma": 0.9}],
        "seeds": [0, 1, 2, 3, 4],
        "steps": 10_000,
        "prediction": "first",
    }
    return lambda: {key: value for key, value in {**plan, **changes}.items() if value is not None}


# %% two things changed: "differ in 2 hyperparameters"
my_plan = _study(configs=[{"learning_rate": 1e-3, "gamma": 0.98}, {"learning_rate": 1e-4, "gamma": 0.9}])

# %% nothing changed: "the same twice"
my_plan = _study(configs=[{"gamma": 0.98}, {"gamma": 0.98}])

# %% a default in disguise: "default"
my_plan = _study(configs=[{"gamma": 0.99}, {}])

# %% a name misspelt: "learning_rate"
my_plan = _study(configs=[{"learning_rat": 1e-3}, {"learning_rat": 1e-4}])

# %% a text for a number: "The second configuration cannot be trained: `gamma` is 'x' for ppo; allowed: a number"
my_plan = _study(configs=[{"gamma": 0.98}, {"gamma": "x"}])

# %% no number, twice: "The first configuration cannot be trained: `gamma` is missing (nan)"
my_plan = _study(configs=[{"gamma": float("nan")}, {"gamma": float("nan")}])

# %% fewer than no seed: "`seeds` is -3; give how many, at least 5"
my_plan = _study(seeds=-3)

# %% a text for a number of seeds: "`seeds` is '5'; give how many"
my_plan = _study(seeds="5")

# %% seeds that are none: "`seeds` has 0.5 in it; a seed is a whole number"
my_plan = _study(seeds=[0, 0.5, 1, 2, 3])

# %% three configurations: "exactly two"
my_plan = _study(configs=[{"gamma": 0.98}, {"gamma": 0.9}, {"gamma": 0.8}])

# %% one seed: "has one seed"
my_plan = _study(seeds=[0])

# %% three seeds: "at least 5"
my_plan = _study(seeds=[0, 1, 2])

# %% the same seed five times: "repeated"
my_plan = _study(seeds=[0, 0, 0, 0, 0])

# %% the seed as hyperparameter: "not a hyperparameter"
my_plan = _study(configs=[{"seed": 0}, {"seed": 1}])

# %% too long: "at most 20,000"
my_plan = _study(steps=1_000_000)

# %% no prediction: "prediction"
my_plan = _study(prediction=None)

# %% a vague prediction: "first, second, no difference"
my_plan = _study(prediction="maybe")
