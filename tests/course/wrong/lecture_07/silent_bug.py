"""What students typically write for 07.silent_bug, and a piece of what each is told."""

from typing import Any

import numpy as np


# %% the bug itself: "The colleague's count"
def fixed_halving(train: Any, configs: Any, rungs: Any, eta: int) -> Any:
    alive, spent, before = list(configs), 0, 0
    for steps in rungs:
        scores = [train(config, steps)[0] for config in alive]
        spent += len(alive) * (steps - before)
        alive = [alive[i] for i in np.argsort(scores)[::-1][: max(1, len(alive) // eta)]]
        before = steps
    return alive[0], spent


# %% counted, but trained anew: "every rung begins anew"
def fixed_halving(train: Any, configs: Any, rungs: Any, eta: int) -> Any:
    alive, spent = list(configs), 0
    for steps in rungs:
        scores = [train(config, steps)[0] for config in alive]
        spent += len(alive) * steps
        alive = [alive[i] for i in np.argsort(scores)[::-1][: max(1, len(alive) // eta)]]
    return alive[0], spent


# %% continued for all the steps: "more than beginning anew takes"
def fixed_halving(train: Any, configs: Any, rungs: Any, eta: int) -> Any:
    alive, spent = [(config, None) for config in configs], 0
    for steps in [*rungs, rungs[-1]]:
        trained = [(config, *train(config, steps, state)) for config, state in alive]
        spent += len(alive) * steps
        order = sorted(range(len(trained)), key=lambda i: -trained[i][1])[: max(1, len(alive) // eta)]
        alive = [(trained[i][0], trained[i][2]) for i in order]
    return alive[0][0], spent


# %% the states stay where they were: "from the state of another one"
def fixed_halving(train: Any, configs: Any, rungs: Any, eta: int) -> Any:
    alive, states, spent, before = list(configs), [None] * len(configs), 0, 0
    for steps in rungs:
        both = [train(config, steps - before, state) for config, state in zip(alive, states, strict=False)]
        spent += len(alive) * (steps - before)
        scores, states = [one[0] for one in both], [one[1] for one in both]
        alive = [alive[i] for i in np.argsort(scores)[::-1][: max(1, len(alive) // eta)]]
        before = steps
    return alive[0], spent


# %% the worst go on: "*highest* scores"
def fixed_halving(train: Any, configs: Any, rungs: Any, eta: int) -> Any:
    alive, spent, before = [(config, None) for config in configs], 0, 0
    for steps in rungs:
        trained = [(config, *train(config, steps - before, state)) for config, state in alive]
        spent += len(alive) * (steps - before)
        order = sorted(range(len(trained)), key=lambda i: trained[i][1])[: max(1, len(alive) // eta)]
        alive = [(trained[i][0], trained[i][2]) for i in order]
        before = steps
    return alive[0][0], spent


# %% not sorted: "sort before you cut"
def fixed_halving(train: Any, configs: Any, rungs: Any, eta: int) -> Any:
    alive, spent, before = [(config, None) for config in configs], 0, 0
    for steps in rungs:
        alive = [(config, train(config, steps - before, state)[1]) for config, state in alive]
        spent += len(alive) * (steps - before)
        alive = alive[: max(1, len(alive) // eta)]
        before = steps
    return alive[0][0], spent


# %% only the best: "two things"
def fixed_halving(train: Any, configs: Any, rungs: Any, eta: int) -> Any:
    return max(configs)
