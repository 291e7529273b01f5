"""Which hyperparameter matters, by which method, where, when, and how sure that is."""

from __future__ import annotations

from rlhp.faces import face

__getattr__, __dir__, __all__ = face(__name__, __file__)
