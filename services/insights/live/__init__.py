"""Numbers change in front of their reader."""
