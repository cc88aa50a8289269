"""A row that gives somebody else's number, whole or without its zeros, is refused and listed until somebody decides."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.roster.identity.names import plain
from services.roster.identity.people import STATE_STUDENT_ID, TWO_PERSONS, People, is_alias
from services.roster.identity.whose import Claim, Unlike
from services.roster.identity.zeros import padded
from services.roster.persons.conflicts import AT_ONCE, CONFLICT, undecided
from services.roster.reach.scope import Scope
from services.roster.store import Store
from shared.errors import Conflict, Problem
from shared.records.store import Draft, Entry, Record
from shared.roster_copy.merges import Merges

NAMES = ("given_name", "family_name", "preferred_name")


def claim_id(number: str, name: str, given_name: str) -> str:
    """The id of a claim: of a source id and its number, or of a number and a given name where there is no source id."""
    of = f"{number}|{name}" if name != number else f"{number}||{plain(given_name)}"
    return hashlib.sha256(of.encode()).hexdigest()[:32]


def id_of(claim: Claim) -> str:
    """The id under which a claim is listed and decided, the same in a dry run."""
    return claim_id(claim.number, claim.name, claim.told.given_name)


async def decision_about(store: Store, claim: Claim, merges: Merges) -> str | None:
    """What was decided of this row and the person who has the number now; a former owner's case is another one."""
    found = await store.records.get(CONFLICT, id_of(claim))
    if found is None or merges.survivor(found.state["persons"][0]) != claim.owner:
        return None
    decided: str | None = found.state["decided"]
    return decided


async def two_by_claim(store: Store, number: str, names: Sequence[str], owner: Sequence[str]) -> bool:
    """Whether somebody decided that the number which one of these source ids gave is not its owner's."""
    ids = [f"{CONFLICT}/{claim_id(number, name, '')}" for name in names]
    where = {"_id": {"$in": ids}, "state.decided": TWO_PERSONS, "state.persons": {"$in": list(owner)}}
    return bool(await store.raw.count_documents(where, limit=1))


async def note_claims(store: Store, unlikes: Iterable[Unlike], entry: Entry) -> None:
    """Put both sides of each on the list, the rows' names as they were sent."""
    await store.records.put_many([Draft(CONFLICT, id_of(each.claim), _state(each), entry) for each in unlikes])


def _state(unlike: Unlike) -> dict[str, Any]:
    claim = unlike.claim
    sent = {name: getattr(claim.told, name) for name in NAMES}
    of_row = {"name": claim.name, "number": claim.number, "schools": sorted(claim.schools), **sent}
    return {"persons": [claim.owner], "claim": of_row, "why": list(unlike.why), "decided": None}


async def decide_claim(store: Store, record: Record, decided: str, entry: Entry) -> None:
    """Remember what was decided; the names that were sent are not needed any more."""
    claim = {name: value for name, value in record.state["claim"].items() if name not in NAMES}
    state = {**record.state, "claim": claim, "decided": decided}
    await store.records.put(Draft(CONFLICT, record.id, state, entry, expected=record.version))


def refusal(unlike: Unlike, *, reached: bool, decided: str | None) -> Conflict:
    """The refusal in words: of a person whom the caller does not reach only that there is one."""
    claim = unlike.claim
    if not reached:
        said = f"{claim.number} is the number of somebody outside of your district"
        works = "correct the number, or have somebody who reaches both decide it (GET /v1/persons/conflicts)"
        problem = Problem("/state_student_id", said, works, "another_person")
        return Conflict(problem.said, problems=[problem])
    said = unlike.whole.detail
    works = f"correct the number, or say whether they are one person: POST /v1/persons/conflicts/{id_of(claim)}"
    if claim.name == claim.number:
        works += "; a new name of the same person is a PUT by person id, with If-Match"
    if decided == TWO_PERSONS:
        said = f"{claim.number} is another person's, as was decided, and nothing else in the row says whose it is"
        works = "give the row its own number, or a source id"
    problem = Problem("/state_student_id", said, works, "another_person")
    return Conflict(problem.said, existing=claim.owner, problems=[problem])


@dataclass(frozen=True, slots=True)
class Incoming:
    """The side of a conflict that is no person yet: the ids that a row came under, and its names as sent."""

    name: str
    state_student_id: str
    names: Mapping[str, str | None]

    def shown(self) -> dict[str, Any]:
        """The incoming side as it is listed."""
        source, _, sourced_id = self.name.partition(":")
        known = is_alias(self.name) and source != STATE_STUDENT_ID
        told = {"source": source, "sourced_id": sourced_id} if known else {"source": None, "sourced_id": None}
        return {"name": self.name, **told, **self.names, "state_student_id": self.state_student_id}


def incoming_of(record: Record) -> Incoming | None:
    """The incoming side of a conflict, of one that has such a side."""
    claim = record.state.get("claim")
    if claim is None:
        return None
    number = str(claim["number"]).partition(":")[2]
    return Incoming(claim["name"], number, {name: claim.get(name) for name in NAMES})


async def listed(store: Store) -> list[Record]:
    """The conflicts that wait for a decision, the first thousand: what has settled itself is passed over."""
    merges = await store.merges()
    found: list[Record] = []
    async for page in undecided(store, merges):
        found += await _standing(store, page, merges)
        if len(found) >= AT_ONCE:
            break
    return found[:AT_ONCE]


async def _standing(store: Store, records: Sequence[Record], merges: Merges) -> list[Record]:
    """The conflicts among these that still are open: the number has its owner, and nobody has the source id yet."""
    claims = {each.id: each.state["claim"] for each in records if "claim" in each.state}
    names = {name for claim in claims.values() for name in (claim["name"], claim["number"])}
    people = await store.people(names, merges) if names else []
    owners = {name: merges.survivor(each.id) for each in people for name in (each.id, *each.state["identifiers"])}
    return [
        each
        for each in records
        if each.id not in claims
        or (
            owners.get(claims[each.id]["number"]) == merges.survivor(each.state["persons"][0])
            and (claims[each.id]["name"] == claims[each.id]["number"] or claims[each.id]["name"] not in owners)
        )
    ]


async def learn_padded(store: Store, people: People, aliases: Iterable[str], scope: Scope | None) -> None:
    """Let the rules see who has one of these numbers with zeros in front, where nobody has the number itself.

    `aliases` are all ids from outside that rows are about to give to somebody.
    """
    named = [one.partition(":") for one in aliases if one not in people.owners]
    names = {each for kind, _, number in named if kind == STATE_STUDENT_ID for each in padded(number)}
    people.padded.clear()
    found = await store.people(names, people.merges) if names else []
    if found and scope is not None and not scope.everything:
        ids = [record.id for record in found]
        seen = await store.among("student", ids, await scope.filter("student", among=ids))
        found = [record for record in found if record.id in seen]
    for record in found:
        people.padded |= {alias: (record.id, record.state) for alias in record.state["identifiers"] if alias in names}
