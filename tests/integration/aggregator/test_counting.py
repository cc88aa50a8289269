"""The aggregator as a process, on a real log: what it counts is a recount, whatever stands between."""

import httpx

from shared.contracts.envelope import Message
from shared.kafka import PARTITIONS, partition_of
from tests.aggregating import District, assert_exact, kept, producer, publish, send, wait_counted
from tests.histories import Said


def metric(service, name):
    text = httpx.get(f"{service.url}/metrics", timeout=5).text
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


async def test_a_backlog_and_what_comes_after_it_are_counted(settings, start_service):
    district = District(seed=1)
    await publish(settings, district.goes_on(1500))
    service = start_service("aggregator")
    await wait_counted(settings)
    await assert_exact(settings, district.told)

    await publish(settings, district.goes_on(200))
    await wait_counted(settings)
    await assert_exact(settings, district.told)

    read = metric(service, "aggregator_facts_total")
    applied = metric(service, 'aggregator_facts_total{outcome="applied"}')
    assert read == len(district.told)
    assert 0 < applied < read
    service.stop(within_seconds=20)


async def test_a_second_process_takes_half_and_the_first_goes_on(settings, start_service):
    district = District(seed=2)
    first = start_service("aggregator")
    await publish(settings, district.goes_on(300))
    second = start_service("aggregator")
    await publish(settings, district.goes_on(300))
    await wait_counted(settings)
    assert metric(second, "aggregator_partitions") == metric(first, "aggregator_partitions") == 6

    first.stop(within_seconds=20)
    await publish(settings, district.goes_on(300))
    await wait_counted(settings)
    await assert_exact(settings, district.told)


ABOUT = Said("student/made-up-1", "student/made-up-1", 1, {"student_id": "made-up-1", "years": []}).message()


def but(*, value=ABOUT.value, key=ABOUT.key, drop=None, **headers):
    changed = [(name, headers.get(name, was)) for name, was in ABOUT.headers if name != drop]
    return Message(key, value, changed)


def said(kind, change, record=None, version=1):
    """A well-formed event whose content cannot be."""
    (whole,) = [one for one in District(seed=3, students=2).goes_on(60) if one.kind == kind and one.state][:1]
    message = Said(whole.subject, record or whole.record, version, whole.state).message()
    return Message(message.key, message.value.replace(*change), message.headers)


POISON = {
    "empty": but(value=b""),
    "tombstone": but(value=None),
    "no headers": Message(ABOUT.key, ABOUT.value, []),
    "a header without value": but(ce_type=None),
    "a header that is no text": but(ce_type=b"\xff\xfe"),
    "no subject": but(drop="ce_subject"),
    "a type nobody knows": but(ce_type=b"org.aurora.roster.unicorn.v1"),
    "another key than its subject": but(key=b"student/somebody-else"),
    "no key": but(key=None),
    "bad JSON": but(value=b"{"),
    "not UTF-8": but(value=b'{"record_id": "\xff"}'),
    "wrong schema": but(value=b'{"record_id": "student/made-up-1", "version": 1, "state": {"student_id": 7}}'),
    "an array": but(value=b"[]"),
    "a megabyte": but(value=b'{"record_id": "student/x", "version": 1, "state": null, "x": "' + b"y" * 900_000 + b'"}'),
    "version 0": but(value=b'{"record_id": "student/made-up-1", "version": 0, "state": null}'),
    "a version beyond 64 bits": but(value=b'{"record_id": "student/made-up-1", "version": 1e30, "state": null}'),
    "an id with a dot": but(value=b'{"record_id": "student/a.b", "version": 1, "state": null}'),
    "an id with a dollar": but(value=b'{"record_id": "$student/a", "version": 1, "state": null}'),
    "an id of another kind": but(value=b'{"record_id": "award/a", "version": 1, "state": null}'),
    "a subject that is none": but(key=b"nobody", ce_subject=b"nobody"),
    "a school year that is none": said("demographics", (b'"school_year":"20', b'"school_year":"99')),
    "a day at the end of time": said("completion", (b'"completed_on":"202', b'"completed_on":"999')),
    "a program that is no id": said("award", (b'"tiers":{"welding"', b'"tiers":{"$welding.x"')),
    "a heartbeat that is none": but(ce_type=b"org.aurora.heartbeat.v1"),
    "a heartbeat of no time zone": but(
        ce_type=b"org.aurora.heartbeat.v1", value=b'{"service": "roster", "through": "2026-01-01T00:00:00"}'
    ),
}


async def test_poison_is_parked_whole_and_its_neighbours_are_counted(settings, start_service):
    topic = settings.topic("roster")
    neighbours = [one for one in District(seed=4).goes_on(150) if one.kind != "award"][: len(POISON)]
    async with producer(settings) as raw:
        for good, bad in zip(neighbours, POISON.values(), strict=True):
            await send(raw, topic, good.message())
            await send(raw, topic, bad)
        await send(raw, topic, ABOUT, partition=(partition_of(ABOUT.key) + 1) % PARTITIONS)
    await publish(settings, [])
    service = start_service("aggregator")
    await wait_counted(settings)

    await assert_exact(settings, neighbours)
    async with kept(settings) as db:
        parked = [one async for one in db["parked"].find()]
    assert len(parked) == len(POISON) + 1, sorted(one["reason"] for one in parked)
    by_value = {(one["key"], one["value"]) for one in parked}
    assert all((message.key, message.value) in by_value for message in POISON.values())
    assert all(one["reason"] and one["times"] == 1 and one["at"] for one in parked)
    whole = next(one for one in parked if one["value"] == b"{")
    assert [tuple(header) for header in whole["headers"]] == list(POISON["bad JSON"].headers)
    assert metric(service, "aggregator_parked_total{") == len(parked)
