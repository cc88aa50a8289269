"""The numbers for programs, as JSON and CSV."""
