"""A district that does not exist, shaped like the seeds' West-MEC, made from a seed."""
