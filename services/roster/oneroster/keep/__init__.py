"""What each source has: every row that it has sent, in force or ended."""
