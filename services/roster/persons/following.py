"""When a person is merged, every record logged under their id is published again, under the survivor.

An unmerge is the same, back. A record is never rewritten: it keeps the id that it was logged under.
"""

from typing import Any

from pymongo import ReplaceOne

from services.roster.enrolments.starts import restate_all_of
from services.roster.store import Store
from shared.mongo import seeing_all
from shared.records.store import Entry

MERGED = "merge/"


async def follow(store: Store) -> int:
    """Publish again the records of everybody who means another person than when last followed; how many those were.

    1. Compare who each merged person is now with what was followed last.
    2. Raise the versions of exactly the records that were logged under those ids.
    3. Note what has been followed.

    The merge is written before. A crash before 3 repeats 2, at the next start or the next merge.
    """
    # One was written a moment ago: a read of its own may not see it yet.
    async with seeing_all(store.records.database) as view:
        merges = await Store(view).merges()
    cursor = store.followed.find({"_id": {"$gt": MERGED, "$lt": "merge0"}})
    last = {each["_id"].removeprefix(MERGED): each["survivor"] async for each in cursor}
    now = {person: merges.survivor(person) for person in {*merges.into, *last}}
    changed = {person: survivor for person, survivor in now.items() if last.get(person, person) != survivor}
    raised = 0
    for person, survivor in sorted(changed.items()):
        ways: list[dict[str, Any]] = [{"state.student_id": person}, {"_id": f"student/{person}"}]
        why = f"{person} is one person with {survivor}" if person != survivor else f"{person} is a person of its own"
        entry = Entry(by="aurora", action="reference_changed", why=why)
        raised += await store.records.raise_versions({"void": False, "$or": ways}, entry)
        raised += await restate_all_of(store, person, {survivor, last.get(person, person)} - {person})
        note = {"survivor": survivor}
        await store.followed.bulk_write([ReplaceOne({"_id": f"{MERGED}{person}"}, note, upsert=True)])
    return raised
