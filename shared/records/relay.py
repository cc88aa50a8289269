"""The relay publishes to Kafka what a service has written, each version at least once, and says how far it is."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import structlog

from shared.contracts.catalogue import BY_KIND
from shared.contracts.envelope import Event, Fact, HeldBack, Message, Outgoing, fact_message, heartbeat_message
from shared.errors import Retryable, Stopped
from shared.kafka import MESSAGE_BYTES, PARTITIONS, Publisher
from shared.mongo import Database, InSession, MongoError, causal, unavailable
from shared.process import metrics
from shared.process.progress import Loop
from shared.process.settings import Settings
from shared.records.beats import Beat, next_beat
from shared.records.lease import Lease
from shared.records.outbox import Outbox, Unpublished
from shared.records.record import Record
from shared.records.store import Records

# The facts of some records, by record key, resolved from the database as it is now. A void
# record, or one that is absent from the answer, concerns nobody.
FactsOf = Callable[[Sequence[Record]], Awaitable[Mapping[str, Sequence[Outgoing]]]]
# The same, by what a view of the database says. The relay's is causally behind its reading of the
# records: a reference that was changed before a record's version was raised is seen with that version.
FactsIn = Callable[[Database], FactsOf]

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 2.0
LONGEST_HOLD_SECONDS = 30.0
RELEASE_WITHIN_SECONDS = 2.0
GATHER_SECONDS = 0.01

log = structlog.get_logger(__name__)


async def relay(
    *,
    service: str,
    records: Records,
    facts_in: FactsIn,
    publisher: Publisher,
    settings: Settings,
    loop: Loop | None = None,
) -> None:
    """Publish until told to end; while MongoDB or Kafka is away, wait and try again.

    One relay of a service is active, by a lease. Two would only publish some versions twice.
    """
    loop = loop or Loop("relay")
    active = _Relay(service, records, facts_in, publisher, settings, loop)
    pause = FIRST_PAUSE_SECONDS
    loop.turned()
    try:
        while not loop.ending.is_set():
            try:
                await active.turn()
                loop.well()
                pause = FIRST_PAUSE_SECONDS
            except (MongoError, Retryable, Stopped) as error:
                loop.failed(error)
                metrics.RELAY_FAILURES.labels(service).inc()
                log.warning("the relay waits", service=service, reason=str(error), seconds=pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
    finally:
        await active.stop()


@dataclass(frozen=True, slots=True)
class _Ready:
    """A record and what Kafka is to be told about it."""

    record: Record
    subjects: frozenset[str]
    messages: Sequence[Message]


@dataclass(frozen=True, slots=True)
class _Held:
    """A record whose facts could not be made: how often that was tried, when it is again, and since when it waits."""

    tries: int
    again_at: float
    since: datetime


class _Relay:
    def __init__(
        self, service: str, records: Records, facts_in: FactsIn, publisher: Publisher, settings: Settings, loop: Loop
    ) -> None:
        self._loop = loop
        self._service = service
        self._records = records
        self._facts_in = facts_in
        self._publisher = publisher
        self._settings = settings
        self._outbox = Outbox(records)
        self._lease = Lease(records.database, "relay", seconds=settings.relay_lease_seconds)
        self._held: dict[str, _Held] = {}
        self._measured_at = self._beat_at = float("-inf")

    async def turn(self) -> None:
        """Publish the oldest unpublished records, and a heartbeat when one is due.

        1. When a heartbeat is due, renew the lease and raise the heartbeat's number; T is when MongoDB did.
        2. Read what is unpublished, and then what its facts are made of: majority data, causally
           after 1, so that nothing which was acknowledged before T is missed, and no record is told
           with an older reference than it was raised for, even when a primary is being replaced.
        3. Publish it, and wait until Kafka has acknowledged all.
        4. Take the marks off those that no write has changed meanwhile.
        5. If 2 found all live writes that there were, say in every partition that all that was
           acknowledged before T is in the log, and how many records are held back from it since when.

        A crash before 4 publishes the same versions again, which consumers skip; none is lost.
        """
        await self._measure()
        if not await self._holds_lease():
            self._loop.has(0)
            await asyncio.sleep(self._lease.seconds / 5)
            return
        limit = self._settings.relay_batch_records
        self._records.written.clear()
        beats = monotonic() - self._beat_at >= self._settings.heartbeat_seconds
        async with causal(self._records.database.client) as session:
            holds = await self._lease.renew(session) if beats else None
            beat = await next_beat(self._records.collection, session) if holds else None
            found = await self._outbox.oldest(limit, but=self._held_back(), session=session)
            facts_of = self._facts_in(InSession(self._records.database, session))
            ready = await self._make_ready(found, facts_of) if found else []
        found_all = len(found) < limit
        await self._publish(ready)
        if found_all:
            self._forget_settled(one.record.key for one in found)
        all_live_out = found_all or not found[-1].live
        if beat and all_live_out:
            await self._beat(beat)
        if found_all:
            await self._rest()

    async def stop(self) -> None:
        """Let another process's relay go on at once, when MongoDB can be told."""
        metrics.RELAY_IS_HOLDER.labels(self._service).set(0)
        with suppress(MongoError, TimeoutError):
            async with asyncio.timeout(RELEASE_WITHIN_SECONDS):
                await self._lease.release()

    async def _publish(self, ready: Sequence[_Ready]) -> None:
        self._loop.has(len(ready))
        if not ready:
            return
        await self._outbox.note_subjects(
            {one.record.key: new for one in ready if (new := one.subjects.difference(one.record.subjects))}
        )
        with metrics.RELAY_PUBLISH_SECONDS.labels(self._service).time():
            await self._publisher.publish(message for one in ready for message in one.messages)
        await self._outbox.published(one.record for one in ready)
        self._loop.committed()
        self._loop.has(0)
        facts = sum(len(one.subjects) for one in ready)
        metrics.RELAY_PUBLISHED.labels(self._service, "state").inc(facts)
        metrics.RELAY_PUBLISHED.labels(self._service, "withdrawn").inc(sum(len(one.messages) for one in ready) - facts)

    async def _make_ready(self, found: Sequence[Unpublished], facts_of: FactsOf) -> list[_Ready]:
        """Make the records' messages. A record whose messages cannot be made is held back alone and tried later."""
        records = [one.record for one in found]
        try:
            facts = await facts_of(records)
            ready = [_ready(record, facts.get(record.key, ())) for record in records]
        except Exception as error:
            if unavailable(error):
                raise
            if len(records) > 1:
                middle = len(records) // 2
                first = await self._make_ready(found[:middle], facts_of)
                return first + await self._make_ready(found[middle:], facts_of)
            self._hold(found[0])
            log.exception("a record's facts cannot be made; others go on", service=self._service, record=records[0].key)
            return []
        for record in records:
            self._held.pop(record.key, None)
        return ready

    def _hold(self, one: Unpublished) -> None:
        before = self._held.get(one.record.key)
        tries = before.tries + 1 if before else 1
        # Written again meanwhile, it waits since the first write that nobody was told of.
        since = min(before.since, one.since) if before else one.since
        again_at = monotonic() + min(LONGEST_HOLD_SECONDS, 0.5 * 2.0 ** min(tries, 10))
        self._held[one.record.key] = _Held(tries, again_at, since)

    def _held_now(self) -> HeldBack:
        return HeldBack(len(self._held), min((held.since for held in self._held.values()), default=None))

    def _held_back(self) -> list[str]:
        now = monotonic()
        return [key for key, held in self._held.items() if held.again_at > now]

    def _forget_settled(self, found: Iterable[str]) -> None:
        """Forget those that were due again and are not unpublished any more."""
        waiting = set(self._held_back()).union(found)
        self._held = {key: held for key, held in self._held.items() if key in waiting}

    async def _beat(self, beat: Beat) -> None:
        # Held up past its term, it would come behind those of the next holder, with a lower number.
        if not self._lease.surely_held:
            return
        await self._publisher.publish_to_all_partitions(
            heartbeat_message(self._service, beat.at, beat.number, self._held_now())
        )
        self._beat_at = monotonic()
        metrics.RELAY_PUBLISHED.labels(self._service, "heartbeat").inc(PARTITIONS)
        metrics.RELAY_HEARTBEAT_AT.labels(self._service).set(beat.at.timestamp())

    async def _rest(self) -> None:
        """Wait for a write of this process, and a moment for others; at most until the next sweep."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.relay_sweep_seconds):
                await self._records.written.wait()
                # At 200 writes a second this makes four times fewer turns of them.
                await asyncio.sleep(GATHER_SECONDS)

    async def _holds_lease(self) -> bool:
        holds = await self._lease.held()
        metrics.RELAY_IS_HOLDER.labels(self._service).set(holds)
        return holds

    async def _measure(self) -> None:
        held = self._held_now()
        metrics.RELAY_HELD.labels(self._service).set(held.records)
        metrics.RELAY_HELD_SINCE.labels(self._service).set(held.since.timestamp() if held.since else 0.0)
        if monotonic() - self._measured_at >= self._settings.heartbeat_seconds:
            self._measured_at = monotonic()
            waiting, oldest = await self._records.unpublished()
            metrics.RELAY_UNPUBLISHED.labels(self._service).set(waiting)
            metrics.RELAY_OLDEST_UNPUBLISHED_SECONDS.labels(self._service).set(oldest or 0.0)


def _ready(record: Record, facts: Sequence[Outgoing]) -> _Ready:
    """One event for each subject that the record concerns, `withdrawn` for each that it no longer does.

    Raise ValueError for an event that no broker would take.
    """
    at = record.updated_at
    current = {} if record.void else dict(facts)
    messages = [
        fact_message(
            type(fact), Event(record_id=record.key, version=record.version, state=fact), subject=subject, at=at
        )
        for subject, fact in current.items()
    ]
    for subject in record.subjects:
        if subject not in current:
            nothing: Event[Fact] = Event(record_id=record.key, version=record.version, state=None)
            messages.append(fact_message(BY_KIND[record.kind], nothing, subject=subject, at=at))
    if any(len(message.value) > MESSAGE_BYTES for message in messages):
        raise ValueError(f"{record.key} has an event of more than {MESSAGE_BYTES} bytes")
    return _Ready(record, frozenset(current), messages)
