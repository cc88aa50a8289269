"""One person per human: which records are one person's, by whose decision, and what is still to be decided."""
