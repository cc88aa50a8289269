"""Roster's share of the sample: places, people, and what the student system says of them."""
