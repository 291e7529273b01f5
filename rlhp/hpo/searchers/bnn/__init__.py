"""Bayesian neural networks as surrogates: three fits of one network."""
