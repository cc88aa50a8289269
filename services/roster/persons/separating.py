"""A source id becomes a person of its own again, with the facts that were sent under it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Literal

from services.roster.identity.people import TWO_PERSONS, State, identifiers
from services.roster.persons.conflicts import note_decision
from services.roster.persons.merging import MOVED, unmerge
from services.roster.persons.moving import follow_names
from services.roster.store import Store
from shared.errors import Conflict, Retryable, Stale
from shared.records.store import Draft, Entry, Record

ACTION = "separate"
PENDING = "separate/"
TRIES = 5

Names = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Separated:
    """Whom a source id was taken from, who it is now, how many records went with it, and how many stay undecided."""

    outcome: Literal["changed", "unchanged"]
    person: str
    separated: str
    moves: Mapping[str, int]
    notes: tuple[str, ...] = ()


async def separate(store: Store, record: Record, name: str, names: Names, entry: Entry) -> Separated:
    """Give a source id of this record a person of its own, called by `names` until its source tells again.

    1. Note what is to be done, so that a crash after it is made good at the next start.
    2. Take the id from the record, and give it to the new person.
    3. Note that the two are two, and move the facts that were sent under the id.

    One that is the only id of a merged record is unmerged instead. Raise Conflict for one that is
    a person of its own already.
    """
    others = [each for each in record.state["identifiers"] if each != name]
    if not others and record.state.get("merged_into"):
        apart = await unmerge(store, record.id, entry)
        return Separated("changed", apart.survivor, record.id, apart.moves)
    if not others:
        if was_separated(record):
            return Separated("unchanged", record.id, record.id, {})
        raise Conflict(
            f"{name} is a person of its own already", works="nobody else is known by another id here", code="already_so"
        )
    key = f"{PENDING}{hashlib.sha256(f'{record.id}|{name}'.encode()).hexdigest()[:32]}"
    note = {
        "person": record.id,
        "name": name,
        "separated": f"p{token_hex(12)}",
        "names": dict(names),
        "by": entry.by,
        "why": entry.why,
    }
    await store.followed.update_one({"_id": key}, {"$setOnInsert": note}, upsert=True)
    done = await _finish(store, await store.followed.find_one({"_id": key}) or note)
    await store.followed.delete_one({"_id": key})
    return done


def was_separated(record: Record) -> bool:
    """Whether a separation made this record, or an unmerge that stood for one."""
    return any(past.action == ACTION for past in record.history)


async def finish_separations(store: Store) -> None:
    """Do, at start, the rest of what a crash stopped."""
    async for note in store.followed.find({"_id": {"$gt": PENDING, "$lt": "separate0"}}):
        await _finish(store, note)
        await store.followed.delete_one({"_id": note["_id"]})


async def _finish(store: Store, note: Mapping[str, Any]) -> Separated:
    person, name = note["person"], note["name"]
    entry = Entry(by=note["by"], action=ACTION, why=note["why"])
    owner = await _own(store, note, entry)
    await note_decision(store, person, owner, TWO_PERSONS, entry)
    moves = await follow_names(store, [name], entry)
    return Separated("changed", person, owner, {kind: moves.get(kind, 0) for kind in MOVED}, await _left(store, person))


async def _own(store: Store, note: Mapping[str, Any], entry: Entry) -> str:
    """The person whom the source id means now: the new one, or one that a row has made in the same moment."""
    person, name = note["person"], note["name"]
    for _ in range(TRIES):
        record = await store.records.get("student", person)
        try:
            if record is not None and name in record.state["identifiers"]:
                state = _without(record.state, name)
                await store.records.put(
                    Draft("student", person, state, entry, record.subjects, void=record.void, expected=record.version)
                )
            found = [each for each in await store.people([name]) if name in each.state["identifiers"]]
            if found and found[0].id != person:
                return found[0].id
            if not found and record is not None:
                await store.records.put(_new(note, record.state, entry))
                return str(note["separated"])
        except (Stale, Conflict):
            continue
    raise Retryable("others keep changing this person; send it again")


def _without(state: State, name: str) -> dict[str, Any]:
    left = [each for each in state["sources"] if f"{each['source']}:{each['sourced_id']}" != name]
    now = {**state, "sources": left}
    return {**now, "identifiers": identifiers(now)}


def _new(note: Mapping[str, Any], stood: State, entry: Entry) -> Draft:
    """The new person, called as its source last said, at home where the other was until the source tells."""
    source, _, sourced_id = note["name"].partition(":")
    state = {
        **note["names"],
        "state_student_id": None,
        "sources": [{"source": source, "sourced_id": sourced_id}],
        "years": stood["years"],
        "directory_opt_out": stood["directory_opt_out"],
        "identifiers": [note["name"]],
    }
    return Draft("student", note["separated"], state, entry, (f"student/{note['separated']}",))


async def _left(store: Store, person: str) -> tuple[str, ...]:
    """The records that were sent under no source id: they stay with the person, and somebody looks."""
    where = {"void": False, "state.student_id": person, "state._under": {"$exists": False}}
    counts = {kind: await store.raw.count_documents({"kind": kind, **where}) for kind in MOVED}
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    awards = f"awards and assessments of {person} follow where they were logged under this id; look through the others"
    left = (f"sent under no source id, and left with {person}: {told}; PUT what is the other's again",) if told else ()
    return (*left, awards)
