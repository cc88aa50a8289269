"""What becomes of one value of a plain kind: kept, already there, or refused with the reason. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from shared.errors import Conflict, NotFound, Problem, Refused, refused
from shared.producer.decisions import Asked, Decision, Doubt, Stored
from shared.producer.kinds import Kind
from shared.producer.refusals import (
    Unknown,
    gone_since,
    no_student,
    recorded_elsewhere,
    unknown,
    unknown_organisation,
    unknown_program,
)
from shared.producer.suggesting import Named
from shared.records.record import Draft, Entry
from shared.roster_copy.students import UNDER, Student, Within, named_under, taught_in
from shared.words.fields import Body

B = TypeVar("B", bound=Body)
State = dict[str, Any]


def nothing_wrong(_: Body, __: date) -> Iterable[Problem]:
    """No rule beyond what the fields themselves say."""
    return ()


def always(_: State) -> bool:
    """Every state holds its keys."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain(Generic[B]):
    """A kind whose value is what is sent and what is kept.

    `path` is its address behind /v1, `subjects` whom a record of it concerns, if anything is
    published. `check` says what is wrong with a value on a day. `day` names the field with its
    business day: lists are filtered by it, and of a student whose program is named the organisation
    is that of the enrolment on that day. `holds`: whether a state holds its natural keys, where
    these have a condition (`Natural.when`) that says the same to the database, such as that it is
    not cancelled.
    """

    kind: Kind
    path: str
    value: type[B]
    subjects: Callable[[str, State], tuple[str, ...]]
    check: Callable[[B, date], Iterable[Problem]] = nothing_wrong
    day: str | None = None
    holds: Callable[[State], bool] = always

    @property
    def words(self) -> str:
        """The kind as it stands in a sentence."""
        return self.kind.name.replace("_", " ")

    def of(self, state: State) -> B:
        """The value that a state holds."""
        return self.value.model_validate({name: state[name] for name in self.value.model_fields if name in state})

    def draft(self, id: str, state: State, entry: Entry, *, void: bool = False, expected: int | None = None) -> Draft:
        """A record's wanted next state."""
        subjects = self.subjects(id, state) if self.kind.facts else ()
        return Draft(self.kind.name, id, state, entry, subjects, void=void, expected=expected)


