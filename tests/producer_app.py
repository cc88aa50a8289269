"""Any producer in the test's own process, what roster told it, and callers of each role."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import msgspec

from shared.contracts.envelope import Event, Fact, Message, fact_message, heartbeat_message
from shared.contracts.roster import (
    Enrolment,
    Guardian,
    Organisation,
    Program,
    Student,
    TermBegins,
    YearAtSchool,
    alias_digest,
)
from shared.doors import local_key
from shared.kafka import PARTITIONS, partition_of
from shared.process.progress import Loop
from shared.process.settings import Settings
from shared.producer import life
from shared.producer.desk import Producer
from shared.producer.life import Parts
from shared.roster_copy.projection import Projection
from tests.apps import Apps
from tests.servers import NO_KAFKA

NOW = datetime(2025, 6, 15, 12, tzinfo=UTC)
OFFSETS = count()
Clock = Callable[[], datetime]
APPS: dict[tuple[str, Clock], Apps] = {}
START_SECONDS = 30


@dataclass(frozen=True)
class Came:
    """A record as a consumer gets it."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
    topic: str = "roster"
    partition: int = 0
    offset: int = field(default_factory=lambda: next(OFFSETS))


def came(message: Message, partition: int | None = None) -> Came:
    place = partition_of(message.key) if partition is None and message.key else partition or 0
    return Came(message.key, message.value, tuple(message.headers), partition=place)


def event(subject: str, record: str, fact: type[Fact] | Fact, version: int = 1) -> Came:
    """One fact under a subject; a type instead of a fact is its withdrawal."""
    withdrawn = isinstance(fact, type)
    told: Event[Fact] = Event(record_id=record, version=version, state=None if withdrawn else fact)
    return came(fact_message(fact if withdrawn else type(fact), told, subject=subject, at=NOW))


def student(id: str, *aliases: str, district: str | None = "north", version: int = 1) -> Came:
    years = (YearAtSchool(school_year="2024-25", school_id="high", district_id=district, grade_level="12"),)
    digests = tuple(alias_digest(alias) for alias in aliases)
    return event(f"student/{id}", f"student/{id}", Student(student_id=id, years=years, alias_digests=digests), version)


def merged(who: str, into: str | None, version: int, *aliases: str, district: str | None = "south") -> Came:
    """What roster tells to a merged person's own subject; into None: that they are two again."""
    fact = msgspec.json.decode(student(who, *aliases, district=district).value or b"")["state"]
    return event(f"student/{who}", f"student/{who}", msgspec.convert({**fact, "merged_into": into}, Student), version)


def opted_out(who: str, version: int) -> Came:
    """The family has said no to being announced."""
    return event(f"student/{who}", f"student/{who}", Student(student_id=who, directory_opt_out=True), version)


def enrolment(
    id: str,
    who: str,
    program: str = "welding",
    at: str = "central",
    *,
    begin: str = "2024-08-05",
    end: str | None = None,
    version: int = 1,
) -> Came:
    fact = Enrolment(
        enrolment_id=id,
        student_id=who,
        program_id=program,
        organisation_id=at,
        organisation_type="central_campus",
        begin=date.fromisoformat(begin),
        end=date.fromisoformat(end) if end else None,
    )
    return event(f"student/{who}", f"enrolment/{id}", fact, version)


def guardian(
    id: str,
    who: str,
    *,
    language: str | None = None,
    relation: str = "parent",
    begin: str = "2024-08-05",
    end: str | None = None,
    version: int = 1,
) -> Came:
    fact = Guardian(
        tie_id=f"{who}-{id}",
        student_id=who,
        guardian_id=id,
        relation=relation,
        begin=date.fromisoformat(begin),
        end=date.fromisoformat(end) if end else None,
        preferred_language=language,
    )
    return event(f"student/{who}", f"guardian/{who}-{id}", fact, version)


def program(id: str) -> Came:
    fact = Program(program_id=id, title=id, cip_code="48.0508", cluster="Sample", active_from=date(2019, 7, 1))
    return event(f"program/{id}", f"program/{id}", fact)


def cted(*, starts: str = "07-01", zone: str = "America/Phoenix", version: int = 1) -> Came:
    fact = Organisation(organisation_id="cted", name="Sample", type="cted", time_zone=zone, school_year_starts=starts)
    return event("organisation/cted", "organisation/cted", fact, version)


