"""Imports run here, beside the requests."""
