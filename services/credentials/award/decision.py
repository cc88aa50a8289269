"""What becomes of one award of a class list or a file: kept, already there, or refused with the reason."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from services.credentials.award import renewals
from services.credentials.award.rules import PASSED, Award, near, record, repeats
from services.credentials.catalogue_entry.rules import Credential, unknown_code
from shared.errors import Conflict, NotFound, Problem, Refused, refused
from shared.producer.decisions import Asked, Decision, Doubt, Stored
from shared.producer.refusals import (
    ASK,
    ELSEWHERE,
    IN_THE_WAY,
    Unknown,
    gone_since,
    no_student,
    recorded_elsewhere,
    unknown,
    unknown_program,
)
from shared.roster_copy.students import Student, Within, begun_within, best_on, named_under, out_of_reach, readable
from shared.words.wording import SHORTENED


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the decision about rows rests on, all read beforehand.

    `students` by the name the caller used. `within` tells, for a student, where the caller may
    file that student's awards, `reads` where the caller sees them; None: in the same places.
    """

    students: Mapping[str, Student]
    programs: Collection[str]
    credentials: Mapping[str, Credential]
    codes: Sequence[str]
    awards: Mapping[str, Stored[Award]]
    within: Callable[[Student], Within]
    today: date
    reads: Callable[[Student], Within] | None = None
    numbered: Mapping[str, Collection[str]] = field(default_factory=dict)  # by license number, whose awards have it

    def persons(self) -> Mapping[str, str]:
        """Who each student id means: of a merged person the survivor."""
        return {id: one.ids[0] for one in self.students.values() for id in one.together}

    def renewing(self, former: str | None) -> dict[str, Award]:
        """What renews that award already, whoever it belongs to: persons who were one may be two again."""
        found = {key: one.value for key, one in self.awards.items() if not one.void} if former else {}
        return {key: award for key, award in found.items() if award.renews == former}


@dataclass(slots=True)
class Taken:
    """The awards that stand, by student and credential, those of earlier rows included."""

    persons: Mapping[str, str]
    standing: dict[tuple[str, str], dict[str, Award]] = field(default_factory=dict)
    numbered: dict[str, set[str]] = field(default_factory=dict)

    def number_of_another(self, award: Award) -> bool:
        """Whether somebody else has an award of this license number; from now on this student has, too."""
        if award.license_number is None:
            return False
        having = self.numbered.setdefault(award.license_number, set())
        person = self.persons.get(award.student_id, award.student_id)
        others = having - {person}
        having.add(person)
        return bool(others)

    def of(self, award: Award) -> dict[str, Award]:
        """The awards of the same student and credential, by id."""
        return self.standing.setdefault(
            (self.persons.get(award.student_id, award.student_id), award.credential_code), {}
        )


def decide(rows: Sequence[Asked[Award]], ground: Ground) -> list[Decision[Award]]:
    """One decision per row, in order; a row never sees what a later row says."""
    persons = ground.persons()
    numbered = {number: {persons.get(one, one) for one in whose} for number, whose in ground.numbered.items()}
    taken = Taken(persons, numbered=numbered)
    for key, stored in ground.awards.items():
        if not stored.void:
            taken.of(stored.value)[key] = stored.value
    return [_decide(row, ground, taken) for row in rows]


def _decide(row: Asked[Award], ground: Ground, taken: Taken) -> Decision[Award]:
    before = ground.awards.get(row.id)
    if before is not None:
        gone = (gone_since("award", row.id),) if before.void else ()
        return Decision(id=row.id, unchanged=True, warnings=gone)
    try:
        credential, student = _named(row.wanted, ground)
        wanted = record(row.wanted, credential=credential, today=ground.today)
    except Refused as refusal:
        return Decision(id=row.id, refusal=refusal, doubt="unknown" if isinstance(refusal, Unknown) else "none")
    try:
        logged = replace(wanted, under=named_under(row.wanted.student_id))
        award = placed(logged, student, credential, within=ground.within(student))
    except Refused as refusal:
        doubt: Doubt = "reach" if student.enrolled_by(wanted.day) else "unknown"
        if isinstance(refusal, NotFound):
            refusal = refused(no_student(row.wanted.student_id))
        return Decision(id=row.id, refusal=refusal, doubt=doubt)
    decision = _among(row, award, taken.of(award), ground, student)
    if decision.keep:
        odd = tuple(_odd_number(award, shared=taken.number_of_another(award)))
        decision = replace(decision, warnings=(*decision.warnings, *odd))
    settled = award.organisation_id or student.enrolled_by(award.day)
    return decision if settled else replace(decision, doubt="unknown")


def _named(wanted: Award, ground: Ground) -> tuple[Credential, Student]:
    """The credential and the student that a row means, or Refused."""
    credential = ground.credentials.get(wanted.credential_code)
    if credential is None:
        raise refused(unknown_code(wanted.credential_code, ground.codes))
    student = ground.students.get(wanted.student_id)
    if student is None:
        raise unknown(no_student(wanted.student_id))
    if wanted.program_id and wanted.program_id not in ground.programs:
        raise unknown(unknown_program(wanted.program_id))
    return credential, student


