"""A service restored from an older copy: its records raised above all that was counted, and counted on from there."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from deploy.repair.comparing import UNKNOWN, Compared, Pair
from deploy.repair.reading import Comparing, Sides
from deploy.repair.told import follows, kinds_of
from services.aggregator.counting.aggregate import Outcome
from services.aggregator.counting.older_copy import tells_of
from services.aggregator.main import opened
from shared.errors import LostPartition, Refused
from shared.kafka import PARTITIONS
from shared.mongo import Client, server_time
from shared.records import beats
from shared.records.record import Entry
from shared.records.republish import pieces, republish
from shared.records.store import DUPLICATE_KEY, Records
from shared.records.updates import one_more

RESTORED = Entry(by="aurora", action="restored", why="its service goes on from an older copy of its records")
LOST = Entry(by="aurora", action="lost", why="it was counted, and is not in the older copy that was restored")
TRIES = 20
LOOK_AGAIN_SECONDS = 0.5


@dataclass(slots=True)
class Raised:
    """What was done: how many records were raised, which were counted and are lost.

    `also` gives, by service, how many records are published again for the copy kept of them here.
    """

    service: str
    raised: int = 0
    lost: list[str] = field(default_factory=list)
    also: dict[str, int] = field(default_factory=dict)


async def raise_all(sides: Sides, client: Client, *, wait_seconds: float, tell: Callable[[str], None]) -> Raised:
    """Make the service's records, as they are now, those that are counted. Safe to repeat, also after a crash.

    1. Wait until the aggregator has read all that the service published before it was restored.
    2. Of what was counted and is not in the copy keep that it is lost, so that it is withdrawn.
    3. Give every record a version above every one that any copy of it ever had; the relay publishes it.
    4. Publish again what other services told this one: its copy of that is as old as it is.
    5. Raise the heartbeat's number in the same way, and have the aggregator count on.

    What people do meanwhile is kept, and raised with the rest.
    """
    done = Raised(sides.service)
    records = Records(sides.records)
    await _until_read(sides, wait_seconds)
    async for unmatched in Comparing(sides, Compared(sides.service), wait_seconds).from_the_facts():
        done.lost += await _keep_lost(records, {pair for pair, one in unmatched.items() if one.how == UNKNOWN})
        await _keep_subjects(records, {pair for pair, one in unmatched.items() if one.how != UNKNOWN})
    tell(f"{len(done.lost):,} records of {sides.service} were counted and are not in the copy")
    async for piece in pieces(records):
        where = {"$and": [piece, {"kind": {"$in": kinds_of(sides.service)}}]}
        done.raised += await records.raise_versions(where, RESTORED, leaping=True)
        tell(f"{done.raised:,} records raised")
    for told_by in follows(sides.service):
        others = Records(client[sides.settings.database(told_by)])
        done.also[told_by] = sum([marked async for marked in republish(others)])
    beat = await beats.leap(records.collection)
    await _accept(sides, client, beat.at)
    return done


async def _until_read(sides: Sides, wait_seconds: float) -> None:
    """Return once every partition has read up to what the service says now, or has stopped at it. Raise Refused."""
    topic, now = sides.settings.topic(sides.service), await server_time(sides.records)
    deadline = monotonic() + wait_seconds
    while behind := await _behind(sides, topic, now):
        if monotonic() >= deadline:
            raise Refused(
                f"partitions {behind} of {topic} are not read up to now, so it is not known what was counted; start "
                f"{sides.service} and the aggregator, and run this again when `aurora status` shows how far they are"
            )
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _behind(sides: Sides, topic: str, now: datetime) -> list[int]:
    read = [one["partition"] async for one in sides.facts["progress"].find({"topic": topic, "through": {"$gte": now}})]
    stopped = sides.facts["places"].find({"stopped": {"$exists": True}}, {"stopped": 1})
    read += [one["_id"] async for one in stopped if tells_of(one["stopped"], sides.service)]
    return sorted(set(range(PARTITIONS)).difference(read))


async def _keep_lost(records: Records, pairs: Collection[Pair]) -> list[str]:
    """What is left of a lost record: withdrawn from all to whom it was counted, and free to be kept anew."""
    subjects: dict[str, list[str]] = {}
    for pair in sorted(pairs):
        subjects.setdefault(pair.record, []).append(pair.subject)
    writes = [UpdateOne({"_id": key, "gone": "lost"}, [{"$set": _lost(key, told)}], upsert=True)
              for key, told in subjects.items()]  # fmt: skip
    try:
        await records.collection.bulk_write(writes, ordered=False) if writes else None
    except BulkWriteError as error:
        # Somebody has kept it anew since it was looked for: then it is not lost.
        others = [one for one in error.details["writeErrors"] if one["code"] != DUPLICATE_KEY]
        if others or error.details["writeConcernErrors"]:
            raise
    return list(subjects)


def _lost(key: str, subjects: list[str]) -> dict[str, Any]:
    told = {"$setUnion": [{"$ifNull": ["$subjects", []]}, {"$literal": subjects}]}
    shape = {"kind": key.partition("/")[0], "state": {"$literal": {}}, "void": True, "gone": "lost", "subjects": told}
    return shape | one_more(LOST, leaping=True)


async def _keep_subjects(records: Records, pairs: Collection[Pair]) -> None:
    """To whom a record was told after the copy was made: it must be withdrawn from them too."""
    writes = [UpdateOne({"_id": pair.record}, {"$addToSet": {"subjects": pair.subject}}) for pair in sorted(pairs)]
    if writes:
        await records.collection.bulk_write(writes, ordered=False)


async def _accept(sides: Sides, client: Client, until: datetime) -> None:
    """Take a turn in every partition, so that whoever counts it goes on past the service's heartbeats until now."""
    store = opened(sides.settings, client)
    topic = sides.settings.topic(sides.service)
    for number in range(PARTITIONS):
        for _ in range(TRIES):
            store.forget(number)
            position = await store.position(number)
            try:
                await store.turn(position.trusting(topic, until), (), lambda _: Outcome())
                break
            except LostPartition:
                # Another turn was just taken: it may be a moment before a majority, which we read of, has it.
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
        else:
            raise LostPartition(f"partition {number} keeps being written by others; run this again")
