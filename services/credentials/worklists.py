"""Lists of awards that somebody has to act on: to follow up, about to expire, to be announced."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from services.credentials import renewals
from services.credentials.desk import Desk
from services.credentials.domain import PASSED, Award
from services.credentials.scope import filter_of
from services.credentials.store import AWARD, award_of
from services.credentials.verification.looks import confirmed_by, to_follow_up
from shared.auth import Caller
from shared.contracts.credentials import Level
from shared.paging import Paging
from shared.records import Record

AT_ONCE = 200
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Due:
    """An award on a list, and why it stands there."""

    record: Record
    award: Award
    why: str


Keep = Callable[[Sequence[Record]], Awaitable[list[Due]]]


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

    async def more(after: str | None, limit: int) -> list[Record]:
        asked = [{"kind": AWARD, "void": False}, dict(wanted.where), reach, _behind(path, after)]
        cursor = desk.store.raw.find({"$and": asked}).sort([(path, 1), ("_id", 1)]).limit(limit)
        return [Record.of(document) async for document in cursor]

    return await passing(more, wanted.keep, paging, place=lambda one: f"{one.state[wanted.by]}|{one.id}")


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


def _places(program: str | None, campus: str | None) -> dict[str, Any]:
    wanted = {"state.program_id": program, "state.organisation_id": campus}
    return {path: value for path, value in wanted.items() if value is not None}


def follow_up(*, today: date, after_days: int, level: Level, program: str | None, campus: str | None) -> Worklist:
    """Passed awards that nobody has confirmed on that level since they were earned so many days ago, oldest first."""

    async def keep(records: Sequence[Record]) -> list[Due]:
        awards = [(record, award_of(record.state)) for record in records]
        return [Due(record, one, why) for record, one in awards if (why := to_follow_up(one.verifications, level))]

    last = (today - timedelta(days=after_days)).isoformat()
    where = {"state.result": PASSED, "state.revoked_on": None, "state.awarded_on": {"$lte": last}}
    return Worklist(where={**where, **_places(program, campus)}, by="awarded_on", keep=keep)


def expiring(desk: Desk, *, today: date, within_days: int, program: str | None, campus: str | None) -> Worklist:
    """Awards in force that expire within so many days, soonest first; what is renewed already is left out."""

    async def keep(records: Sequence[Record]) -> list[Due]:
        awards = [(record, award_of(record.state)) for record in records]
        held = await desk.store.held({one.student_id for _, one in awards}, {one.credential_code for _, one in awards})
        of: dict[tuple[str, str], dict[str, Award]] = {}
        for id, one in held.items():
            of.setdefault((one.student_id, one.credential_code), {})[id] = one
        return [
            Due(record, one, _expires(one, today))
            for record, one in awards
            if renewals.in_force(of[one.student_id, one.credential_code], today) == record.id
        ]

    days = {"$gte": today.isoformat(), "$lte": (today + timedelta(days=within_days)).isoformat()}
    where = {"state.result": PASSED, "state.revoked_on": None, "state.expires_on": days}
    return Worklist(where={**where, **_places(program, campus)}, by="expires_on", keep=keep)


def _expires(award: Award, today: date) -> str:
    days = (award.expires_on - today).days if award.expires_on else 0
    return "expires today" if not days else f"expires in {days} day{'s' * (days > 1)}"


def upcoming(desk: Desk, *, today: date, since: date, program: str | None, campus: str | None) -> Worklist:
    """New credentials that a school may announce, oldest first: none that was celebrated, revoked or has expired.

    A renewal is no new credential. Who has opted out of directory information is left out, and
    so is a student of whom roster has not told yet.
    """

    async def keep(records: Sequence[Record]) -> list[Due]:
        awards = [(record, award_of(record.state)) for record in records]
        told = (await desk.learnt.told({one.student_id for _, one in awards}, ())).students
        return [
            Due(record, one, _announced(one))
            for record, one in awards
            if (student := told.get(one.student_id)) and not student.directory_opt_out
        ]

    where = {
        "state.result": PASSED,
        "state.revoked_on": None,
        "state.renews": None,
        "state.celebrations.0": {"$exists": False},
        "state.awarded_on": {"$gte": since.isoformat()},
        "$or": [{"state.expires_on": None}, {"state.expires_on": {"$gte": today.isoformat()}}],
    }
    return Worklist(where={**where, **_places(program, campus)}, by="awarded_on", keep=keep)


def _announced(award: Award) -> str:
    best = confirmed_by(award.verifications)
    return f"confirmed by {best}" if best else "not confirmed yet"
