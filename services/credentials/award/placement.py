"""Where a student was taught when an award was earned, and whether the caller may log it."""

from dataclasses import dataclass
from datetime import date

from services.credentials.catalogue_entry.rules import Credential
from shared.errors import Problem, refused
from shared.roster_copy.students import Student, Within, begun_within, best_on, out_of_reach


@dataclass(frozen=True, slots=True)
class Placement:
    """The program and the organisation that an award is filed under, as far as known."""

    program_id: str | None
    organisation_id: str | None


def place(student: Student, *, credential: Credential, day: date, program_id: str | None, within: Within) -> Placement:
    """The enrolment that covers the day, else the latest before, in a program that the credential serves.

    Raise NotFound when the caller has nothing to do with the student, Refused when only
    naming the program would tell which of several is meant.
    """
    meant = {program_id} if program_id else set(credential.tiers_on(day))
    best = best_on([one for one in begun_within(student, day, within) if one.program_id in meant], day)
    programs = sorted({one.program_id for one in best})
    if len(programs) > 1:
        said = f"the student was in several programs that {credential.code} belongs to"
        works = f"say program_id, one of {', '.join(programs)}"
        raise refused(Problem("/program_id", said, works, "several_programs"))
    if best:
        return Placement(programs[0], max(best, key=lambda one: one.begin).organisation_id)
    if within(program_id, None):
        return Placement(program_id, None)
    unfit = f"{credential.code} is not aligned on {day} with a program in which you teach the student"
    raise out_of_reach(student, day=day, within=within, program_id=program_id, unfit=unfit, code="not_aligned")
