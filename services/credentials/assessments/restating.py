"""What a changed cut touches: exactly the assessments whose facts are made of it are published again.

| what changes | which facts say it | which get a new version |
|---|---|---|
| a program's cut | assessment: cut, passed | those on the days that differ, without cut or verdict of their own |
| its minimum gain | assessment, phase post: the gain | those posts on the days that differ |
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from services.credentials.assessments.cuts import Cuts, Restated, restated
from services.credentials.assessments.keeping import ASSESSMENT, CUTS, cuts_draft, cuts_of
from services.credentials.catalogue import Span
from services.credentials.store import Store
from shared.errors import Retryable, Stale
from shared.records import Entry, Record, Saved

TRIES = 5


async def put_cuts(store: Store, cuts: Cuts, entry: Entry, *, expected: int | None = None) -> tuple[Saved, int]:
    """Keep a program's cuts and restate the assessments that they touch; the answer says how many.

    1. Write the cuts.
    2. Raise the versions of what differs from the cuts that were followed last.
    3. Note what has been followed.

    A crash before 3 repeats 2, at the next start or the next PUT, also one that changes nothing.
    Raise Stale when the caller expected another version.
    """
    for _ in range(TRIES):
        try:
            saved = await store.records.put(cuts_draft(cuts, entry, expected=expected))
        except Stale:
            if expected is not None:
                raise
            continue
        return saved, await follow(store, saved.record)
    raise Retryable("others keep changing these cuts; send them again")


async def follow_all(store: Store) -> None:
    """Finish, at start, what a crash may have left between writing cuts and restating assessments."""
    cursor = store.raw.find({"kind": CUTS, "void": False})
    for record in [Record.of(document) async for document in cursor]:
        await follow(store, record)


async def follow(store: Store, record: Record) -> int:
    """Restate the assessments of the days on which these cuts differ from those followed last."""
    cuts = cuts_of(record)
    last = await store.database["followed"].find_one({"_id": record.key})
    before = msgspec.convert(last["entry"], Cuts) if last else Cuts(program_id=cuts.program_id)
    ways = _ways(restated(before, cuts))
    raised = 0
    if ways:
        why = Entry(by="aurora", action="reference_changed", why=f"the cuts of {cuts.program_id} changed")
        where = {"kind": ASSESSMENT, "void": False, "state.program_id": cuts.program_id, "$or": ways}
        raised = await store.records.raise_versions(where, why)
    note = {"entry": msgspec.to_builtins(cuts)}
    await store.database["followed"].replace_one({"_id": record.key}, note, upsert=True)
    return raised


def _ways(found: Restated) -> list[dict[str, Any]]:
    undecided = {"state.cut": None, "state.passed": None}
    return [
        *({**undecided, "state.taken_on": day} for day in _days(found.cut)),
        *({"state.phase": "post", "state.taken_on": day} for day in _days(found.gain)),
    ]


def _days(spans: Iterable[Span]) -> list[dict[str, str]]:
    return [
        {"$gte": span.begin.isoformat(), **({"$lt": span.until.isoformat()} if span.until else {})} for span in spans
    ]
