"""What counting must stop at rather than go on: it says so everywhere, loses nothing, and its own words repair it."""

import asyncio
import os
import random
import re
import shlex
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from deploy import topics
from deploy.local.state import environment
from tests.faults.evidence import PARTITIONS, TOPICS
from tests.faults.ground import Ground, Restored
from tests.faults.matrix.fault import Strike, fault
from tests.faults.matrix.looking import asked, board, until
from tests.faults.pace import within
from tests.log_ends import end_offsets

STOPS_WITHIN_SECONDS = 90.0
STANDS_SECONDS = 3.0
REPAIRED_WITHIN_SECONDS = 90.0
COMMAND_SECONDS = 60.0
# What the words of a message in backticks begin with, and what that is here.
PROGRAMS = {"python": (sys.executable,), "aurora": (str(Path(sys.executable).with_name("aurora")),)}

Done = Callable[[Ground, random.Random, str], Awaitable[None]]  # to the log or the records of this service


async def places(ground: Ground) -> Mapping[int, Mapping[str, Any]]:
    async with ground.client() as client:
        return {one["_id"]: one async for one in client[ground.settings.database("aggregator")]["places"].find()}


async def stopped(ground: Ground) -> str:
    """Why counting has stopped, once it has everywhere and says so wherever anybody looks.

    Raise AssertionError when something is counted on, or somebody calls it well.
    """

    async def everywhere() -> Mapping[int, Mapping[str, Any]] | None:
        found = await places(ground)
        return found if all("stopped" in one for one in found.values()) else None

    before = await until(everywhere, "all partitions stopped", seconds=STOPS_WITHIN_SECONDS)
    reason = str(before[0]["stopped"])
    await asyncio.sleep(STANDS_SECONDS)
    after = await places(ground)
    moved = [number for number in before if after[number]["turn"] != before[number]["turn"]]
    if moved:
        raise AssertionError(f"partitions {moved} are stopped, and were counted on")
    for part in ground.called("aggregator"):
        ready = await asked(ground, part.name, "/readyz")
        if ready is None or ready.is_success or "is stopped" not in ready.text:
            raise AssertionError(f"{part.name} has stopped and says of itself: {ready and ready.text}")
    seen = await board(ground)
    if not seen["stale"] or reason[:40] not in seen["stale_because"]:
        raise AssertionError(f"the board is stale: {seen['stale']}, because {seen['stale_because']!r}")
    return reason


async def repaired(ground: Ground, reason: str) -> None:
    """Do what the message says, word for word; then everything must be counted and fresh again."""
    commands = re.findall(r"`([^`]+)`", reason)
    if not commands:
        raise AssertionError(f"no command is named in: {reason}")
    for command in commands:
        await run(ground, command)

    async def fresh() -> bool:
        return not (await board(ground))["stale"]

    await until(fresh, "a fresh board after the repair", seconds=REPAIRED_WITHIN_SECONDS)
    await ground.services_ready()


async def run(ground: Ground, command: str) -> None:
    """Raise AssertionError, with what it said, unless it does what it is asked to."""
    program, *told = shlex.split(command)
    ran = await asyncio.create_subprocess_exec(
        *PROGRAMS[program],
        *told,
        env={**os.environ, **environment(ground.direct)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(within(COMMAND_SECONDS)):
        said, _ = await ran.communicate()
    if ran.returncode:
        raise AssertionError(f"`{command}` failed: {said.decode()[-600:]}")


def stop(done: Done) -> Strike:
    async def strike(ground: Ground, draw: random.Random) -> None:
        await done(ground, draw, draw.choice(TOPICS))
        await repaired(ground, await stopped(ground))

    return strike


async def made_anew(ground: Ground, topic: str) -> None:
    ground.made_anew[topic] += 1
    declared = [one for one in topics.declared(ground.settings.topic_prefix) if one.name == topic]
    await topics.remove(ground.broker.bootstrap, declared)
    await topics.provide(ground.broker.bootstrap, declared)


async def deleted(ground: Ground, draw: random.Random, service: str) -> None:
    """Under load; what is published meanwhile begins the new log."""
    await made_anew(ground, ground.settings.topic(service))


async def deleted_and_filled(ground: Ground, draw: random.Random, service: str) -> None:
    """While nobody counts, and the new log is longer than the old one was when they are back."""
    for part in ground.called("aggregator"):
        part.kill()
    topic = ground.settings.topic(service)
    await made_anew(ground, topic)
    counted = await places(ground)

    async def longer() -> bool:
        await run(ground, f"aurora republish {service}")
        ends = await end_offsets(ground.direct, [topic])
        return all(ends[topic, number] > one["next"].get(topic, 0) for number, one in counted.items())

    await until(longer, f"{topic} longer than it was")
    for part in ground.called("aggregator"):
        part.start()


async def partitions_changed(ground: Ground, draw: random.Random, service: str) -> None:
    topic = ground.settings.topic(service)
    ground.made_anew[topic] += 1  # by the repair
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.broker.bootstrap)
    await admin.start()
    try:
        await admin.create_partitions({topic: NewPartitions(PARTITIONS + draw.randrange(1, 4))})
    finally:
        await admin.close()


async def restored(ground: Ground, draw: random.Random, service: str) -> None:
    """A service's database as it was some seconds ago, put back while its processes are down."""
    copied_at = time.monotonic()
    copy = await copied(ground, service)
    await asyncio.sleep(draw.uniform(4.0, 8.0))
    for part in ground.called(service):
        part.kill()
    await put_back(ground, service, copy)
    ground.restored.append(Restored(service, copied_at, time.monotonic()))
    for part in ground.called(service):
        part.start()


async def copied(ground: Ground, service: str) -> Mapping[str, list[Any]]:
    """Every document of every collection, all of one moment, as a dump is."""
    async with ground.client() as client, client.start_session(snapshot=True) as session:
        database = client[ground.settings.database(service)]
        names = await database.list_collection_names()
        return {name: await database[name].find(session=session).to_list(None) for name in names}


async def put_back(ground: Ground, service: str, copy: Mapping[str, list[Any]]) -> None:
    """As `mongorestore --drop`: what the copy holds, and nothing beside it."""
    async with ground.client() as client:
        database = client[ground.settings.database(service)]
        for name in await database.list_collection_names():
            await database[name].delete_many({})
            if copy.get(name):
                await database[name].insert_many(copy[name])


FAULTS = (
    fault("a topic deleted and made again", stop(deleted), "log", "aggregator", mixes=False),
    fault("the same, and longer than it was", stop(deleted_and_filled), "log", "aggregator", mixes=False),
    fault("the number of partitions changed", stop(partitions_changed), "log", "aggregator", mixes=False),
    fault("a service restored from an older copy", stop(restored), "producers", "aggregator", mixes=False),
)
