"""The life of a producer: it starts, finishes what a crash left, publishes, learns what roster tells, and ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from fastapi import FastAPI

from shared import mongo
from shared.contracts.envelope import Outgoing
from shared.kafka import Publisher, new_broker, project, run_projections, servers
from shared.pages.page import open_pages
from shared.pages.refusals import refused
from shared.process.background import FINISH_SECONDS, background
from shared.process.progress import Loop, Progress
from shared.process.settings import Settings
from shared.producer.desk import TOLD_BY, Desk, Producer, desk_over, now
from shared.producer.routes import within_reach
from shared.records.record import Record
from shared.records.relay import FactsOf, relay
from shared.records.store import Records
from shared.roster_copy.following import follow_calendar, follow_persons
from shared.roster_copy.forgetting import erase_person, forgotten
from shared.roster_copy.given_ids import follow_names
from shared.roster_copy.log_reached import log_end_of
from shared.roster_copy.merges import Merges
from shared.roster_copy.projection import Projection
from shared.roster_copy.students import Filed
from shared.web.app import Readiness, new_app

LOOK_SECONDS = 10.0  # until it is looked again which day it is


@dataclass(frozen=True, slots=True)
class Forgetting:
    """How a producer forgets a person, by every id of the same human.

    `erase` also takes by what something that was kept unread would name the person, and answers
    how much of what there was. `forgotten`: whether nothing stands any more of what others told of them.
    """

    erase: Callable[[mongo.Database, Sequence[str], Sequence[str]], Awaitable[dict[str, int]]]
    forgotten: Callable[[mongo.Database, Sequence[str]], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Outside:
    """Named `OUTSIDE` in a producer's main.py, where commands look for it.

    `facts_in`: what is published of records, by what a view of its database says. Only roster has
    no `forgetting`: it alone knows who is meant, and is asked first and erased last.
    """

    facts_in: Callable[[mongo.Database, Settings], FactsOf]
    forgetting: Forgetting | None = None


def build(producer: Producer, settings: Settings | None = None, *, now: Callable[[], datetime] = now) -> FastAPI:
    """The service's app; it starts without Kafka, and without MongoDB is not ready."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        client = mongo.connect(settings)
        parts = Parts(producer, client, settings, now, app.state.progress)
        app.state.desk, app.state.parts = parts.desk, parts
        try:
            relaying = background(parts.relaying, parts.publish, finish_seconds=FINISH_SECONDS)
            learning = background(parts.learning, parts.learn, finish_seconds=FINISH_SECONDS)
            days = background(parts.days, parts.follow_days) if producer.each_day else nullcontext()
            async with relaying, learning, days:
                yield
        finally:
            await parts.log_end.aclose()
            await parts.publisher.close()
            await mongo.close(client)

    async def ready() -> Readiness:
        parts: Parts = app.state.parts
        return await parts.readiness()

    app = new_app(
        producer.name,
        settings=settings,
        access=producer.access,
        lifespan=lifespan,
        ready=ready,
        routers=producer.routers,
        public=producer.public,
        problem_page=refused if producer.pages else None,
        readable=within_reach,
    )
    if producer.pages:
        open_pages(app, producer.pages)
    return app


