"""Which rows a caller reaches, reads, writes and finds."""