def placed(award: Award, student: Student, credential: Credential, *, within: Within) -> Award:
    """The person's award, filed under the program and organisation where they were taught, or Refused."""
    found = place(student, credential=credential, day=award.day, program_id=award.program_id, within=within)
    return replace(
        award,
        student_id=student.id,
        program_id=found.program_id,
        organisation_id=found.organisation_id,
        program_named=award.program_id is not None,
    )


def _among(
    row: Asked[Award], award: Award, others: dict[str, Award], ground: Ground, student: Student
) -> Decision[Award]:
    """What an award is beside those that stand; one that is to be kept then stands with them."""
    seen = readable(others, student, ground.reads or ground.within)
    twin = next((key for key, other in others.items() if other.which == award.which), None)
    if twin is not None and twin not in seen:
        return Decision(id=row.id, refusal=recorded_elsewhere("/awarded_on" if award.awarded_on else "/taken_on"))
    if twin is not None:
        same_place = row.wanted.program_id in (None, others[twin].program_id)
        if same_place and repeats(replace(award, student_id=others[twin].student_id), others[twin]):
            return Decision(id=twin, unchanged=True)
        return Decision(id=row.id, refusal=taken_by(twin, award))
    if problems := list(_in_the_way(row.id, award, others, ground, seen, student)):
        return Decision(id=row.id, refusal=refused(*problems))
    warnings = tuple(_doubts(award, seen, ground.today))
    others[row.id] = award
    return Decision(id=row.id, keep=award, warnings=warnings)


def _in_the_way(
    id: str, award: Award, others: Mapping[str, Award], ground: Ground, seen: Mapping[str, Award], student: Student
) -> Iterator[Problem]:
    """What is wrong with an award that renews another; of what its reader does not see only that it is in the way."""
    void = {key: stored.value for key, stored in ground.awards.items() if stored.void}
    reads, renewing = ground.reads or ground.within, ground.renewing(award.renews)
    known = {**seen, **readable(renewing, student, reads)}
    problems = list(renewals.in_the_way(id, award, known, readable(void, student, reads)))
    hidden = renewals.in_the_way(id, award, {**others, **renewing}, void)
    if not problems and any(hidden):
        problems = [Problem("/renews", ELSEWHERE, ASK, IN_THE_WAY)]
    yield from problems


def _doubts(award: Award, others: Mapping[str, Award], today: date) -> Iterator[Problem]:
    """What a caller may have forgotten to say of an award that is kept."""
    close, held = near(award, others), renewals.in_force(others, today)
    yield from _open(award, others)
    if award.renews:
        return
    if close:
        yield _looks_like(close, others[close], award)
    elif held and award.result == PASSED and others[held].day < award.day:
        said = f"this student holds {award.credential_code} already, of {others[held].day} and in force"
        works = f"if the new award renews that one, correct it to say so (renews {held})"
        yield Problem("/renews", said, works, "held_already")


def _odd_number(award: Award, *, shared: bool) -> Iterator[Problem]:
    """What is likely wrong with the license number of an award that is kept; of whose else it is nothing is told."""
    number = award.license_number or ""
    if SHORTENED.fullmatch(number):
        said = f"{number} is a number that a spreadsheet has shortened"
        yield Problem("/license_number", said, "write all its digits, the column as text", "shortened")
    if shared:
        said, works = "another student's award has this license number", "check both, a number is one person's"
        yield Problem("/license_number", said, works, "number_of_another")


def _open(award: Award, others: Mapping[str, Award]) -> Iterator[Problem]:
    """Of one day stand a result and an attempt that is in progress: likely the same one."""
    for key, other in others.items():
        if other.day == award.day and "in_progress" in (award.result, other.result):
            said = (
                f"award {key} records {award.credential_code} for this student on that day, {other.result}, and is "
                "kept beside this one"
            )
            works = f"if both are the same attempt, void this and PATCH /v1/awards/{key}"
            yield Problem("/result", said, works, "may_be_the_same")


def taken_by(key: str, award: Award) -> Conflict:
    """The refusal of a second record of one attempt: of one day and result, and of one number."""
    result = "" if award.result == PASSED else f", {award.result}"
    said = f"award {key} already records {award.credential_code} for this student on {award.day}{result}"
    works = f"PATCH /v1/awards/{key} if it is wrong"
    if award.result != PASSED:
        works += f", or send attempt {award.attempt + 1} if it was one more attempt of that day"
    problem = Problem("/awarded_on" if award.awarded_on else "/taken_on", said, works, "one_attempt_twice")
    return Conflict(problem.said, existing=key, problems=[problem])


def _looks_like(key: str, other: Award, award: Award) -> Problem:
    said = f"award {key} records {award.credential_code} for this student on {other.day}, close to {award.day}"
    works = f"if both are the same one, void this and PATCH /v1/awards/{key}"
    return Problem("/awarded_on" if award.awarded_on else "/taken_on", said, works, "may_be_the_same")


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
