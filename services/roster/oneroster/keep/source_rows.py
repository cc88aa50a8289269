"""Each source has the rows that it has sent; by these a delta is read and an absence is seen."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from pymongo import ReplaceOne
from pymongo.errors import BulkWriteError

from services.roster.oneroster.read.layout import ENROLLMENTS, ROLES, USERS, Layout
from shared.mongo import Database

Document = dict[str, Any]
AT_ONCE = 1000
DUPLICATE_KEY = 11000
OF_USERS = (ROLES, ENROLLMENTS)
BY_NAME = [("cells.familyName", 1), ("cells.givenName", 1), ("_id", 1)]
NAMES = {"given_name": "givenName", "family_name": "familyName", "preferred_name": "preferredGivenName"}


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row as its source last sent it; `begin` and `end` are the days it is about, empty when nothing says."""

    id: str
    cells: Mapping[str, str]
    begin: str = ""
    end: str = ""
    ended_on: str = ""
    since: str = ""  # when the source first sent it
    words: tuple[str, ...] = ()  # those that a guardian is found by
    by: str = field(default="", compare=False)  # the import that made it so

    def in_force(self, today: str) -> bool:
        """Whether it could still end: what is over by its own dates has ended already."""
        return not self.ended_on and not (self.end and self.end < today)


class SourceRows:
    """The rows of all sources. A row is known by source, file and sourcedId: no two sources share one."""

    def __init__(self, database: Database) -> None:
        self._rows = database["oneroster_rows"]

    async def prepare(self) -> None:
        """Make the indexes: the roles and enrollments of a user, who names guardians, and guardians by name."""
        await self._rows.create_index([("user", 1)], name="of a user", sparse=True)
        await self._rows.create_index([("agents_of", 1)], name="with agents", sparse=True)
        await self._rows.create_index([("words", 1)], name="of a name", sparse=True)

    async def ids(self, source: str, layout: Layout) -> frozenset[str]:
        """The sourcedIds that the source has in force in one file."""
        found = self._rows.find({**_of(source, layout), "ended_on": ""}, {"_id": 1})
        return frozenset([_id_of(each) async for each in found.batch_size(AT_ONCE)])

    async def some(self, source: str, layout: Layout, ids: Collection[str]) -> dict[str, SourceRow]:
        """Those of the rows that the source ever had, by sourcedId."""
        found = self._rows.find({"_id": {"$in": [_key(source, layout, id) for id in ids]}})
        return {row.id: row async for row in _rows(found)}

    async def of_users(self, source: str, layout: Layout, users: Collection[str]) -> list[SourceRow]:
        """The roles, or the enrollments, of some users."""
        found: list[SourceRow] = []
        asked = iter(users)
        while part := list(islice(asked, AT_ONCE)):
            where = {"user": {"$in": [f"{source}/{layout.name}/{user}" for user in part]}}
            found += [row async for row in _rows(self._rows.find(where))]
        return found

    async def with_agents(self, source: str) -> AsyncIterator[SourceRow]:
        """The users in force whose rows name others, of whom they are guardians or who are theirs."""
        async for row in _rows(self._rows.find({"agents_of": source, "ended_on": ""})):
            yield row

    async def called(self, matching: Mapping[str, Any], *, limit: int) -> list[tuple[str, str]]:
        """The guardians in force whose words match, by source and sourcedId, in the order of their names."""
        found = self._rows.find({"$and": [{"words": {"$exists": True}, "ended_on": ""}, matching]}, {"_id": 1})
        named = found.sort(BY_NAME).limit(limit).batch_size(AT_ONCE)
        return [(str(each["_id"]).split("/", 1)[0], _id_of(each)) async for each in named]

    async def every(
        self, source: str, layout: Layout, where: Mapping[str, Any] | None = None, *, ended: bool = False
    ) -> AsyncIterator[SourceRow]:
        """All rows of one file, those that match; `ended` ones too when asked for."""
        found = self._rows.find({**_of(source, layout), **({} if ended else {"ended_on": ""}), **(where or {})})
        async for row in _rows(found):
            yield row

    async def keep(self, source: str, layout: Layout, rows: Sequence[SourceRow], *, new: Collection[str]) -> None:
        """Keep these rows as what the source has; `new` are the ids that it had not a moment ago.

        New ones are inserted, which costs the database half of what a replacement does.
        """
        added = [_document(source, layout, row) for row in rows if row.id in new]
        taken: list[Document] = []
        if added:
            try:
                await self._rows.insert_many(added, ordered=False)
            except BulkWriteError as error:
                failed = error.details["writeErrors"]
                if error.details["writeConcernErrors"] or any(one["code"] != DUPLICATE_KEY for one in failed):
                    raise
                taken = [added[one["index"]] for one in failed]  # another turn of this import was here just now
        changed = [_document(source, layout, row) for row in rows if row.id not in new]
        writes = [ReplaceOne({"_id": each["_id"]}, each, upsert=True) for each in (*taken, *changed)]
        if writes:
            await self._rows.bulk_write(writes, ordered=False)

    async def ended_by(self, source: str, layout: Layout, by: str) -> set[str]:
        """The rows of one file that an import has ended."""
        found = self._rows.find({**_of(source, layout), "by": by, "ended_on": {"$ne": ""}}, {"_id": 1})
        return {_id_of(each) async for each in found.batch_size(AT_ONCE)}

    async def end(self, source: str, layout: Layout, ids: Iterable[str], day: str, *, by: str) -> None:
        """End these rows on that day; what has ended before stays as it is."""
        left = iter(ids)
        while part := [_key(source, layout, id) for id in islice(left, AT_ONCE)]:
            await self._rows.update_many(
                {"_id": {"$in": part}, "ended_on": ""}, {"$set": {"ended_on": day, "by": by, "at": datetime.now(UTC)}}
            )


