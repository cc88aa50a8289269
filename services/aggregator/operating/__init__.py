"""What operators see and do: lag, parked records, another log, a person erased."""
