"""These modules say which rows a caller reads, writes and finds."""
