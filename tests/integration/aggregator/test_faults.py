"""The aggregator killed, frozen, overtaken, cut off: in the end the counts are those of a recount."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from pymongo import AsyncMongoClient

from deploy import topics
from deploy.local import ports, processes
from deploy.local.kafka import Kafka
from services.aggregator.operating.accept_log import accept
from tests.aggregating import District, assert_exact, kept, publish, wait_counted
from tests.integration.aggregator.test_counting import metric
from tests.processes import running

pytestmark = pytest.mark.faults


@pytest.fixture(scope="session")
def mongo_url(failing_mongo_url):
    return failing_mongo_url


@asynccontextmanager
async def held_up(settings, *, milliseconds, times=1):
    """The next writes to the counts take this long; `entered()` returns when one of them has begun.

    The transaction then has taken its turn and written its facts: it is in the middle.
    """
    client = AsyncMongoClient(settings.mongo_url)
    where = f"{settings.database('aggregator')}.counts"
    blocking = {"failCommands": ["update"], "namespace": where, "blockConnection": True, "blockTimeMS": milliseconds}
    point = await client.admin.command(
        {"configureFailPoint": "failCommand", "mode": {"times": times}, "data": blocking}
    )

    async def entered():
        wanted = {"waitForFailPoint": "failCommand", "timesEntered": point["count"] + 1, "maxTimeMS": 30_000}
        await client.admin.command(wanted)

    try:
        yield entered
    finally:
        await client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
        await client.close()


async def test_killed_in_the_middle_of_a_transaction(settings, start_service):
    """What it had written is not there, what it had read is counted by the next, and nothing twice."""
    district = District(seed=11)
    first = start_service("aggregator")
    await publish(settings, district.goes_on(300))
    await wait_counted(settings)

    async with held_up(settings, milliseconds=1500) as entered:
        await publish(settings, district.goes_on(600))
        await entered()
        first.kill()

    start_service("aggregator")
    took = await wait_counted(settings)
    await assert_exact(settings, district.told)
    assert took < 30, "locks of the dead owner must end with transactionLifetimeLimitSeconds"


@pytest.mark.slow  # the minute of faults kills at random too, always
async def test_killed_again_and_again_at_any_moment(settings, start_service):
    district = District(seed=12)
    for _ in range(3):
        service = start_service("aggregator")
        await publish(settings, district.goes_on(1000))
        await asyncio.sleep(0.3)
        service.kill()
    start_service("aggregator").stop(within_seconds=20)
    start_service("aggregator")
    await wait_counted(settings)
    await assert_exact(settings, district.told)


@pytest.mark.slow  # the minute of faults freezes and thaws one, always
async def test_frozen_overtaken_and_thawed_it_is_refused(settings, start_service):
    """It is frozen in mid transaction with a cache; another counts on, both topics; thawed, it may change nothing."""
    district = District(seed=13)
    frozen = start_service("aggregator")
    await publish(settings, district.goes_on(300))
    await wait_counted(settings)

    async with held_up(settings, milliseconds=1000) as entered:
        await publish(settings, district.goes_on(300))
        await entered()
        frozen.freeze()
    start_service("aggregator", wait=False)
    await wait_counted(settings)
    await publish(settings, district.goes_on(300))
    await wait_counted(settings)
    frozen.thaw()

    async with asyncio.timeout(30):
        while metric(frozen, 'aggregator_batches_total{outcome="overtaken"}') < 1:
            await asyncio.sleep(0.2)
    assert '"why": "LostPartition"' in frozen.log.read_text()
    await publish(settings, district.goes_on(200))
    await wait_counted(settings)
    await assert_exact(settings, district.told)


async def test_a_commit_whose_outcome_is_unknown_counts_once(settings, start_service):
    """The connection is cut at commits, before and after they are carried out."""
    district = District(seed=14)
    start_service("aggregator")
    client = AsyncMongoClient(settings.mongo_url)
    fails = [{"closeConnection": True}, {"errorCode": 91}, {"errorCode": 251}]
    fails += [{"writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"}}]
    try:
        for fail in fails:
            data = {"failCommands": ["commitTransaction"], **fail}
            await client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": 3}, "data": data})
            await publish(settings, district.goes_on(100))
            await wait_counted(settings)
    finally:
        await client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
        await client.close()
    await assert_exact(settings, district.told)


async def test_an_error_that_no_retry_helps_rewinds_the_partition(settings, start_service):
    """A write refused outright (here: no disk left, 14031) must bring the same records again, not the next ones."""
    district = District(seed=15)
    start_service("aggregator")
    client = AsyncMongoClient(settings.mongo_url)
    data = {"failCommands": ["update"], "namespace": f"{settings.database('aggregator')}.counts", "errorCode": 14031}
    try:
        await client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": 8}, "data": data})
        for _ in range(3):
            await publish(settings, district.goes_on(100))
        since = datetime.now(UTC) - timedelta(milliseconds=1)  # MongoDB keeps no smaller part
        await publish(settings, district.goes_on(100))
    finally:
        await client.close()
    await wait_counted(settings, since=since)
    await assert_exact(settings, district.told)


@pytest.fixture
def own_kafka(tmp_path):
    """A broker of this test's own, which it may kill: `restart()`."""
    broker = Kafka(tmp_path / "kafka", ports.any_free(), ports.any_free(), heap_megabytes=256)
    broker.prepare()
    log = tmp_path / "kafka.log"
    started = [processes.start(broker.program(log))]
    broker.wait(started[0], log)

    def kill():
        started[0].kill()
        started[0].wait()

    async def restart():
        started[0] = processes.start(broker.program(log))
        await asyncio.to_thread(broker.wait, started[0], log)

    yield broker.bootstrap, kill, restart
    processes.stop(started[0])


