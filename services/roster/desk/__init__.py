"""How rows become records: one at a time, as a batch, or out of a CSV file."""
