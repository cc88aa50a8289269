"""The sample's families: who answers for a student, what was tried with them, and what came of it."""
