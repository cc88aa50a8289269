"""`aurora parked` on a real log: what was set aside is found, shown, produced again as it came, or discarded."""

import asyncio
import base64
from datetime import UTC, datetime

import httpx

from services.aggregator.counting.aggregate import Parked
from services.aggregator.counting.reading import parked_document
from services.aggregator.main import opened
from shared import mongo
from shared.contracts.envelope import Message
from shared.kafka import partition_of
from tests.aggregating import kept, producer, send, wait_counted
from tests.aggregating import publish as publish_told
from tests.commands import aurora, aurora_json
from tests.histories import LogRecord, Said
from tests.integration.aggregator.test_counting import metric
from tests.poison import GOOD, POISON

STUDENT = Said("student/made-up-1", "student/made-up-1", 1, {"student_id": "made-up-1", "years": []})


async def put(settings, *messages, partition=None):
    async with producer(settings) as raw:
        for message in messages:
            await send(raw, settings.topic("roster"), message, partition=partition)
    await publish_told(settings, [])


async def parked_by_a_release_that_could_not_read_it(settings, message, offset):
    number = partition_of(message.key or b"")
    record = LogRecord(settings.topic("roster"), number, offset, message.key, message.value, message.headers, 1)
    key, update = parked_document(Parked(record, "a type nobody knows [yet]"), datetime.now(UTC))
    async with kept(settings) as db:
        await db["parked"].update_one({"_id": key}, update, upsert=True)
    return key


async def when(condition, seconds=60):
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.2)


async def test_what_is_parked_is_found_by_topic_reason_and_time(settings, start_service):
    await put(settings, POISON["bad JSON"], POISON["empty"], POISON["a header that is no text"])
    start_service("aggregator")
    await wait_counted(settings)

    found = await aurora_json(settings, "parked", "list")
    assert len(found) == 3
    assert {(one["topic"], one["times"]) for one in found} == {(settings.topic("roster"), 1)}
    assert len(await aurora_json(settings, "parked", "list", "--topic", settings.topic("credentials"))) == 0
    assert len(await aurora_json(settings, "parked", "list", "--reason", "NOT utf-8")) == 1
    assert len(await aurora_json(settings, "parked", "list", "--since", "1h")) == 3
    assert len(await aurora_json(settings, "parked", "list", "--since", "2099-01-01")) == 0
    assert len(await aurora_json(settings, "parked", "list", "--until", "2099-01-01")) == 3
    assert len(await aurora_json(settings, "parked", "list", "--since", "1h", "--until", "30m")) == 0
    assert "2 of 3 records" in (await aurora(settings, "parked", "list", "--limit", 2)).output
    assert (await aurora(settings, "parked", "list", "--since", "yesterday", expect=2)).exit_code == 2

    one = next(one["id"] for one in found if one["offset"] == 2)
    shown = await aurora_json(settings, "parked", "show", one)
    sent = POISON["a header that is no text"]
    assert base64.b64decode(shown["value"]["base64"]) == sent.value
    assert [(one["key"], base64.b64decode(one["base64"])) for one in shown["headers"]] == list(sent.headers)
    words = (await aurora(settings, "parked", "show", one)).output
    assert all(word in words for word in (one, "offset 2", "met 1 times", "(hex) ff fe", "state     open"))
    await aurora(settings, "parked", "show", "aurora-roster-0-99", expect=1)


async def test_a_replayed_record_is_counted_and_is_no_longer_parked(settings, start_service):
    service = start_service("aggregator")
    one = await parked_by_a_release_that_could_not_read_it(settings, STUDENT.message(), 7000)
    await when(lambda: asyncio.to_thread(lambda: metric(service, "aggregator_parked_records") == 1))

    answered = await aurora_json(settings, "parked", "replay", one)

    assert list(answered) == [one]
    async with kept(settings) as db:
        await when(lambda: db["subjects"].count_documents({"_id": STUDENT.subject}))
        assert (await db["parked"].find_one({"_id": one}))["closed"]["as"] == answered[one]
        assert await db["parked"].count_documents({}) == 1
    await when(lambda: asyncio.to_thread(lambda: metric(service, "aggregator_parked_records") == 0))
    again = await aurora(settings, "parked", "replay", one, expect=1)
    assert "was replayed on" in again.output


async def test_what_still_cannot_be_read_comes_back_byte_for_byte(settings, start_service):
    start_service("aggregator")
    sent = [*(POISON[name] for name in ("a header without value", "tombstone", "a megabyte"))]
    # An empty header has its name alone; one of no text is kept all the same.
    sent.append(Message(GOOD.key, b"\x00\xff", [*GOOD.headers[1:], ("made-up", b""), ("made-up", b"\xff")]))
    await put(settings, *sent, partition=partition_of(GOOD.key))
    await wait_counted(settings)
    nothing = await parked_by_a_release_that_could_not_read_it(settings, Message(None, None, []), 7000)
    async with kept(settings) as db:
        await db["parked"].update_one({"_id": nothing}, {"$set": {"reason": "header ce_type is missing"}})
    before = await aurora_json(settings, "parked", "list")
    assert len(before) == len(sent) + 1

    now_at = await aurora_json(settings, "parked", "replay", *(one["id"] for one in before))

    async with kept(settings) as db:
        await when(lambda: _has(db, 2 * len(before)))
        for was, now in now_at.items():
            first, second = await db["parked"].find_one({"_id": was}), await db["parked"].find_one({"_id": now})
            assert [first[name] for name in ("topic", "partition", "reason", "key", "value", "headers")] == [
                second[name] for name in ("topic", "partition", "reason", "key", "value", "headers")
            ]
    assert {one["id"] for one in await aurora_json(settings, "parked", "list")} == set(now_at.values())
    assert len(await aurora_json(settings, "parked", "list", "--all")) == 2 * len(before)


