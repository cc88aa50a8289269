"""The students behind a number: who may still move it, and what of one student counts."""
