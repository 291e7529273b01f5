"""The score over two hyperparameters, in one environment and in another."""
