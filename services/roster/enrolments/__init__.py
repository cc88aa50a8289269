"""Completions take their start from enrolments, and some enrolments follow from classes: both are kept right here."""
