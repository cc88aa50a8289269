"""From HTTP to Kafka, with the service as a process of its own: nothing accepted is lost, whatever is killed."""

import time

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.catalogue import BY_TYPE
from shared.contracts.envelope import HEARTBEAT_TYPE, header, read_fact
from shared.doors import local_key
from shared.kafka import PARTITIONS, partition_of

CTED = {"name": "Sample", "type": "cted", "time_zone": "America/Phoenix"}
PROGRAM = {"title": "Welding", "cip_code": "48.0508", "cluster": "Sample", "active_from": "2019-07-01"}
STUDENT = {"given_name": "Onlyhere", "family_name": "Neverthere", "state_student_id": "0900001"}


@pytest.fixture
def headers(keys):
    return {"Authorization": f"Bearer {local_key.sign(keys, {'sub': 'feed', 'roles': ['service']})}"}


def put(service, headers, path, body):
    return httpx.put(f"{service.url}/v1{path}", json=body, headers=headers, timeout=20)


def void(service, headers, path, version):
    headers = {**headers, "If-Match": f'"{version}"'}
    httpx.post(f"{service.url}/v1{path}/void", json={"reason": "never was"}, headers=headers).raise_for_status()


def is_ready(service):
    return httpx.get(f"{service.url}/readyz").json()["ready"]


async def log_until(settings, wanted, seconds=60.0):
    """Everything in roster's topic, as soon as `wanted(facts)` holds: facts as (record, version, subject, state)."""
    topic = settings.topic("roster")
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    facts = []
    try:
        consumer.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
        deadline = time.monotonic() + seconds
        while not wanted(facts):
            assert time.monotonic() < deadline, facts
            for part, records in (await consumer.getmany(timeout_ms=200)).items():
                for record in records:
                    if header(record.headers, "ce_type") == HEARTBEAT_TYPE:
                        continue
                    arrived = read_fact(BY_TYPE, headers=record.headers, key=record.key, value=record.value)
                    assert part.partition == partition_of(record.key)
                    assert b"Onlyhere" not in record.value
                    assert b"0900001" not in record.value
                    event = arrived.event
                    facts.append((event.record_id, event.version, arrived.subject, event.state))
    finally:
        await consumer.stop()
    return facts


def about(facts, record_id):
    return [fact for fact in facts if fact[0] == record_id]


async def test_what_is_kept_is_published(settings, start_service, headers):
    service = start_service("roster")
    put(service, headers, "/organisations/cted", CTED)
    put(service, headers, "/students/p1", STUDENT)
    put(service, headers, "/students/p1", STUDENT)
    put(service, headers, "/students/p1", {**STUDENT, "directory_opt_out": True})
    void(service, headers, "/students/p1", 2)

    facts = await log_until(settings, lambda facts: ("student/p1", 3, "student/p1", None) in facts)

    assert about(facts, "organisation/cted")[0][2] == "organisation/cted"
    assert {version for _, version, _, _ in about(facts, "student/p1")} <= {1, 2, 3}


async def test_a_service_killed_between_write_and_publish_loses_nothing(settings, start_service, headers):
    """The first one's relay never wakes in time: it holds the write and dies with it."""
    first = start_service("roster", kafka_bootstrap_servers="127.0.0.1:9")
    assert put(first, headers, "/students/p1", STUDENT).status_code == 201
    first.kill()

    again = start_service("roster")

    facts = await log_until(settings, lambda facts: about(facts, "student/p1"))
    assert about(facts, "student/p1")[0][1] == 1
    assert put(again, headers, "/students/p1", STUDENT).headers["Aurora-Outcome"] == "unchanged"


async def test_writes_go_on_without_kafka(settings, start_service, headers):
    service = start_service("roster", kafka_bootstrap_servers="127.0.0.1:9")

    began = time.monotonic()
    kept = [put(service, headers, f"/programs/p{n}", PROGRAM).status_code for n in range(20)]

    assert kept == [201] * 20
    # Whoever waited for Kafka would wait for seconds at each of them.
    assert time.monotonic() - began < 60
    assert is_ready(service)
