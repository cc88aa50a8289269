"""On these pages families answer, and staff see whom to call."""
