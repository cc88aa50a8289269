"""A program of ours runs with settings, logs, metrics and loops that are looked after, and ends in good order."""
