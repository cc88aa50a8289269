"""Watches the loop from beside it: lag, freshness, and whether it still does what it is there for."""

import asyncio
import os
import signal
from datetime import UTC, datetime
from time import monotonic

import structlog
from aiokafka.errors import KafkaError

from services.aggregator import metrics
from services.aggregator.consumer import KAFKA_SECONDS, Counting
from services.aggregator.recounting import look, recounting
from shared import mongo
from shared.errors import Retryable

EVERY_SECONDS = 2.0
OFFSETS_EVERY_SECONDS = 10.0
STUCK_SECONDS = 120.0

log = structlog.get_logger(__name__)


async def watch(counting: Counting) -> None:
    """Keep the gauges, and end the process when there is lag, nothing to wait for, and no progress."""
    offsets_at = 0.0
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        freshness(counting)
        try:
            metrics.PARKED_RECORDS.set(await counting.store.parked_records())
            await look(counting)
            lag = await measured_lag(counting)
            if monotonic() - offsets_at > OFFSETS_EVERY_SECONDS:
                offsets_at = monotonic()
                await tell_kafka(counting)
        except (KafkaError, TimeoutError, Retryable, mongo.MongoError) as error:
            log.warning("lag is not known", why=type(error).__name__)
            continue
        if stuck(counting, lag, monotonic()):
            log.critical("no progress in spite of lag; the process ends to be started again", lag=lag)
            os.kill(os.getpid(), signal.SIGTERM)


def stuck(counting: Counting, lag: int, now: float) -> bool:
    """Whether a new process might do better. What waits for MongoDB, Kafka or an operator would only wait again."""
    waits = counting.waiting_for or (counting.stopped and counting.stopped.keys() >= counting.due.keys())
    return lag > 0 and not waits and now - counting.progressed_at > STUCK_SECONDS


def freshness(counting: Counting) -> None:
    """Say through when everything is counted: the log furthest behind speaks for all."""
    states = {"stopped": len(counting.stopped), "loading": len(counting.due.keys() - counting.stopped.keys())}
    for state, number in states.items():
        metrics.PARTITIONS.labels(state).set(number)
    metrics.RECOUNTING.set(len(recounting(counting)))
    metrics.PARTITIONS.labels("counting").set(len(counting.assigned) - sum(states.values()))
    ours = [(at.topic, at.partition) for at in counting.logs]
    heard = [counting.through[at] for at in ours if at in counting.through]
    if heard:
        metrics.COUNTED_THROUGH.set(min(heard).timestamp())
    behind = (datetime.now(UTC) - min(heard)).total_seconds() if heard else 0.0
    metrics.SECONDS_BEHIND.set(max(0.0, behind))


async def measured_lag(counting: Counting) -> int:
    """Records in the logs of this process's partitions that are not counted yet."""
    consumer, ours = counting.consumer, counting.logs
    total = 0
    for topic in counting.topics:
        logs = [at for at in ours if at.topic == topic]
        if consumer is None or not logs:
            metrics.LAG_RECORDS.labels(topic).set(0)
            continue
        async with asyncio.timeout(KAFKA_SECONDS):
            ends = await consumer.end_offsets(logs)
        lag = 0
        for at, end in ends.items():
            place = counting.store.held(at.partition)
            lag += end - (place.next.get(topic, 0) if place else 0)
        metrics.LAG_RECORDS.labels(topic).set(lag)
        total += lag
    return total


async def tell_kafka(counting: Counting) -> None:
    """Commit the group's offsets, for tools that show lag by them; nothing of ours reads them."""
    consumer = counting.consumer
    if consumer is None:
        return
    async with asyncio.timeout(KAFKA_SECONDS):
        held = {at: place for at in counting.logs if (place := counting.store.held(at.partition))}
        offsets = {at: place.next[at.topic] for at, place in held.items() if at.topic in place.next}
        if offsets:
            await consumer.commit(offsets)
