"""Insights: the authority on nothing; it reads the aggregator's counts and facts and shows them."""
