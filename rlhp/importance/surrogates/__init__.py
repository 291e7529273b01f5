"""What stands in for the function between configurations and scores: bagged trees, boosted trees, a Gaussian process.

The room is not named after the function `rlhp.importance.surrogate`: importing it would replace that.
"""
