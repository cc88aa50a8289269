"""The roster service is put together here, the only place that reads settings or opens connections."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

from fastapi import APIRouter, FastAPI

from services.roster import transfers
from services.roster.access import ACCESS
from services.roster.api import class_list, guardians, persons, sources, terms
from services.roster.api import records as kinds
from services.roster.desk.desk import Desk
from services.roster.desk.desk import now as clock
from services.roster.desk.organisation_changes import follow
from services.roster.enrolments import starts
from services.roster.facts import facts_of
from services.roster.oneroster import api as oneroster
from services.roster.oneroster.run.work import Work
from services.roster.persons import following, moving, separating
from services.roster.reach.search import bring_up
from services.roster.store import Store
from shared import mongo
from shared.kafka import Publisher
from shared.process.background import FINISH_SECONDS, background
from shared.process.settings import Settings
from shared.producer.life import Outside
from shared.records.relay import FactsOf, relay
from shared.web.app import Readiness, new_app

SERVICE = "roster"


def facts_in(database: mongo.Database) -> FactsOf:
    """What is published of records, by what this view of the database says."""
    store = Store(database)
    return facts_of(store.organisations, store.merges, partial(starts.starts, store))


OUTSIDE = Outside(facts_in=lambda database, _: facts_in(database))


async def finish_left(store: Store) -> None:
    """Do what a crash left undone between a write and what follows from it."""
    await follow(store)
    await following.follow(store)
    await separating.finish_separations(store)
    await moving.follow_pending(store)


def build(settings: Settings | None = None, *, now: Callable[[], datetime] = clock) -> FastAPI:
    """The service's app; it starts without Kafka, and without MongoDB is not ready."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        client = mongo.connect(settings)
        store = Store(client[settings.database(SERVICE)])
        app.state.desk = Desk(store, now)
        app.state.oneroster = Work(app.state.desk, import_max_bytes=settings.import_max_bytes)
        publisher = Publisher(settings, settings.topic(SERVICE))
        loop = app.state.progress.loop("relay")
        # A package that is taken up again is unpacked first.
        taking_up = app.state.progress.loop("imports", times=5)
        begins = app.state.progress.loop("begins")

        async def publish() -> None:
            """Prepare the store, then publish for as long as the service runs."""
            await _prepared(store)
            await relay(
                service=SERVICE,
                records=store.records,
                facts_in=facts_in,
                publisher=publisher,
                settings=settings,
                loop=loop,
            )

        try:
            relaying = background(loop, publish, finish_seconds=FINISH_SECONDS)
            imports = background(taking_up, lambda: app.state.oneroster.go_on(taking_up))
            async with relaying, imports, background(begins, lambda: starts.go_on(store, begins)):
                yield
        finally:
            await app.state.oneroster.stop()
            await publisher.close()
            await mongo.close(client)

    app = new_app(
        SERVICE,
        settings=settings,
        access=ACCESS,
        lifespan=lifespan,
        ready=lambda: _ready(app.state.desk.store),
        routers=_routers(),
    )
    return app


async def _prepared(store: Store) -> None:
    """Make the indexes, finish what a crash left, and give every student the words to be found by."""
    await store.prepare()
    await finish_left(store)
    await bring_up(store)


async def _ready(store: Store) -> Readiness:
    await store.ping()
    return Readiness(() if store.prepared else ("the indexes are not made yet",))


def _routers() -> list[APIRouter]:
    kept = [*kinds.routers(), class_list.router, guardians.router, sources.router, terms.router, transfers.router]
    return [persons.router, *kept, oneroster.routes]
