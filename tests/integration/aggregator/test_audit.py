"""The audit, standing and by command: nothing differs while it counts, and whatever is wrong is found."""

import asyncio
from contextlib import asynccontextmanager
from functools import partial

import pytest

from services.aggregator import metrics
from services.aggregator.domain.measures import MEASURES
from services.aggregator.operating.left_for_operators import leave_audit
from services.aggregator.recount import audit as auditing
from services.aggregator.recount.audit import Budget, audit, stand
from shared import mongo
from shared.kafka import PARTITIONS
from tests.aggregating import District, kept, publish, wait_counted
from tests.commands import aurora, aurora_json
from tests.integration.aggregator.test_counting import metric


@asynccontextmanager
async def connected(settings):
    client = mongo.connect(settings)
    try:
        yield client, client[settings.database("aggregator")]
    finally:
        await mongo.close(client)


async def all_partitions(settings):
    async with connected(settings) as (client, database):
        return [await audit(client, database, n, budget=Budget()) for n in range(PARTITIONS)]


async def counted_district(settings, start_service):
    district = District(seed=21)
    await publish(settings, district.goes_on(600))
    service = start_service("aggregator", audit_share=0)
    await wait_counted(settings)
    service.stop()


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_nothing_differs_at_any_moment_while_it_counts(settings, start_service, driver):
    settings = settings.model_copy(update={"mongo_driver": driver})
    district = District(seed=20)
    service = start_service("aggregator")
    writing = asyncio.create_task(_write(settings, district))
    found = []
    while not writing.done():
        found += await all_partitions(settings)
    await writing
    await wait_counted(settings)
    found += await all_partitions(settings)

    assert [one.differences for one in found if one.differences] == []
    assert len({one.turn for one in found if one.partition == 3}) > 2
    assert sum(one.subjects for one in found[-PARTITIONS:]) == len({said.subject for said in district.told})
    async with asyncio.timeout(60):  # the standing audit takes 2 % of a core: its first look may come later
        while not metric(service, 'aggregator_audits_total{outcome="equal"}') > 0:
            await asyncio.sleep(0.2)
    assert metric(service, "aggregator_drift{") == 0
    assert metric(service, 'aggregator_audits_total{outcome="failed"}') == 0


async def _write(settings, district):
    for _ in range(6):
        await publish(settings, district.goes_on(120))
        await asyncio.sleep(0.3)


async def test_whatever_is_wrong_is_found_and_named(settings, start_service):
    await counted_district(settings, start_service)
    clean = await aurora_json(settings, "audit", "--only", "counts")
    assert (clean["drift"], clean["differences"]) == (0, [])
    assert clean["measures"]["W1.headline"]["cells"] > 0
    assert "drift 0" in (await aurora(settings, "audit", "--only", "counts")).stdout

    async with kept(settings) as db:
        for dimension in MEASURES[0].dimensions:
            for series in ("all", "matured"):
                cell = await db["counts"].find_one(
                    {"m": "W1.headline", "d": dimension, "s": series, "den": {"$ne": {}}}
                )
                day = next(iter(cell["den"]))
                await db["counts"].update_one({"_id": cell["_id"]}, {"$inc": {f"den.{day}": 1}})
                found = await aurora_json(settings, "audit", "--only", "counts", expect=1)
                assert found["measures"]["W1.headline"]["drift"] == found["drift"] == 1
                one = found["differences"][0]
                assert (one["dimension"], one["value"], one["day"]) == (dimension, cell["x"], int(day))
                assert (one["partition"], one["counted"] - one["recounted"]) == (cell["p"], 1)
                await db["counts"].update_one({"_id": cell["_id"]}, {"$inc": {f"den.{day}": -1}})
    assert (await aurora_json(settings, "audit", "--only", "counts"))["drift"] == 0


async def test_a_lost_cell_an_invented_one_a_lost_subject_and_a_moved_day_are_found(settings, start_service):
    await counted_district(settings, start_service)

    async def drift():
        return sum(len(one.differences) for one in await all_partitions(settings))

    async with kept(settings) as db:
        cell = await db["counts"].find_one({"m": "W1.headline", "d": "campus", "den": {"$ne": {}}})
        await db["counts"].delete_one({"_id": cell["_id"]})
        assert await drift() > 0
        await db["counts"].insert_one(cell)
        assert await drift() == 0

        await db["counts"].insert_one({**cell, "_id": "made up", "x": "nowhere"})
        assert await drift() > 0
        await db["counts"].delete_one({"_id": "made up"})

        day = next(iter(cell["den"]))
        moved = {**cell["den"], "999": cell["den"][day]}
        del moved[day]
        await db["counts"].update_one({"_id": cell["_id"]}, {"$set": {"den": moved}})
        assert await drift() == 2
        await db["counts"].update_one({"_id": cell["_id"]}, {"$set": {"den": cell["den"]}})

        subject = await db["subjects"].find_one({"has": {"$regex": "^completion"}})
        await db["subjects"].delete_one({"_id": subject["_id"]})
        assert await drift() > 0
        await db["subjects"].insert_one(subject)

        old = {**cell, "_id": "of an older release", "v": 0}
        await db["counts"].insert_one(old)
        audits = await all_partitions(settings)
        assert (sum(one.elsewhere for one in audits), await drift()) == (1, 0)


async def test_the_standing_audit_exports_the_drift_of_each_measure_and_its_end(settings, start_service, monkeypatch):
    await counted_district(settings, start_service)
    monkeypatch.setattr(auditing, "SHORTEST_PAUSE_SECONDS", 0.01)

    def drift(measure):
        return metrics.DRIFT.labels(measure)._value.get()

    async def until(measure, n):
        async with asyncio.timeout(30):
            while drift(measure) != n:
                await asyncio.sleep(0.05)

    async with connected(settings) as (client, database), kept(settings) as db:
        leave = partial(leave_audit, database)
        everything = frozenset(range(PARTITIONS))
        standing = asyncio.create_task(stand(client, database, lambda: everything, share=1.0, leave=leave))
        try:
            cell = await db["counts"].find_one({"m": "completers.all", "d": "all", "num": {"$nin": [{}, None]}})
            day = next(iter(cell["num"]))
            await db["counts"].update_one({"_id": cell["_id"]}, {"$inc": {f"num.{day}": 5}})
            await until("completers.all", 1)
            left = [one async for one in db["watched"].find({"audited.drift": ["completers.all", 1]})]
            assert [one["audited"]["drift"] for one in left] == [[["completers.all", 1]]]
            assert drift("W1.headline") == 0
            await db["counts"].update_one({"_id": cell["_id"]}, {"$inc": {f"num.{day}": -5}})
            await until("completers.all", 0)
            assert not standing.done()
        finally:
            standing.cancel()
            await asyncio.gather(standing, return_exceptions=True)
