"""Lists of awards that somebody has to act on: to follow up, about to expire, to be announced."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from services.credentials.award import renewals
from services.credentials.award.commands import Desk
from services.credentials.award.looks import Look, how_sure, to_follow_up
from services.credentials.award.record import AWARD, award_of
from services.credentials.award.rules import PASSED, Award
from services.credentials.worklists.merged import of_persons, records_of_each
from shared.contracts.credentials import Level
from shared.doors.auth import Caller
from shared.records.records import Record
from shared.roster_copy.reach import filter_of
from shared.web.paging import Paging

AT_ONCE = 200
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Due:
    """An award on a list, and why it stands there."""

    record: Record
    award: Award
    why: str


# What is wanted of some records of a list; the filter tells what else is on it.
Keep = Callable[[Sequence[Record], Mapping[str, Any]], Awaitable[list[Due]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """Awards that match `where`, in the order of their day `by`, as far as `keep` wants them."""

    where: Mapping[str, Any]
    by: str
    keep: Keep


async def passing(
    more: Callable[[str | None, int], Awaitable[list[Record]]],
    keep: Callable[[Sequence[Record]], Awaitable[list[T]]],
    paging: Paging,
    *,
    place: Callable[[Record], str],
) -> list[T]:
    """What is kept of the records behind the cursor, one more than the page holds, read until that many are found."""
    kept: list[T] = []
    after, at_once = paging.after, max(AT_ONCE, paging.limit + 1)
    while len(kept) <= paging.limit:
        records = await more(after, at_once)
        kept += await keep(records)
        if len(records) < at_once:
            break
        after = place(records[-1])
    return kept[: paging.limit + 1]


def position(due: Due, by: str) -> str:
    """Where an award stands on its list."""
    return f"{due.record.state[by]}|{due.record.id}"


async def find(desk: Desk, wanted: Worklist, *, caller: Caller, paging: Paging) -> list[Due]:
    """The list within the caller's reach, from the cursor on, one more than the page holds."""
    path, reach = f"state.{wanted.by}", await filter_of(caller.reach, desk.learnt)
    listed = {"$and": [{"kind": AWARD, "void": False}, dict(wanted.where), reach]}

    async def more(after: str | None, limit: int) -> list[Record]:
        cursor = desk.store.raw.find({"$and": [listed, _behind(path, after)]})
        return [Record.of(document) async for document in cursor.sort([(path, 1), ("_id", 1)]).limit(limit)]

    async def keep(records: Sequence[Record]) -> list[Due]:
        return await wanted.keep(records, listed)

    return await passing(more, keep, paging, place=lambda one: f"{one.state[wanted.by]}|{one.id}")


async def every(desk: Desk, wanted: Worklist, *, caller: Caller) -> AsyncIterator[Due]:
    """The whole list, read in parts."""
    after: str | None = None
    while True:
        found = await find(desk, wanted, caller=caller, paging=Paging(after=after, limit=AT_ONCE))
        for due in found[:AT_ONCE]:
            yield due
        if len(found) <= AT_ONCE:
            return
        after = position(found[AT_ONCE - 1], wanted.by)


def _behind(path: str, after: str | None) -> dict[str, Any]:
    day, _, id = (after or "").partition("|")
    return {"$or": [{path: {"$gt": day}}, {path: day, "_id": {"$gt": f"{AWARD}/{id}"}}]}


