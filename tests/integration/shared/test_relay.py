"""From a write to the log: at least once, to whom it concerns, in order, whatever stops in between."""

import asyncio

import pytest

from shared import mongo
from shared.contracts.envelope import Heartbeat, HeldBack
from shared.kafka import PARTITIONS, Publisher, partition_of
from shared.records.outbox import Outbox
from shared.records.store import Records
from tests.recording import award
from tests.relaying import SERVICE, Told, Watched, all_out, fact, log_of, relaying, told, until


@pytest.fixture
async def records(mongo_driver, settings):
    client = mongo.connect(settings.model_copy(update={"mongo_driver": mongo_driver}))
    opened = Records(client[settings.database(SERVICE)])
    await opened.prepare()
    yield opened
    await mongo.close(client)


@pytest.fixture
async def publisher(settings):
    opened = Publisher(settings, settings.topic(SERVICE))
    yield Watched(opened)
    await opened.close()


def heard(events):
    return sorted((one.subject, one.record, one.version, one.state is not None) for one in events)


async def test_what_is_written_is_told_to_its_subject_in_the_subjects_partition(records, publisher, settings):
    await records.put_many([award(f"a{n}", student=f"p{n % 7}", code=f"c{n}") for n in range(40)])
    async with relaying(settings, records, publisher):
        await all_out(records)
    log = [(partition, one) for partition, one in await log_of(settings) if isinstance(one, Told)]

    assert heard(one for _, one in log) == sorted((f"student/p{n % 7}", f"award/a{n}", 1, True) for n in range(40))
    assert all(partition == partition_of(one.subject.encode()) for partition, one in log)
    first = await records.get("award", "a0")
    assert next(one.state for _, one in log if one.record == "award/a0") == fact(first)


async def test_a_write_is_published_at_once(records, publisher, settings):
    async with relaying(settings, records, publisher, relay_sweep_seconds=60):
        await until(lambda: asyncio.sleep(0, publisher.beats))
        await records.create(award())
        async with asyncio.timeout(40):
            await all_out(records)

    assert heard(await told(settings)) == [("student/p1", "award/a1", 1, True)]


async def test_a_write_of_another_process_is_found_by_the_sweep(records, publisher, settings):
    async with relaying(settings, records, publisher, relay_sweep_seconds=0.2):
        await until(lambda: asyncio.sleep(0, publisher.beats))
        await Records(records.database).create(award())
        await all_out(records)

    assert heard(await told(settings)) == [("student/p1", "award/a1", 1, True)]


async def test_versions_arrive_in_their_order(records, publisher, settings):
    async with relaying(settings, records, publisher):
        for n in range(20):
            await records.put(award(code=f"c{n}"))
        await all_out(records)
    versions = [one.version for one in await told(settings)]

    assert versions == sorted(versions)
    assert versions[-1] == 20


async def test_a_void_record_is_withdrawn_from_everybody(records, publisher, settings):
    async with relaying(settings, records, publisher):
        await records.create(award(also=["program/welding"]))
        await all_out(records)
        await records.change(award(also=["program/welding"], expected=1, void=True))
        await all_out(records)

    assert heard(await told(settings)) == [
        ("program/welding", "award/a1", 1, True),
        ("program/welding", "award/a1", 2, False),
        ("student/p1", "award/a1", 1, True),
        ("student/p1", "award/a1", 2, False),
    ]


async def test_a_move_is_told_to_both(records, publisher, settings):
    survivor = {"p1": "p1"}

    async def resolved(batch):
        return {record.key: [(f"student/{survivor['p1']}", fact(record))] for record in batch}

    async with relaying(settings, records, publisher, facts=resolved):
        await records.create(award())
        await all_out(records)
        survivor["p1"] = "p2"
        await records.raise_versions({"state.student_id": "p1"})
        await all_out(records)

    assert heard(await told(settings)) == [
        ("student/p1", "award/a1", 1, True),
        ("student/p1", "award/a1", 2, False),
        ("student/p2", "award/a1", 2, True),
    ]
    assert set((await records.get("award", "a1")).subjects) == {"student/p1", "student/p2"}


