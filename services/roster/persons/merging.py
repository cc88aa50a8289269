"""Two persons become one, and two again, by one document that says so; all else follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from services.roster.identity.people import MERGED, TWO_PERSONS, not_there
from services.roster.persons.conflicts import note_decision
from services.roster.persons.following import follow
from services.roster.store import Store
from shared.errors import Conflict, Refused, Retryable, Stale
from shared.records.store import Draft, Entry, Record
from shared.roster_copy.merges import Merges

TRIES = 5
MOVED = ("enrolment", "completion", "demographics", "outcome")


@dataclass(frozen=True, slots=True)
class Merged:
    """Who survives, who is merged into them, and how many records are published under another id by that."""

    outcome: Literal["changed", "unchanged"]
    survivor: str
    merged: str
    moves: Mapping[str, int]
    notes: tuple[str, ...] = ()


async def merge(store: Store, survivor: str, other: str, entry: Entry) -> Merged:
    """Make `other` the same person as `survivor`, who keeps the id.

    1. Write on the other's record whom it was merged into.
    2. Should somebody have closed a circle at the same moment, take it back and refuse.
    3. Note that the pair is decided, and have the other's records published again.

    A crash after 1 leaves the merge whole: 3 is made good at the next start.
    Raise Conflict when it is one person already, the other way round.
    """
    for _ in range(TRIES):
        merges = await store.merges()
        top, below = merges.survivor(survivor), merges.survivor(other)
        if survivor == other or (top == below and other == top):
            raise Conflict(
                f"{other} is that person already, and survives",
                works=f"to have it the other way round, unmerge first: POST /v1/persons/{survivor}/unmerge",
                code="already_so",
                existing=top,
            )
        if top == below:
            return Merged("unchanged", top, other, await _moves(store, [other]))
        record = await _standing(store, below)
        await _standing(store, top)
        draft = _draft(record, {**record.state, "merged_into": top}, entry)
        try:
            await store.records.put(draft)
        except Stale:
            continue
        if below in _above(await store.merges(), top):
            await unmerge(store, below, entry, decides=False)
            raise Conflict(
                f"somebody merged {top} into {below} at the same moment",
                works="look again and decide",
                code="keeps_changing",
                existing=top,
            )
        moved = merges.together(below)
        await note_decision(store, top, below, MERGED, entry)
        await follow(store)
        return Merged("changed", top, below, await _moves(store, moved), await _notes(store, top, moved))
    raise Retryable("others keep changing these persons; send it again")


def _above(merges: Merges, person: str) -> list[str]:
    """The persons into whom this one was merged, one after the other; in a circle each once."""
    above: list[str] = []
    while (person := merges.into.get(person, "")) and person not in above:
        above.append(person)
    return above


async def unmerge(store: Store, person: str, entry: Entry, *, decides: bool = True) -> Merged:
    """Make a merged person one of their own again, with every record that was logged under their id.

    Raise Conflict for somebody who was not merged, naming those who were merged into them.
    """
    for _ in range(TRIES):
        record, merges = await _standing(store, person), await store.merges()
        into = record.state.get("merged_into")
        if into is None:
            return await _apart_already(store, record)
        top = merges.survivor(person)
        state = {name: value for name, value in record.state.items() if name != "merged_into"}
        try:
            await store.records.put(_draft(record, state, entry))
        except Stale:
            continue
        if decides:
            await note_decision(store, into, person, TWO_PERSONS, entry)
        await follow(store)
        return Merged("changed", top, person, await _moves(store, (await store.merges()).together(person)))
    raise Retryable("others keep changing this person; send it again")


async def _apart_already(store: Store, record: Record) -> Merged:
    """The answer to a retry; refused when this person never was merged."""
    if any(past.action == "unmerge" for past in record.history):
        return Merged("unchanged", record.id, record.id, await _moves(store, [record.id]))
    below = [person for person, into in (await store.merges()).into.items() if into == record.id]
    merged = f"merged into it: {', '.join(sorted(below))}; name one of those" if below else "nobody was merged into it"
    raise Conflict(
        f"{record.id} was not merged into anybody",
        works=merged,
        code="not_merged",
        existing=below[0] if below else "",
    )


async def _standing(store: Store, person: str) -> Record:
    record = await store.records.get("student", person)
    if record is None:
        raise not_there("student", person)
    if record.void:
        raise Refused(f"student {person} is void", works=f"PUT /v1/students/{person} brings it back", code="void")
    return record


def _draft(record: Record, state: Mapping[str, Any], entry: Entry) -> Draft:
    return Draft("student", record.id, state, entry, record.subjects, expected=record.version)


async def _moves(store: Store, persons: list[str]) -> dict[str, int]:
    where = {"void": False, "state.student_id": {"$in": persons}}
    return {kind: await store.raw.count_documents({"kind": kind, **where}) for kind in MOVED}


async def _notes(store: Store, survivor: str, moved: list[str]) -> tuple[str, ...]:
    """The years of which both records say something, so that only one of them holds."""

    async def years(persons: list[str]) -> set[str]:
        where = {"kind": "demographics", "void": False, "state.student_id": {"$in": persons}}
        return set(await store.raw.distinct("state.school_year", where))

    own = await years([each for each in (await store.merges()).together(survivor) if each not in moved])
    both = sorted(own & await years(moved))
    return tuple(f"both have demographics of {year}: the survivor's hold, the other's are kept" for year in both)
