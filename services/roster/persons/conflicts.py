"""A pair of persons that may be one human is kept until somebody decides, and is not asked about again."""

import hashlib
from collections.abc import AsyncIterator, Sequence

from services.roster.identity.people import TWO_PERSONS
from services.roster.store import Store
from shared.records.changes import put
from shared.records.store import Draft, Entry, Record
from shared.roster_copy.merges import Merges

CONFLICT = "conflict"
AT_ONCE = 1000


def conflict_id(one: str, other: str) -> str:
    """The id of a pair, the same in whichever order it is named."""
    return hashlib.sha256("|".join(sorted((one, other))).encode()).hexdigest()[:32]


async def note_conflict(store: Store, one: str, other: str, why: Sequence[str], entry: Entry) -> str:
    """Put the pair on the list, unless it stands there; the answer is its id."""
    id = conflict_id(one, other)

    def decide(known: Record | None) -> Draft | None:
        undecided = known is None or known.state["decided"] is None
        return _draft(id, one, other, why, None, entry) if undecided else None

    await put(store.records, CONFLICT, id, decide)
    return id


async def note_decision(store: Store, one: str, other: str, decided: str, entry: Entry) -> None:
    """Remember what was decided of the pair, whether or not it was on the list."""
    id = conflict_id(one, other)

    def decide(known: Record | None) -> Draft:
        return _draft(id, one, other, known.state["why"] if known else (), decided, entry)

    await put(store.records, CONFLICT, id, decide)


async def are_two(store: Store, ones: Sequence[str], others: Sequence[str]) -> bool:
    """Whether somebody decided that these persons are two, under any of their ids."""
    pairs = [f"{CONFLICT}/{conflict_id(one, other)}" for one in ones for other in others]
    where = {"_id": {"$in": pairs}, "state.decided": TWO_PERSONS}
    return bool(await store.raw.count_documents(where, limit=1))


async def undecided(store: Store, merges: Merges) -> AsyncIterator[list[Record]]:
    """The pairs that wait for a decision, in the order of their ids; those that became one person since are out."""
    after: str | None = None
    while page := await store.records.find(CONFLICT, {"state.decided": None}, after=after, limit=AT_ONCE):
        yield [
            each
            for each in page
            if "claim" in each.state or len({merges.survivor(one) for one in each.state["persons"]}) > 1
        ]
        after = page[-1].id


def _draft(id: str, one: str, other: str, why: Sequence[str], decided: str | None, entry: Entry) -> Draft:
    state = {"persons": sorted((one, other)), "why": list(why), "decided": decided}
    return Draft(CONFLICT, id, state, entry)
