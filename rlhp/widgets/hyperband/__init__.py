"""Plans that stop runs early, on learning curves that were measured: who goes on, and whether the best one does."""
