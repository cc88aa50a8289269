"""What waits to be done with families, for whom, and why: the first of all whom nobody has reached this term."""
