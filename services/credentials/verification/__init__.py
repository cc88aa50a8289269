"""Third-party verification: how well an award is confirmed, by whom it was looked up, and what nobody has confirmed."""