class Parts:
    """What a service is made of while it runs."""

    def __init__(
        self,
        producer: Producer,
        client: mongo.Client,
        settings: Settings,
        now: Callable[[], datetime],
        progress: Progress,
    ) -> None:
        self.producer = producer
        self.settings = settings
        self.topic = settings.topic(TOLD_BY)
        self.database = client[settings.database(producer.name)]
        self.log_end = log_end_of(servers(settings), self.topic)
        self.desk = desk_over(producer, self.database, settings, now=now, log_end=self.log_end)
        self.publisher = Publisher(settings, settings.topic(producer.name))
        self.prepared = asyncio.Event()
        self.day: date | None = None
        self.relaying = progress.loop("relay")
        # One batch of roster's may have every record restated.
        self.learning = progress.loop("projection", times=5)
        # So may a day; where nothing is asked of one, there is no such loop to look after.
        self.days = progress.loop("days", times=5) if producer.each_day else Loop("days")

    async def publish(self) -> None:
        """Make the indexes, finish what a crash left, then publish for as long as the service runs."""
        await self.desk.records.prepare()
        await self.desk.roster.prepare()
        for finish in self.producer.at_start:
            await finish(self.desk)
        self.prepared.set()
        await relay(
            service=self.producer.name,
            records=self.desk.records,
            facts_in=lambda view: facts_of(self.desk.over(view)),
            publisher=self.publisher,
            settings=self.settings,
            loop=self.relaying,
        )

    async def learn(self) -> None:
        """Take in what roster publishes, for as long as the service runs."""
        async with mongo.seeing_all(self.database) as view:
            await self.organisations_told(view)
            await self.persons_told(view)
        broker = new_broker(self.settings)
        project(broker, self.projection().learn, topics=[self.topic], group=await self._group(), loop=self.learning)
        await run_projections(broker, self.learning, self.settings)

    def projection(self) -> Projection:
        """What takes in roster's news, and has the records follow them."""
        return Projection(
            self.database,
            service=self.producer.name,
            topic=self.topic,
            keeps=self.producer.keeps,
            organisations_told=self.organisations_told,
            persons_told=self.persons_told,
            students_told=self.students_told,
        )

    async def follow_days(self) -> None:
        """Do what each day asks, at the start and on every other day, for as long as the service runs."""
        await self.prepared.wait()
        while True:
            await self.follow_day()
            await asyncio.sleep(LOOK_SECONDS)

    async def follow_day(self) -> None:
        """Do what each day asks, unless it is still the day for which that was done last."""
        today = await self.desk.today()
        due = self.producer.each_day if today != self.day else ()
        self.days.has(len(due))
        for follow in due:
            await follow(self.desk)
            self.days.committed()
        self.day = today
        self.days.has(0)
        self.days.well()

    async def readiness(self) -> Readiness:
        """Whether MongoDB answers and the indexes are made; Kafka may be away."""
        heard = await self.desk.roster.heard_through()
        details: dict[str, Any] = {
            "parked": await self.database["parked"].estimated_document_count(),
            "roster_heard_through": heard.isoformat() if heard else None,
        }
        return Readiness(() if self.prepared.is_set() else ("the indexes are not made yet",), details)

    async def organisations_told(self, view: mongo.Database) -> None:
        """Have the records follow the calendar, and what else hangs on organisations, as this view shows them."""
        seeing = self._seeing(view)
        dated = [kind.name for kind in self.producer.kinds if kind.school_year]
        await follow_calendar(self.desk.records, dated, (await seeing.roster.calendar()).starts)
        for follow in self.producer.organisations_told:
            await follow(seeing)

    async def persons_told(self, view: mongo.Database, students: Collection[str] = ()) -> None:
        """Have the records follow who was merged or unmerged in this view, and ids that are others' now."""
        merges = await self.desk.over(view).roster.merges()
        await follow_persons(self.desk.records, self.producer.student_of, merges)
        await follow_names(self.desk.records, self.producer.student_of, view, students)

    async def students_told(self, view: mongo.Database, students: Collection[str]) -> None:
        """Have done what the service does after news of these students, which this view shows."""
        await self._seeing(view).students_changed(students)

    def _seeing(self, view: mongo.Database) -> Desk:
        """A desk that reads of roster's what this view shows."""
        return replace(self.desk.over(view), records=self.desk.records)

    async def _group(self) -> str:
        """The consumer group, named in the database that it fills.

        A projection that was lost has lost the name too, and so reads its log from the beginning.
        """
        name = f"{self.topic}-to-{self.producer.name}"
        found = await self.database["followed"].find_one_and_update(
            {"_id": "group"}, [{"$set": {"begun": {"$ifNull": ["$begun", "$$NOW"]}}}], upsert=True, return_document=True
        )
        begun: datetime = found["begun"]
        return f"{name}-{begun:%Y%m%dT%H%M%S}{begun.microsecond // 1000:03d}"


def outside(producer: Producer) -> Outside:
    """What the service answers to commands that work on its database from outside."""

    def facts_in(database: mongo.Database, settings: Settings) -> FactsOf:
        return facts_of(desk_over(producer, database, settings, wait_seconds=0.0))

    async def erase(database: mongo.Database, ids: Sequence[str], names: Sequence[str]) -> dict[str, int]:
        return await erase_person(Records(database), producer.student_of, ids, names)

    return Outside(facts_in=facts_in, forgetting=Forgetting(erase=erase, forgotten=forgotten))


def facts_of(desk: Desk) -> FactsOf:
    """The facts of many records, by their keys; a void record has none, and so is withdrawn.

    A record keeps the student ids that it was logged under; who that is now is looked up here.
    """

    async def resolved(records: Sequence[Record]) -> Mapping[str, Sequence[Outgoing]]:
        merges = await desk.roster.merges() if desk.producer.student_of else Merges()
        found: dict[str, Sequence[Outgoing]] = {}
        for kind in desk.producer.kinds:
            standing = [_under_survivors(one, kind.filed, merges) for one in records if one.kind == kind.name]
            if kind.facts and (stand := [one for one in standing if not one.void]):
                found |= await kind.facts(desk, stand)
        return found

    return resolved


def _under_survivors(record: Record, filed: Filed, merges: Merges) -> Record:
    """The record as it would say whom it names now; two of its students who are one person are named once."""
    logged = filed.students(record.state)
    meant = list(dict.fromkeys(merges.survivor(id) for id in logged))
    if filed.student is None or meant == list(logged):
        return record
    several = isinstance(record.state[filed.student], list)
    return replace(record, state={**record.state, filed.student: meant if several else meant[0]})