def named(kind: Kind, state: State) -> Named:
    """Whom and what of roster's a state names; of several students none is to be guessed."""
    filed, student = kind.filed, state.get(kind.filed.student or "")
    return Named(None if isinstance(student, list) else student, state.get(filed.program) if filed.program else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the decision about rows rests on, all read beforehand.

    `students` by the name that a row uses. `files` tells, for a student, where the caller may file,
    `reads` where the caller sees records; `reaches` whether a place without a student is within reach.
    `before` is the state of the record that is changed; None: a new one.
    """

    students: Mapping[str, Student]
    programs: Collection[str]
    organisations: Collection[str]
    files: Callable[[Student], Within]
    reads: Callable[[Student], Within]
    reaches: Callable[[Mapping[str, str | None]], bool]
    today: date
    before: State | None = None

    def person(self, id: str | None) -> str | None:
        """The survivor of the person whose id it is."""
        return next((one.ids[0] for one in self.students.values() if id in one.ids), id)


@dataclass(frozen=True, slots=True)
class Filing:
    """A row as it would be filed, or why it may not be, and on what of roster's that hangs."""

    state: State
    refusal: Refused | None = None
    doubt: Doubt = "none"


def filing_of(plain: Plain[B], row: Asked[State], ground: Ground) -> Filing:
    """The row under the person and the place that roster knows; of a change only what is said otherwise is placed."""
    problems = [*plain.check(plain.of(row.wanted), ground.today)]
    if problems:
        return Filing(row.wanted, refused(*problems))
    if ground.before is not None and all(
        row.wanted.get(field) == ground.before.get(field) for field in _places_by(plain)
    ):
        return Filing(row.wanted)
    try:
        _known(plain.kind, row.wanted, ground)
        students = _students(plain.kind, row.wanted, ground)
        if not students:
            _within_reach(plain.kind, row.wanted, ground)
            return Filing(row.wanted)
    except Refused as refusal:
        return Filing(row.wanted, refusal, "unknown" if isinstance(refusal, Unknown) else "none")
    if isinstance(row.wanted[plain.kind.filed.student or ""], list):
        return _of_several(plain, row.wanted, students, ground)
    return _of_student(plain, row.wanted, students[0], ground)


def decide(
    plain: Plain[B],
    rows: Iterable[tuple[Asked[State], Filing]],
    stored: Mapping[str, Stored[State]],
    ground: Ground,
) -> list[Decision[State]]:
    """One decision per row, in order; a row never sees what a later row says."""
    standing: dict[tuple[Any, ...], tuple[str, State]] = {}
    for id, one in stored.items():
        if not one.void and plain.holds(one.value):
            standing.update(dict.fromkeys(keys(plain.kind, one.value, ground), (id, one.value)))
    return [_decide(plain, row, filing, stored, standing, ground) for row, filing in rows]


def keys(kind: Kind, state: State, ground: Ground) -> Iterator[tuple[Any, ...]]:
    """The natural keys of a state, of a person under whichever id the same."""
    for natural in kind.naturals:
        said = (
            ground.person(state.get(field)) if field == kind.filed.student else state.get(field)
            for field in (*natural.fields, *natural.maybe)
        )
        yield (natural.name, *said)


def _places_by(plain: Plain[B]) -> list[str]:
    filed = plain.kind.filed
    return [name for name in (filed.student, filed.program, filed.organisation, filed.district, plain.day) if name]


def _known(kind: Kind, state: State, ground: Ground) -> None:
    filed, program = kind.filed, named(kind, state).program
    if program and program not in ground.programs:
        raise unknown(unknown_program(program, f"/{filed.program}"))
    if (at := state.get(filed.organisation or "")) and at not in ground.organisations:
        raise unknown(unknown_organisation(str(at), f"/{filed.organisation}"))


def _within_reach(kind: Kind, state: State, ground: Ground) -> None:
    if not ground.reaches(kind.filed.of(state)):
        filed = kind.filed
        where = next((name for name in (filed.organisation, filed.program, filed.district) if name), "")
        works = "name one of your own, or ask a data manager"
        raise refused(Problem(f"/{where}", f"that {where or 'one'} lies beyond your reach", works, "beyond_reach"))


def _students(kind: Kind, state: State, ground: Ground) -> list[Student]:
    names = kind.filed.students(state)
    if lacking := next((name for name in names if name not in ground.students), None):
        raise unknown(no_student(lacking, f"/{kind.filed.student}"))
    return [ground.students[name] for name in names]


def _of_several(plain: Plain[B], wanted: State, students: Sequence[Student], ground: Ground) -> Filing:
    """The row under its persons, each named once; whoever files it must be one to file it of each of them."""
    filed = plain.kind.filed
    place = filed.of(wanted)
    names = zip(filed.students(wanted), students, strict=True)
    beyond = [name for name, each in names if not ground.files(each)(place["program"], place["organisation"])]
    known = all(each.enrolments for each in students)
    if beyond:
        refusal = refused(*(no_student(name, f"/{filed.student}") for name in beyond))
        return Filing(wanted, refusal, "reach" if known else "unknown")
    persons = {each.ids[0]: each.id for each in students}
    return Filing({**wanted, filed.student or "": list(persons.values())}, None, "none" if known else "unknown")


def _of_student(plain: Plain[B], wanted: State, student: Student, ground: Ground) -> Filing:
    kind, name = plain.kind, named(plain.kind, wanted).student or ""
    state = {**wanted, kind.filed.student or "": student.id}
    if ground.before is None and (under := named_under(name)):
        state[UNDER] = under
    day = date.fromisoformat(state[plain.day]) if plain.day and state.get(plain.day) else None
    known = student.enrolled_by(day) if day else bool(student.enrolments)
    try:
        placed = _placed(plain, state, student, day, ground)
    except NotFound:
        refusal = refused(no_student(name, f"/{kind.filed.student}"))
        return Filing(wanted, refusal, "reach" if known else "unknown")
    except Refused as refusal:
        return Filing(wanted, refusal, "reach" if known else "unknown")
    return Filing(placed, None, "none" if known else "unknown")


def _placed(plain: Plain[B], state: State, student: Student, day: date | None, ground: Ground) -> State:
    """The state with the organisation of the enrolment. Raise NotFound or Refused beyond the caller's reach."""
    filed, may = plain.kind.filed, ground.files(student)
    program = named(plain.kind, state).program
    if filed.organisation and program and day:
        taught = taught_in(student, program_id=program, day=day, within=may)
        said = state.get(filed.organisation)
        if taught and said not in (None, taught.organisation_id):
            detail = f"the student was taught {program} at {taught.organisation_id} on {day}, not at {said}"
            works = f"leave {filed.organisation} out, or check the day"
            raise refused(Problem(f"/{filed.organisation}", detail, works, "taught_elsewhere"))
        return {**state, filed.organisation: taught.organisation_id if taught else said}
    place = filed.of(state)
    if not may(place["program"], place["organisation"]):
        raise NotFound("there is no such student within your reach")
    return state


def _decide(
    plain: Plain[B],
    row: Asked[State],
    filing: Filing,
    stored: Mapping[str, Stored[State]],
    standing: dict[tuple[Any, ...], tuple[str, State]],
    ground: Ground,
) -> Decision[State]:
    before = stored.get(row.id)
    if before is not None:
        gone = (gone_since(plain.words, row.id),) if before.void else ()
        return Decision(id=row.id, unchanged=True, warnings=gone)
    if filing.refusal:
        return Decision(id=row.id, refusal=filing.refusal, doubt=filing.doubt)
    held = list(keys(plain.kind, filing.state, ground)) if plain.holds(filing.state) else []
    if twin := next((standing[key] for key in held if key in standing), None):
        return _beside_twin(plain, row.id, filing.state, twin, ground)
    standing.update(dict.fromkeys(held, (row.id, filing.state)))
    return Decision(id=row.id, keep=filing.state, doubt=filing.doubt)


def _beside_twin(plain: Plain[B], id: str, state: State, twin: tuple[str, State], ground: Ground) -> Decision[State]:
    """What a record is beside one that has its natural key; the same of one person is one record."""
    key, other = twin
    if not _reads(plain.kind, other, ground):
        return Decision(id=id, refusal=recorded_elsewhere(""))
    whose = plain.kind.filed.student
    same_person = whose is None or _persons(plain.kind, other, ground) == _persons(plain.kind, state, ground)
    said = {name: value for name, value in state.items() if not name.startswith("_") and name != whose}
    if same_person and all(other.get(name) == value for name, value in said.items()):
        return Decision(id=key, unchanged=True)
    works = f"PATCH /v1/{plain.path}/{key} if it is wrong"
    problem = Problem("", f"{plain.words} {key} records this already, with other values", works, "recorded_already")
    return Decision(id=id, refusal=Conflict(problem.said, existing=key, problems=[problem]))


def _reads(kind: Kind, state: State, ground: Ground) -> bool:
    place = kind.filed.of(state)
    ids = kind.filed.students(state)
    if not ids:
        return ground.reaches(place)
    known = [next((one for one in ground.students.values() if id in one.ids), Student(id=id)) for id in ids]
    return any(ground.reads(each)(place["program"], place["organisation"]) for each in known)


def _persons(kind: Kind, state: State, ground: Ground) -> set[str | None]:
    return {ground.person(id) for id in kind.filed.students(state)}
