"""Programs read the numbers here, as JSON and CSV."""
