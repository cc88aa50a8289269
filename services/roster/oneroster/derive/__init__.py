"""Guardians, classes and program enrolments follow from the rows that a source has."""
