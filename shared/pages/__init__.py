"""What the pages of every service have in common: their frame, their look, their languages and their refusals."""
