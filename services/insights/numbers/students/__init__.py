"""Numbers are traced to students: who may still move one, and what of a student counts."""
