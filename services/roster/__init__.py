"""Roster is the authority on people, places, programs, enrolment, completion, demographics and outcomes."""