async def names_sent(kept: SourceRows, source: str, user: str) -> dict[str, str | None] | None:
    """The names of a user as the source last sent them; None when it has sent no such user."""
    row = (await kept.some(source, USERS, [user])).get(user)
    return None if row is None else names_in(row.cells)


def names_in(cells: Mapping[str, str]) -> dict[str, str | None]:
    """The names that a user's row tells."""
    return {name: cells.get(cell) or None for name, cell in NAMES.items()}


def _of(source: str, layout: Layout) -> Document:
    # "0" is the character that follows "/": the range is one file of one source.
    return {"_id": {"$gt": f"{source}/{layout.name}/", "$lt": f"{source}/{layout.name}0"}}


def _key(source: str, layout: Layout, id: str) -> str:
    return f"{source}/{layout.name}/{id}"


def _id_of(document: Mapping[str, Any]) -> str:
    return str(document["_id"]).split("/", 2)[2]


async def _rows(found: Any) -> AsyncIterator[SourceRow]:
    # Left to itself MongoDB sends 16 MiB at once, which become a hundred megabytes of rows here.
    async for each in found.batch_size(AT_ONCE):
        days = (each["begin"], each["end"], each["ended_on"], each["since"])
        yield SourceRow(_id_of(each), each["cells"], *days, words=tuple(each.get("words", ())), by=each.get("by", ""))


def _document(source: str, layout: Layout, row: SourceRow) -> Document:
    told: Document = {
        "_id": _key(source, layout, row.id),
        "cells": dict(row.cells),
        "begin": row.begin,
        "end": row.end,
        "ended_on": row.ended_on,
        "since": row.since,
        "by": row.by,
        "at": datetime.now(UTC),
    }
    if layout in OF_USERS:
        told["user"] = f"{source}/{layout.name}/{row.cells['userSourcedId']}"
    if layout is USERS and row.cells.get("agentSourcedIds"):
        told["agents_of"] = source
    if row.words:
        told["words"] = list(row.words)
    return told
