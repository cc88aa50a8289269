"""A change is decided on the very record that it is written on, or nothing is written: one way for every service."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from shared.doors.auth import Caller
from shared.errors import Conflict, Retryable, Stale
from shared.records.keys import derived_id
from shared.records.record import NOTHING_THERE, Draft, Entry, Record, Saved, may_decide
from shared.records.store import Records

T = TypeVar("T")
# The record within the caller's reach, or NotFound raised.
Read = Callable[[], Awaitable[Record]]
# What the record is to be next, or Refused raised: by its state, and by what is read of other records beside it.
Decide = Callable[[Record], Awaitable[Draft]]

TRIES = 5
# For so long a version that the caller knows of may still be on its way to us.
LOOK_AGAIN_SECONDS = (0.02, 0.05, 0.1, 0.2)


def entry_of(caller: Caller, action: str, *, key: str, digest: str, why: str = "") -> Entry:
    """A line of history; the key is kept as the caller's own, so that two callers' never meet."""
    return Entry(by=caller.sub, action=action, why=why, key=derived_id(caller.sub, key) if key else "", digest=digest)


async def change(records: Records, read: Read, *, entry: Entry, expected: int | None, decide: Decide) -> Saved:
    """Take one record from the version that the caller decided on to the next.

    1. Read it. A key that stands in its history was done before: that is answered first.
    2. Refuse another version than the expected one.
    3. Decide on what was read.
    4. Write, guarded by the version that was read: who was overtaken since 1 has written nothing.

    Raise NotFound, NoVersionGiven, Stale, whatever `decide` refuses with, or Conflict when
    another record holds a natural key that the decision would not have let it have.
    """

    async def attempt() -> Saved:
        record = await read()
        if done := may_decide(entry, expected, record):
            return done
        draft = await _decided(record, entry, decide)
        try:
            return await records.change(draft)
        except Conflict:
            # Another record came between: refused as if it had been seen, if it would have been.
            await decide(await read())
            raise

    return await once_seen(attempt)


async def put(records: Records, kind: str, id: str, decide: Callable[[Record | None], Draft | None]) -> Record | None:
    """Keep a record whose version no caller names: it is decided on what stands there, again when somebody was first.

    The answer is the record as it stands; nothing is written when the decision is None.
    """
    for _ in range(TRIES):
        before = await records.get(kind, id)
        draft = decide(before)
        if draft is None:
            return before
        with suppress(Stale):
            return (await records.put(replace(draft, expected=before.version if before else NOTHING_THERE))).record
    raise Retryable("others keep changing the same record; send this again")


async def put_all(records: Records, decided: Callable[[], Awaitable[Sequence[Draft]]]) -> int:
    """Write what is decided on what stands, and decide anew where somebody was first; how many came to be otherwise.

    Raise Retryable when others keep coming between.
    """
    changed = 0
    for _ in range(TRIES):
        saved = await records.put_many(await decided())
        changed += sum(isinstance(one, Saved) for one in saved)
        if not any(isinstance(one, Stale) for one in saved):
            return changed
    raise Retryable("others keep changing the same records")


async def once_seen(attempt: Callable[[], Awaitable[T]]) -> T:
    """Try again for a moment while the attempt sees an earlier version than its caller has seen."""
    for seconds in LOOK_AGAIN_SECONDS:
        try:
            return await attempt()
        except Stale as refused:
            if not refused.ahead:
                raise
            await asyncio.sleep(seconds)
    return await attempt()


async def _decided(record: Record, entry: Entry, decide: Decide) -> Draft:
    draft = await decide(record)
    if draft.key != record.key:
        raise ValueError(f"{draft.key} was decided on {record.key}")
    return replace(draft, entry=entry, expected=record.version)
