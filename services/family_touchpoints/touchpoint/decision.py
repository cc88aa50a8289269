"""What becomes of one touchpoint of a call, a class or a log: kept, already there, or refused with the reason. Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.family_touchpoints.contact.rules import Family
from services.family_touchpoints.touchpoint.against import standing, untied
from services.family_touchpoints.touchpoint.rules import Touchpoint, checked, warnings
from shared.contracts.family_touchpoints import Purpose
from shared.errors import Conflict, NotFound, Problem, Refused, refused
from shared.producer.decisions import Asked, Decision, Stored
from shared.producer.refusals import (
    Unknown,
    gone_since,
    no_student,
    recorded_elsewhere,
    unknown,
    unknown_program,
)
from shared.roster_copy.students import Student, Within, best_on, named_under, taught_in

# What two records of one part of an occasion must agree in to be the same.
SAME = ("method", "direction", "purpose", "guardian_ids", "with_student", "program_id", "steps", "outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchpointGround:
    """What the decision about rows rests on, all read beforehand.

    `students` are by the name the caller used, `families` by the id of each. `within` says where
    the caller may file something of a student for a purpose, None that it is none of theirs.
    `reads`: whether the caller reads what stands of a student.
    """

    students: Mapping[str, Student]
    programs: Collection[str]
    families: Mapping[str, Family]
    stored: Mapping[str, Stored[Touchpoint]]
    within: Callable[[Student, Purpose], Within | None]
    reads: Callable[[Student], bool]
    liaison: bool
    today: date


@dataclass(frozen=True, slots=True)
class Kept:
    """A touchpoint as it may be kept, and what to look at again."""

    value: Touchpoint
    warnings: tuple[Problem, ...] = ()


def decide(rows: Sequence[Asked[Touchpoint]], ground: TouchpointGround) -> list[Decision[Touchpoint]]:
    """One decision per row, in order; a row never sees what a later row says."""
    stands = {id: stored.value for id, stored in ground.stored.items() if not stored.void}
    return [_decide(row, ground, stands) for row in rows]


def together(
    rows: Sequence[Asked[Touchpoint]], decisions: Sequence[Decision[Touchpoint]]
) -> list[Decision[Touchpoint]]:
    """The same for the students of one occasion: each is named once, and none is kept where one is refused."""
    found = [one if one.id == row.id else _twice(row) for row, one in zip(rows, decisions, strict=True)]
    whole = all(one.refusal is None for one in found)
    return found if whole else [replace(one, keep=None) for one in found]


def _twice(row: Asked[Touchpoint]) -> Decision[Touchpoint]:
    said = f"{row.wanted.student_id} is a student who is named already"
    return Decision(id=row.id, refusal=refused(Problem("/student_id", said, "name each student once", "named_twice")))


def _decide(row: Asked[Touchpoint], ground: TouchpointGround, stands: dict[str, Touchpoint]) -> Decision[Touchpoint]:
    before = ground.stored.get(row.id)
    if before is not None:
        gone = (gone_since("touchpoint", row.id),) if before.void else ()
        return Decision(id=row.id, unchanged=True, warnings=gone)
    name = row.wanted.student_id
    try:
        student = _named(row.wanted, ground)
        one = replace(row.wanted, student_id=student.id, under=named_under(name))
        one = replace(one, preferred_language=preferred(one, ground.families.get(student.id)))
        one = checked(one, today=ground.today, at="/planned_for" if one.status == "planned" else "/held_on")
    except Refused as refusal:
        return Decision(id=row.id, refusal=refusal, doubt="unknown" if isinstance(refusal, Unknown) else "none")
    try:
        one = in_its_term(placed(one, student, ground), student)
    except Refused as refusal:
        found = refused(no_student(name)) if isinstance(refusal, NotFound) else refusal
        return Decision(id=row.id, refusal=found, doubt="reach" if student.enrolled_by(one.on) else "unknown")
    try:
        kept = allowed(one, ground)
    except Refused as refusal:
        return Decision(id=row.id, refusal=refusal, doubt="unknown" if isinstance(refusal, Unknown) else "none")
    return _among(row.id, kept, student, ground, stands)


def _named(wanted: Touchpoint, ground: TouchpointGround) -> Student:
    student = ground.students.get(wanted.student_id)
    if student is None:
        raise unknown(no_student(wanted.student_id))
    if wanted.program_id is not None and wanted.program_id not in ground.programs:
        raise unknown(unknown_program(wanted.program_id))
    return student


def preferred(one: Touchpoint, family: Family | None) -> str | None:
    """The language that the first of its guardians prefers who has said; of an unnamed one, whoever has."""
    if family is None or one.student_alone:
        return None
    if one.guardian_ids:
        ties = [family.tied(guardian) for guardian in one.guardian_ids]
    else:
        ties = [tie for tie in family.ties if tie.holds(one.on)]
    return next((tie.language for tie in ties if tie is not None and tie.language), None)


def placed(one: Touchpoint, student: Student, ground: TouchpointGround) -> Touchpoint:
    """The touchpoint of a program filed where the student is taught in it; of no program, nowhere. Or Refused."""
    within = ground.within(student, one.purpose)
    if within is None:
        said, works = "a coordinator logs what is about work-based learning", "send purpose work_based_learning"
        raise refused(Problem("/purpose", said, works, "not_open"))
    if one.program_id is None:
        if not within(None, None):
            raise NotFound(no_student(student.id).said)
        return replace(one, organisation_id=None)
    under = taught_in(student, program_id=one.program_id, day=one.on, within=within)
    return replace(one, organisation_id=under.organisation_id if under else None)


def in_its_term(one: Touchpoint, student: Student) -> Touchpoint:
    """The touchpoint with the place whose terms are its own: where it is filed, else where the student is taught."""
    begun = [each for each in student.enrolments if each.begin <= one.day]
    taught = max(best_on(begun, one.day), key=lambda each: (each.begin, each.organisation_id), default=None)
    return replace(one, term_at=one.organisation_id or (taught.organisation_id if taught else None))


def allowed(one: Touchpoint, ground: TouchpointGround) -> Kept:
    """The touchpoint as it stands with the family: as it is, or, by who may say so, as a breach. Or Refused."""
    family = ground.families.get(one.student_id) or Family(student_id=one.student_id)
    if one.breach is not None and not ground.liaison:
        works = "ask a counselor or a data manager to record it"
        raise refused(Problem("/breach", "a breach is recorded by whoever handles restrictions", works, "not_open"))
    if (problem := untied(one, family)) is not None:
        raise unknown(problem)
    found = standing(one, family, liaison=ground.liaison)
    if found.against is not None and (one.breach is None or not found.breachable):
        raise refused(_hinting(found.against, one, ground.liaison) if found.breachable else found.against)
    needless = one.breach is not None and found.against is None
    value = replace(
        one, breach=None if needless else one.breach, restricted=found.restricted, by_liaison=ground.liaison
    )
    return Kept(value, (*found.warnings, *warnings(value, today=ground.today), *(_NEEDLESS if needless else ())))


_NEEDLESS = (Problem("/breach", "nothing stood against this", "it is kept as any other, without breach", "no_breach"),)


def _hinting(problem: Problem, one: Touchpoint, liaison: bool) -> Problem:
    """What has happened all the same can be recorded, by whom its reader is told."""
    if one.status == "planned":
        return problem
    how = "say why it did (breach)" if liaison else "a counselor records it"
    return replace(problem, works=f"{problem.works}; if it has happened, {how}")


def _among(
    id: str, kept: Kept, student: Student, ground: TouchpointGround, stands: dict[str, Touchpoint]
) -> Decision[Touchpoint]:
    """What a touchpoint is beside those that stand; one that is to be kept then stands with them."""
    one = kept.value
    theirs = {key: other for key, other in stands.items() if other.student_id in student.ids}
    twin = next((key for key, other in theirs.items() if other.occasion_id == one.occasion_id), None)
    if twin is None:
        found = tuple(_near(one, theirs))
        stands[id] = one
        return Decision(id=id, keep=one, warnings=(*kept.warnings, *found))
    if not ground.reads(student):
        return Decision(id=id, refusal=recorded_elsewhere(""))
    if all(getattr(theirs[twin], name) == getattr(one, name) for name in SAME):
        return Decision(id=twin, unchanged=True)
    said = f"touchpoint {twin} records this student's part already, with other values"
    works = f"PATCH /v1/touchpoints/{twin} if it is wrong, or name the student once"
    problem = Problem("/student_id", said, works, "recorded_already")
    return Decision(id=id, refusal=Conflict(problem.said, existing=twin, problems=[problem]))


def _near(one: Touchpoint, theirs: Mapping[str, Touchpoint]) -> Iterator[Problem]:
    for key, other in theirs.items():
        same = (other.method, other.on, other.staff, other.status) == (one.method, one.on, one.staff, one.status)
        if same and other.occasion_id != one.occasion_id:
            said = f"touchpoint {key} of this student is of the same day, method and staff"
            yield Problem("", said, "void one if both are one", "near_duplicate")
