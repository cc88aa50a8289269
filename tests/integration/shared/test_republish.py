"""Records published again as they stand: all of them, or those of one kind, or those written since."""

from datetime import UTC, datetime

from shared import mongo
from shared.records import republish
from shared.records.outbox import Outbox
from shared.records.store import Draft, Entry, Records
from tests.commands import aurora, aurora_json
from tests.integration.shared.conftest import EVERY_STORE

BY = Entry(by="made-up-caller", action="put")


async def published(records, *drafts):
    saved = await records.put_many([Draft(kind, id, {"n": id}, BY) for kind, id in drafts])
    await Outbox(records).published([one.record for one in saved])


async def marked(records):
    found = records.collection.find({"mark": {"$exists": True}})
    return {document["_id"]: document["mark"]["rank"] async for document in found}


async def every(records, **chosen):
    return [n async for n in republish.republish(records, **chosen)]


@EVERY_STORE
async def test_all_are_marked_once_whatever_the_size_of_the_pieces(records, monkeypatch):
    monkeypatch.setattr(republish, "PIECE", 3)
    await published(records, *(("award", f"a{n}") for n in range(7)), ("student", "s1"))

    assert await every(records) == [3, 3, 2]
    assert await marked(records) == {**{f"award/a{n}": 1 for n in range(7)}, "student/s1": 1}
    assert sum(await every(records)) == 0


@EVERY_STORE
async def test_a_live_write_that_waits_keeps_its_turn_before_all_republished(records):
    await published(records, ("award", "a1"))
    await records.put(Draft("award", "a2", {}, BY))

    assert await every(records) == [1]
    assert await marked(records) == {"award/a1": 1, "award/a2": 0}


@EVERY_STORE
async def test_only_one_kind_or_only_what_was_written_since(records):
    await published(records, ("award", "a1"), ("student", "s1"))
    await records.collection.update_one({"_id": "award/a1"}, {"$set": {"updated_at": datetime(2020, 1, 1, tzinfo=UTC)}})

    assert await every(records, since=datetime(2020, 1, 2, tzinfo=UTC), kind="award") == [0]
    assert await every(records, since=datetime(2020, 1, 2, tzinfo=UTC)) == [1]
    assert await marked(records) == {"student/s1": 1}
    assert await every(records, kind="award") == [1]


async def test_the_command_marks_the_records_of_the_named_service(mongo_settings):
    client = mongo.connect(mongo_settings)
    try:
        records = Records(client[mongo_settings.database("credentials")])
        await published(records, ("award", "a1"), ("catalogue", "c1"))

        assert await aurora_json(mongo_settings, "republish", "credentials", "--kind", "award") == {
            "service": "credentials", "marked": 1,
        }  # fmt: skip
        assert list(await marked(records)) == ["award/a1"]
        answer = await aurora(mongo_settings, "republish", "credentials")
        assert "1 records of credentials will be published again" in answer.stdout
        assert "roster" in (await aurora(mongo_settings, "republish", "insights", expect=1)).output
        assert "award" in (await aurora(mongo_settings, "republish", "credentials", "--kind", "x", expect=1)).output
    finally:
        await mongo.close(client)
