"""Lists of what waits to be done, for whom and why: read in order and within reach, as JSON pages or as CSV."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Query

from shared.csv.answers import FORMAT_PATTERN, csv_answer, wants_csv
from shared.doors.auth import Caller, CurrentCaller
from shared.producer.desk import Desk
from shared.records.record import Record
from shared.web.app import AskedPage, Paging, page
from shared.web.views import Json, shown
from shared.words.fields import Id

AT_ONCE = 200
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Due:
    """A record on a list, and why it stands there."""

    record: Record
    why: str


# What is wanted of some records of a list; the filter tells what else is on it.
Keep = Callable[[Sequence[Record], Mapping[str, Any]], Awaitable[list[Due]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """Records of a kind that match `where`, in the order of their day `by`, as far as `keep` wants them."""

    kind: str
    where: Mapping[str, Any]
    by: str
    keep: Keep


@dataclass(frozen=True, slots=True)
class AskedList:
    """What a caller may ask of any list: which part of it, taught where, and in which form."""

    caller: Caller
    paging: Paging
    program: str | None
    campus: str | None
    csv: bool

    def places(self) -> dict[str, Any]:
        """A filter on what was taught there."""
        wanted = {"state.program_id": self.program, "state.organisation_id": self.campus}
        return {path: value for path, value in wanted.items() if value is not None}


async def asked_list(
    caller: CurrentCaller,
    paging: AskedPage,
    program: Annotated[Id | None, Query()] = None,
    campus: Annotated[Id | None, Query(description="the organisation that taught the student")] = None,
    form: Annotated[
        str | None, Query(alias="format", pattern=FORMAT_PATTERN, description="csv: the whole list")
    ] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> AskedList:
    """The part of a list that is asked for, and in which form."""
    return AskedList(caller, paging, program, campus, wants_csv(form, accept))


TheList = Annotated[AskedList, Depends(asked_list)]


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


async def find(desk: Desk, wanted: Worklist, *, caller: Caller, paging: Paging) -> list[Due]:
    """The list within the caller's reach, from the cursor on, one more than the page holds."""
    path = f"state.{wanted.by}"
    listed = {
        "$and": [
            {"kind": wanted.kind, "void": False},
            dict(wanted.where),
            await desk.within(wanted.kind, caller.reach),
        ]
    }

    async def more(after: str | None, limit: int) -> list[Record]:
        cursor = desk.records.collection.find({"$and": [listed, _behind(wanted.kind, path, after)]})
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
        last = found[AT_ONCE - 1].record
        after = f"{last.state[wanted.by]}|{last.id}"


async def answer(desk: Desk, wanted: Worklist, asked: AskedList, name: str, columns: tuple[str, ...]) -> Any:
    """The list as it was asked for: a page of JSON, or all of it as CSV with these columns; each with its why."""
    if asked.csv:
        rows = (shown(due.record, why=due.why) async for due in every(desk, wanted, caller=asked.caller))
        return csv_answer(f"{name}.csv", columns, rows)
    found = await find(desk, wanted, caller=asked.caller, paging=asked.paging)
    items = [shown(due.record, to=asked.caller, why=due.why) for due in found]
    return Json(page(items, asked.paging.limit, position=lambda one: f"{one[wanted.by]}|{one['id']}"))


def _behind(kind: str, path: str, after: str | None) -> dict[str, Any]:
    day, _, id = (after or "").partition("|")
    return {"$or": [{path: {"$gt": day}}, {path: day, "_id": {"$gt": f"{kind}/{id}"}}]}
