"""A made-up district's events on a real log, and whether what is counted from it is right."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from pymongo import AsyncMongoClient

from services.aggregator.domain.counts import read
from shared.contracts.envelope import Message, heartbeat_message
from shared.kafka import Publisher, partition_of
from shared.process.settings import Settings
from shared.producer.producers import PRODUCERS
from tests.histories import Said
from tests.history_days import CAMPUSES, DAYS, PROGRAMS, YEARS, year_of
from tests.log_ends import end_offsets
from tests.oracle import final, tally

AS_OF = [date.fromisoformat(day) for day in ("2025-05-20", "2025-09-15", "2026-05-21", "2028-01-01")]
TIERS = ("required", "preferred", "relevant", "other")
KINDS = ("completion", "completion", "award", "award", "assessment", "enrolment", "demographics", "student")


@dataclass
class District:
    """Students with completions, demographics and awards, ever corrected; the same for the same seed."""

    seed: int
    students: int = 60
    told: list[Said] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)
        self._versions: Counter[tuple[str, str]] = Counter()

    def goes_on(self, events: int) -> list[Said]:
        """The next events; about one in ten comes twice, about one in twelve is a withdrawal."""
        new = []
        for _ in range(events):
            person = f"made-up-{self._draw.randrange(self.students)}"
            record, state = self._record(person)
            subject = f"student/{person}"
            self._versions[subject, record] += 1
            void = self._draw.random() < 0.08
            new.append(Said(subject, record, self._versions[subject, record], None if void else state))
            if self._draw.random() < 0.1:
                new.append(self._draw.choice(new))
        self.told += new
        return new

    def _record(self, person: str) -> tuple[str, dict[str, Any]]:
        kind = self._draw.choice(KINDS)
        number = self._draw.randrange(2)
        if kind == "completion":
            return f"completion/{person}-{number}", self._completion(person)
        if kind == "award":
            return f"award/{person}-{number}", self._award(person)
        if kind == "assessment":
            return f"assessment/{person}-{number}", self._assessment(person)
        if kind == "enrolment":
            return f"enrolment/{person}-{number}", self._enrolment(person)
        if kind == "student":
            homes = [{"school_year": year, "district_id": self._draw.choice(("d1", "d2", None))} for year in YEARS]
            return f"student/{person}", {"student_id": person, "years": homes}
        year = self._draw.choice(YEARS)
        sex = self._draw.choice(("female", "male"))
        return f"demographics/{person}-{year}", {"student_id": person, "school_year": year, "sex": sex}

    def _completion(self, person: str) -> dict[str, Any]:
        begin, end = sorted(self._draw.sample(DAYS, 2))
        campus = self._draw.choice(sorted(CAMPUSES))
        return {
            "completion_id": "c",
            "student_id": person,
            "program_id": self._draw.choice(PROGRAMS),
            "organisation_id": campus,
            "organisation_type": CAMPUSES[campus],
            "started_on": begin,
            "completed_on": end,
            "school_year": year_of(end),
        }

    def _enrolment(self, person: str) -> dict[str, Any]:
        campus = self._draw.choice(sorted(CAMPUSES))
        return {
            "enrolment_id": "e",
            "student_id": person,
            "program_id": self._draw.choice(PROGRAMS),
            "organisation_id": campus,
            "organisation_type": CAMPUSES[campus],
            "begin": self._draw.choice(DAYS[:6]),
            "end": self._draw.choice((None, *DAYS[6:])),
            "concentrator_on": self._draw.choice((None, *DAYS)),
        }

    def _assessment(self, person: str) -> dict[str, Any]:
        phase = self._draw.choice((None, "pre", "post"))
        taken = self._draw.choice(DAYS)
        return {
            "assessment_id": "t",
            "student_id": person,
            "program_id": self._draw.choice(PROGRAMS),
            "assessment_kind": "program" if phase else "technical_skills",
            "phase": phase,
            "form": "a",
            "scale": "percent",
            "taken_on": taken,
            "school_year": year_of(taken),
            "share": self._draw.choice(("1/2", "3/5", "4/5")),
            "passed": self._draw.random() < 0.7,
        }

    def _award(self, person: str) -> dict[str, Any]:
        on = self._draw.choice(DAYS)
        return {
            "award_id": "a",
            "student_id": person,
            "credential_code": "C1",
            "credential_type": "license",
            "result": self._draw.choice(("passed", "passed", "failed")),
            "school_year": year_of(on),
            "program_id": self._draw.choice((None, *PROGRAMS)),
            "organisation_id": "north",
            "taken_on": on,
            "awarded_on": on,
            "revoked_on": self._draw.choice((None, None, None, on)),
            "tiers": {program: self._draw.choice(TIERS) for program in PROGRAMS},
            "verifications": [
                {"level": "issuer_lookup", "verified_on": self._draw.choice(DAYS), "outcome": "confirmed"}
            ],
        }


def topic_of(settings: Settings, said: Said) -> str:
    return settings.topic(next(one.name for one in PRODUCERS if said.kind in one.kinds))


async def publish(settings: Settings, told: Sequence[Said]) -> None:
    """Return when Kafka has all of it, and a heartbeat behind it."""
    for service in (one.name for one in PRODUCERS):
        topic = settings.topic(service)
        publisher = Publisher(settings, topic)
        try:
            await publisher.publish(said.message() for said in told if topic_of(settings, said) == topic)
            await publisher.publish_to_all_partitions(heartbeat_message(service, datetime.now(UTC)))
        finally:
            await publisher.close()


@asynccontextmanager
async def producer(settings: Settings):
    """A producer that sends whatever it is given, readable or not."""
    raw = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers, acks="all", max_request_size=4 << 20)
    await raw.start()
    try:
        yield raw
    finally:
        await raw.stop()


async def send(raw: AIOKafkaProducer, topic: str, message: Message, *, partition: int | None = None) -> None:
    number = partition_of(message.key or b"") if partition is None else partition
    await raw.send_and_wait(topic, message.value, key=message.key, headers=message.headers, partition=number)


@asynccontextmanager
async def kept(settings: Settings):
    """The aggregator's database, looked at from outside."""
    client = AsyncMongoClient(settings.mongo_url, tz_aware=True)
    try:
        yield client[settings.database("aggregator")]
    finally:
        await client.close()


