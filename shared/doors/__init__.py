"""Who comes in, by which token, how far, and how often."""
