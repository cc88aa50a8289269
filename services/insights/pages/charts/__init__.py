"""The small charts of a goal are drawn from here."""
