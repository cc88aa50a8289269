"""A small made-up district, counted by the aggregator's own code into a real database."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from deploy.local import ports
from services.aggregator.counting.aggregate import aggregate
from services.aggregator.counting.heartbeats import Passed
from services.aggregator.counting.reading import read
from services.aggregator.counting.store import MongoStore
from services.insights.main import build
from shared import mongo
from shared.contracts.credentials import Assessment, Award, Verification
from shared.contracts.envelope import NOTHING_HELD, Event, Fact, HeldBack, Message, fact_message
from shared.contracts.roster import Completion, Demographics, Enrolment, Organisation, Program, Student, YearAtSchool
from shared.doors import local_key
from shared.kafka import partition_of
from shared.process.settings import Settings
from shared.producer.producers import PRODUCERS
from shared.school_year import school_year_of
from tests.apps import Apps

NOW = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)
PROGRAMS = {"welding": "Welding", "nursing": "Nursing assistant", "drones": "Drones"}
PLACES = {
    "mock": ("Mock career district", "cted", None),
    "north": ("Northern mock district", "district", "mock"),
    "south": ("Southern mock district", "district", "mock"),
    "northwest": ("Northwest campus", "central_campus", "mock"),
    "east": ("East campus", "central_campus", "mock"),
    "sat": ("Satellite at mock high", "satellite_campus", "north"),
}


@dataclass(frozen=True)
class LogRecord:
    """A record as the consumer would hand it over."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    timestamp: int = 0


@dataclass
class World:
    """Writes facts through the aggregator's hot path, as if they had come from the log."""

    settings: Settings
    store: MongoStore
    client: Any
    offsets: dict[tuple[str, int], int] = field(default_factory=dict)
    versions: dict[tuple[str, str], int] = field(default_factory=dict)

    async def tell(self, *told: "Told") -> None:
        """Count (subject, record id, state or None, type), partition by partition."""
        batches: dict[int, list[LogRecord]] = {}
        for subject, record_id, state, kind in told:
            record = self._record(subject, record_id, state, kind)
            batches.setdefault(record.partition, []).append(record)
        for partition, batch in batches.items():
            await aggregate(partition, batch, self.store, read)

    def _record(self, subject: str, record_id: str, state: Fact | None, kind: type[Fact]) -> LogRecord:
        version = self.versions[subject, record_id] = self.versions.get((subject, record_id), 0) + 1
        event: Event[Fact] = Event(record_id=record_id, version=version, state=state)
        return self.record(fact_message(kind, event, subject=subject, at=NOW), kind.service)

    def record(self, message: Message, service: str) -> LogRecord:
        """The next record of a service's log."""
        partition, topic = partition_of(message.key or b""), self.settings.topic(service)
        offset = self.offsets.get((topic, partition), 0)
        self.offsets[topic, partition] = offset + 1
        return LogRecord(topic, partition, offset, message.key, message.value, list(message.headers))

    async def heartbeat(
        self,
        through: datetime = NOW,
        partitions: Iterable[int] = range(12),
        held_back: Mapping[str, HeldBack] = MappingProxyType({}),
    ) -> None:
        """Both services have said that all until then is out, and the aggregator has passed it."""
        numbers, passed = list(partitions), Passed()
        for service in (one.name for one in PRODUCERS):
            topic = self.settings.topic(service)
            passed.through |= {(topic, number): through for number in numbers}
            passed.held_back |= {(topic, number): held_back.get(service, NOTHING_HELD) for number in numbers}
        await self.store.note(passed)

    async def district(self) -> None:
        """Programs and places, without anybody in them."""
        programs = [
            Program(program_id=key, title=title, cip_code="00.0000", cluster="mock", active_from=date(2020, 7, 1))
            for key, title in PROGRAMS.items()
        ]
        places = [
            Organisation(
                organisation_id=key,
                name=name,
                type=kind,  # type: ignore[arg-type]
                parent_id=parent,
                time_zone="America/Phoenix" if kind == "cted" else None,
            )
            for key, (name, kind, parent) in PLACES.items()
        ]
        await self.tell(
            *((f"program/{one.program_id}", f"program/{one.program_id}", one, Program) for one in programs),
            *((f"organisation/{one.organisation_id}",) * 2 + (one, Organisation) for one in places),
        )

    async def complete(self, student: str, on: date, **more: Any) -> None:
        """See `completed`."""
        await self.tell(*completed(student, on, **more))

    async def award(self, student: str, on: date, **more: Any) -> None:
        """See `awarded`."""
        await self.tell(*awarded(student, on, **more))


Told = tuple[str, str, Fact | None, type[Fact]]


def completed(student: str, on: date, *, program="welding", campus="northwest", district="north") -> list[Told]:
    """A student of a district completes a program."""
    kind: Any = PLACES[campus][1]
    year = school_year_of(on)
    home = YearAtSchool(school_year=year, school_id="mock-high", district_id=district, grade_level="12")
    completion = Completion(
        completion_id=f"{student}-{program}",
        student_id=student,
        program_id=program,
        organisation_id=campus,
        organisation_type=kind,
        started_on=on - timedelta(days=650),
        completed_on=on,
        school_year=year,
    )
    groups = Demographics(student_id=student, school_year=year, sex="female", low_income=True)
    key = f"student/{student}"
    return [
        (key, f"completion/{student}-{program}", completion, Completion),
        (key, key, Student(student_id=student, years=(home,)), Student),
        (key, f"demographics/{student}-{year}", groups, Demographics),
    ]


