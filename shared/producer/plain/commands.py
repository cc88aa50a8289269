"""A plain kind: created, corrected, taken out, listed, and read from CSV; one value says all there is to say of it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from shared.doors.auth import Caller, Reach
from shared.errors import Conflict, NotFound, Problem, Refused, refused
from shared.producer.decisions import FIRST_LINE, Asked, Decision, Doubt, Stored, stored_of
from shared.producer.desk import Desk
from shared.producer.kinds import Kind
from shared.producer.refusals import (
    Unknown,
    gone_since,
    no_student,
    recorded_elsewhere,
    refuse_void,
    unknown,
    unknown_organisation,
    unknown_program,
)
from shared.producer.rows import Logged, decisions_on, log_rows
from shared.producer.suggesting import Named
from shared.records.record import Draft, Entry, Natural, Record, Saved
from shared.roster_copy.lookup import Told
from shared.roster_copy.patience import Patience
from shared.roster_copy.reach import filing, within
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

    `path` is its address behind /v1, `subjects` whom a record of it concerns. `check` says what is
    wrong with a value on a day. `day` names the field with its business day: lists are filtered by
    it, and of a student whose program is named the organisation is that of the enrolment on that day.
    `holds`: whether a state holds its natural keys, where these have a condition (`Natural.when`)
    that says the same to the database, such as that it is not cancelled.
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
        return Draft(self.kind.name, id, state, entry, self.subjects(id, state), void=void, expected=expected)


async def log(
    desk: Desk,
    plain: Plain[B],
    asked: Sequence[tuple[str, B]],
    *,
    caller: Caller,
    entry: Entry,
    dry_run: bool = False,
    patience: Patience | None = None,
) -> list[Logged]:
    """Keep every value that may be kept, each under its id; see `log_rows`."""

    async def decided(rows: Sequence[Asked[State]]) -> list[Decision[State]]:
        return await _decided(desk, plain, rows, caller.reach, entry.digest)

    return await log_rows(
        desk,
        [Asked(id, value.model_dump(mode="json")) for id, value in asked],
        decide=decided,
        named=lambda state: _named(plain.kind, state),
        draft=plain.draft,
        caller=caller,
        entry=entry,
        dry_run=dry_run,
        patience=patience,
    )


async def correct(
    desk: Desk,
    plain: Plain[B],
    id: str,
    changes: State,
    *,
    caller: Caller,
    entry: Entry,
    expected: int | None,
) -> Saved:
    """Set some fields right; what the record says afterwards must hold as if it were new.

    Raise NotFound, Stale, Refused, or RequestValidationError for what no such value can say.
    """

    async def decided(record: Record) -> Draft:
        refuse_void(record)
        try:
            value = plain.value.model_validate({**plain.of(dict(record.state)).model_dump(mode="json"), **changes})
        except ValidationError as error:
            raise RequestValidationError(
                [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
            ) from error
        hidden = {name: one for name, one in record.state.items() if name.startswith("_")}
        row = Asked(id, value.model_dump(mode="json") | hidden)

        async def decide(rows: Sequence[Asked[State]]) -> list[Decision[State]]:
            return await _decided(desk, plain, rows, caller.reach, "", changing=True)

        (decision,) = await decisions_on(
            desk,
            [row],
            decide=decide,
            named=lambda state: _named(plain.kind, state),
            reach=caller.reach,
            patience=Patience(),
        )
        if decision.refusal or decision.keep is None:
            raise decision.refusal or Conflict(f"{plain.words} {decision.id} says the same", existing=decision.id)
        return plain.draft(id, decision.keep, entry)

    return await desk.change(plain.kind.name, id, caller=caller, entry=entry, expected=expected, decide=decided)


async def void(desk: Desk, plain: Plain[B], id: str, *, caller: Caller, entry: Entry, expected: int | None) -> Saved:
    """Take out a record that should never have been logged."""

    async def decided(record: Record) -> Draft:
        return plain.draft(id, dict(record.state), entry, void=True)

    return await desk.change(plain.kind.name, id, caller=caller, entry=entry, expected=expected, decide=decided)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the decision about rows rests on, all read beforehand."""

    kind: Kind
    told: Told
    organisations: Collection[str]
    reach: Reach
    today: date
    stored: Mapping[str, Stored[State]]

    def person(self, id: str | None) -> str | None:
        """The survivor of the person whose id it is."""
        return next((one.ids[0] for one in self.told.students.values() if id in one.ids), id)

    def keys(self, state: State) -> Iterator[tuple[Any, ...]]:
        """The natural keys of a state, of a person under whichever id the same."""
        for natural in self.kind.naturals:
            fields = (*natural.fields, *natural.maybe)
            yield (natural.name, *(self._said(state, field) for field in fields))

    def _said(self, state: State, field: str) -> Any:
        return self.person(state.get(field)) if field == self.kind.filed.student else state.get(field)