@pytest.mark.slow  # the minute of faults kills the broker, always
async def test_kafka_killed_and_started_again(own_kafka, mongo_settings, tmp_path):
    bootstrap, kill, restart = own_kafka
    settings = mongo_settings.model_copy(update={"kafka_bootstrap_servers": bootstrap})
    await topics.provide(bootstrap, topics.declared(settings.topic_prefix))
    district = District(seed=16)
    with running("aggregator", settings, tmp_path / "aggregator.log") as service:
        await publish(settings, district.goes_on(300))
        await wait_counted(settings)

        kill()
        await asyncio.sleep(2)
        await restart()
        await publish(settings, district.goes_on(300))
        await wait_counted(settings, seconds=90)
        await assert_exact(settings, district.told)
        assert service.process.poll() is None


async def test_a_log_made_anew_stops_the_count_until_an_operator_accepts_it(settings, start_service):
    district, topic = District(seed=17), settings.topic("roster")
    service = start_service("aggregator")
    await publish(settings, district.goes_on(300))
    await wait_counted(settings)

    declared = [one for one in topics.declared(settings.topic_prefix) if one.name == topic]
    await topics.remove(settings.kafka_bootstrap_servers, declared)
    await asyncio.sleep(1)
    await topics.provide(settings.kafka_bootstrap_servers, declared)
    again = [one for one in district.told if one.kind != "award"]
    await publish(settings, again)
    await publish(settings, again)

    async with asyncio.timeout(90), kept(settings) as db:
        while await db["places"].count_documents({"stopped": {"$exists": True}}) < 12:
            await asyncio.sleep(0.5)
        reason = (await db["places"].find_one({"_id": 0}))["stopped"]
    assert f"python -m services.aggregator accept {topic}" in reason
    assert service.process.poll() is None
    await assert_exact(settings, district.told)

    await accept(settings, topic)
    await wait_counted(settings, seconds=90)
    await assert_exact(settings, district.told)
    service.wait_ready()
