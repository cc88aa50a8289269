"""The roster service, put together: the only place that reads settings or opens connections."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from fastapi import APIRouter, FastAPI

from services.roster import api, class_list, desk
from services.roster.changes import follow
from services.roster.desk import Desk
from services.roster.events import facts_of
from services.roster.oneroster import api as oneroster
from services.roster.oneroster.work import Work
from services.roster.persons import api as persons
from services.roster.persons import following
from services.roster.searching import bring_up
from services.roster.store import Store
from shared import mongo
from shared.background import FINISH_SECONDS, background
from shared.http import Readiness, new_app
from shared.kafka import Publisher
from shared.relay import relay
from shared.settings import Settings

SERVICE = "roster"
SENT = ("GET", "POST")  # by our pages: a data manager's sends files


def build(settings: Settings | None = None, *, now: Callable[[], datetime] = desk.now) -> FastAPI:
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

        async def publish() -> None:
            """Be ready for work, then publish for as long as the service runs."""
            await _prepared(store)
            await relay(
                service=SERVICE,
                records=store.records,
                facts_of=facts_of(store.organisations, store.merges),
                publisher=publisher,
                settings=settings,
                loop=loop,
            )

        try:
            relaying = background(loop, publish, finish_seconds=FINISH_SECONDS)
            async with relaying, background(taking_up, lambda: app.state.oneroster.go_on(taking_up)):
                yield
        finally:
            await app.state.oneroster.stop()
            await publisher.close()
            await mongo.close(client)

    async def ready() -> Readiness:
        return await _ready(app.state.desk.store)

    app = new_app(
        SERVICE,
        settings=settings,
        access=api.ACCESS,
        lifespan=lifespan,
        ready=ready,
        routers=_routers(),
        page_methods=SENT,
    )
    return app


async def _prepared(store: Store) -> None:
    """Make the indexes, finish what a crash left, and have everybody found by name."""
    await store.prepare()
    await follow(store)
    await following.follow(store)
    await bring_up(store)


async def _ready(store: Store) -> Readiness:
    await store.ping()
    return Readiness(() if store.prepared else ("the indexes are not made yet",))


def _routers() -> list[APIRouter]:
    return [persons.router, *api.routers(), class_list.router, oneroster.routes]
