"""What a changed reference touches: exactly those whose facts are made of it are published again.

| what changes | which facts say it | which awards get a new version |
|---|---|---|
| a credential's type | award: its type | all of that code |
| a dated tier | award: the tiers in force | those of that code on the days whose tier changed |
| the cted's start of the school year | award, assessment: their school year | all of both |
| a person is merged or unmerged | award, assessment: whose it is | those logged under the merged id |
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from services.credentials.assessment import restating as assessments
from services.credentials.assessment.record import ASSESSMENT
from services.credentials.award.record import AWARD, CATALOGUE, Store, catalogue_draft, credential_of
from services.credentials.catalogue_entry.rules import Credential, restated
from services.credentials.dated import ALWAYS, Span
from shared.errors import Retryable, Stale
from shared.records.record import NOTHING_THERE, must_be_at
from shared.records.records import Entry, Record, Saved
from shared.roster_copy.merges import Merges
from shared.school_year import DEFAULT_START

TRIES = 5
# Whether an entry may take the place of what stood there, or Refused raised.
May = Callable[[Credential | None], None]
CALENDAR = "calendar"
MERGED = "merge/"


def whatever_was(_: Credential | None) -> None:
    """Nothing speaks against it."""


async def put_credential(
    store: Store, credential: Credential, entry: Entry, *, expected: int | None = None, may: May = whatever_was
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
        before = (await store.entries([credential.code])).get(credential.code)
        if expected is not None:
            must_be_at(expected, before)
        may(credential_of(before) if before else None)
        draft = catalogue_draft(credential, entry, expected=before.version if before else NOTHING_THERE)
        try:
            saved = await store.records.put(draft)
        except Stale:
            continue
        spans = restated(credential_of(before), credential) if before else ()
        return saved, await follow_entry(store, saved.record, spans)
    raise Retryable("others keep changing this catalogue entry; send it again")


async def would_restate(store: Store, credential: Credential) -> int:
    """How many awards `put_credential` would restate now; nothing is written."""
    record = (await store.entries([credential.code])).get(credential.code)
    if record is None:
        return 0
    touched = {*restated(credential_of(record), credential), *await _since_followed(store, record, credential)}
    return int(await store.raw.count_documents(_touched(credential.code, touched))) if touched else 0


async def follow_entry(store: Store, record: Record, spans: Iterable[Span] = ()) -> int:
    """Restate the awards on these days, and on those that differ from what was followed last."""
    credential = credential_of(record)
    touched = {*spans, *await _since_followed(store, record, credential)}
    raised = await _raise_versions(store, credential.code, touched) if touched else 0
    note = msgspec.to_builtins(credential)
    await _followed(store).replace_one({"_id": record.key}, {"entry": note}, upsert=True)
    return raised


async def follow_all(store: Store) -> None:
    """Finish, at start, what a crash may have left between writing an entry and restating its awards."""
    cursor = store.raw.find({"kind": CATALOGUE, "void": False})
    for record in [Record.of(document) async for document in cursor]:
        await follow_entry(store, record)
    await assessments.follow_all(store)


async def follow_calendar(store: Store, starts: tuple[int, int]) -> int:
    """Restate every award and assessment if the school year starts on another day than when that was followed last."""
    last = await _followed(store).find_one({"_id": CALENDAR})
    wanted = list(starts)
    if wanted == (last["starts"] if last else list(DEFAULT_START)):
        return 0
    entry = Entry(by="aurora", action="reference_changed", why="the school year starts on another day")
    raised = await store.records.raise_versions({"kind": {"$in": [AWARD, ASSESSMENT]}, "void": False}, entry)
    await _followed(store).replace_one({"_id": CALENDAR}, {"starts": wanted}, upsert=True)
    return raised


async def follow_persons(store: Store, merges: Merges) -> int:
    """Restate what was logged under the id of each person who is somebody else than when last followed.

    A crash before the note repeats it: roster's news comes again, and every start looks too.
    """
    cursor = _followed(store).find({"_id": {"$gt": MERGED, "$lt": "merge0"}})
    last = {each["_id"].removeprefix(MERGED): each["survivor"] async for each in cursor}
    raised = 0
    for person in sorted({*merges.into, *last}):
        survivor = merges.survivor(person)
        if last.get(person, person) == survivor:
            continue
        why = f"{person} is one person with {survivor}" if person != survivor else f"{person} is a person of its own"
        entry = Entry(by="aurora", action="reference_changed", why=why)
        where = {"kind": {"$in": [AWARD, ASSESSMENT]}, "void": False, "state.student_id": person}
        raised += await store.records.raise_versions(where, entry)
        await _followed(store).replace_one({"_id": f"{MERGED}{person}"}, {"survivor": survivor}, upsert=True)
    return raised


async def _since_followed(store: Store, record: Record, now: Credential) -> tuple[Span, ...]:
    last = await _followed(store).find_one({"_id": record.key})
    if last is None:
        return (ALWAYS,) if record.version > 1 else ()
    return restated(msgspec.convert(last["entry"], Credential), now)


async def _raise_versions(store: Store, code: str, spans: Iterable[Span]) -> int:
    entry = Entry(by="aurora", action="reference_changed", why=f"the catalogue's {code} changed")
    return await store.records.raise_versions(_touched(code, spans), entry)


def _touched(code: str, spans: Iterable[Span]) -> dict[str, Any]:
    days = [{"state.day": span.as_filter()} for span in spans]
    return {"kind": AWARD, "void": False, "state.credential_code": code, "$or": days}


def _followed(store: Store) -> Any:
    return store.database["followed"]