async def test_a_record_that_concerns_nobody_any_more_is_withdrawn(records, publisher, settings):
    async def nobody(_):
        return {}

    await records.create(award())
    async with relaying(settings, records, publisher, facts=nobody):
        await all_out(records)

    assert heard(await told(settings)) == [("student/p1", "award/a1", 1, False)]


async def test_a_subject_is_noted_before_it_is_told(records, publisher, settings):
    noted = []

    async def look():
        noted.append((await records.get("award", "a1")).subjects)

    publisher.before = look
    await records.create(award(also=["program/welding"]))
    async with relaying(settings, records, publisher):
        await all_out(records)

    assert set(noted[0]) == {"student/p1", "program/welding"}


async def test_a_stop_between_acknowledgement_and_mark_repeats_and_loses_nothing(
    records, publisher, settings, monkeypatch
):
    real, stops = Outbox.published, iter([True, True])

    async def stopped(self, published):
        if next(stops, False):
            raise asyncio.CancelledError
        await real(self, published)

    monkeypatch.setattr(Outbox, "published", stopped)
    await records.create(award())
    for _ in range(2):
        async with relaying(settings, records, publisher) as task:
            await asyncio.wait([task], timeout=10)
            assert task.done()
    async with relaying(settings, records, publisher):
        await all_out(records)

    assert heard(await told(settings)) == [("student/p1", "award/a1", 1, True)] * 3


async def test_a_write_while_it_is_being_published_keeps_its_mark(records, publisher, settings):
    rewrites = iter(["c2", "c3"])

    async def rewrite():
        if code := next(rewrites, None):
            await records.put(award(code=code))

    publisher.after = rewrite
    await records.create(award())
    async with relaying(settings, records, publisher):
        await all_out(records)

    assert [(one.version, one.state.credential_code) for one in await told(settings)] == [
        (1, "ic3"),
        (2, "c2"),
        (3, "c3"),
    ]


async def test_live_writes_go_before_a_republish(records, publisher, settings):
    await records.put_many([award(f"a{n}", code=f"c{n}") for n in range(6)])
    await Outbox(records).published((await records.get_many("award", [f"a{n}" for n in range(6)])).values())
    await records.mark_for_republish({})
    await records.put(award("a5", code="changed"))
    async with relaying(settings, records, publisher, relay_batch_records=1):
        await all_out(records)

    assert publisher.batches[0] == ["award/a5/2/student/p1"]
    assert sorted(publisher.batches[1:]) == [[f"award/a{n}/1/student/p1"] for n in range(5)]


async def test_a_backlog_larger_than_a_batch_goes_out_oldest_first(records, publisher, settings):
    for n in range(7):
        await records.create(award(f"a{n}", code=f"c{n}"))
        await asyncio.sleep(0.002)
    async with relaying(settings, records, publisher, relay_batch_records=3):
        await all_out(records)

    assert [one.split("/")[1] for batch in publisher.batches for one in batch] == [f"a{n}" for n in range(7)]


async def test_one_record_that_has_no_facts_stops_neither_others_nor_the_truth(records, publisher, settings):
    cured = asyncio.Event()

    async def sometimes(batch):
        if any(record.id.startswith("bad") for record in batch) and not cured.is_set():
            raise KeyError("no such program")
        return {record.key: [("student/p1", fact(record))] for record in batch}

    async def only_the_bad_one_waits():
        return (await records.unpublished())[0] == 1

    await records.put_many([award("bad" if n == 10 else f"a{n}", code=f"c{n}") for n in range(21)])
    async with relaying(settings, records, publisher, facts=sometimes):
        await until(only_the_bad_one_waits)
        assert [len(batch) for batch in publisher.batches] == [20]
        begun = (await records.get("award", "bad")).updated_at
        await until(lambda: asyncio.sleep(0, len(publisher.beats) > 2))
        assert {beat.held_back for beat in publisher.beats} == {HeldBack(1, begun)}
        await records.put(award("bad-too", code="c99"))
        await until(lambda: asyncio.sleep(0, publisher.beats[-1].held_back == HeldBack(2, begun)))
        await records.put(award("bad", code="c10", title="corrected"))
        await until(later_beats(publisher))
        assert publisher.beats[-1].held_back == HeldBack(2, begun), "since the first write that nobody was told of"
        cured.set()
        await all_out(records)
        await until(lambda: asyncio.sleep(0, publisher.beats[-1].held_back == HeldBack()))

    assert len(await told(settings)) == 22


