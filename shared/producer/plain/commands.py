"""What a caller can have done with a plain kind: log one or a file, set right, take out, each within reach."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from shared.doors.auth import Caller, Reach
from shared.errors import Conflict
from shared.producer.decisions import FIRST_LINE, Asked, Decision, Stored, stored_of
from shared.producer.desk import Desk
from shared.producer.kinds import Kind
from shared.producer.plain.decision import B, Filing, Ground, Plain, State, decide, filing_of, named
from shared.producer.refusals import refuse_void
from shared.producer.rows import Logged, RowsOf, decisions_on, log_rows
from shared.records.record import Draft, Entry, Natural, Record, Saved
from shared.roster_copy.lookup import Told
from shared.roster_copy.patience import Patience
from shared.roster_copy.reach import filing, reading


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
    states = [Asked(id, value.model_dump(mode="json")) for id, value in asked]
    return await log_rows(desk, _rows_of(plain), states, caller=caller, entry=entry, dry_run=dry_run, patience=patience)


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
        kept = {name: record.state[name] for name in plain.value.model_fields if name in record.state}
        try:
            value = plain.value.model_validate({**kept, **changes})
        except ValidationError as error:
            raise RequestValidationError(
                [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
            ) from error
        hidden = {name: one for name, one in record.state.items() if name.startswith("_")}
        row = Asked(id, value.model_dump(mode="json") | hidden)
        (decision,) = await decisions_on(
            desk,
            _rows_of(plain, before=dict(record.state)),
            [row],
            reach=caller.reach,
            digest="",
            patience=Patience(),
        )
        if decision.refusal or decision.keep is None:
            raise decision.refusal or Conflict(f"{plain.words} {decision.id} says the same", existing=decision.id)
        return plain.draft(id, decision.keep, entry)

    return await desk.change(plain.kind.name, id, caller=caller, entry=entry, expected=expected, decide=decided)


def _rows_of(plain: Plain[B], *, before: State | None = None) -> RowsOf[State]:
    """How values of the kind are logged; `before`: how one record is changed that says this."""
    return RowsOf(
        decide=partial(_decided, plain, before), named=lambda state: named(plain.kind, state), draft=plain.draft
    )


async def _decided(
    plain: Plain[B], before: State | None, desk: Desk, rows: Sequence[Asked[State]], reach: Reach, digest: str
) -> list[Decision[State]]:
    """The decisions: what roster has told is read, each row filed, and what stands beside it read, in this order."""
    names = [named(plain.kind, row.wanted) for row in rows]
    students = {name for row in rows for name in plain.kind.filed.students(row.wanted)}
    told = await desk.roster.told(students, {one.program for one in names if one.program})
    ground = Ground(
        students=told.students,
        programs=told.programs,
        organisations=await _organisations(desk, plain.kind, rows),
        files=lambda student: filing(reach, student, plain.kind.filed),
        reads=lambda student: reading(reach, student, plain.kind.filed),
        reaches=lambda place: reach.allows(**place),
        today=told.calendar.day(desk.now()),
        before=before,
    )
    filed = [(row, filing_of(plain, row, ground)) for row in rows]
    stored = await _beside(desk, plain, filed, told, digest, changing=before is not None)
    return decide(plain, filed, stored, await _seeing_whose(desk, plain.kind, stored, ground))


async def _seeing_whose(desk: Desk, kind: Kind, stored: Mapping[str, Stored[State]], ground: Ground) -> Ground:
    """The ground with the students, too, of records that stand in the way: who reaches them is told which it is."""
    known = {id for student in ground.students.values() for id in student.ids}
    others = {id for one in stored.values() for id in kind.filed.students(one.value)} - known
    if not others:
        return ground
    return replace(ground, students={**(await desk.roster.told(others, ())).students, **ground.students})


async def _organisations(desk: Desk, kind: Kind, rows: Sequence[Asked[State]]) -> Collection[str]:
    """Those of the organisations that rows name which roster knows."""
    named_at = {str(id) for row in rows if kind.filed.organisation and (id := row.wanted.get(kind.filed.organisation))}
    known = await desk.roster.organisation_types(named_at) if named_at else {}
    return {id for id, type in known.items() if type is not None}


async def _beside(
    desk: Desk,
    plain: Plain[B],
    rows: Sequence[tuple[Asked[State], Filing]],
    told: Told,
    digest: str,
    *,
    changing: bool,
) -> dict[str, Stored[State]]:
    """The records with the rows' own ids, and those that hold one of their natural keys, by id."""
    name, own = plain.kind.name, {row.id for row, _ in rows}
    ids = set() if changing else own
    ways: list[dict[str, Any]] = [{"_id": {"$in": [f"{name}/{id}" for id in ids]}}] if ids else []
    for _, one in rows:
        if one.refusal is None and plain.holds(one.state):
            ways += [_holding(natural, plain.kind, one.state, told) for natural in plain.kind.naturals]
    if not ways:
        return {}
    documents = await desk.records.collection.find({"$or": ways}, FIRST_LINE).to_list(None)
    found = stored_of(documents, dict, ids=ids, digest=digest)
    return {id: one for id, one in found.items() if not (changing and id in own)}


def _holding(natural: Natural, kind: Kind, state: State, told: Told) -> dict[str, Any]:
    """A filter on the records that hold a natural key which a state would have."""
    wanted: dict[str, Any] = {f"state.{name}": state.get(name) for name in (*natural.fields, *natural.maybe)}
    path = f"state.{kind.filed.student}"
    if path in wanted:
        ids = {id for one in told.students.values() if state[kind.filed.student or ""] in one.ids for id in one.ids}
        wanted[path] = {"$in": sorted(ids or {wanted[path]})}
    return {"$and": [natural.holds_for(), wanted]}
