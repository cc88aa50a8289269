"""What of roster's news a service's records follow: exactly those whose facts are made of it are published again.

| what changes | which records get a new version |
|---|---|
| the cted's start of the school year | all of the kinds whose facts say a school year |
| a person is merged or unmerged | those logged under the merged id |
| any other reference, such as an organisation's type | those that the service names |

One way for all: the reference is written already; raise the versions; note what has been followed.
A crash before the note repeats it: the news come again, and every start looks too.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from pymongo import ReplaceOne

from shared.records.record import Entry
from shared.records.store import Records
from shared.roster_copy.merges import Merges
from shared.school_year import DEFAULT_START

CALENDAR = "calendar"
MERGED = "merge"
# Where a student was at home when that was followed; noted, like merges, by the id of a person.
HOME = "home"


def notes_of(records: Records) -> Any:
    """Where a service notes what its records have followed."""
    return records.database["followed"]


async def follow_calendar(records: Records, kinds: Collection[str], starts: tuple[int, int]) -> int:
    """Restate every record of these kinds if the school year starts on another day than when that was followed last."""
    last = await notes_of(records).find_one({"_id": CALENDAR})
    wanted = list(starts)
    if wanted == (last["starts"] if last else list(DEFAULT_START)):
        return 0
    raised = await raise_for(records, {"kind": {"$in": sorted(kinds)}}, why="the school year starts on another day")
    await notes_of(records).replace_one({"_id": CALENDAR}, {"starts": wanted}, upsert=True)
    return raised


async def follow_persons(records: Records, student_of: Mapping[str, str], merges: Merges) -> int:
    """Restate what was logged under the id of each person who is somebody else than when last followed.

    `student_of` gives, by kind, the field of its state that names a student, or several.
    """
    last = await followed(records, MERGED, "survivor")
    raised = 0
    for person in sorted({*merges.into, *last}):
        survivor = merges.survivor(person)
        if last.get(person, person) == survivor:
            continue
        why = f"{person} is one person with {survivor}" if person != survivor else f"{person} is a person of its own"
        theirs = [{"kind": kind, f"state.{field}": person} for kind, field in sorted(student_of.items())]
        raised += await raise_for(records, {"$or": theirs}, why=why) if theirs else 0
        await notes_of(records).replace_one({"_id": f"{MERGED}/{person}"}, {"survivor": survivor}, upsert=True)
    return raised


async def follow_each(
    records: Records,
    what: str,
    now: Mapping[str, Any],
    *,
    field: str,
    touched: Callable[[Collection[str]], Mapping[str, Any]],
    why: str,
) -> int:
    """Restate what hangs on each reference that is another than when it was followed last.

    `what` names the kind of reference, `now` what each is, by id, noted as `field`; `touched`
    filters the records whose facts are made of those that changed.
    """
    last = await followed(records, what, field)
    changed = {id: one for id, one in now.items() if last.get(id) != one}
    if not changed:
        return 0
    raised = await raise_for(records, touched(changed.keys()), why=why)
    notes = [ReplaceOne({"_id": f"{what}/{id}"}, {field: one}, upsert=True) for id, one in changed.items()]
    await notes_of(records).bulk_write(notes, ordered=False)
    return raised


async def raise_for(records: Records, where: Mapping[str, Any], *, why: str) -> int:
    """Give the standing records that match one more version, saying why in their history; how many those are."""
    entry = Entry(by="aurora", action="reference_changed", why=why)
    return await records.raise_versions({"void": False, **where}, entry)


async def followed(records: Records, what: str, field: str) -> dict[str, Any]:
    """What has been followed of one kind of reference, by id."""
    # "0" is the character that follows "/": the range is one kind.
    found = notes_of(records).find({"_id": {"$gt": f"{what}/", "$lt": f"{what}0"}})
    return {each["_id"].partition("/")[2]: each[field] async for each in found}
