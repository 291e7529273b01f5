"""The compiled engine: programs of one run, runs that can be paused, and threads that train many side by side."""
