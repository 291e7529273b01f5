"""Searchers, one file each: frozen objects that hold their options and propose configurations from what is known."""
