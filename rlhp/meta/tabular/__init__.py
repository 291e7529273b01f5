"""Random tabular MDPs that an agent meets for a few episodes: how well those do that plan with what they have seen.

Ten states, five actions, episodes of ten steps that begin in state 0. For each trial the transition probabilities are
drawn from a flat Dirichlet distribution and the mean rewards from N(1, 1); a reward adds noise from N(0, 1).
"""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
