"""What operators do about the records of a whole service: compare them with the facts, raise them, erase some."""
