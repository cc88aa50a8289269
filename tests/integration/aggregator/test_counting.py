"""The aggregator as a process, on a real log: what it counts is a recount, whatever stands between."""

import asyncio

import httpx

from shared.kafka import PARTITIONS, partition_of
from tests.aggregating import District, assert_exact, kept, producer, publish, send, wait_counted
from tests.poison import GOOD, POISON


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
    async with asyncio.timeout(30):  # counting goes on before, while and after the partitions are divided anew
        while not metric(second, "aggregator_partitions") == metric(first, "aggregator_partitions") == 6:
            await asyncio.sleep(0.2)

    first.stop(within_seconds=20)
    await publish(settings, district.goes_on(300))
    await wait_counted(settings)
    await assert_exact(settings, district.told)


async def test_poison_is_parked_whole_and_its_neighbours_are_counted(settings, start_service):
    topic = settings.topic("roster")
    neighbours = [one for one in District(seed=4).goes_on(150) if one.kind != "award"][: len(POISON)]
    async with producer(settings) as raw:
        for good, bad in zip(neighbours, POISON.values(), strict=True):
            await send(raw, topic, good.message())
            await send(raw, topic, bad)
        await send(raw, topic, GOOD, partition=(partition_of(GOOD.key) + 1) % PARTITIONS)
    await publish(settings, [])
    service = start_service("aggregator", parked_of_a_hundred=100)
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
