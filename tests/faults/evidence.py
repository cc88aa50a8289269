"""What is there after a run: the services' records, the log, the aggregator's facts, counts, places and turns."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.producer.producers import PRODUCERS
from tests.faults.ground import Ground
from tests.faults.journal import Journal

TOPICS = tuple(one.name for one in PRODUCERS)
PARTITIONS = 12
HEARTBEAT = b"org.aurora.heartbeat.v1"
COUNTED_EVERY_SECONDS = 0.2

At = tuple[str, int]  # topic, partition number
Document = Mapping[str, Any]


@dataclass
class Evidence:
    """All of it, read once everything has come to rest."""

    journal: Journal
    ground: Ground
    drained_seconds: float
    drain_bound_seconds: float
    left_behind: str
    records: dict[str, list[Document]] = field(default_factory=dict)
    log: dict[At, list[ConsumerRecord[bytes | None, bytes | None]]] = field(default_factory=dict)
    subjects: list[Document] = field(default_factory=list)
    counts: list[Document] = field(default_factory=list)
    places: dict[int, Document] = field(default_factory=dict)
    parked: dict[tuple[str, int, int], Document] = field(default_factory=dict)
    turns: list[Document] = field(default_factory=list)
    looks: list[dict[str, Any]] = field(default_factory=list)


def heartbeat(record: ConsumerRecord[Any, Any]) -> bool:
    return any(name == "ce_type" and value == HEARTBEAT for name, value in record.headers)


async def logs_of(ground: Ground) -> dict[At, list[ConsumerRecord[bytes | None, bytes | None]]]:
    """Everything in Kafka, by topic and partition number."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=ground.broker.bootstrap, auto_offset_reset="earliest", max_partition_fetch_bytes=8 << 20
    )
    await consumer.start()
    try:
        logs = [TopicPartition(ground.settings.topic(name), n) for name in TOPICS for n in range(PARTITIONS)]
        consumer.assign(logs)
        ends = await consumer.end_offsets(logs)
        await consumer.seek_to_beginning()
        found: dict[At, list[ConsumerRecord[bytes | None, bytes | None]]] = {
            (at.topic, at.partition): [] for at in logs
        }
        async with asyncio.timeout(60):
            while any([await consumer.position(at) < ends[at] for at in logs]):
                for at, records in (await consumer.getmany(timeout_ms=200)).items():
                    found[at.topic, at.partition] += records
        return found
    finally:
        await consumer.stop()


async def wait_counted(ground: Ground, *, seconds: float) -> str:
    """Return nothing once all that was written is published, and all that is in the log counted; else what is not."""
    behind = "nothing was looked at"
    try:
        async with asyncio.timeout(seconds), ground.client() as client:
            while behind := await _behind(ground, client):
                await asyncio.sleep(COUNTED_EVERY_SECONDS)
    except TimeoutError:
        return behind
    return ""


async def _behind(ground: Ground, client: Any) -> str:
    for service in TOPICS:
        marked = {"mark.rank": {"$gte": 0}}
        waiting = await client[ground.settings.database(service)]["records"].count_documents(marked)
        if waiting:
            return f"{waiting} records of {service} are not published"
    database = client[ground.settings.database("aggregator")]
    places = {one["_id"]: one async for one in database["places"].find()}
    for at, records in (await logs_of(ground)).items():
        topic, number = at
        place = places.get(number, {})
        if "stopped" in place:
            return f"partition {number} is stopped: {place['stopped']}"
        following = place.get("next", {}).get(topic, 0)
        left = [record for record in records if record.offset >= following and not heartbeat(record)]
        if left:
            return f"{topic}-{number} is counted up to {following}, and holds {len(left)} records more"
    return ""


async def collected(evidence: Evidence, *, looks: Path) -> Evidence:
    """The evidence with everything read into it."""
    ground = evidence.ground
    async with ground.client() as client:
        # Before the log and the turns: heartbeats go on, and every now and then a turn stores how far they reach.
        places = client[ground.settings.database("aggregator")]["places"]
        evidence.places = {one["_id"]: one async for one in places.find()}
        evidence.log = await logs_of(ground)
        for service in TOPICS:
            evidence.records[service] = [
                one async for one in client[ground.settings.database(service)]["records"].find()
            ]
        database = client[ground.settings.database("aggregator")]
        evidence.subjects = [one async for one in database["subjects"].find()]
        evidence.counts = [one async for one in database["counts"].find()]
        async for one in database["parked"].find():
            evidence.parked[one["topic"], one["partition"], one["offset"]] = one
        evidence.turns = await _turns(client, database, ground.began)
    evidence.looks = [json.loads(line) for line in looks.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    return evidence


async def _turns(client: Any, database: Any, since: Any) -> list[Document]:
    """Every change that was ever committed to the places, in order, as the replica set tells it."""
    until = (await client.admin.command("hello"))["operationTime"]
    await client[database.name]["marker"].insert_one({})
    found: list[Document] = []
    async with await database.watch(start_at_operation_time=since, batch_size=2000) as stream:
        async for change in stream:
            if change["clusterTime"] > until:
                return found
            if change["ns"]["coll"] == "places":
                found.append(change)
    return found