def campus(id: str, type: str = "central_campus", *, terms: Sequence[tuple[str, str]] = (), version: int = 1) -> Came:
    """A place of teaching; `terms` are pairs of a school year and a day on which one begins."""
    told = tuple(
        TermBegins(school_year=year, term=f"term-{number}", begins=date.fromisoformat(day))
        for number, (year, day) in enumerate(terms, 1)
    )
    fact = Organisation(organisation_id=id, name="Sample", type=type, parent_id="cted", terms=told)
    return event(f"organisation/{id}", f"organisation/{id}", fact, version)


def heartbeats(through: datetime) -> list[Came]:
    message = heartbeat_message("roster", through)
    return [came(message, partition) for partition in range(PARTITIONS)]


class Served:
    """A client of a producer; `by(...)` is another caller."""

    def __init__(self, client: httpx.AsyncClient, keys: Path, parts: Parts, claims: dict[str, Any]) -> None:
        self.client = client
        self.keys = keys
        self.parts = parts
        self.desk = parts.desk
        self.claims = claims
        self.headers = {"Authorization": f"Bearer {local_key.sign(keys, {'sub': 'manager-1', **claims})}"}

    def by(self, role: str, **claims: Any) -> Self:
        return type(self)(self.client, self.keys, self.parts, {"roles": [role], **claims})

    def projection(self) -> Projection:
        return self.parts.projection()

    async def told(self, *records: Came) -> None:
        """Roster has published these."""
        await self.projection().learn(records)

    async def all_heard(self) -> None:
        """Roster has been heard in every partition: what is unknown now is unknown for good."""
        await self.told(*heartbeats((await self.parts.desk.roster.server_time()).replace(year=2100)))

    async def ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        return await self.client.request(method, f"/v1{path}", headers={**self.headers, **(headers or {})}, **more)

    async def get(self, path: str, status: int = 200, **params: Any) -> Any:
        response = await self.ask("GET", path, params=params)
        assert response.status_code == status, response.text
        return response.json()

    async def load(self, kind: str, text: str, status: int = 200, **params: Any) -> Any:
        response = await self.ask(
            "POST", f"/{kind}/imports", content=text.encode(), headers={"Content-Type": "text/csv"}, params=params
        )
        assert response.status_code == status, response.text
        return response.json()

    async def people(self) -> None:
        """Two programs, three students of them, and a calendar."""
        await self.told(
            cted(),
            campus("central"),
            campus("south-campus", "satellite_campus"),
            program("welding"),
            program("nursing"),
            student("p1", "stateStudentId:900001", "north-sis:u-1"),
            student("p2"),
            student("p3", district="south"),
            enrolment("e1", "p1"),
            enrolment("e2", "p2", at="south-campus"),
            enrolment("e3", "p3", "nursing"),
            *heartbeats(NOW.replace(year=2020)),
        )


S = TypeVar("S", bound=Served)


def usual() -> datetime:
    """The time that it is for whoever asks for no clock of their own."""
    return NOW


@asynccontextmanager
async def started(
    producer: Producer,
    settings: Settings,
    keys: Path,
    client_of: type[S] = Served,
    *,
    now: Clock = usual,
    **changes: Any,
) -> AsyncIterator[S]:
    """Any producer, ready, by this clock; the caller is a data manager of everything."""
    settings = settings.model_copy(update={"projection_wait_seconds": 0.4, **changes})
    made = Apps(lambda settings: life.build(producer, settings, now=now))
    apps = APPS.setdefault((producer.name, now), made)
    with apps.lent(settings) as app:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=f"http://{producer.name}")
        async with app.router.lifespan_context(app), client:
            parts = app.state.parts
            # What a start finishes must not meet what a test leaves unfinished.
            async with asyncio.timeout(START_SECONDS):
                while not parts.prepared.is_set() or (producer.each_day and parts.day is None):
                    await asyncio.sleep(0.01)
            if settings.kafka_bootstrap_servers == NO_KAFKA:
                await at_rest(parts.relaying, parts.learning, parts.days)
            yield client_of(client, keys, parts, {"roles": ["data_manager"], "districts": ["*"]})


async def at_rest(*loops: Loop) -> None:
    """End what can neither publish nor hear: each time it began again, it would follow what a test itself has told."""
    tasks = [loop.task for loop in loops if loop.task]
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
