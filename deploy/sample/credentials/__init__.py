"""Credentials' share of the sample: the catalogue, awards and assessments."""
