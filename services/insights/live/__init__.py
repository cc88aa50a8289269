"""Numbers that change in front of their reader."""
