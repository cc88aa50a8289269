"""What becomes of the rows of a roll: who is put on it, what is set right, where two markers disagree. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from services.family_touchpoints.contact.rules import Family
from services.family_touchpoints.workshop.attendance import Attendance, attendance_id
from shared.contracts.family_touchpoints import AttendanceStatus
from shared.errors import Conflict, Problem, Refused, refused
from shared.producer.decisions import Doubt
from shared.producer.refusals import Unknown, no_student, unknown
from shared.roster_copy.students import Student

RowOutcome = Literal["created", "changed", "unchanged", "refused", "conflict"]


@dataclass(frozen=True, slots=True)
class WalkIn:
    """Somebody whom roster does not know, by the name that they gave."""

    name: str
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One row: a guardian, or somebody who walked in, of the students as the caller named them.

    `seen_version` is that of what stands, where the marker has seen it and knows better. `new_id`
    is the id that this row gives to whoever walked in.
    """

    new_id: str = ""
    guardian_id: str | None = None
    walk_in: WalkIn | None = None
    student_ids: tuple[str, ...] = ()
    status: AttendanceStatus | None = None
    language: str | None = None
    seen_version: int | None = None

    @property
    def whose(self) -> str:
        """The id of the guardian that is meant."""
        return self.guardian_id or (self.new_id if self.walk_in else "")


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What stands on the roll, at a version; `done`: what this very request has made of it.

    `seen` is the last version that a person made: what is published again since nobody has marked.
    """

    value: Attendance
    version: int
    seen: int
    void: bool = False
    done: Literal["created", "changed"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RollGround:
    """What the decision about rows rests on, all read beforehand; students and families by the name used.

    `standing` is by the record's id, of students by their ids. `walked_in` are the ids of those who
    walked in before and whom the caller sees.
    """

    workshop_id: str
    held_on: date
    on: date
    students: Mapping[str, Student]
    reaches: Callable[[Student], bool]
    families: Mapping[str, Family]
    standing: Mapping[str, OnRecord]
    walked_in: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDecision:
    """What becomes of a row; `keep` is what is written, as `version`, and `stands` what stood there before."""

    outcome: RowOutcome
    id: str = ""
    guardian_id: str | None = None
    keep: Attendance | None = None
    walk_in: WalkIn | None = None
    refusal: Refused | None = None
    stands: OnRecord | None = None
    doubt: Doubt = "none"
    version: int | None = None


def decide(rows: Sequence[Marked], ground: RollGround) -> list[RowDecision]:
    """One decision per row, in order; of two rows about one guardian the later adds to the first."""
    begun: dict[str, RowDecision] = {}
    return [_decide(row, ground, begun) for row in rows]


def after(decisions: Sequence[RowDecision], ground: RollGround) -> list[Attendance]:
    """Everybody on the roll once these decisions are written."""
    standing = {id: one.value for id, one in ground.standing.items() if not one.void}
    return list({**standing, **{one.id: one.keep for one in decisions if one.keep is not None}}.values())


def moves(decision: RowDecision) -> bool:
    """Whether somebody comes to be marked present by this, or not to be."""
    before = decision.stands
    was = before is not None and not before.void and before.value.status == "present"
    return decision.keep is not None and was != (decision.keep.status == "present")


def _decide(row: Marked, ground: RollGround, begun: dict[str, RowDecision]) -> RowDecision:
    try:
        wanted = _wanted(row, ground)
    except Refused as refusal:
        doubt: Doubt = "unknown" if isinstance(refusal, Unknown) else "none"
        return RowDecision(outcome="refused", guardian_id=row.guardian_id, refusal=refusal, doubt=doubt)
    id = attendance_id(ground.workshop_id, wanted.guardian_id)
    stands, first = ground.standing.get(id), begun.get(id)
    if first is None or first.keep is None:
        decision = replace(_beside(row, wanted, stands, _beyond(stands, ground)), id=id, stands=stands)
    else:
        decision = _adding(first, wanted)
    if decision.keep is not None:
        begun[id] = decision
    return decision


def _wanted(row: Marked, ground: RollGround) -> Attendance:
    """The attendance that a row asks for, of persons whom roster knows. Raise Refused."""
    problems = [*_form(row, ground), *_status(row, ground)]
    if problems:
        raise refused(*problems)
    for at, name in enumerate(row.student_ids):
        student = ground.students.get(name)
        if student is None or not ground.reaches(student):
            raise unknown(no_student(name, f"/student_ids/{at}"))
    if row.walk_in is None and row.guardian_id not in ground.walked_in:
        _tied(row.whose, row.student_ids, ground)
    families = [ground.families[name] for name in row.student_ids if name in ground.families]
    return Attendance(
        workshop_id=ground.workshop_id,
        guardian_id=row.whose,
        student_ids=tuple(dict.fromkeys(ground.students[name].id for name in row.student_ids)),
        status=_status_of(row, ground),
        language=row.language,
        restricted=any(shut_out(family, row.whose, ground.held_on) for family in families),
    )


def _form(row: Marked, ground: RollGround) -> Iterator[Problem]:
    if (row.guardian_id is None) == (row.walk_in is None):
        works = "send guardian_id, or walk_in with a name"
        yield Problem("/guardian_id", "a row names one guardian", works, "missing")
    elif row.guardian_id and not row.student_ids and row.guardian_id not in ground.walked_in:
        works = "name the students whose guardian this is, or send walk_in with a name"
        yield Problem("/student_ids", "no student is named", works, "missing")


def _status_of(row: Marked, ground: RollGround) -> AttendanceStatus:
    return row.status or ("present" if ground.on >= ground.held_on else "registered")


def _status(row: Marked, ground: RollGround) -> Iterator[Problem]:
    status = _status_of(row, ground)
    if status != "registered" and ground.on < ground.held_on:
        said = f"the workshop is on {ground.held_on}, after {ground.on}"
        yield Problem("/status", said, "send registered until then", "before_begin")


def _tied(guardian_id: str, names: Sequence[str], ground: RollGround) -> None:
    """Raise Refused when roster never told of a tie; one that does not hold that day is a tie."""
    for at, name in enumerate(names):
        family = ground.families.get(name)
        if family is None or family.tied(guardian_id) is None:
            said = f"roster knows no tie of {guardian_id} to this student"
            raise unknown(Problem(f"/student_ids/{at}", said, "add a walk-in", "no_tie"))


def shut_out(family: Family, guardian_id: str, day: date) -> bool:
    """Whether a rule closes all contact with the guardian about the student on a day."""
    return any(rule.rule == "no_contact" for rule in family.rules_on(day, guardian_id))


def _beyond(stands: OnRecord | None, ground: RollGround) -> tuple[str, ...]:
    """The students who stand there and are not the caller's: nobody takes away another's child."""
    ids = stands.value.student_ids if stands else ()
    return tuple(id for id in ids if not ground.reaches(ground.students.get(id, Student(id=id))))


def _beside(row: Marked, wanted: Attendance, stands: OnRecord | None, beyond: Sequence[str]) -> RowDecision:
    """What a row comes to beside what stands: who marked first is right until somebody has seen that."""
    whose = wanted.guardian_id
    if stands is not None and stands.done and set(wanted.student_ids) <= set(stands.value.student_ids):
        return RowDecision(outcome=stands.done, guardian_id=whose)
    if stands is None or stands.void:
        return RowDecision(outcome="created", guardian_id=whose, keep=wanted, walk_in=row.walk_in)
    if row.seen_version == stands.seen:
        students = tuple(dict.fromkeys((*beyond, *wanted.student_ids)))
        restricted = wanted.restricted or stands.value.restricted
        keep = replace(wanted, student_ids=students, restricted=restricted)
    elif row.seen_version is not None or _disagree(wanted, stands.value):
        refusal = _marked_before(stands.value, stands.seen)
        return RowDecision(outcome="conflict", guardian_id=whose, refusal=refusal)
    else:
        keep = _together(stands.value, wanted)
    if keep == stands.value:
        return RowDecision(outcome="unchanged", guardian_id=whose)
    return RowDecision(outcome="changed", guardian_id=whose, keep=keep)


def _adding(first: RowDecision, wanted: Attendance) -> RowDecision:
    """What a second row about one guardian comes to: to the same as the first, which it adds to, or contradicts."""
    before = first.keep or wanted
    if _disagree(wanted, before):
        problem = Problem("/status", f"a row before marks this guardian {before.status}", "send one of them", "twice")
        return replace(first, outcome="refused", keep=None, walk_in=None, refusal=refused(problem))
    return replace(first, keep=_together(before, wanted))


def _disagree(wanted: Attendance, before: Attendance) -> bool:
    """Whether both cannot be right. Who was registered comes or does not; once that is said, it is said."""
    languages = {one.language for one in (wanted, before) if one.language}
    said = before.status != "registered" and wanted.status not in (before.status, "registered")
    return said or len(languages) > 1


def _together(before: Attendance, wanted: Attendance) -> Attendance:
    """What both say: nobody who was named is taken away, and what has happened is not a plan any more."""
    return replace(
        before,
        student_ids=tuple(dict.fromkeys((*before.student_ids, *wanted.student_ids))),
        status=before.status if wanted.status == "registered" else wanted.status,
        language=before.language or wanted.language,
        restricted=before.restricted or wanted.restricted,
    )


def _marked_before(before: Attendance, seen: int) -> Conflict:
    said = f"somebody has marked {before.status} before"
    works = f"send seen_version {seen} if that is wrong"
    problem = Problem("/seen_version", said, works, "marked_before")
    return Conflict(problem.said, problems=[problem])
