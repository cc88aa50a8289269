"""A school's roster as OneRoster 1.2 CSV in a zip: read safely, checked row by row, applied as roster's own records."""
