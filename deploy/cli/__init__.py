"""The console command `aurora`: start, stop and look at a local stack, and load data into it."""
