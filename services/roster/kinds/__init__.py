"""Each kind of record says here what may be kept of it, how it is asked for, and which fact it becomes. Pure."""
