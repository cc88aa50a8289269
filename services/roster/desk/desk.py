"""A caller keeps, shows, lists and voids records here, each within the caller's reach."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.roster.desk.batch import Batch
from services.roster.desk.organisation_changes import follow
from services.roster.enrolments.starts import Begin, followed, starts, touched, without_start
from services.roster.identity.people import is_alias, not_there
from services.roster.kinds.completion import COMPLETION, START_KNOWN, start_unknown
from services.roster.kinds.demographics import DEMOGRAPHICS
from services.roster.kinds.described import Kind
from services.roster.kinds.enrolment import ENROLMENT
from services.roster.kinds.organisation import ORGANISATION
from services.roster.kinds.rows import Wanted, may_void
from services.roster.kinds.student import STUDENT
from services.roster.kinds.table import subject_of
from services.roster.reach.scope import Scope
from services.roster.reach.search import search
from services.roster.store import Store
from shared.doors.auth import Caller
from shared.errors import Malformed, Refused, Retryable
from shared.records.changes import change, once_seen
from shared.records.store import Draft, Entry, Record, Saved
from shared.web.paging import Paging


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

    async def put(self, kind: Kind, caller: Caller, row: Wanted) -> Saved:
        """Keep one record. Raise Refused."""

        async def attempt() -> Saved:
            batch = await self.batch(caller, "put")
            result = (await batch.save(kind, [row]))[0]
            if isinstance(result, Refused):
                raise result
            if result.record is None:
                raise TypeError("only a dry run keeps nothing")
            return Saved(result.outcome, result.record)

        return await once_seen(attempt)

    async def get(self, kind: Kind, caller: Caller, record_id: str, *, named: str = "") -> Record:
        """One record, void or not. Raise NotFound, also for what is out of reach, by what the caller named it."""
        record = await self.store.records.get(kind.name, record_id)
        scope = Scope(caller.reach, self.store)
        if record is None or not (scope.everything or await self._within(scope, kind, record)):
            raise not_there(kind.name, named or record_id)
        return record

    async def _within(self, scope: Scope, kind: Kind, record: Record) -> bool:
        among = [str(record.state.get("student_id", record.id))]
        return bool(await self.store.among(kind.name, [record.id], await scope.filter(kind.name, among=among)))

    async def find(self, kind: Kind, caller: Caller, asked: Mapping[str, Any], paging: Paging) -> Sequence[Record]:
        """The records of a page and one more, if there are as many; void ones are left out."""
        where = {kind.filters[name]: value for name, value in asked.items() if name in kind.filters}
        known = await self._by_start(str(where.pop(START_KNOWN))) if START_KNOWN in where else {}
        if "ids" in asked:
            where["_id"] = {"$in": [f"{kind.name}/{each}" for each in asked["ids"]]}
        if "student_id" in asked:
            person = await self.person(asked["student_id"], missing="")
            where["state.student_id"] = {"$in": (await self.store.merges()).together(person)}
        if "q" in asked:
            del where["words"]
            return await search(self.store, caller.reach, asked["q"], where)
        if kind is STUDENT:
            where |= await self._survivors(where, asked)
        reach = await Scope(caller.reach, self.store).filter(kind.name)
        within = {"$and": [where, known, reach]}
        return await self.store.records.find(kind.name, within, after=paging.after, limit=paging.limit + 1)

    async def _by_start(self, asked: str) -> dict[str, Any]:
        """A filter on completions of which something tells when the program was begun, or of which nothing does."""
        if asked not in ("true", "false"):
            raise Malformed(f"{START_KNOWN} is true or false, not {asked}")
        return {"_id": {"$nin" if asked == "true" else "$in": await without_start(self.store)}}

    async def _survivors(self, where: dict[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
        """A list of students names each human once; the id of a merged person finds who it is now."""
        if "ids" in asked:
            merges = await self.store.merges()
            return {"_id": {"$in": sorted({f"student/{merges.survivor(each)}" for each in asked["ids"]})}}
        if "identifier" in asked:
            del where["state.identifiers"]
            return {"_id": f"student/{await self.person(asked['identifier'], missing='')}"}
        return {"state.merged_into": None}

    async def resolved(self, records: Sequence[Record]) -> list[dict[str, Any]]:
        """For each record what is shown beside its state: who its student is now, and when a program was begun."""
        if not any("student_id" in record.state for record in records):
            return [{} for _ in records]
        merges = await self.store.merges()
        named = [str(record.state.get("student_id")) for record in records]
        more = [{"student_id": merges.survivor(each)} if each in merges.into else {} for each in named]
        begun = await starts(self.store, records, merges)
        return [one | _begun(record, begun) for one, record in zip(more, records, strict=True)]

    async def void(
        self, kind: Kind, caller: Caller, record_id: str, *, expected: int | None, entry: Entry, named: str = ""
    ) -> Saved:
        """Say that a record never was true. Raise NotFound, NoVersionGiven, Stale; Conflict while others name it."""
        begins: set[Begin] = set()
        if kind is ENROLMENT:
            found = await self.get(kind, caller, record_id, named=named)
            begins = set() if found.void else touched(found.state, None)

        async def read() -> Record:
            return await self.get(kind, caller, record_id, named=named)

        async def decide(record: Record) -> Draft:
            if not record.void:
                may_void(kind.name, record_id, await self.store.count_naming(kind, record_id))
            if kind is ENROLMENT and not record.void and touched(record.state, None) != begins:
                raise Retryable("somebody changed this enrolment at the same moment; send this again")
            subjects = (subject_of(kind.name, record_id, record.state),)
            return Draft(kind.name, record_id, record.state, entry, subjects, void=True)

        async with followed(self.store, begins):
            saved = await change(self.store.records, read, entry=entry, expected=expected, decide=decide)
        if kind is ORGANISATION:
            await follow(self.store, [record_id])
        return saved

    async def person(self, name: str, *, missing: str | None = None) -> str:
        """The person whom any id of a student means. Raise NotFound, or answer `missing` if that is given."""
        if not is_alias(name):
            return (await self.store.merges()).survivor(name)
        merges = await self.store.merges()
        found = await self.store.people([name], merges)
        if found:
            return merges.survivor(found[0].id)
        if missing is None:
            raise not_there(STUDENT.name, name)
        return missing

    async def record_id(self, kind: Kind, name: str, school_year: str = "") -> str:
        """The id of the record that a path names."""
        if kind is DEMOGRAPHICS:
            return await self._groups_id(name, school_year)
        return await self.person(name) if kind is STUDENT else name

    async def _groups_id(self, name: str, school_year: str) -> str:
        """The id of a student's groups in a year; of several records of one person the survivor's comes first."""
        survivor = await self.person(name, missing=name)
        ids = [f"{each}-{school_year}" for each in (await self.store.merges()).together(survivor)]
        ids = [f"{name}-{school_year}", *ids] if not is_alias(name) else ids
        there = await self.store.records.get_many("demographics", ids)
        return next((each for each in ids if each in there and not there[each].void), f"{survivor}-{school_year}")


def _begun(record: Record, begun: Mapping[str, str]) -> dict[str, Any]:
    if record.kind != COMPLETION.name:
        return {}
    day = record.state["started_on"] or begun.get(record.key)
    return {"begun_on": day, "problem": None if day else start_unknown(record.state).said}
