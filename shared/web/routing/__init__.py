"""Which address leads to which route, and what the app tells of them."""
