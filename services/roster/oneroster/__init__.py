"""A school's roster comes as OneRoster CSV in a zip: it is read, checked row by row, and applied."""
