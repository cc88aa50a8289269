"""The credentials service, put together: the only place that reads settings or opens connections."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from fastapi import FastAPI

from services.credentials import api, catalogue_api, desk, worklists_api
from services.credentials.approvals import api as approvals
from services.credentials.assessments import api as assessments
from services.credentials.assessments.restating import follow_types
from services.credentials.desk import Desk
from services.credentials.events import facts_of
from services.credentials.learnt import Learnt
from services.credentials.moving import follow_names
from services.credentials.projection import Projection
from services.credentials.quoting import within_reach
from services.credentials.restating import follow_all, follow_calendar, follow_persons
from services.credentials.store import Store
from services.credentials.verification import api as verification
from shared import mongo
from shared.kafka import Publisher, new_broker, project, run_projections, servers
from shared.process.background import FINISH_SECONDS, background
from shared.process.progress import Progress
from shared.process.settings import Settings
from shared.records.outbox import Outbox
from shared.records.relay import FactsOf, relay
from shared.roster_copy.log_reached import log_end_of
from shared.web.app import Readiness, new_app

SERVICE, TOLD_BY = "credentials", "roster"
# What stands at a literal address, such as /v1/awards/follow-up, before what stands at an id's.
PARTS = (approvals, assessments, worklists_api, verification, api)


def build(settings: Settings | None = None, *, now: Callable[[], datetime] = desk.now) -> FastAPI:
    """The service's app; it starts without Kafka, and without MongoDB is not ready."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        client = mongo.connect(settings)
        parts = Parts(client, settings, now, app.state.progress)
        app.state.desk, app.state.parts = parts.desk, parts
        try:
            relaying = background(parts.relaying, parts.publish, finish_seconds=FINISH_SECONDS)
            learning = background(parts.learning, parts.learn, finish_seconds=FINISH_SECONDS)
            async with relaying, learning:
                yield
        finally:
            await parts.log_end.aclose()
            await parts.publisher.close()
            await mongo.close(client)

    async def ready() -> Readiness:
        parts: Parts = app.state.parts
        return await parts.readiness()

    app = new_app(
        SERVICE,
        settings=settings,
        access={name: rows for part in PARTS for name, rows in part.ACCESS.items()},
        lifespan=lifespan,
        ready=ready,
        # Looked through in this order: what is asked most comes first.
        routers=(*(part.router for part in PARTS), catalogue_api.router),
        page_methods=("GET", "POST", "PATCH"),
        readable=within_reach,
    )
    return app


class Parts:
    """What the service is made of while it runs."""

    def __init__(
        self, client: mongo.Client, settings: Settings, now: Callable[[], datetime], progress: Progress
    ) -> None:
        database = client[settings.database(SERVICE)]
        self.settings = settings
        self.database = database
        self.store = Store(database)
        self.topic = settings.topic(TOLD_BY)
        self.log_end = log_end_of(servers(settings), self.topic)
        self.learnt = self._learnt(database)
        self.desk = Desk(self.store, self.learnt, now, settings.follow_up_after_days)
        self.publisher = Publisher(settings, settings.topic(SERVICE))
        self.prepared = False
        self.relaying = progress.loop("relay")
        # One batch of roster's may have every award restated.
        self.learning = progress.loop("projection", times=5)

    async def publish(self) -> None:
        """Make the indexes, finish what a crash left, then publish for as long as the service runs."""
        await self.store.prepare()
        await self.learnt.prepare()
        await follow_all(self.store)
        self.prepared = True
        await relay(
            service=SERVICE,
            records=self.store.records,
            facts_in=self.facts_in,
            publisher=self.publisher,
            settings=self.settings,
            loop=self.relaying,
        )

    async def learn(self) -> None:
        """Take in what roster publishes, for as long as the service runs."""
        async with mongo.seeing_all(self.database) as view:
            await self.organisations_told(view)
            await self.persons_told(view)
        projection = Projection(
            self.database, topic=self.topic, organisations_told=self.organisations_told, persons_told=self.persons_told
        )
        broker = new_broker(self.settings)
        project(broker, projection.learn, topics=[self.topic], group=await self._group(), loop=self.learning)
        await run_projections(broker, self.learning, self.settings)

    async def readiness(self) -> Readiness:
        """Whether MongoDB answers and the indexes are made; Kafka may be away."""
        heard = await self.learnt.heard_through()
        details: dict[str, Any] = {
            "parked": await self.database["parked"].estimated_document_count(),
            "roster_heard_through": heard.isoformat() if heard else None,
        }
        return Readiness(() if self.prepared else ("the indexes are not made yet",), details)

    def facts_in(self, view: mongo.Database) -> FactsOf:
        """What is published of records, by what this view of the database says."""
        learnt = self._learnt(view)

        async def year_starts() -> tuple[int, int]:
            return (await learnt.calendar()).starts

        return facts_of(Store(view), year_starts, learnt.merges, learnt.organisation_types)

    async def year_starts(self) -> tuple[int, int]:
        """The month and the day with which a school year begins."""
        return (await self.learnt.calendar()).starts

    async def organisations_told(self, view: mongo.Database) -> None:
        """Have awards and assessments follow the calendar and the types of organisations that changed in this view."""
        learnt = self._learnt(view)
        await follow_calendar(self.store, (await learnt.calendar()).starts)
        await follow_types(self.store, await learnt.organisation_types())

    async def persons_told(self, view: mongo.Database, students: Collection[str] = ()) -> None:
        """Have awards and assessments follow who was merged or unmerged in this view, and ids that are others' now."""
        await follow_persons(self.store, await self._learnt(view).merges())
        await follow_names(self.store, view, students)

    def _learnt(self, database: mongo.Database) -> Learnt:
        return Learnt(
            database,
            topic=self.topic,
            wait_seconds=self.settings.projection_wait_seconds,
            server_time=Outbox(self.store.records).server_time,
            log_end=self.log_end,
        )

    async def _group(self) -> str:
        """The consumer group, named in the database that it fills.

        A projection that was lost has lost the name too, and so reads its log from the beginning.
        """
        name = f"{self.topic}-to-{SERVICE}"
        found = await self.database["followed"].find_one_and_update(
            {"_id": "group"}, [{"$set": {"begun": {"$ifNull": ["$begun", "$$NOW"]}}}], upsert=True, return_document=True
        )
        begun: datetime = found["begun"]
        return f"{name}-{begun:%Y%m%dT%H%M%S}{begun.microsecond // 1000:03d}"
