"""POST of awards, one by one and by the class, against a plain insert of the same body on the same servers."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx
from pymongo import MongoClient

from deploy.local import ports
from deploy.local.processes import ROOT
from deploy.local.state import environment
from shared.contracts.envelope import Event, Fact, Message, fact_message, heartbeat_message
from shared.contracts.roster import Enrolment, Organisation, Program, Student, YearAtSchool
from shared.doors import local_key
from shared.process.settings import Settings
from tests.bench import log, servers
from tests.bench.servers import Servers
from tests.bench.table import Row, alternating

STUDENTS, CREDENTIALS, BATCH = 20_000, 40, 500
FURNISH_SECONDS = 90.0


@dataclass(frozen=True)
class Target:
    """A program that takes awards, and what its processes have cost so far."""

    port: int
    pid: int
    mongo_pid: int
    token: str

    def cpu(self) -> tuple[float, float]:
        return servers.cpu_seconds(self.pid), servers.cpu_seconds(self.mongo_pid)


def fact(subject: str, record: str, state: Fact) -> Message:
    event: Event[Fact] = Event(record_id=record, version=1, state=state)
    return fact_message(type(state), event, subject=subject, at=datetime.now(UTC))


def roster() -> Iterator[Message]:
    """What roster would have said: a program, a calendar, and students with a home and an enrolment."""
    welding = Program(
        program_id="welding", title="Welding", cip_code="48.0508", cluster="Sample", active_from=date(2019, 7, 1)
    )
    cted = Organisation(organisation_id="cted", name="Sample", type="cted", time_zone="UTC")
    yield fact("program/welding", "program/welding", welding)
    yield fact("organisation/cted", "organisation/cted", cted)
    years = (YearAtSchool(school_year="2024-25", school_id="high", district_id="north", grade_level="12"),)
    for number in range(STUDENTS):
        subject = f"student/s{number}"
        enrolled = Enrolment(
            enrolment_id=f"e{number}",
            student_id=f"s{number}",
            program_id="welding",
            organisation_id="central",
            organisation_type="central_campus",
            begin=date(2023, 8, 7),
            end=None,
        )
        yield fact(subject, subject, Student(student_id=f"s{number}", years=years))
        yield fact(subject, f"enrolment/e{number}", enrolled)


def furnish(settings: Settings, url: str, token: str) -> None:
    """Return when the credentials service knows the people, and its catalogue is full."""
    deadline = time.monotonic() + FURNISH_SECONDS
    with MongoClient(settings.mongo_url) as client:
        while client[settings.database("credentials")]["known"].estimated_document_count() < STUDENTS + 2:
            if time.monotonic() > deadline:
                raise RuntimeError("the credentials service has not read what roster said")
            time.sleep(0.2)
    tier = {"program_id": "welding", "tier": "required", "valid_from": "2020-07-01"}
    body = {"title": "Sample", "issuer": "Sample", "type": "Certification", "tiers": [tier]}
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as asked:
        for number in range(CREDENTIALS):
            asked.put(f"/v1/catalogue/c{number}", json=body).raise_for_status()


@contextmanager
def ours(here: Servers) -> Iterator[Target]:
    """The credentials service as it is deployed, its relay publishing meanwhile."""
    settings, log_file = here.settings(), here.folder / "credentials.log"
    url = f"http://127.0.0.1:{settings.http_port}"
    log.publish(settings, "roster", [*roster(), heartbeat_message("roster", datetime.now(UTC))])
    token = local_key.sign(here.keys, {"sub": "bench", "roles": ["service"], "districts": ["*"]})
    with servers.program("credentials", ("-m", "services.credentials"), environment(settings), log_file) as process:
        servers.wait_ready(f"{url}/readyz", process, log_file)
        furnish(settings, url, token)
        yield Target(settings.http_port, process.pid, here.mongo_pid, token)
    here.clear(settings)


@contextmanager
def peer(here: Servers, module: str) -> Iterator[Target]:
    """FastAPI and pydantic: with Motor's `insert_one`, with all that we promise, or with nothing behind."""
    settings = here.settings()
    port, log = ports.any_free(), here.folder / f"{module}.log"
    told_to = {
        "PEER_MONGO_URL": here.mongo_url,
        "PEER_DATABASE": settings.database("peer"),
        "PEER_PORT": str(port),
        "PEER_KAFKA": here.kafka,
        "PEER_TOPIC": settings.topic("credentials"),
        "PEER_JWKS": settings.jwks,
        "PEER_ISSUER": settings.token_issuer,
        "PEER_AUDIENCE": settings.token_audience,
    }
    token = local_key.sign(here.keys, {"sub": "bench", "roles": ["service"], "districts": ["*"]})
    with MongoClient(here.mongo_url) as client:
        students = [{"_id": f"s{number}", "district_id": "north"} for number in range(STUDENTS)]
        client[settings.database("peer")]["students"].insert_many(students, ordered=False)
    with servers.program("peer", ("-m", f"tests.bench.peers.{module}"), told_to, log) as process:
        servers.wait_ready(f"http://127.0.0.1:{port}/readyz", process, log)
        yield Target(port, process.pid, here.mongo_pid, token)
    here.clear(settings)


