"""What students typically write for 01.budget, and a piece of what each is told."""

from typing import Any


def _schedule(kind: str, *numbers: Any) -> Any:
    def answer() -> Any:
        from rlhp import schedules

        return schedules.kinds()[kind](*numbers)

    return answer


# %% constant: "begins at 0.2"
my_schedule = _schedule("constant", 0.2)

# %% half: "28.75 %"
my_schedule = _schedule("linear", 1.0, 0.05, 0.5)

# %% fraction is the share: "14.5 %"
my_schedule = _schedule("linear", 1.0, 0.05, 0.2)

# %% too slow: "from half of training on"
my_schedule = _schedule("linear", 1.0, 0.0, 0.6)


# %% a number: "a schedule, not"
def my_schedule():
    return 0.2


# %% a function: "a schedule, not"
def my_schedule():
    return lambda progress: 1.0
