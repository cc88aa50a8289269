"""Transactions happen once, whatever the server answers: fail points of a real mongod, both drivers."""

import asyncio
from contextlib import asynccontextmanager
from time import monotonic

import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError

from shared import mongo
from shared.errors import LostPartition, Retryable
from shared.mongo import in_transaction, unavailable

CLOSE = {"closeConnection": True}
TRANSIENT = {"errorLabels": ["TransientTransactionError"]}


@pytest.fixture(scope="session")
def mongo_url(failing_mongo_url):
    return failing_mongo_url


@pytest.fixture
async def client(mongo_driver, mongo_settings):
    # After "not primary" the driver waits to hear from the server; only a fail point keeps it so long.
    url = f"{mongo_settings.mongo_url}&heartbeatFrequencyMS=500"
    opened = mongo.connect(mongo_settings.model_copy(update={"mongo_driver": mongo_driver, "mongo_url": url}))
    yield opened
    await mongo.close(opened)


@pytest.fixture
async def counters(client, mongo_settings):
    """One document whose `n` says how often a body's effect was kept."""
    collection = client[mongo_settings.database("test")]["counters"]
    await collection.insert_one({"_id": "c", "n": 0})
    return collection


@asynccontextmanager
async def failing(client, *commands, times=1, **how):
    """The server fails these commands of ours so many times, or for ever."""
    mode = {"times": times} if times else "alwaysOn"
    data = {"failCommands": list(commands), "appName": "aurora", **how}
    await client.admin.command({"configureFailPoint": "failCommand", "mode": mode, "data": data})
    try:
        yield
    finally:
        await client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})


class Body:
    """Adds one, and counts how often it was run."""

    def __init__(self, counters):
        self.counters = counters
        self.runs = 0

    async def __call__(self, session):
        self.runs += 1
        await self.counters.update_one({"_id": "c"}, {"$inc": {"n": 1}}, session=session)
        return "done"


async def kept(counters):
    return (await counters.find_one({"_id": "c"}))["n"]


FAULTS = {
    "nothing fails": ((), {}),
    "commit: connection closed": (("commitTransaction",), CLOSE),
    "commit: connection closed five times": (("commitTransaction",), {"times": 5, **CLOSE}),
    "commit: kept, but the wait for a majority ran out": (
        ("commitTransaction",),
        {"writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"}},
    ),
    "commit: kept, but the primary is shutting down": (
        ("commitTransaction",),
        {"times": 3, "writeConcernError": {"code": 91, "errmsg": "shutdown in progress"}},
    ),
    "commit: stepdown": (("commitTransaction",), {"times": 3, "errorCode": 189}),
    "commit: time limit": (("commitTransaction",), {"times": 3, "errorCode": 50}),
    "commit: no such transaction": (("commitTransaction",), {"errorCode": 251, **TRANSIENT}),
    "body: connection closed": (("update",), {"times": 3, **CLOSE}),
    "body: write conflict": (("update",), {"times": 3, "errorCode": 112, **TRANSIENT}),
    "body: stepdown": (("update",), {"errorCode": 189, **TRANSIENT}),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_effect_is_kept_exactly_once(client, counters, fault):
    commands, how = FAULTS[fault]
    body = Body(counters)
    async with failing(client, *commands, **how):
        assert await in_transaction(client, body) == "done"

    assert await kept(counters) == 1


async def test_an_unknown_commit_never_runs_the_body_again(client, counters):
    body = Body(counters)
    async with failing(client, "commitTransaction", times=5, **CLOSE):
        await in_transaction(client, body)

    assert body.runs == 1


