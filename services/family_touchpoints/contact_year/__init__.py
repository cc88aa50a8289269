"""What each year of an enrolment asks of us: the points of the program's plan, or nothing, since it is excused."""
