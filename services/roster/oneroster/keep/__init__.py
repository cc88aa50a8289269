"""Roster keeps every row that a source has sent, in force or ended."""
