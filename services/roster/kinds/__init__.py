"""What each kind of record is: what may be kept of it, how it is asked for, which fact it becomes. Pure."""
