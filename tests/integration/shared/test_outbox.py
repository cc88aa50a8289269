"""Marks: what the relay is told to publish, and in which order."""

import asyncio

from shared.records.outbox import Outbox
from shared.records.store import Entry
from tests.integration.shared.conftest import EVERY_STORE
from tests.recording import all_published, award, document

pytestmark = EVERY_STORE


async def test_a_changed_reference_gives_every_record_it_touches_a_version(records):
    await records.put_many([award("a1", code="1"), award("a2", code="2"), award("a3", code="3", student="p2")])
    await all_published(records)
    records.written.clear()

    assert await records.raise_versions({"state.student_id": "p1"}, Entry("ann", "merged", why="one person")) == 2
    raised, untouched = await records.get("award", "a1"), await records.get("award", "a3")
    assert (raised.version, raised.history[-1].action, raised.history[-1].version) == (2, "merged", 2)
    assert raised.state == {"student_id": "p1", "code": "1"}
    assert (untouched.version, (await document(records, "award/a3")).get("mark")) == (1, None)
    assert (await records.unpublished())[0] == 2
    assert records.written.is_set()


async def test_a_republish_changes_no_version_and_no_live_mark(records):
    await records.put_many([award("a1", code="1"), award("a2", code="2")])
    await Outbox(records).published([await records.get("award", "a1")])
    live = (await document(records, "award/a2"))["mark"]

    assert await records.mark_for_republish({"kind": "award"}) == 1
    assert (await document(records, "award/a2"))["mark"] == live
    assert (await document(records, "award/a1"))["mark"]["rank"] == 1
    assert (await records.get("award", "a1")).version == 1
    assert [(one.record.id, one.live) for one in await Outbox(records).oldest(10)] == [("a2", True), ("a1", False)]


async def test_a_live_write_comes_before_a_republish(records):
    await records.put(award())
    await all_published(records)
    await records.mark_for_republish({})
    await records.put(award(code="a+"))

    assert [one.live for one in await Outbox(records).oldest(10)] == [True]


async def test_the_age_is_that_of_the_oldest_live_write(records):
    assert await records.unpublished() == (0, None)
    await records.put_many([award("a1", code="1"), award("a2", code="2")])
    await asyncio.sleep(0.05)
    count, age = await records.unpublished()
    assert count == 2
    assert 0.04 < age < 10
    await all_published(records)
    await records.mark_for_republish({})
    assert await records.unpublished() == (2, None)


async def test_only_the_version_that_was_published_loses_its_mark(records):
    await records.put_many([award("a1", code="1"), award("a2", code="2")])
    read = [one.record for one in await Outbox(records).oldest(10)]
    await records.put(award("a1", code="3"))
    await Outbox(records).published(read)

    assert [one.record.key for one in await Outbox(records).oldest(10)] == ["award/a1"]


async def test_a_write_wakes_the_relay(records):
    assert not records.written.is_set()
    await records.create(award())
    assert records.written.is_set()