def later_beats(publisher):
    """Whether there were heartbeats that were begun after now."""
    before = len(publisher.beats)

    async def came():
        return len(publisher.beats) > before + 1

    return came


async def test_a_heartbeat_stands_in_every_partition_behind_what_it_speaks_of(records, publisher, settings):
    await records.put_many([award(f"a{n}", student=f"p{n}", code=f"c{n}") for n in range(60)])
    marked = {one.record.key: one.record.updated_at for one in await Outbox(records).oldest(100)}
    async with relaying(settings, records, publisher, relay_batch_records=7):
        await until(lambda: asyncio.sleep(0, publisher.beats))
    log = await log_of(settings)

    assert {partition for partition, one in log if isinstance(one, Heartbeat)} == set(range(PARTITIONS))
    for partition in range(PARTITIONS):
        here = [one for place, one in log if place == partition]
        for position, beat in enumerate(here):
            if isinstance(beat, Heartbeat):
                assert all(marked[one.record] > beat.through for one in here[position:] if isinstance(one, Told))


@pytest.mark.parametrize("moment", ["between the reading and the sending", "between the last sending and the beat"])
async def test_a_heartbeat_never_speaks_of_what_is_not_out(records, publisher, settings, monkeypatch, moment):
    """A write that is acknowledged at any moment of a turn is published, or is younger than T."""
    real, numbers, broken = Outbox.oldest, iter(range(1, 400)), []

    async def write():
        number = next(numbers, None)
        if number:
            await Records(records.database).create(award(f"a{number}", code=f"c{number}"))

    async def read_then_write(self, limit, *, but=(), session=None):
        found = await real(self, limit, but=but, session=session)
        await write()
        return found

    async def check(beat):
        late = {"mark.rank": 0, "mark.since": {"$lte": beat.through}}
        broken.extend([one["_id"] async for one in records.collection.find(late)])

    if moment.startswith("between the reading"):
        monkeypatch.setattr(Outbox, "oldest", read_then_write)
    else:
        publisher.after = write
    publisher.before_beat = check
    async with relaying(settings, records, publisher, heartbeat_seconds=0.02):
        await until(lambda: asyncio.sleep(0, len(publisher.beats) > 15))

    assert broken == []
    times = [beat.through for beat in publisher.beats]
    assert times == sorted(times)


async def test_no_heartbeat_while_a_backlog_is_longer_than_what_was_read(records, publisher, settings):
    await records.put_many([award(f"a{n}", code=f"c{n}") for n in range(20)])
    left = []

    async def count(_):
        left.append((await records.unpublished())[0])

    publisher.before_beat = count
    async with relaying(settings, records, publisher, relay_batch_records=5, heartbeat_seconds=0.001):
        await until(lambda: asyncio.sleep(0, publisher.beats))

    assert left[0] == 0


async def test_what_a_heartbeat_speaks_of_is_read_causally_after_its_time(records, publisher, settings):
    await records.database.command("profile", 2)
    async with relaying(settings, records, publisher, heartbeat_seconds=0):
        await until(lambda: asyncio.sleep(0, publisher.beats))
    await records.database.command("profile", 0)

    # One node has no election: that each read waits for a majority write is seen in what was asked.
    reads = records.database["system.profile"].find({"command.find": "records"})
    concerns = [one["command"]["readConcern"] async for one in reads]
    assert concerns
    assert all(one["level"] == "majority" and "afterClusterTime" in one for one in concerns)