async def _decided(
    desk: Desk,
    plain: Plain[B],
    rows: Sequence[Asked[State]],
    reach: Reach,
    digest: str,
    *,
    changing: bool = False,
) -> list[Decision[State]]:
    names = [_named(plain.kind, row.wanted) for row in rows]
    told = await desk.roster.told(
        {one.student for one in names if one.student}, {one.program for one in names if one.program}
    )
    stored = await _beside(desk, plain.kind, rows, told, digest, changing=changing)
    organisations = await _organisations(desk, plain.kind, rows)
    ground = _Ground(plain.kind, told, organisations, reach, told.calendar.day(desk.now()), stored)
    standing = {
        key: (id, one.value)
        for id, one in stored.items()
        if not one.void and plain.holds(one.value)
        for key in ground.keys(one.value)
    }
    return [_decide(plain, row, ground, standing, changing=changing) for row in rows]


async def _organisations(desk: Desk, kind: Kind, rows: Sequence[Asked[State]]) -> Collection[str]:
    """Those of the organisations that rows name which roster knows."""
    named = {str(id) for row in rows if kind.filed.organisation and (id := row.wanted.get(kind.filed.organisation))}
    known = await desk.roster.organisation_types(named) if named else {}
    return {id for id, type in known.items() if type is not None}


async def _beside(
    desk: Desk, kind: Kind, rows: Sequence[Asked[State]], told: Told, digest: str, *, changing: bool
) -> dict[str, Stored[State]]:
    """The records with the rows' own ids, and those that hold one of their natural keys, by id."""
    ids = set() if changing else {row.id for row in rows}
    ways: list[dict[str, Any]] = [{"_id": {"$in": [f"{kind.name}/{id}" for id in ids]}}] if ids else []
    standing = {"kind": kind.name, "void": False}
    ways += [{**standing, **_holding(natural, kind, row.wanted, told)} for natural in kind.naturals for row in rows]
    if not ways:
        return {}
    documents = await desk.records.collection.find({"$or": ways}, FIRST_LINE).to_list(None)
    found = stored_of(documents, dict, ids=ids, digest=digest)
    return {id: one for id, one in found.items() if not (changing and id == rows[0].id)}


def _holding(natural: Natural, kind: Kind, state: State, told: Told) -> dict[str, Any]:
    wanted: dict[str, Any] = {f"state.{name}": state.get(name) for name in (*natural.fields, *natural.maybe)}
    student = told.students.get(state[kind.filed.student] or "") if kind.filed.student else None
    if student and f"state.{kind.filed.student}" in wanted:
        wanted[f"state.{kind.filed.student}"] = {"$in": list(student.ids)}
    return {**natural.when, **wanted}


def _decide(
    plain: Plain[B],
    row: Asked[State],
    ground: _Ground,
    standing: dict[tuple[Any, ...], tuple[str, State]],
    *,
    changing: bool,
) -> Decision[State]:
    before = ground.stored.get(row.id)
    if before is not None:
        gone = (gone_since(plain.words, row.id),) if before.void else ()
        return Decision(id=row.id, unchanged=True, warnings=gone)
    try:
        if problems := [*plain.check(plain.of(row.wanted), ground.today)]:
            raise refused(*problems)
        state, doubt = _filed(plain, row.wanted, ground, changing=changing)
    except Refused as refusal:
        return Decision(
            id=row.id,
            refusal=_told(plain.kind, row.wanted, refusal),
            doubt=_doubt_of(plain, row.wanted, ground, refusal),
        )
    keys = list(ground.keys(state)) if plain.holds(state) else []
    if twin := next((standing[key] for key in keys if key in standing), None):
        return _beside_twin(plain, row.id, state, twin, ground)
    standing.update(dict.fromkeys(keys, (row.id, state)))
    return Decision(id=row.id, keep=state, doubt=doubt)


