"""What roster has told of a person, and where they were taught on a day. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar

from shared.contracts.roster import OrganisationType, alias_digest
from shared.errors import NotFound, Problem, Refused, refused

STATE_STUDENT_ID = "stateStudentId:"
UNDER = "_under"  # of a state: the digest of the source id that it was logged under, shown to nobody
# (program, organisation) -> may the caller touch what is filed there of a student
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
    enrolments: tuple[Enrolment, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id that means this person, the survivor's first."""
        return self.together or (self.id,)

    @property
    def homes(self) -> frozenset[str]:
        """The districts in which some record of the person is at home."""
        return self.districts | ({self.district_id} if self.district_id else frozenset())

    def enrolled_by(self, day: date) -> bool:
        """Whether we know of any enrolment that had begun by that day."""
        return any(one.begin <= day for one in self.enrolments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """Which fields of a kind's state say what it is filed under; a kind that says it of nothing has none.

    A kind without a student is reached by its program, organisation or district alone. `student` may
    be a list of ids: whoever reaches one of them reaches the record, and one that names nobody is
    reached as one of a kind without students. `by_enrolment`: whoever reaches the student, as a
    person or by any enrolment, reaches the record, and nobody else, whatever program or
    organisation it names. `at_several`: program and organisation are lists, of which any will do; no
    program is any program, and a district reaches what is at an organisation of its own.
    """

    student: str | None = None
    program: str | None = None
    organisation: str | None = None
    district: str | None = None
    by_enrolment: bool = False
    at_several: bool = False

    def several(self, state: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The organisations and the programs that a state names."""
        return tuple(state.get(self.organisation or "") or ()), tuple(state.get(self.program or "") or ())

    def students(self, state: Mapping[str, Any]) -> tuple[str, ...]:
        """The students whom a state names, one or several or nobody."""
        said = state.get(self.student) if self.student else None
        if isinstance(said, list | tuple):
            return tuple(said)
        return () if said is None else (str(said),)

    def of(self, state: Mapping[str, Any]) -> dict[str, str | None]:
        """What a state is filed under, by the name that reaches have for it."""
        names = {"program": self.program, "organisation": self.organisation, "district": self.district}
        return {name: state.get(path) if path else None for name, path in names.items()}

    def paths(self) -> dict[str, str | None]:
        """Where the fields stand in a document."""
        names = {
            "program": self.program,
            "organisation": self.organisation,
            "district": self.district,
            "student": self.student,
        }
        return {name: f"state.{path}" if path else None for name, path in names.items()}


OF_A_STUDENT = Filed(student="student_id", program="program_id", organisation="organisation_id")


def named_under(name: str) -> str | None:
    """The digest of the source id that a student was named by, with which what is logged goes.

    None for a person id, which stays whose it is, and for a state student id, which may be given to another child.
    """
    return alias_digest(name) if ":" in name and not name.startswith(STATE_STUDENT_ID) else None


def hidden_under(state: dict[str, Any]) -> dict[str, Any]:
    """A state in which the digest `under` that it was logged under, if any, is shown to nobody."""
    digest = state.pop("under")
    return {**state, UNDER: digest} if digest else state


def taught_in(student: Student, *, program_id: str, day: date, within: Within) -> Enrolment | None:
    """The enrolment in the program that covers the day, else the latest before; None when none is known.

    Raise NotFound or Refused when the caller has nothing to do with the student there.
    """
    fitting = [one for one in begun_within(student, day, within) if one.program_id == program_id]
    if fitting:
        return max(best_on(fitting, day), key=lambda one: one.begin)
    if within(program_id, None):
        return None
    raise out_of_reach(student, day=day, within=within, program_id=program_id)


def begun_within(student: Student, day: date, within: Within) -> list[Enrolment]:
    """The student's enrolments within reach that had begun by a day."""
    return [one for one in student.enrolments if within(one.program_id, one.organisation_id) and one.begin <= day]


def best_on(enrolments: Sequence[Enrolment], day: date) -> list[Enrolment]:
    """Those of the enrolments that cover the day, else the latest before."""
    last = max((one.end or one.begin for one in enrolments), default=None)
    covering = [one for one in enrolments if one.covers(day)]
    return covering or [one for one in enrolments if (one.end or one.begin) == last]


def out_of_reach(
    student: Student, *, day: date, within: Within, program_id: str | None, unfit: str = "", code: str = "not_enrolled"
) -> Refused:
    """Why a caller may not file something of the student on a day.

    `unfit` says what else is wrong where no program was named: then naming one would work.
    """
    ours = [one for one in student.enrolments if within(one.program_id, one.organisation_id)]
    if not ours:
        works = "check the id; whoever is new is put into roster, and enrolled with you, first"
        return NotFound("there is no such student within your reach", works=works, code="unknown_student")
    begun = [one for one in ours if one.begin <= day]
    if not begun:
        said = f"the student's first enrolment with you begins on {min(one.begin for one in ours)}, after {day}"
        return refused(Problem("/program_id", said, "check the date", "before_begin"))
    programs = ", ".join(sorted({one.program_id for one in begun}))
    if program_id or not unfit:
        said = f"the student was not enrolled with you in {program_id} by {day}, but in {programs}"
        return refused(Problem("/program_id", said, "name that program, or check the date", "not_enrolled"))
    return refused(Problem("/program_id", unfit, f"say program_id, one of {programs}", code))


class FiledUnder(Protocol):
    """What tells whose record it is and where it is filed."""

    @property
    def student_id(self) -> str: ...
    @property
    def program_id(self) -> str | None: ...
    @property
    def organisation_id(self) -> str | None: ...


T = TypeVar("T", bound=FiledUnder)
NOBODY = Student(id="")


def readable(records: Mapping[str, T], student: Student, reads: Callable[[Student], Within]) -> dict[str, T]:
    """Those of the records of this student that may be read by whoever `reads`; all, by who reads everything."""
    if reads(NOBODY)(None, None):
        return dict(records)
    may = reads(student)
    return {
        id: one
        for id, one in records.items()
        if one.student_id in student.ids and may(one.program_id, one.organisation_id)
    }
