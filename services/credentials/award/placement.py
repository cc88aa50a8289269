"""Where a student was taught when an award was earned, and whether the caller may log it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from services.credentials.catalogue_entry.rules import Credential
from shared.contracts.roster import OrganisationType, alias_digest
from shared.errors import NotFound, Problem, Refused, refused

STATE_STUDENT_ID = "stateStudentId:"
# (program, organisation) -> may the caller touch a student's award there
Within = Callable[[str | None, str | None], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A student in a program, at the organisation that delivers it."""

    program_id: str
    organisation_id: str
    begin: date
    end: date | None = None
    organisation_type: OrganisationType | None = None

    def covers(self, day: date) -> bool:
        """Whether the student was enrolled on that day."""
        return self.begin <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Student:
    """What roster has told us of a person; `district_id` is the home district of the latest year.

    `id` is the record that was named: of a merged person its own, under which records go on being
    logged; `together` are all ids of the person, the survivor's first, where some were merged.
    Of one who has opted out of directory information nothing is announced.
    """

    id: str
    district_id: str | None = None
    directory_opt_out: bool = False
    together: tuple[str, ...] = ()
    districts: frozenset[str] = frozenset()

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id that means this person, the survivor's first."""
        return self.together or (self.id,)

    @property
    def homes(self) -> frozenset[str]:
        """The districts in which some record of the person is at home."""
        return self.districts | ({self.district_id} if self.district_id else frozenset())

    enrolments: tuple[Enrolment, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """The program and the organisation that an award is filed under, as far as known."""

    program_id: str | None
    organisation_id: str | None


def named_under(name: str) -> str | None:
    """The digest of the source id that a student was named by, with which what is logged goes.

    None for a person id, which stays whose it is, and for a state student id, which may be given to another child.
    """
    return alias_digest(name) if ":" in name and not name.startswith(STATE_STUDENT_ID) else None


def place(student: Student, *, credential: Credential, day: date, program_id: str | None, within: Within) -> Place:
    """The enrolment that covers the day, else the latest before, in a program that the credential serves.

    Raise NotFound when the caller has nothing to do with the student, Refused when only
    naming the program would tell which of several is meant.
    """
    ours = [one for one in student.enrolments if within(one.program_id, one.organisation_id)]
    begun = [one for one in ours if one.begin <= day]
    meant = {program_id} if program_id else set(credential.tiers_on(day))
    fitting = [one for one in begun if one.program_id in meant]
    best = [one for one in fitting if one.covers(day)] or _latest(fitting)
    programs = sorted({one.program_id for one in best})
    if len(programs) > 1:
        said = f"the student was in several programs that {credential.code} belongs to"
        raise _refused(said, f"say program_id, one of {', '.join(programs)}", "several_programs")
    if best:
        return Place(programs[0], max(best, key=lambda one: one.begin).organisation_id)
    if within(program_id, None):
        return Place(program_id, None)
    raise _out_of_reach(ours, begun, credential, day, program_id)


def taught_in(student: Student, *, program_id: str, day: date, within: Within) -> Enrolment | None:
    """The enrolment in the program that covers the day, else the latest before; None when none is known.

    Raise NotFound or Refused when the caller has nothing to do with the student there.
    """
    ours = [one for one in student.enrolments if within(one.program_id, one.organisation_id)]
    begun = [one for one in ours if one.begin <= day]
    fitting = [one for one in begun if one.program_id == program_id]
    best = [one for one in fitting if one.covers(day)] or _latest(fitting)
    if best:
        return max(best, key=lambda one: one.begin)
    if within(program_id, None):
        return None
    raise _out_of_reach(ours, begun, None, day, program_id)


def enrolled_by(student: Student, day: date) -> bool:
    """Whether we know of any enrolment that had begun by that day."""
    return any(one.begin <= day for one in student.enrolments)


def _latest(enrolments: Sequence[Enrolment]) -> list[Enrolment]:
    last = max((one.end or one.begin for one in enrolments), default=None)
    return [one for one in enrolments if (one.end or one.begin) == last]


def _out_of_reach(
    ours: Sequence[Enrolment],
    begun: Sequence[Enrolment],
    credential: Credential | None,
    day: date,
    program_id: str | None,
) -> Refused:
    if not ours:
        works = "check the id; whoever is new is put into roster, and enrolled with you, first"
        return NotFound("there is no such student within your reach", works=works, code="unknown_student")
    if not begun:
        first = min(one.begin for one in ours)
        said = f"the student's first enrolment with you begins on {first}, after {day}"
        return _refused(said, "check the date", "before_begin")
    programs = ", ".join(sorted({one.program_id for one in begun}))
    if program_id or credential is None:
        said = f"the student was not enrolled with you in {program_id} by {day}, but in {programs}"
        return _refused(said, "name that program, or check the date", "not_enrolled")
    said = f"{credential.code} is not aligned on {day} with a program in which you teach the student"
    return _refused(said, f"say program_id, one of {programs}", "not_aligned")


def _refused(detail: str, works: str, code: str) -> Refused:
    return refused(Problem("/program_id", detail, works, code))
