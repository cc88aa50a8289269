"""Rows become records here: one at a time, as a batch, or out of a CSV file."""
