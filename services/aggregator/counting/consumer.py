"""The Kafka side: batches by partition number, reading on from the stored position, what to do on failure."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from time import monotonic

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from services.aggregator import metrics
from services.aggregator.counting.aggregate import aggregate
from services.aggregator.counting.heartbeats import Passed
from services.aggregator.counting.log_record import Record
from services.aggregator.counting.position import Gap, Position
from services.aggregator.counting.reading import read
from services.aggregator.counting.same_log import At, Positions, repair, resume
from services.aggregator.counting.store import MongoStore
from services.aggregator.counting.unreadable_runs import Limits
from services.aggregator.recount.between_batches import RECOUNTS_AT_ONCE, piece, recounting
from shared import mongo
from shared.errors import LostPartition, Retryable, Stopped
from shared.kafka import PARTITIONS, consumer_settings
from shared.process.progress import Loop
from shared.process.settings import Settings

GROUP = "aggregator"
AT_ONCE = 4  # partitions in the database at one time: while one is written another is folded
SETTLE_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 15.0
KAFKA_SECONDS = 8.0
LONGEST_PAUSE_SECONDS = 5.0
GAPS_BEFORE_STOPPING = 5
SMALLER_BY = 7  # halvings of a batch that keeps failing: 2000 records become 15

log = structlog.get_logger(__name__)


class Counting:
    """Counts the partition numbers that the group gives to this process, until told to stop.

    `due` says of each partition number that is not being read when its position is to be loaded:
    at once after an assignment, after a pause when something failed. Whatever fails, the
    partition starts over from what is stored.
    """

    def __init__(
        self, settings: Settings, store: MongoStore, topics: Sequence[str], *, loop: Loop | None = None
    ) -> None:
        self.topics = tuple(topics)
        self.store = store
        self.consumer: AIOKafkaConsumer | None = None
        self.joined = False
        self.assigned: frozenset[int] = frozenset()
        self.logs: frozenset[TopicPartition] = frozenset()
        self.due: dict[int, float] = {}
        self.stopped: dict[int, str] = {}
        self.through: dict[At, datetime] = {}
        self.loop = loop or Loop("count")
        self.kafka_answers = True
        self.to_sweep = False
        # A rebalance waits for this: a batch in hand is ended before its partition is given away.
        self.lock = asyncio.Lock()
        self._settings = settings
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._assignment = 0
        self._positions = Positions()
        self._failures: dict[int, int] = {}
        self._written_at: dict[int, float] = {}

    async def run(self) -> None:
        """Count until told to end, and end the batch in hand.

        Raise KafkaError when this consumer can do no more: run it again.
        """
        settings = consumer_settings(self._settings, f"{self._settings.topic_prefix}{GROUP}")
        self.consumer = consumer = AIOKafkaConsumer(**settings, request_timeout_ms=15_000, metadata_max_age_ms=10_000)
        try:
            await consumer.start()
            consumer.subscribe(self.topics, listener=Rebalances(self, consumer))
            while not self.loop.ending.is_set():
                self.loop.turned()
                await self._step(consumer)
        finally:
            self.consumer, self.joined = None, False
            self.hand_over(())
            # Leaves the group, so that another takes over at once.
            await consumer.stop()

    def hand_over(self, assigned: Iterable[TopicPartition]) -> None:
        """These are ours now, and nothing else is; records still in hand from before are not counted."""
        self._assignment += 1
        self.logs = frozenset(assigned)
        self.assigned = frozenset(one.partition for one in self.logs)
        self.due = dict.fromkeys(self.assigned, 0.0)
        self.stopped = {}

    async def _step(self, consumer: AIOKafkaConsumer) -> None:
        async with self.lock:
            await self._load(consumer, [number for number, at in self.due.items() if at <= monotonic()])
        assignment = self._assignment
        recounts = recounting(self)[:RECOUNTS_AT_ONCE]
        polled = await consumer.getmany(
            timeout_ms=1 if recounts else int(self._settings.batch_wait_seconds * 1000),
            max_records=self._settings.batch_max_records * PARTITIONS,
        )
        async with self.lock:
            if polled and assignment == self._assignment:
                await self._count_all(consumer, by_partition(polled))
            if recounts and assignment == self._assignment:
                await asyncio.gather(*(piece(self, consumer, number) for number in recounts))

    def ours(self, numbers: Iterable[int]) -> list[TopicPartition]:
        """The logs of these partition numbers that are read here.

        While members of a release that reads fewer topics are about, two members may share a number.
        """
        return sorted(one for one in self.logs if one.partition in set(numbers))

    def missing(self) -> list[str]:
        """The topics that are not there, as far as this process knows."""
        consumer = self.consumer
        return [topic for topic in self.topics if consumer and not consumer.partitions_for_topic(topic)]

    def reading(self) -> list[Position]:
        """The positions of the partition numbers that are read here."""
        read = sorted(self.assigned - self.due.keys())
        return [position for number in read if (position := self.store.held(number))]

    async def _count_all(self, consumer: AIOKafkaConsumer, batches: Mapping[int, Sequence[Record]]) -> None:
        heard = Passed()
        await asyncio.gather(*(self._count(consumer, number, records, heard) for number, records in batches.items()))
        try:
            await self.store.note(heard)
        except mongo.MongoError:
            log.exception("heartbeats could not be noted; the next ones will be")
        else:
            self.through |= heard.through

    async def _count(self, consumer: AIOKafkaConsumer, number: int, records: Sequence[Record], heard: Passed) -> None:
        """Count what was polled of one partition number, and put the heartbeats thereby passed into `heard`."""
        if number in self.due:
            return
        try:
            async with self._slots:
                while records and not self.loop.ending.is_set():
                    most = self._settings.batch_max_records >> min(self._failures.get(number, 0), SMALLER_BY)
                    batch, records = records[: max(1, most)], records[max(1, most) :]
                    self._positions.check(batch)
                    await self._count_batch(number, batch, heard)
        except Stopped as reason:
            await self._stop(consumer, number, str(reason))
        except Exception as error:  # noqa: BLE001 whatever it is, it is logged and the partition starts over
            await self.start_over(consumer, number, error)

    async def _count_batch(self, number: int, batch: Sequence[Record], heard: Passed) -> None:
        began = monotonic()
        settle = began - self._written_at.get(number, 0.0) > SETTLE_SECONDS
        limits = Limits(self._settings.parked_in_a_row, self._settings.parked_of_a_hundred)
        outcome = await aggregate(number, batch, self.store, read, settle=settle, limits=limits)
        self.loop.committed()
        # After failures batches grow again step by step: a slow database then still gets something done.
        self._failures[number] = max(0, min(self._failures.get(number, 0), SMALLER_BY) - 1)
        heard.take(number, outcome.news)
        if outcome.written:
            self._written_at[number] = monotonic()
            metrics.TURN_SECONDS.observe(self._written_at[number] - began)
        metrics.tell(outcome)
        if why := outcome.news.too_many or outcome.news.older_copy:
            raise Stopped(why)
        # Not before: a position that is only loaded again may stop at the same record again.
        self.stopped.pop(number, None)

    async def start_over(self, consumer: AIOKafkaConsumer, number: int, error: Exception) -> None:
        """Drop what is held in memory; read on from the stored position after a pause."""
        failures = self._failures[number] = self._failures.get(number, 0) + 1
        if isinstance(error, Gap) and failures > GAPS_BEFORE_STOPPING:
            await self._stop(consumer, number, f"{error}, {failures} times. {repair('TOPIC')}")
            return
        overtaken = isinstance(error, LostPartition)
        metrics.BATCHES.labels("overtaken" if overtaken else "failed").inc()
        self.loop.failed(error)
        if overtaken or isinstance(error, Retryable) or mongo.unavailable(error):
            log.warning("partition starts over", partition=number, why=type(error).__name__, failures=failures)
        else:
            log.error("partition starts over", partition=number, failures=failures, exc_info=error)
        self.hold(consumer, number, 0.0 if overtaken else min(LONGEST_PAUSE_SECONDS, 0.05 * 2**failures))

    async def _stop(self, consumer: AIOKafkaConsumer, number: int, reason: str) -> None:
        """Count no further, say so where numbers are shown, and look now and then whether it is repaired."""
        if self.stopped.get(number) != reason:
            metrics.BATCHES.labels("stopped").inc()
            log.error("counting stopped", partition=number, reason=reason)
        self.stopped[number] = reason
        self.hold(consumer, number, LOOK_AGAIN_SECONDS)
        try:
            await self.store.stop(number, reason)
        except mongo.MongoError:
            log.exception("the reason could not be left in the database", partition=number)

    def hold(self, consumer: AIOKafkaConsumer, number: int, seconds: float) -> None:
        self.store.forget(number)
        self.due[number] = monotonic() + seconds
        consumer.pause(*(one for one in consumer.assignment() if one.partition == number))

    async def _load(self, consumer: AIOKafkaConsumer, numbers: Sequence[int]) -> None:
        """Read on from the stored positions of these partition numbers."""
        try:
            beginnings, ends = await self._bounds(consumer, numbers)
        except Stopped as reason:
            for number in numbers:
                await self._stop(consumer, number, str(reason))
            return
        except (KafkaError, TimeoutError, Retryable) as error:
            for number in numbers:
                await self.start_over(consumer, number, Retryable(f"where the logs begin and end: {error!r}"))
            return
        for number in numbers:
            try:
                await self._load_one(consumer, number, beginnings, ends)
            except Stopped as reason:
                await self._stop(consumer, number, str(reason))
            except Exception as error:  # noqa: BLE001 whatever it is, it is logged and the partition starts over
                await self.start_over(consumer, number, error)

    async def _bounds(
        self, consumer: AIOKafkaConsumer, numbers: Sequence[int]
    ) -> tuple[Mapping[TopicPartition, int], Mapping[TopicPartition, int]]:
        """Where the logs begin and end. Raise Stopped when they are not cut into partitions as we are."""
        if not numbers:
            return {}, {}
        for topic in self.topics:
            found = len(consumer.partitions_for_topic(topic) or ())
            if found == 0:
                raise Retryable(f"topic {topic} is not there yet")
            if found != PARTITIONS:
                raise Stopped(
                    f"topic {topic} has {found} partitions, not {PARTITIONS}, so subjects would be filed where their "
                    f"other facts are not. Make it anew with `python -m deploy.topics anew {topic}`. {repair(topic)}"
                )
        logs = self.ours(numbers)
        async with asyncio.timeout(KAFKA_SECONDS):
            return await consumer.beginning_offsets(logs), await consumer.end_offsets(logs)

    async def _load_one(
        self,
        consumer: AIOKafkaConsumer,
        number: int,
        beginnings: Mapping[TopicPartition, int],
        ends: Mapping[TopicPartition, int],
    ) -> None:
        position = await self.store.load(number)
        if position.runs:
            position = position.without(await self.store.dealt_with(position))
        logs = {at.topic: at for at in self.ours([number])}
        starts = {topic: resume(position, topic, beginning=beginnings[at], end=ends[at]) for topic, at in logs.items()}
        for topic in starts.keys() - position.next.keys():
            position = position.begin(topic, starts[topic].offset)
        self.store.passed(position)
        self.through |= await self.store.progress(number)
        self._positions.start(number, starts)
        for topic, start in starts.items():
            consumer.seek(logs[topic], start.offset)
        consumer.resume(*logs.values())
        del self.due[number]


class Rebalances(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka comes without types
    """Takes partitions over and gives them back; what can fail is left to the loop.

    aiokafka swallows what a listener raises and then reads from anywhere, so nothing here may
    wait for a database: an assignment that is superseded while its positions load is simply dropped.
    """

    def __init__(self, counting: Counting, consumer: AIOKafkaConsumer) -> None:
        self._counting = counting
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        async with self._counting.lock:
            self._counting.hand_over(())
        if revoked:
            log.info("partitions given back", partitions=sorted({one.partition for one in revoked}))

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        # First of all and without a pause: anything that is awaited before lets records through.
        self._consumer.pause(*assigned)
        self._counting.hand_over(assigned)
        self._counting.joined = True
        log.info("partitions taken over", partitions=sorted(self._counting.assigned))


def by_partition(polled: Mapping[TopicPartition, Sequence[Record]]) -> dict[int, list[Record]]:
    """The records of each partition number, topic after topic, each in the order of its log."""
    batches: dict[int, list[Record]] = {}
    for at in sorted(polled):
        batches.setdefault(at.partition, []).extend(polled[at])
    return batches
