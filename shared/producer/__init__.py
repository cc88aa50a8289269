"""What every producer does alike, and the one list of our services."""