def _filed(plain: Plain[B], state: State, ground: _Ground, *, changing: bool) -> tuple[State, Doubt]:
    """The state as it is filed, under the person and the place that roster knows. Raise Refused or NotFound."""
    filed, names = plain.kind.filed, _named(plain.kind, state)
    if names.program and names.program not in ground.told.programs:
        raise unknown(unknown_program(names.program, f"/{filed.program}"))
    if (at := state.get(filed.organisation or "")) and at not in ground.organisations:
        raise unknown(unknown_organisation(str(at), f"/{filed.organisation}"))
    if filed.student is None:
        if not ground.reach.allows(**filed.of(state)):
            where = next((name for name in (filed.organisation, filed.program, filed.district) if name), "")
            works = "name one of your own, or ask a data manager"
            raise refused(Problem(f"/{where}", f"that {where or 'one'} lies beyond your reach", works, "beyond_reach"))
        return state, "none"
    student = ground.told.students.get(names.student or "")
    if student is None:
        raise unknown(no_student(names.student or "", f"/{filed.student}"))
    may = filing(ground.reach, student)
    state = {**state, filed.student: student.id}
    if not changing and (under := named_under(names.student or "")):
        state[UNDER] = under
    if filed.organisation and names.program and (day := state.get(plain.day or "")):
        taught = taught_in(student, program_id=names.program, day=date.fromisoformat(day), within=may)
        state[filed.organisation] = taught.organisation_id if taught else state.get(filed.organisation)
        return state, "none" if taught or student.enrolled_by(date.fromisoformat(day)) else "unknown"
    place = filed.of(state)
    if not may(place["program"], place["organisation"]):
        raise NotFound(f"there is no student {names.student} within your reach")
    return state, "none"


def _beside_twin(plain: Plain[B], id: str, state: State, twin: tuple[str, State], ground: _Ground) -> Decision[State]:
    """What a record is beside one that has its natural key."""
    key, other = twin
    if not _reads(plain.kind, other, ground):
        return Decision(id=id, refusal=recorded_elsewhere(""))
    student = plain.kind.filed.student
    same = plain.of({**other, student: state[student]} if student else other)
    if same == plain.of(state):
        return Decision(id=key, unchanged=True)
    works = f"PATCH /v1/{plain.path}/{key} if it is wrong"
    problem = Problem("", f"{plain.words} {key} records this already, with other values", works, "recorded_already")
    return Decision(id=id, refusal=Conflict(problem.said, existing=key, problems=[problem]))


def _reads(kind: Kind, state: State, ground: _Ground) -> bool:
    place = kind.filed.of(state)
    if kind.filed.student is None:
        return ground.reach.allows(**place)
    id = str(state[kind.filed.student])
    student = next((one for one in ground.told.students.values() if id in one.ids), Student(id=id))
    reads: Within = within(ground.reach, student)
    return reads(place["program"], place["organisation"])


def _told(kind: Kind, state: State, refusal: Refused) -> Refused:
    """The refusal as the caller is told it: of a student beyond reach in the words of one who is not known."""
    if isinstance(refusal, NotFound):
        return refused(no_student(_named(kind, state).student or "", f"/{kind.filed.student}"))
    return refusal


def _doubt_of(plain: Plain[B], state: State, ground: _Ground, refusal: Refused) -> Doubt:
    """On what of roster's a refusal hangs."""
    if isinstance(refusal, Unknown):
        return "unknown"
    student = ground.told.students.get(_named(plain.kind, state).student or "")
    if student is None or not isinstance(refusal, NotFound):
        return "none"
    return "reach" if student.enrolments else "unknown"


def _named(kind: Kind, state: State) -> Named:
    student = state.get(kind.filed.student) if kind.filed.student else None
    program = state.get(kind.filed.program) if kind.filed.program else None
    return Named(student, program)
