"""Credentials beside a real Kafka: what roster publishes arrives, is waited for, and survives what gets killed."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pymongo import MongoClient

from shared.contracts import catalogue
from shared.contracts.envelope import HEARTBEAT_TYPE, Message, heartbeat_message, read_fact
from shared.doors import local_key
from shared.kafka import PARTITIONS, Publisher
from tests.processes import running
from tests.producer_app import Came, cted, enrolment, program, student

OSHA = {
    "title": "OSHA 10",
    "issuer": "Sample",
    "type": "Certification",
    "tiers": [{"program_id": "welding", "tier": "required", "valid_from": "2020-07-01"}],
}
WORLD = (cted(), program("welding"), student("p1", "sis:u1"), enrolment("e1", "p1"))


class Roster:
    """What roster would publish."""

    def __init__(self, settings):
        self.publisher = Publisher(settings, settings.topic("roster"))

    async def tells(self, *records: Came) -> None:
        await self.publisher.publish([Message(one.key, one.value, list(one.headers)) for one in records])

    async def is_heard(self, through: datetime | None = None) -> None:
        """A minute ahead, so that no clock's grain matters."""
        at = through or datetime.now(UTC) + timedelta(minutes=1)
        await self.publisher.publish_to_all_partitions(heartbeat_message("roster", at))


@pytest.fixture(scope="session")
def mongo_url(failing_mongo_url):
    return failing_mongo_url


@pytest.fixture
async def roster(settings):
    opened = Roster(settings)
    yield opened
    await opened.publisher.close()


@pytest.fixture
def token(keys):
    return local_key.sign(keys, {"sub": "manager-1", "roles": ["data_manager"], "districts": ["*"]})


@pytest.fixture
def client(token):
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=20) as opened:
        yield opened


def log(client, service, who="p1", *, key="k1", **body):
    sent = {"student_id": who, "credential_code": "osha-10", "result": "passed", "awarded_on": "2025-05-20", **body}
    return client.post(f"{service.url}/v1/awards", json=sent, headers={"Idempotency-Key": key})


def catalogued(client, service):
    put = client.put(f"{service.url}/v1/catalogue/osha-10", json=OSHA)
    assert put.status_code in (200, 201), put.text


async def eventually(look, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not (found := await asyncio.to_thread(look)):
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(0.1)
    return found


@pytest.fixture
def database(settings):
    with MongoClient(settings.mongo_url) as opened:
        yield opened[settings.database("credentials")]


async def test_a_student_is_waited_for_refused_or_asked_for_again(settings, roster, start_service, client):
    service = start_service("credentials", projection_wait_seconds=3)
    await roster.tells(*WORLD)
    await asyncio.to_thread(catalogued, client, service)

    behind = await asyncio.to_thread(log, client, service, "p2")
    assert behind.status_code == 503, behind.text
    assert behind.headers["Retry-After"]

    waiting = asyncio.create_task(asyncio.to_thread(log, client, service, "p2"))
    await asyncio.sleep(1)
    await roster.tells(student("p2"), enrolment("e2", "p2"))
    assert (await waiting).status_code == 201

    waiting = asyncio.create_task(asyncio.to_thread(log, client, service, "p3", key="k3"))
    await asyncio.sleep(1)
    await roster.is_heard()
    unknown = await waiting
    assert unknown.status_code == 422
    assert "there is no student p3" in unknown.text


async def test_who_is_known_without_an_enrolment_waits_for_no_heartbeat(settings, roster, start_service, client):
    service = start_service("credentials", projection_wait_seconds=20)
    await roster.tells(*WORLD, student("p5"))
    await roster.is_heard()
    await asyncio.to_thread(catalogued, client, service)
    await eventually(lambda: log(client, service).status_code == 201)

    began = time.monotonic()
    logged = await asyncio.to_thread(log, client, service, "p5", key="k5")
    assert (logged.status_code, logged.json()["organisation_id"]) == (201, None), logged.text
    assert time.monotonic() - began < 10, "no heartbeat has come"

    await roster.tells(student("p6"))
    await eventually(lambda: log(client, service, "p6", key="k6").status_code == 201)


async def test_any_real_roster_will_do(settings, start_service, client, keys):
    """A student put into roster can be logged at once: credentials waits until it has heard."""
    roster, service = start_service("roster"), start_service("credentials")
    put = lambda path, **body: client.put(f"{roster.url}/v1/{path}", json=body).raise_for_status()  # noqa: E731
    put("organisations/cted", name="Sample", type="cted", time_zone="America/Phoenix")
    put("organisations/central", name="Central", type="central_campus", parent_id="cted")
    put("programs/welding", title="Welding", cip_code="48.0508", cluster="Sample", active_from="2019-07-01")
    catalogued(client, service)
    for n in range(3):
        put(f"students/p{n}", given_name="Sample", family_name="Student", state_student_id=f"90000{n}")
        placed = {"student_id": f"p{n}", "program_id": "welding", "organisation_id": "central"}
        put(f"enrolments/e{n}", **placed, begin="2024-08-05")
        logged = log(client, service, f"stateStudentId:90000{n}", key=f"k{n}")
        assert logged.status_code == 201, logged.text
        assert logged.json()["organisation_id"] == "central"

    refused = log(client, service, "p9", key="k9")
    assert refused.status_code == 422, refused.text


async def test_what_nobody_can_read_is_parked_and_the_rest_arrives(settings, database, roster, start_service, client):
    service = start_service("credentials")
    topic = settings.topic("roster")
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers) as producer:
        for bad in (
            {"value": b"\xff", "headers": [("ce_type", b"\xff\xfe")]},
            {"value": None, "key": b"student/p1"},
            {"value": b"{}", "headers": [("ce_type", b""), ("ce_subject", b"x")]},
        ):
            await producer.send_and_wait(topic, partition=3, **bad)
    await roster.tells(*WORLD)
    await roster.is_heard()
    await asyncio.to_thread(catalogued, client, service)

    assert (await asyncio.to_thread(log, client, service)).status_code == 201
    await eventually(lambda: database["parked"].count_documents({}) == 3)
    metrics = await asyncio.to_thread(lambda: client.get(f"{service.url}/metrics").text)
    assert 'projection_parked_total{service="credentials"} 3.0' in metrics


