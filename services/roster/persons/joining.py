"""When a row gives ids of two persons: one person by the state student id, or a conflict that somebody decides."""

from typing import Any

from services.roster.people import STATE_STUDENT_ID, Joins
from services.roster.persons.conflicts import are_two, conflict_id, note_conflict
from services.roster.persons.evidence import contradictions
from services.roster.persons.merging import merge
from services.roster.scope import Scope
from services.roster.store import Store
from shared.errors import Conflict, Refused
from shared.records import Entry

FOREIGN = "an id of this row is that of a student of another district; take the id that is wrong out of the row"
WHY = f"a source brought the same {STATE_STUDENT_ID}, and nothing speaks against it"


async def settle(store: Store, joins: Joins, entry: Entry, scope: Scope | None, *, dry_run: bool) -> Refused | None:
    """None when the persons are one now (in a dry run: would be), and the row can be decided again; else the refusal.

    The one with the state student id survives. Nothing is guessed: what speaks against it, or is
    not for this caller to decide, goes on the list of conflicts.
    """
    if scope is not None and not await reaches(store, scope, list(joins.persons)):
        # Whoever does not reach both is told nothing of either.
        joins = Joins(FOREIGN, existing="", persons=joins.persons, by_state_id=joins.by_state_id)
    survivor, *others = joins.persons
    if len(others) > 1:
        return joins
    other = others[0]
    against = await _against(store, joins, scope)
    if not against:
        if not dry_run:
            await merge(store, survivor, other, Entry(by=entry.by, action="merge", why=WHY))
        return None
    merges = await store.merges()
    decided = await are_two(store, merges.together(survivor), merges.together(other))
    if decided:
        return Conflict(f"{joins.detail}; it was decided that they are two persons", existing=joins.existing)
    id = conflict_id(survivor, other)
    if not dry_run:
        noted = Entry(by=entry.by, action="conflict")
        id = await note_conflict(store, survivor, other, against, noted)
    said = f"{joins.detail}; or say whether they are one person: POST /v1/persons/conflicts/{id} ({', '.join(against)})"
    return Conflict(said, existing=joins.existing)


async def _against(store: Store, joins: Joins, scope: Scope | None) -> list[str]:
    survivor, other = joins.persons
    if not joins.by_state_id:
        return ["only a source's own ids say that they are one"]
    merges = await store.merges()
    ids = [merges.together(survivor), merges.together(other)]
    if await are_two(store, *ids):
        return ["it was decided that they are two persons"]
    if scope is not None and not await reaches(store, scope, [survivor, other]):
        return ["they lie in districts that one caller does not reach"]
    states: list[list[Any]] = [
        [record.state for record in (await store.records.get_many("student", each)).values()] for each in ids
    ]
    where = {"kind": "demographics", "void": False, "state.student_id": {"$in": [*ids[0], *ids[1]]}}
    groups = [each["state"] async for each in store.raw.find(where, {"state": 1})]
    return contradictions(states[0], states[1], groups)


async def reaches(store: Store, scope: Scope, persons: list[str]) -> bool:
    """Whether every one of these persons is within reach."""
    if scope.everything:
        return True
    seen = await store.among("student", persons, await scope.filter("student", among=persons))
    return seen >= set(persons)
