"""What every producer does alike: the life of a service, rows, changes, imports, worklists, answers."""
