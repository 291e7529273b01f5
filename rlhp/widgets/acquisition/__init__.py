"""Bayesian optimisation along one hyperparameter: sample by hand, step the loop, repeat whole searches."""
