"""Pages of every service share their frame, their look, their languages and their refusals."""
