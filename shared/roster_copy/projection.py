"""What roster publishes, kept by version: who exists, where they are enrolled, and how far its log has been read."""

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import structlog
from pymongo import UpdateOne

from shared.contracts import catalogue
from shared.contracts.envelope import HEARTBEAT_TYPE, Arrived, Fact, header, read_fact, read_heartbeat
from shared.contracts.roster import Enrolment, Guardian, Organisation, Student
from shared.errors import Unreadable
from shared.mongo import Database, InSession, causal
from shared.process import metrics
from shared.roster_copy.taught import TAUGHT
from shared.roster_copy.tied import TIED
from shared.school_year import parse_start

TOLD_BY = "roster"
OF_STUDENT = f"{Student.kind}/"
SUBJECT = re.compile(r"[a-z_]+/[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

log = structlog.get_logger(__name__)

Document = dict[str, Any]
Heard = Mapping[int, datetime]
# Lets what is made of the news follow them; the view that it is given shows at least these news.
Told = Callable[[Database], Awaitable[object]]
ToldOf = Callable[[Database, Collection[str]], Awaitable[object]]


class Projection:
    """The one writer of `known`, `progress` and `parked`.

    `known` has a document per subject: `own`, its fact about itself, and `facts`, what else is
    filed under it, each `{v, s}`, with `s` null once it is withdrawn. A student's has `taught` and
    `tied` too, made of these in the same write (see `taught.py` and `tied.py`).
    """

    def __init__(
        self,
        database: Database,
        *,
        service: str,
        topic: str,
        keeps: Collection[type[Fact]],
        organisations_told: Told,
        persons_told: ToldOf,
        students_told: ToldOf,
    ) -> None:
        """`keeps` are the types of facts that the service has a use for; any other is passed over.

        `persons_told` follows news of who is who, `students_told` any of students, each of these.
        """
        self.database = database
        # There from the start: the first that is parked is then a rise, and not a new series.
        self.counted_parked = metrics.PROJECTION_PARKED.labels(service)
        self.keeps = keeps
        self.progress = database["progress"]
        self.parked = database["parked"]
        self.topic = topic
        self.organisations_told = organisations_told
        self.persons_told = persons_told
        self.students_told = students_told

    async def learn(self, records: Sequence[Any]) -> None:
        """Take in one batch; the same again changes nothing.

        1. Read each record; keep the bytes of one that cannot be read, with the reason.
        2. Write the facts, higher versions only.
        3. If the calendar or a type may have changed, who is who, or anything else of students, let what
           is made of it follow, by a reading that sees 2 whichever primary answers.
        4. Only then note the heartbeats, which say that everything before them is here, and where to read on.

        A failure anywhere makes the batch come again, whole.
        """
        facts: list[Arrived] = []
        heard: dict[int, datetime] = {}
        unread: list[tuple[Any, Unreadable]] = []
        for record in records:
            try:
                beat = _heartbeat(record)
                if beat is not None:
                    heard[record.partition] = max(beat, heard.get(record.partition, beat))
                elif (arrived := self._fact(record)) is not None:
                    facts.append(arrived)
            except Unreadable as reason:
                unread.append((record, reason))
        if facts:
            await self._take_in(facts)
        if unread:
            await self._park(unread)
        await self._note(heard, {record.partition: record.offset + 1 for record in records})

    def _fact(self, record: Any) -> Arrived | None:
        """A fact that this projection keeps; None for one that it has no use for."""
        arrived = read_fact(catalogue.BY_TYPE, headers=record.headers, key=record.key, value=record.value)
        if not SUBJECT.fullmatch(arrived.subject):
            raise Unreadable(f"the subject {arrived.subject} is not of the form kind/id")
        if isinstance(arrived.event.state, Organisation):
            _check_calendar(arrived.event.state)
        return arrived if catalogue.BY_TYPE[arrived.type] in self.keeps else None

    async def _take_in(self, facts: Sequence[Arrived]) -> None:
        async with causal(self.database.client) as session:
            view = InSession(self.database, session)
            await view["known"].bulk_write(_updates(facts), ordered=False)
            if any(isinstance(one.event.state, Organisation) for one in facts):
                await self.organisations_told(view)
            if students := {one.subject.partition("/")[2] for one in facts if one.kind == Student.kind}:
                await self.persons_told(view, students)
            if students := {id for one in facts if (id := one.subject.removeprefix(OF_STUDENT)) != one.subject}:
                await self.students_told(view, students)

    async def _note(self, heard: Heard, read_on_at: Mapping[int, int]) -> None:
        """A log that was made anew begins at a lower offset, so that the place may go back; time does not."""
        notes = []
        for partition, offset in read_on_at.items():
            place = {"topic": self.topic, "partition": partition, "next": offset}
            through = {"$max": {"through": heard[partition]}} if partition in heard else {}
            notes.append(UpdateOne({"_id": f"{self.topic}-{partition}"}, {"$set": place, **through}, upsert=True))
        if notes:
            await self.progress.bulk_write(notes, ordered=False)

    async def _park(self, unread: Sequence[tuple[Any, Unreadable]]) -> None:
        await self.parked.bulk_write([_parked(record, str(reason)) for record, reason in unread], ordered=False)
        self.counted_parked.inc(len(unread))
        log.warning("records of roster could not be read and were parked", records=len(unread), first=str(unread[0][1]))


def _parked(record: Any, reason: str) -> UpdateOne:
    place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    came = {
        "reason": reason,
        "key": record.key,
        "value": record.value,
        "headers": [[name, value] for name, value in record.headers],
        "at": datetime.now(UTC),
    }
    key = f"{record.topic}-{record.partition}-{record.offset}"
    return UpdateOne({"_id": key}, {"$setOnInsert": place | came, "$inc": {"times": 1}}, upsert=True)


def _heartbeat(record: Any) -> datetime | None:
    """The time through which a heartbeat says that everything is out; None for any other record."""
    if header(record.headers, "ce_type") != HEARTBEAT_TYPE:
        return None
    beat = read_heartbeat(record.value)
    if beat.service != TOLD_BY or beat.through.tzinfo is None:
        raise Unreadable(f"a heartbeat of {beat.service} through {beat.through} is none of roster's")
    return beat.through


def _check_calendar(organisation: Organisation) -> None:
    try:
        if organisation.time_zone:
            ZoneInfo(organisation.time_zone)
        if organisation.school_year_starts:
            parse_start(organisation.school_year_starts)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Unreadable(f"the calendar of {organisation.organisation_id}: {error}") from error


def _updates(facts: Sequence[Arrived]) -> list[UpdateOne]:
    """One update per subject; each fact replaces an older version of itself, never a newer one."""
    newest: dict[str, dict[str, Arrived]] = defaultdict(dict)
    for arrived in facts:
        of_subject = newest[arrived.subject]
        held = of_subject.get(arrived.event.record_id)
        if held is None or arrived.event.version > held.event.version:
            of_subject[arrived.event.record_id] = arrived
    return [UpdateOne({"_id": id}, _steps(id, of_subject), upsert=True) for id, of_subject in newest.items()]


def _steps(subject: str, of_subject: Mapping[str, Arrived]) -> list[Document]:
    taken = {_path(subject, key): _newer(_path(subject, key), arrived) for key, arrived in of_subject.items()}
    kinds = {arrived.kind for arrived in of_subject.values()}
    made = {"taught": TAUGHT} if Enrolment.kind in kinds else {}
    made |= {"tied": TIED} if Guardian.kind in kinds else {}
    return [{"$set": taken}, *([{"$set": made}] if made else ())]


def _path(subject: str, key: str) -> str:
    # The contract lets no dot and no dollar into a record id: one would write somewhere else.
    return "own" if key == subject else f"facts.{key}"


def _newer(path: str, arrived: Arrived) -> Document:
    version = arrived.event.version
    fact = {"$literal": {"v": version, "s": _state(arrived.event.state)}}
    return {"$cond": [{"$gt": [version, {"$ifNull": [f"${path}.v", 0]}]}, fact, f"${path}"]}


def _state(fact: Fact | None) -> Document | None:
    if fact is None:
        return None
    state: Document = msgspec.to_builtins(fact)
    if isinstance(fact, Student):
        homes = {year.school_year: year.district_id for year in fact.years if year.district_id}
        state["district_id"] = homes[max(homes)] if homes else None
    return state
