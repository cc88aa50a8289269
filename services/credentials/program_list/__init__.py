"""Whether a program's list of credentials is approved, by date."""
