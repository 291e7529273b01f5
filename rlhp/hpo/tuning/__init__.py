"""A whole search: plan, searcher and evaluator in one loop, and the choice that fresh seeds confirm."""
