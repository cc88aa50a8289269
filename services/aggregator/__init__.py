"""The aggregator: the authority on nothing; it keeps exact live counts of what the others record."""
