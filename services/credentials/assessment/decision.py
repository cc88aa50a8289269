"""What becomes of one assessment of a class list or a file: kept, already there, or refused with the reason."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.credentials.assessment.rules import Assessment, record, repeats, same_sitting
from shared.errors import Conflict, NotFound, Problem, Refused, refused
from shared.producer.decisions import Asked, Decision, Stored
from shared.producer.refusals import Unknown, gone_since, no_student, recorded_elsewhere, unknown, unknown_program
from shared.roster_copy.students import Student, Within, named_under, readable, taught_in


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentGround:
    """What the decision about rows rests on, all read beforehand; `students` by the name the caller used."""

    students: Mapping[str, Student]
    programs: Collection[str]
    stored: Mapping[str, Stored[Assessment]]
    within: Callable[[Student], Within]
    today: date
    reads: Callable[[Student], Within] | None = None

    def of_person(self, one: Assessment) -> Assessment:
        """The assessment under the survivor's id, whichever of the person's ids it was logged under."""
        person = next((each.ids[0] for each in self.students.values() if one.student_id in each.together), None)
        return replace(one, student_id=person) if person else one


Standing = dict[tuple[Any, ...], list[tuple[str, Assessment]]]


def decide(rows: Sequence[Asked[Assessment]], ground: AssessmentGround) -> list[Decision[Assessment]]:
    """One decision per row, in order; a row never sees what a later row says."""
    standing: Standing = {}
    for key, stored in ground.stored.items():
        if not stored.void:
            one = ground.of_person(stored.value)
            standing.setdefault(one.natural, []).append((key, one))
    return [_decide(row, ground, standing) for row in rows]


def _decide(row: Asked[Assessment], ground: AssessmentGround, standing: Standing) -> Decision[Assessment]:
    before = ground.stored.get(row.id)
    if before is not None:
        gone = (gone_since("assessment", row.id),) if before.void else ()
        return Decision(id=row.id, unchanged=True, warnings=gone)
    try:
        student = _named(row.wanted, ground)
        wanted = record(row.wanted, today=ground.today)
    except Refused as refusal:
        return Decision(id=row.id, refusal=refusal, doubt="unknown" if isinstance(refusal, Unknown) else "none")
    known = student.enrolled_by(wanted.taken_on)
    try:
        logged = replace(wanted, under=named_under(row.wanted.student_id))
        one = placed(logged, student, within=ground.within(student))
    except Refused as refusal:
        if isinstance(refusal, NotFound):
            refusal = refused(no_student(row.wanted.student_id))
        return Decision(id=row.id, refusal=refusal, doubt="reach" if known else "unknown")
    decision = _among(row, one, standing, ground, student)
    return decision if one.organisation_id or known else replace(decision, doubt="unknown")


def _named(wanted: Assessment, ground: AssessmentGround) -> Student:
    student = ground.students.get(wanted.student_id)
    if student is None:
        raise unknown(no_student(wanted.student_id))
    if wanted.program_id not in ground.programs:
        raise unknown(unknown_program(wanted.program_id))
    return student


def placed(one: Assessment, student: Student, *, within: Within) -> Assessment:
    """The person's assessment, filed under the campus of the enrolment that it was sat under, or Refused."""
    under = taught_in(student, program_id=one.program_id, day=one.taken_on, within=within)
    return replace(one, student_id=student.id, organisation_id=under.organisation_id if under else None)


def _among(
    row: Asked[Assessment], one: Assessment, standing: Standing, ground: AssessmentGround, student: Student
) -> Decision[Assessment]:
    """What an assessment is beside those that stand; one that is to be kept then stands with them."""
    person = ground.of_person(one)
    others = standing.setdefault(person.natural, [])
    same = [(key, other) for key, other in others if same_sitting(person, other)]
    if not same:
        others.append((row.id, person))
        return Decision(id=row.id, keep=one)
    if not readable(dict(same), student, ground.reads or ground.within):
        return Decision(id=row.id, refusal=recorded_elsewhere("/taken_on"))
    repeated = next((key for key, other in same if repeats(person, other)), None)
    if repeated is not None:
        return Decision(id=repeated, unchanged=True)
    return Decision(id=row.id, refusal=taken_by(same[0][0], one))


def taken_by(key: str, one: Assessment) -> Conflict:
    """The refusal of a second result of one sitting: of one form, for one student, on one day."""
    said = (
        f"assessment {key} already records form {one.form} for this student and {one.program_id} on {one.taken_on}, "
        "with other values"
    )
    works = f"PATCH /v1/assessments/{key} if it is wrong, or send attempt {one.attempt + 1} if it was sat once more"
    problem = Problem("/taken_on", said, works, "one_sitting_twice")
    return Conflict(problem.said, existing=key, problems=[problem])
