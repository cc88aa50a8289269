"""A plain kind: created, corrected, taken out, listed, and read from CSV; one value says all there is to say of it."""