class Sent:
    """Loads a target again and again, never with the same award twice."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.first = 0

    def load(self, kind: str, *, connections: int, seconds: float) -> dict[str, Any]:
        """One run of the load process against the target."""
        before = self.target.cpu()
        spec = {
            "host": "127.0.0.1",
            "port": self.target.port,
            "path": "/v1/awards" if kind == "awards" else "/v1/awards/batch",
            "token": self.target.token,
            "kind": kind,
            "students": STUDENTS,
            "credentials": CREDENTIALS,
            "rows": BATCH,
            "first": self.first,
            "connections": connections,
            "seconds": seconds,
        }
        command = [sys.executable, "-m", "tests.bench.http_load"]
        ran = subprocess.run(
            command, input=json.dumps(spec), capture_output=True, text=True, timeout=seconds + 60, check=True, cwd=ROOT
        )
        found: dict[str, Any] = json.loads(ran.stdout)
        if set(found["statuses"]) - {"200", "201"}:
            raise RuntimeError(f"{kind}: {found['statuses']}: {found['trouble']}")
        each = 1 if kind == "awards" else BATCH
        self.first += (found["requests"] + connections) * each
        after = self.target.cpu()
        used = [later - earlier for earlier, later in zip(before, after, strict=True)]
        found["rate"] = found["requests"] * each / found["seconds"]
        found["service_cpu_us"], found["mongo_cpu_us"] = (1e6 * one / (found["requests"] * each) for one in used)
        return found


def one_by_one(here: Servers, runs: int) -> list[Row]:
    """64 connections that each send the next award when the last is answered."""
    with (
        ours(here) as target,
        peer(here, "http_promises") as promising,
        peer(here, "http_insert") as other,
        peer(here, "http_nothing") as empty,
    ):
        us, same, them, nothing = Sent(target), Sent(promising), Sent(other), Sent(empty)
        for one in (us, same, them, nothing):
            one.load("awards", connections=16, seconds=4)
        found = alternating(
            runs,
            {
                "ours": lambda: us.load("awards", connections=64, seconds=4),
                "promises": lambda: same.load("awards", connections=64, seconds=4),
                "peer": lambda: them.load("awards", connections=64, seconds=4),
                "nothing": lambda: nothing.load("awards", connections=64, seconds=3),
                "batch": lambda: us.load("batches", connections=2, seconds=4),
            },
        )
    us_, same_, them_, batch = found["ours"], found["promises"], found["peer"], found["batch"]
    cost, mongod = "service_cpu_us", "mongo_cpu_us"
    return [
        Row("POST /v1/awards, 64 connections, against the same promises by FastAPI, Motor, a transaction with an "
            "outbox, and a publisher that polls", us_.of("rate"), same_.of("rate"), goal=2.5, unit="requests/s"),
        Row("the same, p99", us_.of("p99_ms"), same_.of("p99_ms"), goal=0.5, most=True, unit="ms"),
        Row("processor time of a request, its publication included", us_.of(cost), same_.of(cost), unit="µs"),
        Row("the same: mongod's for it", us_.of(mongod), same_.of(mongod), unit="µs"),
        Row("against FastAPI + pydantic + Motor insert_one, which promises nothing", us_.of("rate"), them_.of("rate"),
            goal=0.8, unit="requests/s"),
        Row("the same, p99", us_.of("p99_ms"), them_.of("p99_ms"), unit="ms"),
        Row("processor time of a request", us_.of(cost), them_.of(cost), unit="µs"),
        Row("the same: mongod's for it", us_.of(mongod), them_.of(mongod), unit="µs"),
        Row("the most that FastAPI + pydantic answer with no database at all, against the same insert",
            found["nothing"].of("rate"), them_.of("rate"), unit="requests/s"),
        Row("processor time of such an empty request", found["nothing"].of(cost), them_.of(cost), unit="µs"),
        Row("batches of 500 awards", batch.of("rate"), goal=10_000, unit="awards/s"),
        Row("processor time of an award in a batch, its publication included", batch.of(cost), unit="µs"),
        Row("the same: mongod's for it", batch.of(mongod), unit="µs"),
    ]  # fmt: skip
