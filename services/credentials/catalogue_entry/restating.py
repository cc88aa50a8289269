"""What a changed entry of the catalogue touches: exactly those awards whose facts are made of it are published again.

| what changes | which facts say it | which awards get a new version |
|---|---|---|
| a credential's type | award: its type | all of that code |
| a dated tier | award: the tiers in force | those of that code on the days whose tier changed |
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from services.credentials.catalogue_entry.record import CATALOGUE, catalogue_draft, credential_of
from services.credentials.catalogue_entry.rules import Credential, restated
from services.credentials.in_force import ALWAYS, Span
from shared.errors import Retryable, Stale
from shared.producer.desk import Desk
from shared.records.record import NOTHING_THERE, Entry, Record, Saved, must_be_at
from shared.roster_copy.following import notes_of, raise_for

TRIES = 5
AWARD = "award"  # whose state says a credential_code and its day
# Whether an entry may take the place of what stood there, or Refused raised.
May = Callable[[Credential | None], None]


def whatever_was(_: Credential | None) -> None:
    """Nothing speaks against it."""


async def put_credential(
    desk: Desk, credential: Credential, entry: Entry, *, expected: int | None = None, may: May = whatever_was
) -> tuple[Saved, int]:
    """Keep a catalogue entry and restate the awards that it touches; the answer says how many.

    1. Write the entry, on exactly the version that was read, so that the difference is known, if
       it `may` follow what stood there.
    2. Raise the versions of the awards on the days that differ: from what was read, and from
       what was followed last, should an earlier change have stopped before its own 2.
    3. Note what has been followed.

    A crash before 3 repeats 2, at the next start or the next PUT, also one that changes nothing.
    Raise Stale when the caller expected another version.
    """
    for _ in range(TRIES):
        before = await desk.records.get(CATALOGUE, credential.code)
        if expected is not None:
            must_be_at(expected, before)
        may(credential_of(before) if before else None)
        draft = catalogue_draft(credential, entry, expected=before.version if before else NOTHING_THERE)
        try:
            saved = await desk.records.put(draft)
        except Stale:
            continue
        spans = restated(credential_of(before), credential) if before else ()
        return saved, await follow_entry(desk, saved.record, spans)
    raise Retryable("others keep changing this catalogue entry; send it again")


async def would_restate(desk: Desk, credential: Credential) -> int:
    """How many awards `put_credential` would restate now; nothing is written."""
    record = await desk.records.get(CATALOGUE, credential.code)
    if record is None:
        return 0
    touched = {*restated(credential_of(record), credential), *await _since_followed(desk, record, credential)}
    where = {"void": False, **_touched(credential.code, touched)}
    return int(await desk.records.collection.count_documents(where)) if touched else 0


async def follow_entry(desk: Desk, record: Record, spans: Iterable[Span] = ()) -> int:
    """Restate the awards on these days, and on those that differ from what was followed last."""
    credential = credential_of(record)
    touched = {*spans, *await _since_followed(desk, record, credential)}
    why = f"the catalogue's {credential.code} changed"
    raised = await raise_for(desk.records, _touched(credential.code, touched), why=why) if touched else 0
    note = msgspec.to_builtins(credential)
    await notes_of(desk.records).replace_one({"_id": record.key}, {"entry": note}, upsert=True)
    return raised


async def follow_entries(desk: Desk) -> None:
    """Finish, at start, what a crash may have left between writing an entry and restating its awards."""
    cursor = desk.records.collection.find({"kind": CATALOGUE, "void": False})
    for record in [Record.of(document) async for document in cursor]:
        await follow_entry(desk, record)


async def _since_followed(desk: Desk, record: Record, now: Credential) -> tuple[Span, ...]:
    last = await notes_of(desk.records).find_one({"_id": record.key})
    if last is None:
        return (ALWAYS,) if record.version > 1 else ()
    return restated(msgspec.convert(last["entry"], Credential), now)


def _touched(code: str, spans: Iterable[Span]) -> dict[str, Any]:
    days = [{"state.day": span.as_filter()} for span in spans]
    return {"kind": AWARD, "state.credential_code": code, "$or": days}
