"""A search by hand on measured runs, against searches that a machine makes."""