async def wait_counted(settings: Settings, *, seconds: float = 60.0, since: datetime | None = None) -> float:
    """Return when every place is at its log's end, but for heartbeats noted and not stored; how long it took.

    `since`: before the last of several publish() in a row. Two of their heartbeats may be the last of a log, and stay
    unstored until more comes; what was said since then was said behind all facts.
    """
    began = time.monotonic()
    topics = [settings.topic(one.name) for one in PRODUCERS]
    ends = await end_offsets(settings, topics)
    async with kept(settings) as db:
        while True:
            places = {one["_id"]: one["next"] async for one in db["places"].find()}
            heard = {(one["topic"], one["partition"]): one["through"] async for one in db["progress"].find()}
            # publish() puts one heartbeat behind everything in each partition.
            behind = [
                at
                for at, end in ends.items()
                if at not in heard
                or (places.get(at[1], {}).get(at[0], 0) < end - 1 and (since is None or heard[at] < since))
            ]
            if not behind:
                return time.monotonic() - began
            if time.monotonic() - began > seconds:
                raise AssertionError(f"not counted after {seconds:g} s: {sorted(behind)[:5]}; places {places}")
            await asyncio.sleep(0.1)


async def counted(settings: Settings, as_of: date) -> dict[tuple[str, ...], tuple[int, int]]:
    """Every count that is not 0, the shares of the partitions added up."""
    found: dict[tuple[str, ...], list[int]] = {}
    async with kept(settings) as db:
        async for one in db["counts"].find():
            share = read(one["y"], one.get("num", {}), one.get("den", {}), as_of)
            cell = found.setdefault((one["m"], one["s"], one["y"], one["d"], one["x"]), [0, 0])
            cell[0] += share.numerator
            cell[1] += share.denominator
    return {cell: (num, den) for cell, (num, den) in found.items() if num or den}


async def assert_exact(settings: Settings, told: Sequence[Said]) -> None:
    """The counts are those of a recount of everything that was told, on several days."""
    records = final((said.subject, said.record, said.version, said.state) for said in told)
    for as_of in AS_OF:
        expected = tally(records, as_of)
        found = await counted(settings, as_of)
        wrong = {cell: (found.get(cell), expected.get(cell)) for cell in found.keys() | expected.keys()}
        wrong = {cell: pair for cell, pair in wrong.items() if pair[0] != pair[1]}
        assert not wrong, f"{len(wrong)} cells differ on {as_of} (counted, expected): {dict(list(wrong.items())[:5])}"
