"""Counts made anew from the facts, and compared with them."""
