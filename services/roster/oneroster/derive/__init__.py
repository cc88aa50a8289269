"""What follows from the rows that a source has: guardians, classes and program enrolments."""
