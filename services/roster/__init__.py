"""Roster: the authority on people, places, programs, enrolment, completion and demographics."""
