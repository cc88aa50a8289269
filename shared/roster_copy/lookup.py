"""What roster has told a service, read back: persons by any of their ids, programs, the calendar, and how far."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from shared.contracts.envelope import Fact
from shared.contracts.roster import Guardian, Organisation, OrganisationType, alias_digest
from shared.doors.auth import Reach, Rows
from shared.doors.roles import ALL_OF_THEM
from shared.kafka import PARTITIONS
from shared.mongo import Database
from shared.process.grouped import Grouped
from shared.roster_copy.log_reached import UNKNOWN, LogEnd
from shared.roster_copy.merges import Merges
from shared.roster_copy.patience import Hangs, Patience, settled
from shared.roster_copy.students import Enrolment, Student
from shared.roster_copy.taught import BETWEEN, TAUGHT, taught_within
from shared.roster_copy.tied import TIED
from shared.school_year import DEFAULT_START, parse_start

T = TypeVar("T")
F = TypeVar("F", bound=Fact)
Document = Mapping[str, Any]
# Of a document of `known`, what roster has told, and not what is only looked up by.
TOLD = {"taught": 0, "tied": 0}
EVERY_ORGANISATION: dict[str, Any] = {"$gt": "organisation/", "$lt": "organisation0"}


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the cted sets: where a day begins, and with which day a school year."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    starts: tuple[int, int] = DEFAULT_START

    def day(self, moment: datetime) -> date:
        """The day that it is there."""
        return moment.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Told:
    """What roster has told us about some names: students by the name used, and which programs exist."""

    students: Mapping[str, Student]
    programs: frozenset[str]
    calendar: Calendar


class RosterCopy:
    """The projection's reading side; `known` and `progress` are written by the projection alone."""

    def __init__(
        self,
        database: Database,
        *,
        topic: str,
        wait_seconds: float,
        server_time: Callable[[], Awaitable[datetime]],
        log_end: LogEnd = UNKNOWN,
    ) -> None:
        """`server_time` is MongoDB's clock: roster's heartbeats go by it, and our own may be off."""
        self.log_end = log_end
        self.known = database["known"]
        self.progress = database["progress"]
        self.topic = topic
        self.wait_seconds = wait_seconds
        self.server_time = server_time
        self._ask = Grouped(self._told_to_all)

    async def prepare(self) -> None:
        """Make the indexes; harmless when they are there."""
        for path in ("own.s.alias_digests", "own.s.district_id", "own.s.type", "own.s.merged_into", "taught", "tied"):
            await self.known.create_index(path, sparse=True)
        # An earlier release wrote facts without these, and may have run again meanwhile; what says so already stays.
        students = {"_id": {"$gt": "student/", "$lt": "student0"}}
        await self.known.update_many(students, [{"$set": {"taught": TAUGHT, "tied": TIED}}])

    async def told(self, students: Iterable[str], programs: Iterable[str]) -> Told:
        """All that is needed about these names, in one read, which requests that come at once share."""
        return await self._ask((frozenset(students), frozenset(programs)))

    async def _told_to_all(self, callers: Sequence[tuple[frozenset[str], frozenset[str]]]) -> list[Told]:
        """All that is needed about everybody's names, and to each caller what it asked about."""
        all_students, all_programs = (frozenset().union(*asked) for asked in zip(*callers, strict=True))
        told = await self._told(all_students, all_programs)
        return [
            Told(
                {name: told.students[name] for name in students if name in told.students},
                told.programs & programs,
                told.calendar,
            )
            for students, programs in callers
        ]

    async def _told(self, names: frozenset[str], programs: frozenset[str]) -> Told:
        merges = await self.merges()
        digests = {alias_digest(name): name for name in names if ":" in name}
        ids = [f"student/{name}" for name in names if ":" not in name] + [f"program/{id}" for id in programs]
        ways: list[dict[str, Any]] = [{"_id": {"$in": ids}}, {"own.s.type": "cted"}]
        if digests:
            ways.append({"own.s.alias_digests": {"$in": list(digests)}})
        found: dict[str, Student] = {}
        existing: set[str] = set()
        calendar = Calendar()
        documents = await self._with_all_records(await self.known.find({"$or": ways}, TOLD).to_list(None), merges)
        by_id = {document["_id"].partition("/")[2]: document for document in documents if _is_person(document)}
        for document in sorted(documents, key=lambda one: str(one["_id"])):
            kind, _, id = document["_id"].partition("/")
            own = document.get("own", {}).get("s")
            if own is None:
                continue
            if kind == "program":
                existing.add(id)
            elif kind == "organisation":
                calendar = _calendar(own)
            else:
                student = _person(id, by_id, merges)
                called = {id} & names | {digests[one] for one in own["alias_digests"] if one in digests}
                found.update(dict.fromkeys(called, student))
        return Told(found, frozenset(existing), calendar)

    async def facts(self, subjects: Collection[str], type: type[F]) -> dict[str, list[F]]:
        """What stands of one type of fact under these subjects, such as `student/p1`; one without any is left out."""
        found: dict[str, list[F]] = {}
        async for document in self.known.find({"_id": {"$in": sorted(subjects)}}):
            told = document.get("facts", {}).items()
            states = [one["s"] for key, one in told if key.startswith(f"{type.kind}/")]
            if document["_id"].startswith(f"{type.kind}/"):
                states = [document.get("own", {}).get("s")]
            if standing := [msgspec.convert(state, type) for state in states if state is not None]:
                found[document["_id"]] = standing
        return found

    async def guardians(self, students: Iterable[str]) -> dict[str, tuple[Guardian, ...]]:
        """Who answers, or has answered, for each of these students, under whichever id of the person it was told."""
        asked, merges = sorted(set(students)), await self.merges()
        told = await self.facts([f"student/{id}" for id in merges.all_together(asked)], Guardian)
        theirs: dict[str, list[Guardian]] = defaultdict(list)
        for subject in sorted(told):
            theirs[merges.survivor(subject.partition("/")[2])] += told[subject]
        return {id: tuple(theirs[merges.survivor(id)]) for id in asked}

    async def organisations(self) -> dict[str, Organisation]:
        """Every organisation that stands, by id, as roster has told of it."""
        cursor = self.known.find({"_id": EVERY_ORGANISATION, "own.s": {"$ne": None}}, {"own.s": 1})
        told = [msgspec.convert(document["own"]["s"], Organisation) async for document in cursor]
        return {one.organisation_id: one for one in told}

    async def students_in_parts(self, size: int, *, program: str | None = None) -> AsyncIterator[list[str]]:
        """Every student of whom roster has told, or those taught in a program, in the order of their ids."""
        taught = {} if program is None else {"taught": f"{program}{BETWEEN}{ALL_OF_THEM}"}
        after = "student/"
        while True:
            page = {"_id": {"$gt": after, "$lt": "student0"}, **taught}
            found = await self.known.find(page, {"_id": 1}).sort("_id", 1).limit(size).to_list(None)
            if found:
                yield [document["_id"].partition("/")[2] for document in found]
            if len(found) < size:
                return
            after = found[-1]["_id"]

    async def program_ids(self) -> list[str]:
        """Every program that roster has told of."""
        cursor = self.known.find({"_id": {"$gt": "program/", "$lt": "program0"}, "own.s": {"$ne": None}}, {"_id": 1})
        return sorted([document["_id"].partition("/")[2] async for document in cursor])

    async def calendar(self) -> Calendar:
        """The calendar as the cted has set it."""
        return (await self.told((), ())).calendar

    async def students_of(self, districts: Collection[str]) -> list[str]:
        """The students at home in these districts."""
        cursor = self.known.find({"own.s.district_id": {"$in": list(districts)}}, {"_id": 1})
        at_home = [document["_id"].partition("/")[2] async for document in cursor]
        return (await self.merges()).all_together(at_home)

    async def students_within(self, reach: Reach) -> list[str] | None:
        """Every id of the persons whom the caller reaches, as a person or by any enrolment; None: everybody's."""
        if reach.everything:
            return None
        ways: list[dict[str, Any]] = [{"taught": {"$in": taught_within(reach)}}]
        if Rows.OWN_DISTRICTS in reach.rows:
            ways.append({"own.s.district_id": {"$in": sorted(reach.who.districts)}})
        cursor = self.known.find({"own.s": {"$ne": None}, "$or": ways}, {"_id": 1})
        found = [document["_id"].partition("/")[2] async for document in cursor]
        own = [reach.who.student_id] if Rows.SELF in reach.rows and reach.who.student_id else []
        return (await self.merges()).all_together([*found, *own])

    async def merges(self) -> Merges:
        """Which persons became which, as far as roster has told."""
        cursor = self.known.find({"own.s.merged_into": {"$gt": ""}}, {"own.s.merged_into": 1})
        found = await cursor.to_list(None)
        return Merges({each["_id"].partition("/")[2]: each["own"]["s"]["merged_into"] for each in found})

    async def organisation_types(self, ids: Collection[str] | None = None) -> dict[str, OrganisationType | None]:
        """Of what type these organisations are, or all that roster ever told of; None: that one is no more."""
        asked = EVERY_ORGANISATION if ids is None else {"$in": [f"organisation/{id}" for id in sorted(ids)]}
        found = await self.known.find({"_id": asked}, {"own.s.type": 1}).to_list(None)
        return {one["_id"].partition("/")[2]: (one.get("own", {}).get("s") or {}).get("type") for one in found}

    async def _with_all_records(self, documents: list[Document], merges: Merges) -> list[Document]:
        """These, and the other records of those persons who have several."""
        there = {str(document["_id"]) for document in documents}
        persons = [id.partition("/")[2] for id in there if id.startswith("student/")]
        lacking = {f"student/{each}" for each in merges.all_together(persons)} - there
        return [
            *documents,
            *(await self.known.find({"_id": {"$in": sorted(lacking)}}, TOLD).to_list(None) if lacking else ()),
        ]

    async def heard_through(self) -> datetime | None:
        """Until when all that roster acknowledged has been read; None before the first word of every partition."""
        spoken = {"topic": self.topic, "through": {"$exists": True}}
        through = [document["through"] async for document in self.progress.find(spoken)]
        return min(through) if len(through) >= PARTITIONS else None

    async def reading_on_at(self) -> dict[int, int]:
        """By partition of roster's log, the offset of the next record that is not taken in yet."""
        noted = self.progress.find({"topic": self.topic, "next": {"$exists": True}}, {"partition": 1, "next": 1})
        return {document["partition"]: document["next"] async for document in noted}

    async def settled(self, patience: Patience, read: Callable[[], Awaitable[T]], hangs: Callable[[T], Hangs]) -> T:
        """What `read` gives once roster cannot be about to change it; see `patience.settled`. Raise Retryable."""
        return await settled(self, patience, read, hangs)


