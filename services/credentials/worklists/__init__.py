"""What waits to be done about awards: for whom, and why."""