async def test_a_batch_that_could_not_be_kept_is_read_again(database, roster, start_service, client):
    service = start_service("credentials")
    fault = {
        "configureFailPoint": "failCommand",
        "mode": {"times": 2},
        "data": {"failCommands": ["update"], "errorCode": 8, "namespace": f"{database.name}.known"},
    }
    admin = database.client.admin
    admin.command(fault)
    try:
        await roster.tells(*WORLD, *(student(f"s{n}") for n in range(50)))
        await roster.is_heard()
        known = database["known"]
        await eventually(lambda: known.count_documents({}) == 53)
    finally:
        admin.command({"configureFailPoint": "failCommand", "mode": "off"})
    await asyncio.to_thread(catalogued, client, service)
    assert (await asyncio.to_thread(log, client, service)).status_code == 201


async def test_a_killed_service_reads_on_and_a_lost_projection_from_the_beginning(
    database, roster, start_service, client
):
    first = start_service("credentials")
    await roster.tells(*WORLD)
    await roster.is_heard()
    await eventually(lambda: database["progress"].count_documents({}) == PARTITIONS)
    first.kill()
    await roster.tells(student("p2"), enrolment("e2", "p2"))

    second = start_service("credentials")
    await asyncio.to_thread(catalogued, client, second)
    await eventually(lambda: log(client, second, "p2").status_code == 201)
    second.kill()

    for lost in ("known", "progress", "followed"):
        database[lost].drop()
    third = start_service("credentials")
    await eventually(lambda: log(client, third, "p1", key="k2").status_code == 201)

    assert database["known"].count_documents({"_id": {"$in": ["student/p1", "student/p2"]}}) == 2
    kept = [one["state"]["student_id"] for one in database["records"].find({"kind": "award"})]
    assert sorted(kept) == ["p1", "p2"]


async def published(settings, count, seconds=60.0):
    """The first `count` facts of credentials' topic, by subject."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(settings.topic("credentials"), n) for n in range(PARTITIONS)])
        found, deadline = [], time.monotonic() + seconds
        while len(found) < count:
            assert time.monotonic() < deadline, found
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    if dict(record.headers)["ce_type"] != HEARTBEAT_TYPE.encode():
                        parts = {"headers": record.headers, "key": record.key, "value": record.value}
                        found.append(read_fact(catalogue.BY_TYPE, **parts))
        return found
    finally:
        await consumer.stop()


async def test_awards_reach_kafka_with_the_tier_in_force_and_leave_it_when_void(
    settings, roster, start_service, client
):
    service = start_service("credentials")
    await roster.tells(*WORLD)
    await roster.is_heard()
    await asyncio.to_thread(catalogued, client, service)
    made = (await asyncio.to_thread(log, client, service, license_number="LIC-77")).json()
    await published(settings, 2)
    body = {"reason": "a mistake"}
    client.post(f"{service.url}/v1/awards/{made['id']}/void", json=body, headers={"If-Match": '"1"'}).raise_for_status()

    facts = await published(settings, 3)

    assert [fact.subject for fact in facts if fact.kind == "catalogue"] == ["credential/osha-10"]
    award, void = [fact for fact in facts if fact.kind == "award"]
    assert (award.subject, award.event.record_id, award.event.version) == ("student/p1", f"award/{made['id']}", 1)
    assert award.event.state.tiers == {"welding": "required"}
    assert award.event.state.school_year == "2024-25"
    assert (void.event.version, void.event.state) == (2, None)


async def test_it_starts_logs_and_stops_without_kafka(mongo_settings, client, tmp_path):
    with running("credentials", mongo_settings, tmp_path / "credentials.log") as service:
        await asyncio.to_thread(catalogued_alone, client, service)
        ready = await asyncio.to_thread(httpx.get, f"{service.url}/readyz")
        assert ready.json()["details"] == {"parked": 0, "roster_heard_through": None}
        service.stop(within_seconds=20)


def catalogued_alone(client, service):
    put = client.put(f"{service.url}/v1/catalogue/osha-10", json={**OSHA, "tiers": []})
    assert put.status_code == 201, put.text
