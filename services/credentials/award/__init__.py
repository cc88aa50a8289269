"""An attempt at a credential and what came of it: its rules, how it is kept, what may be asked of it."""
