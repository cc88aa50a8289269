"""Which numbers there are, what they say of a goal, and what of them a viewer may see."""
