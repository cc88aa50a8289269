"""Insights is the authority on nothing: it reads what the aggregator has counted, and shows it."""
