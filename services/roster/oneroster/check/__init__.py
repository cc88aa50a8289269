"""A package is checked here as a whole, before anything of it is applied."""