@pytest.mark.parametrize("command", ["commitTransaction", "update"])
async def test_a_fault_that_does_not_end_is_given_up_in_time(client, counters, command):
    began = monotonic()
    async with failing(client, command, times=0, **CLOSE):
        with pytest.raises(Retryable):
            await in_transaction(client, Body(counters), deadline_seconds=0.5)

    assert monotonic() - began < 7, "the usual deadline is 8 s"
    assert await kept(counters) == 0
    await client.admin.command({"killAllSessions": []})  # or what was never committed holds its lock for 10 s


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(LostPartition("the turn has moved"), id="the body's own refusal"),
        pytest.param(OperationFailure("not allowed", 13), id="an error that no retry would cure"),
    ],
)
async def test_another_error_is_raised_and_nothing_kept(client, counters, error):
    body = Body(counters)

    async def refused(session):
        await body(session)
        raise error

    with pytest.raises(type(error)):
        await in_transaction(client, refused)
    assert (await kept(counters), body.runs) == (0, 1)
    await in_transaction(client, body)
    assert await kept(counters) == 1


async def test_rivals_for_one_document_all_have_their_effect(client, counters):
    await asyncio.gather(*(in_transaction(client, Body(counters)) for _ in range(8)))

    assert await kept(counters) == 8


async def test_a_body_reads_one_snapshot(client, counters):
    async def look_twice(session):
        before = await counters.find_one({"_id": "c"}, session=session)
        await counters.update_one({"_id": "c"}, {"$inc": {"n": 1}})
        return before["n"], (await counters.find_one({"_id": "c"}, session=session))["n"]

    assert await in_transaction(client, look_twice) == (0, 0)


async def test_a_cancelled_body_keeps_nothing_and_holds_no_lock(client, counters):
    body, written = Body(counters), asyncio.Event()

    async def never_ends(session):
        await body(session)
        written.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(in_transaction(client, never_ends))
    await written.wait()
    task.cancel()
    await asyncio.wait([task])
    async with asyncio.timeout(8):
        await counters.update_one({"_id": "c"}, {"$inc": {"n": 10}})
    assert await kept(counters) == 10


async def test_aggregate_yields_on_either_driver(client, counters):
    rows = [row async for row in mongo.aggregate(counters, [{"$set": {"at": "$$NOW"}}])]

    assert [row["_id"] for row in rows] == ["c"]
    assert rows[0]["at"].tzinfo is not None


async def test_what_the_url_says_of_concerns_does_not_count(mongo_settings):
    weak = mongo_settings.model_copy(update={"mongo_url": f"{mongo_settings.mongo_url}&w=1&journal=false"})
    client = mongo.connect(weak)

    assert client.write_concern.document == {"w": "majority", "j": True}
    assert client.read_concern.level == "majority"
    await mongo.close(client)


async def error_of(awaitable):
    with pytest.raises(PyMongoError) as caught:
        await awaitable
    return caught.value


async def test_what_passes_is_told_from_what_does_not(client, counters):
    async with failing(client, "insert", times=2, errorCode=11600):
        assert unavailable(await error_of(counters.insert_one({"_id": "x"})))
    async with failing(client, "insert", times=2, **CLOSE):
        assert unavailable(await error_of(counters.insert_many([{"_id": "x"}])))
    async with failing(client, "insert", times=2, writeConcernError={"code": 64, "errmsg": "timed out"}):
        assert unavailable(await error_of(counters.insert_many([{"_id": "y"}], ordered=False)))
    duplicate = await error_of(counters.insert_one({"_id": "c"}))
    assert isinstance(duplicate, DuplicateKeyError)
    assert not unavailable(duplicate)
    assert not unavailable(await error_of(counters.insert_many([{"_id": "c"}], ordered=False)))
    assert not unavailable(LookupError())


async def test_no_server_is_unavailable_within_the_time_set(mongo_settings):
    nowhere = {"mongo_url": "mongodb://127.0.0.1:9/?replicaSet=rs0", "mongo_timeout_seconds": 0.3}
    client = mongo.connect(mongo_settings.model_copy(update=nowhere))
    began = monotonic()

    assert unavailable(await error_of(client["x"]["y"].find_one({})))
    assert monotonic() - began < 9, "the usual time is 10 s"
    await mongo.close(client)
