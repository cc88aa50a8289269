"""Asked to end under load: within its bound, with the batch and the requests in hand ended, and nothing done twice."""

import asyncio
import itertools
import time
from collections import Counter
from datetime import date, timedelta

import httpx
import pytest
from pymongo import MongoClient

from shared.doors import local_key
from tests.aggregating import District, assert_exact, kept, publish, wait_counted
from tests.integration.aggregator.test_faults import held_up
from tests.integration.test_credentials_kafka import OSHA, Roster, eventually
from tests.producer_app import cted, enrolment, program, student
from tests.relaying import told

pytestmark = pytest.mark.faults
END_WITHIN_SECONDS = 20
PEOPLE = [f"p{number}" for number in range(12)]


async def test_an_aggregator_ends_the_transaction_in_hand(settings, start_service):
    district = District(seed=41)
    first = start_service("aggregator")
    await publish(settings, district.goes_on(200))
    await wait_counted(settings)

    async with held_up(settings, milliseconds=1500) as entered, kept(settings) as db:
        await publish(settings, district.goes_on(600))
        await entered()
        before = {one["_id"]: one["turn"] async for one in db["places"].find()}
        took = await asyncio.to_thread(ended, first)
        after = {one["_id"]: one["turn"] async for one in db["places"].find()}

    assert took < END_WITHIN_SECONDS
    assert sum(after.values()) > sum(before.values()), "what was in hand when it was asked is committed"
    said = first.log.read_text()
    assert "given up" not in said
    assert "does not stop" not in said
    start_service("aggregator")
    await wait_counted(settings)
    await assert_exact(settings, district.told)


class People:
    """Who log awards, each over a connection of its own, until nobody answers any more."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.numbers = url, itertools.count()
        self.headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
        self.accepted: set[str] = set()
        self.unanswered: set[str] = set()
        self.refused: list[str] = []

    def catalogue(self) -> bool:
        return httpx.put(f"{self.url}/v1/catalogue/osha-10", json=OSHA, headers=self.headers, timeout=20).is_success

    async def work(self) -> None:
        while True:
            number = next(self.numbers)
            day = str(date(2021, 1, 1) + timedelta(days=number // len(PEOPLE)))
            sent = {"student_id": PEOPLE[number % len(PEOPLE)], "credential_code": "osha-10", "result": "passed"}
            try:
                async with httpx.AsyncClient(headers=self.headers, timeout=15) as client:
                    key = {"Idempotency-Key": f"k{number}"}
                    answer = await client.post(f"{self.url}/v1/awards", json=sent | {"awarded_on": day}, headers=key)
            except httpx.ConnectError:
                return
            except httpx.TransportError:
                self.unanswered.add(f"{sent['student_id']} {day}")
                return
            if answer.status_code == 201:
                self.accepted.add(f"{sent['student_id']} {day}")
            else:
                self.refused.append(answer.text)


async def test_credentials_answer_what_they_have_begun_and_end_the_publication_in_hand(settings, keys, start_service):
    token = local_key.sign(keys, {"sub": "manager-1", "roles": ["data_manager"], "districts": ["*"]})
    known = [record for who in PEOPLE for record in (student(who, f"sis:{who}"), enrolment(f"e-{who}", who))]
    roster = Roster(settings)
    try:
        await roster.tells(cted(), program("welding"), *known)
        await roster.is_heard()
    finally:
        await roster.publisher.close()
    service = start_service("credentials")
    people = People(service.url, token)
    await eventually(people.catalogue)

    workers = [asyncio.create_task(people.work()) for _ in range(8)]
    async with asyncio.timeout(60):
        while len(people.accepted) < 150:
            assert not people.refused, people.refused[0]
            await asyncio.sleep(0.02)
    took = await asyncio.to_thread(ended, service)
    await asyncio.gather(*workers)

    assert took < END_WITHIN_SECONDS
    assert not people.refused
    said = service.log.read_text()
    assert "given up" not in said
    assert "does not stop" not in said
    with MongoClient(settings.mongo_url) as mongo:
        found = list(mongo[settings.database("credentials")]["records"].find({"kind": "award"}))
    written = {f"{one['state']['student_id']} {one['state']['day']}" for one in found}
    assert people.accepted <= written
    assert written - people.accepted == set(), "a request that was begun is answered"
    events = Counter((one.record, one.version) for one in await told(settings) if one.record.startswith("award/"))
    assert set(events.values()) == {1}, "nothing is published a second time"
    out = {one["_id"] for one in found if "mark" not in one}
    assert {record for record, _ in events} == out, "what is published is marked so, and nothing else is"


def ended(service) -> float:
    began = time.monotonic()
    service.stop(within_seconds=END_WITHIN_SECONDS + 10)
    return time.monotonic() - began
