"""Where a student was taught for an award: worked out of the enrolments as they are known now, in whatever order."""

from datetime import date

from services.aggregator.domain.facts import Subject
from services.aggregator.domain.students.enrolled import Held, covering, taught_under, taught_under_one_of
from shared.contracts.credentials import Award
from shared.contracts.roster import Enrolment


def named_program(award: Award) -> str | None:
    """The program that whoever logged the award has named; what was filled in then may be wrong by now."""
    return award.program_id if award.program_named else None


def taught_for(subject: Subject, award: Award, day: date) -> Enrolment | None:
    """The enrolment that an award was earned under.

    In the program that it names, else in one that the credential is aligned with: the one that
    covers the day, else the latest before. Else, when it names none, any that covers the day.
    """
    enrolments: list[Held] = subject.of(Enrolment)
    program = named_program(award)
    if program is not None:
        return taught_under(enrolments, program, day)
    held = taught_under_one_of(enrolments, award.tiers, day)
    return held if held is not None else covering(enrolments, day)


def taught_at(subject: Subject, award: Award, day: date) -> tuple[str | None, str | None]:
    """Program and campus of that enrolment; without one, the program that the award names."""
    held = taught_for(subject, award, day)
    return (held.program_id, held.organisation_id) if held else (named_program(award), None)
