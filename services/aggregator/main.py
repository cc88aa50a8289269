"""The aggregator, put together: the only place that reads settings or opens connections."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from services.aggregator.counting.consumer import Counting
from services.aggregator.counting.store import MongoStore
from services.aggregator.operating.left_for_operators import leave_audit, leave_lag
from services.aggregator.operating.watch import watch
from services.aggregator.recount.audit import stand
from shared import mongo
from shared.contracts.catalogue import BY_SERVICE
from shared.kafka import PARTITIONS
from shared.process.background import FINISH_SECONDS, background
from shared.process.progress import Loop, Progress
from shared.process.settings import Settings
from shared.web.app import Readiness, new_app

SERVICE = "aggregator"


def build(settings: Settings | None = None) -> FastAPI:
    """An app that answers for health and metrics only, beside the loop that counts."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # The cache holds many small objects that live long: looked through as often as by default,
        # a quarter of the time would go into finding nothing to collect.
        gc.set_threshold(100_000, 50, 100)
        client = mongo.connect(settings)
        database = client[settings.database(SERVICE)]
        store = opened(settings, client)
        # Every member reads the same list, or the range assignor would part a partition number.
        topics = [settings.topic(service) for service in sorted(BY_SERVICE)]
        progress: Progress = app.state.progress
        counting = Counting(settings, store, topics, loop=progress.loop("count"))
        app.state.counting = counting

        async def count() -> None:
            await store.prepare(range(PARTITIONS))
            await counting.run()

        async def audit() -> None:
            if settings.audit_share:
                leave = partial(leave_audit, database)
                await stand(client, database, lambda: counting.assigned, share=settings.audit_share, leave=leave)
            await asyncio.Event().wait()

        watcher = progress.loop("watch")
        try:
            # The audit may sleep for long and is nobody's work: its loop is not looked after.
            async with (
                background(counting.loop, count, finish_seconds=FINISH_SECONDS),
                background(watcher, lambda: watch(counting, watcher, settings, partial(leave_lag, database))),
                background(Loop("audit"), audit),
            ):
                yield
        finally:
            await mongo.close(client)

    async def ready() -> Readiness:
        counting: Counting = app.state.counting
        await counting.store.ping()
        return readiness(counting)

    app = new_app(SERVICE, settings=settings, access={}, lifespan=lifespan, ready=ready)
    return app


def opened(settings: Settings, client: mongo.Client) -> MongoStore:
    """The aggregator's store over a connection."""
    database = client[settings.database(SERVICE)]
    return MongoStore(client, database, cache_subjects=settings.cache_max_subjects // PARTITIONS)


def readiness(counting: Counting) -> Readiness:
    """Ready when every partition of this process is counted on; one without partitions stands by."""
    reasons = [f"partition {number} is stopped: {reason}" for number, reason in sorted(counting.stopped.items())]
    if not counting.joined:
        reasons.append("the group of consumers is not joined yet")
    elif missing := counting.missing():
        reasons.append(f"there is no topic {' or '.join(missing)}; `python -m deploy.topics` makes it")
    loading = sorted(counting.due.keys() - counting.stopped.keys())
    if loading:
        reasons.append(f"partitions {loading} are not read yet. {counting.loop.waiting_for}".strip())
    if counting.joined and not counting.kafka_answers:
        reasons.append("Kafka does not answer")
    return Readiness(tuple(reasons[:3]), {"partitions": sorted(counting.assigned)})
