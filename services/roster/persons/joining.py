"""A row that gives ids of two persons makes them one, or puts them on the list that somebody decides."""

from enum import Enum
from typing import Any

from services.roster.identity.people import STATE_STUDENT_ID, People
from services.roster.identity.weighing import against, contradictions, told_by
from services.roster.identity.whose import Joins, OfRow
from services.roster.persons.claims import two_by_claim
from services.roster.persons.conflicts import are_two, conflict_id, note_conflict
from services.roster.persons.merging import merge
from services.roster.reach.scope import Scope
from services.roster.store import Store
from shared.errors import Conflict, Refused
from shared.records.store import Entry

FOREIGN = "an id of this row is that of a student of another district"
TAKE_OUT = "take the id that is wrong out of the row"
WHY = f"a source brought the same {STATE_STUDENT_ID}, and nothing speaks against it"


class Settled(Enum):
    """What became of the persons whose ids a row gives: one, two as somebody decided, or to be looked at again."""

    ONE = "one"
    TWO = "two"
    LATER = "later"


async def settle(
    store: Store, joins: Joins, people: People, entry: Entry, scope: Scope | None, *, dry_run: bool
) -> Refused | Settled:
    """Make the persons one where nothing speaks against it (ONE, as a dry run would); else the refusal.

    The one with the state student id survives. Nothing is guessed: what speaks against it, or is
    not for this caller to decide, goes on the list of conflicts. TWO: somebody has decided so.
    LATER: one of them was made by an earlier row, and is not kept yet.
    """
    if scope is not None and not await reaches(store, scope, list(joins.persons)):
        # Whoever does not reach both is told nothing of either.
        of_row = OfRow(joins.number, joins.by_state_id, joins.names, joins.told)
        joins = Joins(FOREIGN, existing="", persons=joins.persons, of_row=of_row, works=TAKE_OUT)
    survivor, *others = joins.persons
    if len(others) > 1:
        return joins
    other = others[0]
    if not dry_run and len(await store.records.get_many("student", joins.persons)) < len(joins.persons):
        return Settled.LATER if {survivor, other} <= people.states.keys() else joins
    merges = await store.merges()
    ids = merges.together(survivor), merges.together(other)
    decided = await are_two(store, *ids)
    if joins.by_state_id and (decided or await two_by_claim(store, joins.number, sorted(joins.names), ids[0])):
        return Settled.TWO
    if decided:
        said = f"{joins.whole.detail}; it was decided that they are two persons"
        return Conflict(said, works=joins.whole.works, code=joins.whole.code, existing=joins.existing)
    why = await _against(store, joins, people, scope)
    if not why:
        if not dry_run:
            await merge(store, survivor, other, Entry(by=entry.by, action="merge", why=WHY))
        return Settled.ONE
    id = conflict_id(survivor, other)
    if not dry_run:
        noted = Entry(by=entry.by, action="conflict")
        id = await note_conflict(store, survivor, other, why, noted)
    or_say = f"or say whether they are one person: POST /v1/persons/conflicts/{id} ({', '.join(why)})"
    works = "; ".join(part for part in (joins.whole.works, or_say) if part)
    return Conflict(joins.whole.detail, works=works, code=joins.whole.code, existing=joins.existing)


async def _against(store: Store, joins: Joins, people: People, scope: Scope | None) -> list[str]:
    survivor, other = joins.persons
    if not joins.by_state_id:
        return ["only a source's own ids say that they are one"]
    merges = await store.merges()
    ids = [merges.together(survivor), merges.together(other)]
    if scope is not None and not await reaches(store, scope, [survivor, other]):
        return ["they lie in districts that one caller does not reach"]
    states: list[list[Any]] = []
    for each in ids:
        stored = await store.records.get_many("student", each)
        now = {id: people.states[id] for id in each if id in people.states}
        states.append([*({id: record.state for id, record in stored.items()} | now).values()])
    where = {"kind": "demographics", "void": False, "state.student_id": {"$in": [*ids[0], *ids[1]]}}
    groups = [each["state"] async for each in store.raw.find(where, {"state": 1})]
    of_row = against([told_by(state) for state in states[0]], [joins.told])
    return sorted({*contradictions(states[0], states[1], groups), *of_row})


async def reaches(store: Store, scope: Scope, persons: list[str]) -> bool:
    """Whether every one of these persons is within reach."""
    if scope.everything:
        return True
    seen = await store.among("student", persons, await scope.filter("student", among=persons))
    return seen >= set(persons)
