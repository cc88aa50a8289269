"""The replica set: primaries killed and stepped down, no majority, commits whose outcome is unknown, refusals."""

import asyncio
import random
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from pymongo.errors import PyMongoError

from shared.producer.producers import PRODUCERS
from tests.faults.ground import MEMBERS, Ground
from tests.faults.matrix.fault import Strike, fault
from tests.faults.matrix.points import fail_point, of_counts

COMMIT = {"failCommands": ["commitTransaction"]}
TIMED_OUT = {"writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"}}
# What a commit may answer: the connection is gone, stepped down, shut down, no such transaction, not known.
UNKNOWN: Mapping[str, Mapping[str, Any]] = {
    "connection closed": {"closeConnection": True},
    "write concern 64": TIMED_OUT,
    "91, shutdown": {"errorCode": 91},
    "189, stepped down": {"errorCode": 189},
    "251, no such transaction": {"errorCode": 251, "errorLabels": ["TransientTransactionError"]},
}


async def primary_killed(ground: Ground, draw: random.Random) -> None:
    victim = ground.parts[await ground.primary()]
    victim.kill()
    await asyncio.sleep(draw.uniform(1.0, 4.0))
    victim.start()
    await ground.whole()


async def primary_steps_down(ground: Ground, draw: random.Random) -> None:
    async with ground.client(await ground.primary()) as client:
        try:
            await client.admin.command({"replSetStepDown": 5, "secondaryCatchUpPeriodSecs": 2})
        except PyMongoError:
            await client.admin.command({"replSetStepDown": 5, "force": True})
    await ground.whole()


async def all_three_down(ground: Ground, draw: random.Random) -> None:
    for member in MEMBERS:
        ground.parts[member].kill()
    await asyncio.sleep(draw.uniform(1.0, 3.0))
    for member in MEMBERS:
        ground.parts[member].start()
    await ground.whole()


async def majority_lost(ground: Ground, draw: random.Random) -> None:
    """Two of three are frozen: nothing that is asked for now may be accepted."""
    first = await ground.primary()
    others = [ground.parts[member] for member in MEMBERS if member != first]
    for part in others:
        part.freeze()
    began = time.monotonic()
    await asyncio.sleep(draw.uniform(3.0, 5.0))
    ground.without_majority.append((began, time.monotonic()))
    for part in others:
        part.thaw()
    await ground.whole()


async def taken_back(ground: Ground, draw: random.Random) -> None:
    """The primary takes writes that no other has, and dies with those who asked for them.

    A relay that reads locally has published by then what is undone, and people do something else instead.
    """
    first = await ground.primary()
    producers = [part for one in PRODUCERS for part in ground.called(one.name)]
    others = [member for member in MEMBERS if member != first]
    async with AsyncExitStack() as stack:
        for member in others:
            client = await stack.enter_async_context(ground.client(member))
            await client.admin.command({"configureFailPoint": "stopReplProducer", "mode": "alwaysOn"})
        began = time.monotonic()
        await asyncio.sleep(draw.uniform(1.5, 2.5))
        ground.without_majority.append((began + 0.3, time.monotonic()))
        for part in (*producers, ground.parts[first]):
            part.kill()
        for member in others:
            client = await stack.enter_async_context(ground.client(member))
            await client.admin.command({"configureFailPoint": "stopReplProducer", "mode": "off"})
    for part in producers:
        part.start()
    await asyncio.sleep(draw.uniform(3.0, 4.0))
    ground.parts[first].start()
    await ground.whole()


def commit_answers(fail: Mapping[str, Any]) -> Strike:
    async def strike(ground: Ground, draw: random.Random) -> None:
        for _ in range(3):
            async with fail_point(ground, {**COMMIT, **fail}, times=3):
                await asyncio.sleep(draw.uniform(0.5, 1.0))

    return strike


async def refused_outright(ground: Ground, draw: random.Random) -> None:
    """An error that no retry helps (14031, no disk left): the same records must come again, not the next ones."""
    async with fail_point(ground, of_counts(ground, errorCode=14031), times=8):
        await asyncio.sleep(draw.uniform(2.0, 3.0))


async def slow(ground: Ground, draw: random.Random) -> None:
    """Every write of counts takes a fifth of a second."""
    async with fail_point(ground, of_counts(ground, blocked_ms=200), times=10_000):
        await asyncio.sleep(draw.uniform(15.0, 20.0))


FAULTS = (
    fault("primary killed", primary_killed, "database", surely=True),
    fault("primary steps down", primary_steps_down, "database"),
    fault("all three members killed", all_three_down, "database"),
    fault("no majority", majority_lost, "database"),
    fault("writes taken back by a failover", taken_back, "database", "producers", "log", surely=True),
    *(fault(f"commit unknown: {name}", commit_answers(fail), "points") for name, fail in UNKNOWN.items()),
    fault("a write refused outright", refused_outright, "points", surely=True),
    fault("slow database", slow, "points", quick=False),
)
