"""The pages with which credentials are written down: a class is logged, by name and on one day."""