def places(program: str | None, campus: str | None) -> dict[str, Any]:
    """A filter on what was taught there."""
    wanted = {"state.program_id": program, "state.organisation_id": campus}
    return {path: value for path, value in wanted.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Once:
    """An award that is listed once, and every record of it that is passed and stands: on the list or not."""

    record: Record
    award: Award
    records: Mapping[str, Award]

    @property
    def looks(self) -> list[Look]:
        """What was seen of it, whichever record says so."""
        return [look for each in self.records.values() for look in each.verifications]

    @property
    def beside(self) -> str:
        """Which other records there are, in words to be put behind a reason."""
        others = [id for id in self.records if id != self.record.id]
        return f"; also recorded as {', '.join(others)}" if others else ""


async def _once(desk: Desk, records: Sequence[Record], listed: Mapping[str, Any]) -> list[Once]:
    """The awards of a list; of one that stands twice the record on the list that counts first."""
    awards = {record.id: award_of(record.state) for record in records}
    of_each = await records_of_each(desk, awards)
    twice = {f"{AWARD}/{id}" for found in of_each.values() if len(found) > 1 for id in found}
    cursor = desk.store.raw.find({"$and": [listed, {"_id": {"$in": sorted(twice)}}]}, {"_id": 1}) if twice else None
    on_it = {document["_id"].partition("/")[2] async for document in cursor} if cursor else set[str]()
    return [
        Once(record, awards[record.id], _earned(of_each[record.id]))
        for record in records
        if record.id == next((id for id in of_each[record.id] if id in on_it), record.id)
    ]


def _earned(records: Mapping[str, Award]) -> dict[str, Award]:
    return {id: one for id, one in records.items() if one.result == PASSED and one.revoked_on is None}


def follow_up(
    desk: Desk, *, today: date, after_days: int, level: Level, program: str | None, campus: str | None
) -> Worklist:
    """Passed awards that nobody has confirmed on that level since they were earned so many days ago, oldest first."""

    async def keep(records: Sequence[Record], listed: Mapping[str, Any]) -> list[Due]:
        return [
            Due(one.record, one.award, f"{why}{one.beside}")
            for one in await _once(desk, records, listed)
            if (why := to_follow_up(one.looks, level))
        ]

    last = (today - timedelta(days=after_days)).isoformat()
    where = {"state.result": PASSED, "state.revoked_on": None, "state.awarded_on": {"$lte": last}}
    return Worklist(where={**where, **places(program, campus)}, by="awarded_on", keep=keep)


def expiring(desk: Desk, *, today: date, within_days: int, program: str | None, campus: str | None) -> Worklist:
    """Awards in force that expire within so many days, soonest first; what is renewed already is left out."""

    async def keep(records: Sequence[Record], _: Mapping[str, Any]) -> list[Due]:
        awards = {record.id: award_of(record.state) for record in records}
        merges = await desk.learnt.merges()
        held = await of_persons(desk, awards, merges)
        return [
            Due(record, one, _expires(one, today))
            for record, one in zip(records, awards.values(), strict=True)
            if renewals.in_force(held.get((merges.survivor(one.student_id), one.credential_code), {}), today)
            == record.id
        ]

    days = {"$gte": today.isoformat(), "$lte": (today + timedelta(days=within_days)).isoformat()}
    where = {"state.result": PASSED, "state.revoked_on": None, "state.expires_on": days}
    return Worklist(where={**where, **places(program, campus)}, by="expires_on", keep=keep)


def _expires(award: Award, today: date) -> str:
    days = (award.expires_on - today).days if award.expires_on else 0
    return "expires today" if not days else f"expires in {days} day{'s' * (days > 1)}"


def upcoming(desk: Desk, *, today: date, since: date, program: str | None, campus: str | None) -> Worklist:
    """New credentials that a school may announce, oldest first: none that was celebrated, revoked or has expired.

    A renewal is no new credential. Who has opted out of directory information is left out, and
    so is a student of whom roster has not told yet.
    """

    async def keep(records: Sequence[Record], listed: Mapping[str, Any]) -> list[Due]:
        found = await _once(desk, records, listed)
        told = (await desk.learnt.told({one.award.student_id for one in found}, ())).students
        return [
            Due(one.record, one.award, f"{how_sure(one.looks)}{one.beside}")
            for one in found
            if (student := told.get(one.award.student_id))
            and not student.directory_opt_out
            and not any(each.celebrations for each in one.records.values())
        ]

    where = {
        "state.result": PASSED,
        "state.revoked_on": None,
        "state.renews": None,
        "state.celebrations.0": {"$exists": False},
        "state.awarded_on": {"$gte": since.isoformat()},
        "$or": [{"state.expires_on": None}, {"state.expires_on": {"$gte": today.isoformat()}}],
    }
    return Worklist(where={**where, **places(program, campus)}, by="awarded_on", keep=keep)
