"""A recount on a real database, by a running aggregator and while events go on coming."""

import asyncio
from dataclasses import replace

import pytest

from services.aggregator.counting.store import MongoStore
from services.aggregator.domain.catalogue import Catalogue
from services.aggregator.domain.measures import MEASURES
from services.aggregator.recount.recount import go_on, sweep
from shared import mongo
from shared.kafka import PARTITIONS
from tests.aggregating import District, assert_exact, kept, publish, wait_counted
from tests.commands import aurora_json
from tests.integration.aggregator.test_audit import counted_district

CHANGED = Catalogue([replace(one, version=2) if one.key == "W1.headline" else one for one in MEASURES])


async def test_an_operators_recount_mends_a_wrong_count_under_way_and_proves_the_rest_equal(settings, start_service):
    district = District(seed=31)
    await publish(settings, district.goes_on(400))
    start_service("aggregator", audit_share=0)
    await wait_counted(settings)
    async with kept(settings) as db:
        cell = await db["counts"].find_one({"m": "W1.headline", "d": "all", "den": {"$nin": [{}, None]}})
        day = next(iter(cell["den"]))
        await db["counts"].update_one({"_id": cell["_id"]}, {"$inc": {f"den.{day}": 7}})
        await db["counts"].delete_one({"m": "completers.all", "d": "all", "p": cell["p"], "den": {"$ne": None}})

        asking = asyncio.create_task(aurora_json(settings, "recount", expect=1))
        await publish(settings, district.goes_on(300))
        found = await asking
        await wait_counted(settings)

        assert found["definitions"]["W1.headline|1"]["differences"] == 1
        assert found["differences"] >= 1
        assert found["definitions"].keys() == {measure.definition for measure in MEASURES}
        assert await db["counts"].count_documents({"v": {"$lt": 0}}) == 0
    await assert_exact(settings, district.told)
    assert (await aurora_json(settings, "recount"))["differences"] == 0
    assert (await aurora_json(settings, "audit", "--only", "counts"))["drift"] == 0


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_a_changed_definition_is_counted_into_its_own_cells_and_the_old_ones_go_at_the_end(
    settings, start_service, driver
):
    settings = settings.model_copy(update={"mongo_driver": driver})
    await counted_district(settings, start_service)
    client = mongo.connect(settings)
    try:
        database = client[settings.database("aggregator")]

        async def headline(version):
            shares = database["counts"].find({"m": "W1.headline", "v": version})
            return {one["_id"].replace(f"|{version}|", "|", 1): one["den"] async for one in shares if one.get("den")}

        before = await headline(1)
        for number in range(PARTITIONS):
            # A process that ends after every piece: the next goes on from where it left off.
            while (position := await _anew(client, database).load(number)).recount:
                assert position.standing == {"W1.headline|1"}
                await go_on(number, _anew(client, database), at_once=3)
            assert await headline(1) == before

        assert await headline(2) == before
        assert await _anew(client, database).everywhere()
        for number in range(PARTITIONS):
            await sweep(number, _anew(client, database))
        assert (await headline(1), await headline(2)) == ({}, before)
    finally:
        await mongo.close(client)


def _anew(client, database):
    return MongoStore(client, database, cache_subjects=10, catalogue=CHANGED)
