"""Boxes and arrows

How do things hang together, where there is nothing to measure?
"""

from rlhp import plots

boxes = {"agent": (0, 0), "environment": (4, 0)}
arrows = [("agent", "environment", "action"), ("environment", "agent", "observation, reward")]
ax = plots.diagram(boxes, arrows, marked=["agent"])
alt = plots.diagram_alt_text(boxes, arrows)
