"""What becomes of each row of assessments: kept, already there, or refused with the reason."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.credentials.assessments.domain import Assessment, record, repeats
from services.credentials.batch import Doubt, Unknown, unknown_program
from services.credentials.beyond import no_student, recorded_elsewhere, told
from services.credentials.placement import Student, Within, enrolled_by, taught_in
from shared.errors import Conflict, NotFound, Problem, Refused


@dataclass(frozen=True, slots=True)
class Asked:
    """One row: the id its assessment would have, and the assessment with the student as the caller named it."""

    id: str
    wanted: Assessment


@dataclass(frozen=True, slots=True)
class Stored:
    """An assessment that is in the records, void or not."""

    assessment: Assessment
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the decision about rows rests on, all read beforehand; `students` by the name the caller used."""

    students: Mapping[str, Student]
    programs: Collection[str]
    stored: Mapping[str, Stored]
    within: Callable[[Student], Within]
    today: date
    reads: Callable[[Student], Within] | None = None

    def natural(self, one: Assessment) -> tuple[Any, ...]:
        """What no two sittings of a person have in common, under whichever of the person's ids."""
        person = next((each.ids[0] for each in self.students.values() if one.student_id in each.together), None)
        return replace(one, student_id=person).natural if person else one.natural


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`assessment` is what to keep under `id`; `doubt` tells on what of roster's the decision hangs."""

    id: str
    assessment: Assessment | None = None
    unchanged: bool = False
    refusal: Refused | None = None
    warnings: tuple[str, ...] = ()
    doubt: Doubt = "none"


Standing = dict[tuple[Any, ...], tuple[str, Assessment]]


def decide(rows: Sequence[Asked], ground: Ground) -> list[Decision]:
    """One decision per row, in order; a row never sees what a later row says."""
    standing: Standing = {
        ground.natural(one.assessment): (key, one.assessment) for key, one in ground.stored.items() if not one.void
    }
    return [_decide(row, ground, standing) for row in rows]


def _decide(row: Asked, ground: Ground, standing: Standing) -> Decision:
    before = ground.stored.get(row.id)
    if before is not None:
        gone = (f"assessment {row.id} was logged with this key before and is void since",) if before.void else ()
        return Decision(id=row.id, unchanged=True, warnings=gone)
    try:
        student = _named(row.wanted, ground)
        wanted = record(row.wanted, today=ground.today)
    except Refused as refusal:
        return Decision(id=row.id, refusal=refusal, doubt="unknown" if isinstance(refusal, Unknown) else "none")
    known = enrolled_by(student, wanted.taken_on)
    try:
        one = placed(wanted, student, within=ground.within(student))
    except Refused as refusal:
        if isinstance(refusal, NotFound):
            said = no_student(row.wanted.student_id)
            refusal = Refused(said, [Problem("/student_id", said)])
        return Decision(id=row.id, refusal=refusal, doubt="reach" if known else "unknown")
    decision = _among(row, one, standing, ground, student)
    return decision if one.organisation_id or known else replace(decision, doubt="unknown")


def _named(wanted: Assessment, ground: Ground) -> Student:
    student = ground.students.get(wanted.student_id)
    if student is None:
        said = no_student(wanted.student_id)
        raise Unknown(said, [Problem("/student_id", said)])
    if wanted.program_id not in ground.programs:
        said = unknown_program(wanted.program_id)
        raise Unknown(said, [Problem("/program_id", said)])
    return student


def placed(one: Assessment, student: Student, *, within: Within) -> Assessment:
    """The person's assessment, filed under the campus of the enrolment that it was sat under, or Refused."""
    under = taught_in(student, program_id=one.program_id, day=one.taken_on, within=within)
    return replace(
        one,
        student_id=student.id,
        organisation_id=under.organisation_id if under else None,
        organisation_type=under.organisation_type if under else None,
    )


def _among(row: Asked, one: Assessment, standing: Standing, ground: Ground, student: Student) -> Decision:
    """What an assessment is beside those that stand; one that is to be kept then stands with them."""
    natural = ground.natural(one)
    if natural not in standing:
        standing[natural] = (row.id, one)
        return Decision(id=row.id, assessment=one)
    key, other = standing[natural]
    if not told({key: other}, student, ground.reads or ground.within):
        return Decision(id=row.id, refusal=recorded_elsewhere("/taken_on"))
    if repeats(replace(one, student_id=other.student_id), other):
        return Decision(id=key, unchanged=True)
    return Decision(id=row.id, refusal=taken_by(key, one))


def taken_by(key: str, one: Assessment) -> Conflict:
    """The refusal of a second result of one form for one student on one day."""
    said = (
        f"assessment {key} already records form {one.form} for this student and {one.program_id} on {one.taken_on}, "
        f"with other values; PATCH /v1/assessments/{key} if it is wrong"
    )
    return Conflict(said, existing=key, problems=[Problem("/taken_on", said)])
