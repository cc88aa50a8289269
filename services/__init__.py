"""The independent services; none imports another (insights reads the aggregator's pure domain)."""
