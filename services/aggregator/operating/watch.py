"""Watches the loop from beside it: lag, freshness, and how much there is for it to do."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from time import monotonic

import structlog
from aiokafka.errors import KafkaError

from services.aggregator import metrics
from services.aggregator.counting.consumer import KAFKA_SECONDS, Counting
from services.aggregator.recount.between_batches import look, recounting
from shared import mongo
from shared.errors import Retryable
from shared.kafka import servers
from shared.process.log_ends import LogEnds
from shared.process.progress import Loop
from shared.process.settings import Settings

EVERY_SECONDS = 2.0
OFFSETS_EVERY_SECONDS = 10.0

log = structlog.get_logger(__name__)


Leave = Callable[[Mapping[int, int]], Awaitable[None]]


async def watch(counting: Counting, watcher: Loop, settings: Settings, leave_lag: Leave) -> None:
    """Keep the gauges, and tell the loop that counts what there is to do: it is judged by that.

    `leave_lag` puts now and then where operators find it how much was not counted yet.
    """
    offsets_at = 0.0
    async with aclosing(LogEnds(servers(settings))) as ends:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            freshness(counting)
            watcher.well()
            try:
                metrics.PARKED_RECORDS.set(await counting.store.parked_records())
                await look(counting)
            except (TimeoutError, Retryable, mongo.MongoError) as error:
                log.warning("what others did is not known", why=type(error).__name__)
            lag = await look_at_kafka(counting, ends)
            if counting.kafka_answers and monotonic() - offsets_at > OFFSETS_EVERY_SECONDS:
                offsets_at = monotonic()
                await tell_kafka(counting)
                await tell_operators(lag, leave_lag)


async def look_at_kafka(counting: Counting, ends: LogEnds) -> Mapping[int, int]:
    """How much lies in the logs is the work to judge by; while nobody can know, Kafka is what is waited for.

    When only the client that counts gets no answer, there is work and none of it is done: a new process does better.
    The answer is the lag by partition number, as far as it is known.
    """
    try:
        lag = await measured_lag(counting, ends)
    except (KafkaError, TimeoutError) as error:
        log.warning("lag is not known", why=type(error).__name__)
        counting.kafka_answers = False
        # Without Kafka the consumer may wait for its group inside a call that never returns.
        counting.loop.waits_for(f"Kafka: {type(error).__name__}")
        return {}
    counting.kafka_answers = True
    work(counting, lag)
    return lag


async def tell_operators(lag: Mapping[int, int], leave_lag: Leave) -> None:
    """Nothing is counted by it: what the database cannot take now is told the next time."""
    try:
        await leave_lag(lag)
    except mongo.MongoError as error:
        log.warning("operators see an older lag", why=type(error).__name__)


def work(counting: Counting, lag: Mapping[int, int]) -> None:
    """What waits for an operator is no work: a new process would only wait again."""
    counting.loop.has(sum(records for number, records in lag.items() if number not in counting.stopped))


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


async def measured_lag(counting: Counting, ends: LogEnds) -> dict[int, int]:
    """Records in the logs of each of this process's partitions that are not counted yet."""
    found, by_topic = dict.fromkeys(counting.assigned, 0), dict.fromkeys(counting.topics, 0)
    for at, end in (await ends.of(counting.logs)).items():
        position = counting.store.held(at.partition)
        records = end - (position.next.get(at.topic, 0) if position else 0)
        found[at.partition] = found.get(at.partition, 0) + records
        by_topic[at.topic] += records
    for topic, records in by_topic.items():
        metrics.LAG_RECORDS.labels(topic).set(records)
    return found


async def tell_kafka(counting: Counting) -> None:
    """Commit the group's offsets, for tools that show lag by them; nothing of ours reads them."""
    held = {at: position for at in counting.logs if (position := counting.store.held(at.partition))}
    offsets = {at: position.next[at.topic] for at, position in held.items() if at.topic in position.next}
    if counting.consumer is None or not offsets:
        return
    try:
        async with asyncio.timeout(KAFKA_SECONDS):
            await counting.consumer.commit(offsets)
    except (KafkaError, TimeoutError) as error:
        log.warning("tools that show lag by Kafka's offsets see older ones", why=type(error).__name__)
