"""What hangs on enrolments: when a program was begun, and which enrolments follow from classes."""
