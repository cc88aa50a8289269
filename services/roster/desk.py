"""What a caller can have done: keep, show, list and void records, each within the caller's reach."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.roster.changes import follow
from services.roster.domain import Row, may_void
from services.roster.kinds import DEMOGRAPHICS, ORGANISATION, STUDENT, Kind, subject_of
from services.roster.people import is_alias, not_there, unknown
from services.roster.saving import Batch
from services.roster.scope import Scope
from services.roster.store import Store
from shared.auth import Caller
from shared.errors import NotFound, NoVersionGiven, Refused
from shared.paging import Paging
from shared.records import Draft, Entry, Record, Saved


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """The store, and what day it is."""

    store: Store
    now: Callable[[], datetime] = field(default=now)

    async def today(self) -> date:
        """The day where the cted is."""
        calendar = await self.store.calendar()
        zone = ZoneInfo(calendar["time_zone"]) if calendar and calendar["time_zone"] else UTC
        return self.now().astimezone(zone).date()

    async def batch(self, caller: Caller, action: str, *, dry_run: bool = False) -> Batch:
        """Rows that this caller wants kept."""
        scope = Scope(caller.reach, self.store)
        return Batch(self.store, Entry(by=caller.sub, action=action), await self.today(), dry_run=dry_run, scope=scope)

    async def put(self, kind: Kind, caller: Caller, row: Row) -> Saved:
        """Keep one record. Raise Refused."""
        batch = await self.batch(caller, "put")
        result = (await batch.save(kind, [row]))[0]
        if isinstance(result, Refused):
            raise result
        if result.record is None:
            raise TypeError("only a dry run keeps nothing")
        return Saved(result.outcome, result.record)

    async def get(self, kind: Kind, caller: Caller, record_id: str) -> Record:
        """One record, void or not. Raise NotFound, also for what is out of reach."""
        record = await self.store.records.get(kind.name, record_id)
        scope = Scope(caller.reach, self.store)
        if record is None or not (scope.everything or await self._within(scope, kind, record)):
            raise not_there(kind.name, record_id)
        return record

    async def _within(self, scope: Scope, kind: Kind, record: Record) -> bool:
        among = [str(record.state.get("student_id", record.id))]
        return bool(await self.store.among(kind.name, [record.id], await scope.filter(kind.name, among=among)))

    async def find(self, kind: Kind, caller: Caller, asked: Mapping[str, Any], paging: Paging) -> Sequence[Record]:
        """One record more than the page holds, if there are as many; void ones are left out."""
        where = {kind.filters[name]: value for name, value in asked.items() if name in kind.filters}
        if "ids" in asked:
            where["_id"] = {"$in": [f"{kind.name}/{each}" for each in asked["ids"]]}
        if "student_id" in asked:
            where["state.student_id"] = await self.person(asked["student_id"], missing="")
        reach = await Scope(caller.reach, self.store).filter(kind.name)
        within = {"$and": [where, reach]}
        return await self.store.records.find(kind.name, within, after=paging.after, limit=paging.limit + 1)

    async def void(
        self, kind: Kind, caller: Caller, record_id: str, *, expected: int | None, why: str, key: str
    ) -> Saved:
        """The record never was true. Raise NotFound, NoVersionGiven, Stale, or Conflict while others name it."""
        record = await self.get(kind, caller, record_id)
        if expected is None:
            raise NoVersionGiven('send If-Match with the ETag of the version you have seen, such as "3"')
        if not record.void:
            may_void(kind.name, record_id, await self.store.count_naming(kind, record_id))
        draft = Draft(
            kind=kind.name,
            id=record_id,
            state=record.state,
            # Without a key of its own, the same void of the same version is the same void.
            entry=Entry(by=caller.sub, action="void", why=why, key=key or f"void of version {expected}"),
            subjects=(subject_of(kind.name, record_id, record.state),),
            void=True,
            expected=expected,
        )
        saved = await self.store.records.change(draft)
        if kind is ORGANISATION:
            await follow(self.store, [record_id])
        return saved

    async def person(self, name: str, *, missing: str | None = None) -> str:
        """The person id that is meant by any id of a student. Raise NotFound, unless told what is missing."""
        if not is_alias(name):
            return name
        found = await self.store.people([name])
        if found:
            return found[0].id
        if missing is None:
            raise NotFound(unknown(name))
        return missing

    async def record_id(self, kind: Kind, name: str, school_year: str = "") -> str:
        """The id of the record that a path names."""
        if kind is DEMOGRAPHICS:
            return f"{await self.person(name)}-{school_year}"
        return await self.person(name) if kind is STUDENT else name
