"""Viewers are told so much of people whose records they may not read, and no more."""
