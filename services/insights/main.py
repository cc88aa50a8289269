"""The insights service is put together here, and nowhere else are settings read or connections opened."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from fastapi import FastAPI

from services.insights.access import ACCESS, PUBLIC
from services.insights.api import measures, open_cohort, student_credentials
from services.insights.live import stream
from services.insights.live.watcher import Watcher
from services.insights.numbers.board import unknown_measures
from services.insights.numbers.reader import Reader
from services.insights.numbers.store import Store
from services.insights.pages import (
    board,
    families,
    imports,
    language_choice,
    operations,
    own_page,
    sign_in,
    students,
)
from services.insights.pages import open_cohort as open_cohort_page
from services.insights.pages.frame import PAGES
from shared import mongo
from shared.pages.page import open_pages
from shared.pages.refusals import refused
from shared.plans import Plan, plans
from shared.process.progress import Progress
from shared.process.settings import Settings
from shared.web.app import Readiness, new_app

SERVICE = "insights"
READS = "aggregator"
HEARTBEAT_SECONDS = 5.0
DESCRIPTION = "Live, exact numbers of a strategic plan, with the rule and the people behind each of them."

ROUTERS = (
    *(part.router for part in (measures, open_cohort, student_credentials, stream)),
    *(page.router for page in (board, families, open_cohort_page, own_page, operations, students, imports, sign_in)),
    sign_in.links,
    language_choice.router,
)


def build(settings: Settings | None = None, *, clock: Callable[[], datetime] | None = None) -> FastAPI:
    """The service's app; without MongoDB it starts and is not ready. It needs no Kafka."""
    settings = settings or Settings()
    shown = checked(plans())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        client = mongo.connect(settings)
        store = Store(client[settings.database(READS)], settings, clock)
        app.state.store = store
        app.state.reader = Reader(store, shown)
        app.state.streams = stream.Streams(of_one=settings.streams_of_one, of_all=settings.streams_of_all)
        watcher = app.state.watcher = _watcher(store, settings, app.state.progress)
        try:
            yield
        finally:
            watcher.stop()
            await mongo.close(client)

    async def ready() -> Readiness:
        found = await app.state.store.freshness(await app.state.store.now())
        return Readiness(details={"stale": found.stale, "seconds_behind": found.seconds_behind, "why": found.why})

    app = new_app(
        SERVICE,
        settings=settings,
        access=ACCESS,
        lifespan=lifespan,
        ready=ready,
        routers=ROUTERS,
        public=PUBLIC,
        problem_page=refused,
        description=DESCRIPTION,
    )
    app.state.links = sign_in.Links()
    open_pages(app, PAGES)
    return app


def _watcher(store: Store, settings: Settings, progress: Progress) -> Watcher:
    every = {"poll_seconds": settings.stream_poll_seconds, "heartbeat_seconds": HEARTBEAT_SECONDS}
    return Watcher(store.turns, **every, loop=progress.loop("watch"))


def checked(found: Mapping[str, Plan]) -> Mapping[str, Plan]:
    """Raise ValueError when a plan names a measure that nothing counts: its number would never come."""
    for plan in found.values():
        if unknown := unknown_measures(plan):
            raise ValueError(f"plan {plan.key} names {', '.join(unknown)}; the catalogue of measures has no such key")
    return found