async def _has(db, number):
    return await db["parked"].count_documents({}) == number


async def test_discarding_needs_a_reason_and_is_kept(settings):
    one = await parked_by_a_release_that_could_not_read_it(settings, GOOD, 1)
    two = await parked_by_a_release_that_could_not_read_it(settings, GOOD, 2)

    await aurora(settings, "parked", "discard", one, expect=2)
    await aurora(settings, "parked", "discard", one, "--reason", "  ", expect=2)
    refused = await aurora(settings, "parked", "discard", one, "aurora-roster-0-99", "--reason", "x", expect=1)
    assert "aurora-roster-0-99" in refused.output
    assert len(await aurora_json(settings, "parked", "list")) == 2
    await aurora(settings, "parked", "discard", one, "--reason", "a made-up test record")

    assert [found["id"] for found in await aurora_json(settings, "parked", "list")] == [two]
    assert "discarded" in (await aurora(settings, "parked", "show", one)).output
    kept_one = await aurora_json(settings, "parked", "show", one)
    assert kept_one["closed"]["reason"] == "a made-up test record"
    assert base64.b64decode(kept_one["value"]["base64"]) == GOOD.value


async def test_met_again_it_stays_closed_but_another_record_at_its_place_is_open(settings):
    async def parked_at(timestamp):
        record = LogRecord("t-roster", 3, 5, b"student/x", b"$y", [("n", None)], timestamp)
        key, update = parked_document(Parked(record, "bad"), datetime.now(UTC))
        async with kept(settings) as db:
            await db["parked"].update_one({"_id": key}, update, upsert=True)
            return await db["parked"].find_one({"_id": key})

    async def open_ones():
        client = mongo.connect(settings)
        try:
            return await opened(settings, client).parked_records()
        finally:
            await mongo.close(client)

    first = await parked_at(1)
    assert (first["value"], first["headers"], "closed" in first) == (b"$y", [["n", None]], False)
    await aurora(settings, "parked", "discard", first["_id"], "--reason", "made up")
    again = await parked_at(1)
    assert (again["times"], again["at"], again["closed"]["how"]) == (2, first["at"], "discarded")
    assert await open_ones() == 0
    assert "closed" not in await parked_at(2)
    assert await open_ones() == 1


async def test_what_was_erased_of_a_parked_record_stays_so_when_its_log_is_read_again(settings):
    key = await parked_by_a_release_that_could_not_read_it(settings, POISON["bad JSON"], 7)
    async with kept(settings) as db:
        blank = {"value": None, "reason": "-", "closed": {"how": "erased"}}
        await db["parked"].update_one({"_id": key}, {"$set": blank})
        await parked_by_a_release_that_could_not_read_it(settings, POISON["bad JSON"], 7)
        found = await db["parked"].find_one({"_id": key})

    assert (found["value"], found["reason"], found["closed"]["how"], found["times"]) == (None, "-", "erased", 2)


async def test_a_whole_bad_release_stops_its_partition_until_an_operator_says_otherwise(settings, start_service):
    number = partition_of(GOOD.key)
    service = start_service("aggregator", parked_in_a_row=5)
    await put(settings, *[POISON["wrong schema"]] * 9, STUDENT.message(), partition=number)

    async with kept(settings) as db:
        await when(lambda: db["places"].count_documents({"_id": number, "stopped": {"$exists": True}}))
        reason = (await db["places"].find_one({"_id": number}))["stopped"]
        assert "5 records in a row" in reason
        assert "The first: offset 0: org.aurora.roster.student.v1: Expected `str`" in reason
        assert await db["parked"].count_documents({}) == 4
        ready = await asyncio.to_thread(httpx.get, f"{service.url}/readyz")
        assert ready.status_code == 503
        assert "5 records in a row" in ready.json()["reasons"][0]
        stopped = 'aggregator_partitions{state="stopped"}'
        await when(lambda: asyncio.to_thread(lambda: metric(service, stopped) == 1))
        service.stop()

        second = start_service("aggregator", wait=False, parked_in_a_row=5)
        await when(lambda: _said(second, "counting stopped"))
        assert await db["parked"].count_documents({}) == 4
        second.stop()

        topic = settings.topic("roster")
        one, *_ = [found["id"] for found in await aurora_json(settings, "parked", "list")]
        await aurora(settings, "parked", "discard", "--reason", "x", expect=2)
        await aurora(settings, "parked", "discard", one, "--matching", "--reason", "x", expect=2)
        await aurora(settings, "parked", "discard", one, "--topic", topic, "--reason", "x", expect=2)
        await aurora(settings, "parked", "discard", "--matching", "--until", "1h", "--reason", "x", expect=1)
        looked_at = ("--matching", "--topic", topic, "--since", "1h", "--parked-as", "expected `str`")
        assert len(await aurora_json(settings, "parked", "discard", *looked_at, "--reason", "a bad release")) == 4
        third = start_service("aggregator", wait=False, parked_in_a_row=5)
        await when(lambda: _said(third, "counting stopped"))
        assert await db["parked"].count_documents({}) == 8, "as many as were dealt with are let by, and no more"
        third.stop()

        start_service("aggregator", parked_in_a_row=50)
        await when(lambda: db["subjects"].count_documents({"_id": STUDENT.subject}))
        assert await db["parked"].count_documents({}) == 9
        assert await db["places"].count_documents({"stopped": {"$exists": True}}) == 0


async def _said(service, words):
    return service.log.exists() and words in service.log.read_text()
