"""Commands that look at the stack: the board, what runs and how far it is, what it said, what the machine lacks."""