def _calendar(cted: Document) -> Calendar:
    starts, zone = cted.get("school_year_starts"), cted.get("time_zone")
    return Calendar(ZoneInfo(zone) if zone else ZoneInfo("UTC"), parse_start(starts) if starts else DEFAULT_START)


def _is_person(document: Document) -> bool:
    return str(document["_id"]).startswith("student/") and bool(document.get("own", {}).get("s"))


def _person(id: str, by_id: Mapping[str, Document], merges: Merges) -> Student:
    """The person that an id means, with what all their records say."""
    together = [each for each in merges.together(id) if each in by_id]
    records = [_student(each, by_id[each]["own"]["s"], by_id[each].get("facts", {})) for each in together]
    first = next((each for each in records if each.id == id), records[0])
    if len(records) == 1:
        return first
    return replace(
        first,
        together=tuple(merges.together(id)),
        districts=frozenset().union(*(each.homes for each in records)),
        directory_opt_out=any(each.directory_opt_out for each in records),
        enrolments=tuple(one for each in records for one in each.enrolments),
    )


def _student(id: str, own: Document, facts: Mapping[str, Document]) -> Student:
    states = [fact["s"] for key, fact in facts.items() if key.startswith("enrolment/") and fact["s"] is not None]
    return Student(
        id=id,
        district_id=own.get("district_id"),
        directory_opt_out=own.get("directory_opt_out", False),
        enrolments=tuple(
            Enrolment(
                program_id=state["program_id"],
                organisation_id=state["organisation_id"],
                begin=date.fromisoformat(state["begin"]),
                end=date.fromisoformat(state["end"]) if state["end"] else None,
                organisation_type=state["organisation_type"],
            )
            for state in states
        ),
    )
