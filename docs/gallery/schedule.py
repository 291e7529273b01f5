"""Schedules over training

How does a hyperparameter move while training?
"""

from rlhp import plots, schedules

shapes = {
    "linear": schedules.Linear(1.0, 0.05, fraction=0.5),
    "exponential": schedules.Exponential(1.0, 0.05, fraction=0.5),
    "constant": 0.1,
}
ax = plots.schedule(shapes, steps=50_000, name="epsilon", title="Three ways to explore")
alt = plots.schedule_alt_text(shapes, steps=50_000, name="epsilon")
