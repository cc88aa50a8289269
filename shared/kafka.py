"""Kafka: the partition of a key, a producer that says when all is kept, and consumers with safe defaults."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka import Topic as DeclaredTopic

from shared.contracts.envelope import Message
from shared.errors import Retryable, Stopped
from shared.process.log_ends import LogEnds
from shared.process.progress import Loop
from shared.process.settings import Settings

PARTITIONS = 12
BATCH_BYTES = 512 * 1024
MESSAGE_BYTES = 900_000  # a broker refuses a batch above 1 MiB
REQUEST_TIMEOUT_MS = 8_000
HANDLER_PAUSE_SECONDS = 1.0
PROJECTION_LOOK_SECONDS = 5.0
PROJECTION_ENDS_SECONDS = 5.0
PLACE_SECONDS = 0.2

GROUP: dict[str, Any] = {
    "auto_offset_reset": "earliest",
    "isolation_level": "read_committed",
    "partition_assignment_strategy": (RangePartitionAssignor,),
    "session_timeout_ms": 10_000,
    "heartbeat_interval_ms": 3_000,
    "rebalance_timeout_ms": 60_000,
    "max_poll_interval_ms": 120_000,
}

Handler = Callable[[Sequence[ConsumerRecord[bytes | None, bytes | None]]], Awaitable[None]]

log = structlog.get_logger(__name__)


@lru_cache(maxsize=200_000)
def partition_of(key: bytes, partitions: int = PARTITIONS) -> int:
    """The partition number of a key: the same as the Java client's, for every topic."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


def servers(settings: Settings) -> list[str]:
    """The bootstrap servers as a list."""
    return [server.strip() for server in settings.kafka_bootstrap_servers.split(",")]


class Publisher:
    """The producer of one topic. It connects when it is first used, and again after a failure."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self.topic = topic
        self._servers = servers(settings)
        self._producer: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()

    async def publish(self, messages: Iterable[Message]) -> None:
        """Return when every in-sync replica has all of the messages; those of one key keep their order.

        Raise Retryable when that cannot be said of all. Some may have been kept: sending all of
        them again is what to do.
        """
        by_partition: dict[int, list[Message]] = defaultdict(list)
        for message in messages:
            by_partition[partition_of(message.key or b"")].append(message)
        await self._publish(by_partition)

    async def publish_to_all_partitions(self, message: Message) -> None:
        """Return when every partition has the message, behind all that was published before."""
        await self._publish({partition: [message] for partition in range(PARTITIONS)})

    async def close(self) -> None:
        """Stop the producer; what is still on its way may or may not arrive."""
        producer, self._producer = self._producer, None
        if producer:
            await producer.stop()

    async def _publish(self, by_partition: Mapping[int, Sequence[Message]]) -> None:
        producer = await self._connected()
        sending = [self._send(producer, partition, messages) for partition, messages in by_partition.items()]
        # All must have ended before a repeat: an older version may not be sent behind a newer one.
        ended = await asyncio.gather(*sending, return_exceptions=True)
        for error in ended:
            if isinstance(error, KafkaError):
                await self.close()
                raise Retryable(f"{self.topic}: {error!r}") from error
            if isinstance(error, BaseException):
                raise error

    async def _send(self, producer: AIOKafkaProducer, partition: int, messages: Sequence[Message]) -> None:
        batch = producer.create_batch()
        for message in messages:
            parts = {"key": message.key, "value": message.value, "headers": message.headers, "timestamp": None}
            if batch.append(**parts) is None:
                await (await producer.send_batch(batch, self.topic, partition=partition))
                batch = producer.create_batch()
                batch.append(**parts)
        await (await producer.send_batch(batch, self.topic, partition=partition))

    async def _connected(self) -> AIOKafkaProducer:
        async with self._connecting:
            self._producer = self._producer or await self._connect()
            return self._producer

    async def _connect(self) -> AIOKafkaProducer:
        # No idempotence: aiokafka would then retry for ever, and versions absorb duplicates.
        producer = AIOKafkaProducer(
            bootstrap_servers=self._servers,
            acks="all",
            enable_idempotence=False,
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
        )
        async with AsyncExitStack() as unless_started:
            unless_started.push_async_callback(producer.stop)
            try:
                await producer.start()
                count = len(await producer.partitions_for(self.topic))
            except KafkaError as error:
                raise Retryable(f"{self.topic}: {error!r}") from error
            if count != PARTITIONS:
                anew = f"`python -m deploy.topics anew {self.topic}`"
                raise Stopped(f"topic {self.topic} has {count} partitions, not {PARTITIONS}; make it anew with {anew}")
            unless_started.pop_all()
        return producer


def consumer_settings(settings: Settings, group: str) -> dict[str, Any]:
    """Keywords for an `AIOKafkaConsumer` whose offsets are kept by us.

    Range is the one assignor that gives a member the same partition number of every topic.
    """
    return {
        "bootstrap_servers": servers(settings),
        "group_id": group,
        "enable_auto_commit": False,
        **GROUP,
    }


def new_broker(settings: Settings) -> KafkaBroker:
    """FastStream's broker for projections: it makes no topic, and starts only when it is told to."""
    quiet = logging.getLogger("aurora.faststream")
    quiet.setLevel(logging.WARNING)
    return KafkaBroker(
        servers(settings),
        allow_auto_create_topics=False,
        # What only reads needs no producer, which would be left open whenever Kafka is away.
        consumer_only=True,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        graceful_timeout=PROJECTION_ENDS_SECONDS,
        logger=quiet,
    )