def awarded(student: str, on: date, *, tier="required", program="welding", confirmed=False, **more) -> list[Told]:
    """A student is awarded a credential that is aligned to the program."""
    looked = Verification(level="issuer_lookup", verified_on=on, outcome="confirmed")
    award = Award(
        award_id=f"{student}-award",
        student_id=student,
        credential_code="MOCK-1",
        credential_type="certification",
        result="passed",
        school_year=school_year_of(on),
        program_id=program,
        organisation_id="northwest",
        awarded_on=on,
        tiers={program: tier},
        verifications=(looked,) if confirmed else (),
        **more,
    )
    return [(f"student/{student}", f"award/{student}-award", award, Award)]


def sat(student: str, on: date, *, passed=True, program="welding") -> list[Told]:
    """A student of a program at a central campus sits its technical skills assessment."""
    enrolment = Enrolment(
        enrolment_id=f"{student}-{program}",
        student_id=student,
        program_id=program,
        organisation_id="northwest",
        organisation_type="central_campus",
        begin=on - timedelta(days=200),
    )
    assessment = Assessment(
        assessment_id=f"{student}-sat",
        student_id=student,
        program_id=program,
        assessment_kind="technical_skills",
        form="spring-b",
        scale="items",
        taken_on=on,
        school_year=school_year_of(on),
        passed=passed,
        organisation_id="northwest",
        organisation_type="central_campus",
    )
    key = f"student/{student}"
    return [
        (key, f"enrolment/{student}-{program}", enrolment, Enrolment),
        (key, f"assessment/{student}-sat", assessment, Assessment),
    ]


def settings_of(prefix: str, mongo_url: str, keys: Path) -> Settings:
    """Settings without a Kafka: insights needs none."""
    return Settings(
        mongo_url=mongo_url, database_prefix=prefix, topic_prefix=f"{prefix}-", jwks=str(keys / "jwks.json")
    )


async def open_world(settings: Settings) -> World:
    """An empty world over the aggregator's database of these settings; close it with `close_world`."""
    client = mongo.connect(settings)
    store = MongoStore(client, client[settings.database("aggregator")], cache_subjects=1000)
    await store.prepare(range(12))
    return World(settings, store, client)


async def close_world(world: World) -> None:
    await mongo.close(world.client)


Ask = Callable[..., Awaitable[httpx.Response]]


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Hands:
    """The clock of an app that is lent: it shows what the clock of the test does."""

    read: Callable[[], datetime]

    def __call__(self) -> datetime:
        return self.read()


def _built(settings: Settings) -> FastAPI:
    hands = Hands(lambda: NOW)
    app = build(settings, clock=hands)
    app.state.test_clock = hands
    return app


APPS = Apps(_built)


@contextmanager
def living(settings: Settings, clock: Callable[[], datetime]) -> Iterator[FastAPI]:
    """The service's app, which goes by this clock."""
    with APPS.lent(settings) as app:
        app.state.test_clock.read = clock
        yield app


@asynccontextmanager
async def asking(settings: Settings, keys: Path, clock: Clock) -> AsyncIterator[Ask]:
    """The service in this process, and one way to ask it."""
    tokens: dict[str, str] = {}
    with living(settings, clock) as app:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://insights")
        async with app.router.lifespan_context(app), client:

            async def ask(claims: dict | None, path: str, *, accept="*/*", cookie=False, language="", chosen=""):
                headers = {"Accept": accept} | ({"Accept-Language": language} if language else {})
                kept = [f"aurora_language={chosen}"] if chosen else []
                if claims is not None:
                    known = json.dumps(claims)
                    token = tokens.setdefault(known, "") or local_key.sign(keys, {"sub": "viewer", **claims})
                    tokens[known] = token
                    kept += [f"aurora_token={token}"] if cookie else []
                    headers |= {} if cookie else {"Authorization": f"Bearer {token}"}
                headers |= {"Cookie": "; ".join(kept)} if kept else {}
                return await client.get(path, headers=headers)

            yield ask


@asynccontextmanager
async def serving(settings: Settings, clock: Callable[[], datetime] = lambda: NOW) -> AsyncIterator[str]:
    """The address of insights, served from this process by a real server whose clock the test sets."""
    async with served(build(settings, clock=clock)) as address:
        yield address


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The address of an app, served from this process by a real server."""
    port = ports.any_free()
    server = uvicorn.Server(uvicorn.Config(app, host=ports.LOOPBACK, port=port, log_config=None))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(20):
        while not server.started:
            await asyncio.sleep(0.02)
    try:
        yield f"http://{ports.LOOPBACK}:{port}"
    finally:
        server.should_exit = True
        await serving


async def three_years(world: World) -> None:
    """2024-25: ten central completers, eight credentialed, one more at a satellite. 2025-26: four, one open.

    Of the ten, six at northwest in welding (five credentialed), four at east in nursing (three);
    seven live in the north, three in the south. 2023-24: two of two.
    """
    told: list[Told] = []
    for number in range(2):
        told += completed(f"old{number}", date(2024, 5, 20))
        told += awarded(f"old{number}", date(2024, 5, 25), confirmed=True)
    for number in range(6):
        told += completed(f"w{number}", date(2025, 5, 20))
    for number in range(4):
        home = "south" if number else "north"
        told += completed(f"n{number}", date(2025, 5, 22), program="nursing", campus="east", district=home)
    for number in range(5):
        tier = "relevant" if number == 4 else "required"
        told += awarded(f"w{number}", date(2025, 8, 1), tier=tier, confirmed=number < 2)
    for number in range(3):
        told += awarded(f"n{number}", date(2025, 4, 1), program="nursing")
    told += completed("s0", date(2025, 5, 20), campus="sat")
    for number in range(3):
        told += completed(f"x{number}", date(2025, 9, 1))
    told += completed("x3", date(2026, 5, 29)) + awarded("x0", date(2026, 1, 10))
    await world.district()
    await world.tell(*told)
    await world.heartbeat()
