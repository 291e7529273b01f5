"""Bayesian optimisation with a Gaussian process of GPy and the acquisitions of emukit."""