async def run_projections(broker: KafkaBroker, loop: Loop, settings: Settings) -> None:
    """Read what was given to `project` until told to end. Raise Retryable when Kafka cannot be reached at the start."""
    try:
        await broker.start()
        consumers: list[AIOKafkaConsumer] = [getattr(subscriber, "consumer", None) for subscriber in broker.subscribers]
        async with aclosing(LogEnds(servers(settings))) as ends:
            while not loop.ending.is_set():
                await look_whether_they_read(consumers, loop, ends)
                with suppress(TimeoutError):
                    async with asyncio.timeout(PROJECTION_LOOK_SECONDS):
                        await loop.ending.wait()
    except KafkaError as error:
        raise Retryable(f"Kafka: {error}") from error
    finally:
        await broker.stop()


async def look_whether_they_read(consumers: Iterable[AIOKafkaConsumer], loop: Loop, ends: LogEnds) -> None:
    """Tell the loop how many records lie in the log that were not handed over yet."""
    try:
        logs = [(consumer, await ends.of(consumer.assignment())) for consumer in consumers]
    except (KafkaError, TimeoutError) as error:
        loop.waits_for(f"Kafka: {type(error).__name__}")
        return
    unread = [end - await _place_of(consumer, at) for consumer, found in logs for at, end in found.items()]
    loop.has(sum(unread))
    loop.well()


async def _place_of(consumer: AIOKafkaConsumer, log: TopicPartition) -> int:
    """Where a consumer reads on; the beginning while it does not know itself, for all of the log is then to be read."""
    with suppress(KafkaError, TimeoutError):
        async with asyncio.timeout(PLACE_SECONDS):
            return int(await consumer.position(log))
    return 0


def project(
    broker: KafkaBroker,
    handle: Handler,
    *,
    topics: Sequence[str],
    group: str,
    loop: Loop | None = None,
    max_records: int = 500,
) -> None:
    """Have `handle` called with every record of the topics, in batches, each at least once.

    The records come as they are: nothing that a producer wrote can fail before the handler sees
    it. A batch whose handler raises is read again after a pause, and nothing behind it is
    committed before.
    """
    loop = loop or Loop(group)

    async def handle_or_pause(records: list[Any]) -> None:
        try:
            await handle(records)
        except Exception as error:
            loop.failed(error)
            log.exception("a batch could not be taken in and is read again", group=group, records=len(records))
            await asyncio.sleep(HANDLER_PAUSE_SECONDS)
            raise
        loop.committed()

    subscriber = broker.subscriber(
        *(DeclaredTopic(topic, declare=False) for topic in topics),
        batch=True,
        group_id=group,
        max_records=max_records,
        batch_timeout_ms=100,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        parser=_as_it_came,
        decoder=_records_of,
        **GROUP,
    )

    subscriber(handle_or_pause)


async def _as_it_came(
    records: tuple[ConsumerRecord[Any, Any], ...], original: Callable[..., Awaitable[KafkaMessage]]
) -> KafkaMessage:
    # FastStream's own parser fails on a header that is not text, and with it the whole batch.
    message = await original(tuple(replace(record, headers=()) for record in records))
    message.raw_message = records
    message.consumer = _OurPartitions(message.consumer)
    return message


class _OurPartitions:
    """A consumer that rewinds only what it still has.

    Rewinding a partition that has gone to another member raises, and would leave the rest of a
    failed batch where it is: the next commit would lose it.
    """

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer

    async def commit(self) -> None:
        await self._consumer.commit()

    def seek(self, partition: TopicPartition, offset: int) -> None:
        if partition in self._consumer.assignment():
            self._consumer.seek(partition, offset)


async def _records_of(message: KafkaMessage) -> Any:
    return list(message.raw_message)
