"""How imports run beside the requests, and what is told of them."""
