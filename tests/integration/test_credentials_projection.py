"""What roster tells is kept by version, whatever the order; what cannot be read is parked, and the rest goes on."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from services.credentials.main import PRODUCER
from shared import mongo
from shared.contracts.envelope import heartbeat_message
from shared.contracts.roster import Demographics, Enrolment, Student
from shared.errors import Retryable
from shared.mongo import MongoError
from shared.roster_copy.lookup import RosterCopy
from shared.roster_copy.patience import Hangs, Patience
from shared.roster_copy.projection import Projection
from tests.producer_app import NOW, Came, came, cted, enrolment, event, heartbeats, program, student

TOPIC = "roster"


@pytest.fixture
async def database(mongo_settings):
    client = mongo.connect(mongo_settings)
    yield client[mongo_settings.database("credentials")]
    await mongo.close(client)


@pytest.fixture
async def told_calendars():
    return []


@pytest.fixture
def projection(database, told_calendars):
    async def calendar_told(_view):
        told_calendars.append(1)

    async def persons_told(_view, _students):
        """Nobody was merged."""

    return Projection(
        database,
        service="credentials",
        topic=TOPIC,
        keeps=PRODUCER.keeps,
        organisations_told=calendar_told,
        persons_told=persons_told,
        students_told=persons_told,
    )


@pytest.fixture
def roster(database):
    async def server_time():
        return NOW

    return RosterCopy(database, topic=TOPIC, wait_seconds=0.1, server_time=server_time)


class AtEnd:
    """The log is read to its end, as it says itself."""

    def __init__(self, *, reached):
        self.is_reached = reached

    async def reached(self, next_of):
        await next_of()
        return self.is_reached


@pytest.mark.parametrize(
    ("reached", "found", "answered"),
    [
        pytest.param(True, "harmless", True, id="at the end, a harmless doubt"),
        pytest.param(True, "unknown", False, id="at the end, somebody unknown"),
        pytest.param(False, "harmless", False, id="it is not known where the end is"),
    ],
)
async def test_at_the_end_of_the_log_a_harmless_doubt_waits_for_no_heartbeat(roster, reached, found, answered):
    roster.log_end, roster.wait_seconds = AtEnd(reached=reached), 10.0 if answered else 0.3
    patience = Patience()

    async def read():
        return found

    asked = roster.settled(patience, read, lambda one: Hangs(bool(one), bool(one), one == "harmless"))
    if not answered:
        with pytest.raises(Retryable):
            await asked
        return
    async with asyncio.timeout(5):
        assert await asked == found
    assert (patience.at_end, patience.heard) == (True, False)


async def test_the_place_in_the_log_is_noted_once_all_before_it_is_kept(projection, roster):
    told = [enrolment("e1", "p1"), enrolment("e2", "p2")]
    await projection.learn(told)
    last = {one.partition: one.offset + 1 for one in told}

    assert await roster.reading_on_at() == last
    assert await roster.heard_through() is None


async def of(roster, name):
    return (await roster.told([name], ())).students.get(name)


VERSIONS = [
    enrolment("e1", "p1", at="north", version=1),
    enrolment("e1", "p1", at="south", version=2),
    enrolment("e1", "p1", at="east", version=3),
]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
async def test_the_highest_version_stands_whatever_the_order(projection, roster, order, together):
    records = [VERSIONS[place] for place in order]

    for batch in [records] if together else [[record] for record in records]:
        await projection.learn([student("p1"), *batch])

    assert [one.organisation_id for one in (await of(roster, "p1")).enrolments] == ["east"]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_what_is_withdrawn_does_not_come_back(projection, roster, order):
    records = [
        enrolment("e1", "p1", version=1),
        event("student/p1", "enrolment/e1", Enrolment, version=2),
        student("p1"),
    ]

    for place in order:
        await projection.learn([records[place]])

    assert (await of(roster, "p1")).enrolments == ()


async def test_a_student_who_is_withdrawn_is_unknown_also_by_other_ids(projection, roster):
    await projection.learn([student("p1", "sis:u1")])
    assert (await of(roster, "sis:u1")).id == "p1"

    await projection.learn([event("student/p1", "student/p1", Student, version=2)])

    assert await of(roster, "p1") is None
    assert await of(roster, "sis:u1") is None


@pytest.mark.parametrize("first", [0, 1], ids=["withdrawn first", "state first"])
async def test_a_record_that_moves_to_another_subject_is_with_that_one_alone(projection, roster, first):
    """The same version says `withdrawn` to the one and the state to the other, from two partitions."""
    await projection.learn([student("p1"), student("p2"), enrolment("e1", "p1")])
    moved = enrolment("e1", "p2", version=2)
    both = [event("student/p1", "enrolment/e1", Enrolment, version=2), moved]

    await projection.learn([both[first]])
    await projection.learn([both[1 - first]])

    assert (await of(roster, "p1")).enrolments == ()
    assert len((await of(roster, "p2")).enrolments) == 1


async def test_an_id_that_goes_over_to_another_person_means_that_one(projection, roster):
    await projection.learn([student("p1", "sis:u1"), student("p2")])
    await projection.learn([student("p1", version=2), student("p2", "sis:u1", version=2)])

    assert (await of(roster, "sis:u1")).id == "p2"


def with_header(record: Came, name: str, value: bytes | None) -> Came:
    return replace(record, headers=[(key, value if key == name else old) for key, old in record.headers])


GOOD = student("p1")
HUGE = event("student/p1", "student/p1", Student(student_id="p1"), version=2**63)
UNREADABLE = [
    pytest.param(replace(GOOD, headers=()), "ce_type is missing", id="no headers"),
    pytest.param(with_header(GOOD, "ce_type", None), "ce_type is missing", id="a null header"),
    pytest.param(with_header(GOOD, "ce_type", b"\xff\xfe"), "not UTF-8", id="a header that is not text"),
    pytest.param(with_header(GOOD, "ce_type", b"org.aurora.roster.pupil.v1"), "not one that", id="an unknown type"),
    pytest.param(replace(GOOD, value=b"{"), "truncated", id="half a body"),
    pytest.param(replace(GOOD, value=None), "empty", id="no body"),
    pytest.param(
        replace(GOOD, value=b'{"record_id":"student/p1","version":1,"state":{}}'), "student_id", id="no field"
    ),
    pytest.param(replace(GOOD, key=b"student/p2"), "key is not the subject", id="another key"),
    pytest.param(event("student/p.1", "student/p1", Student), "kind/id", id="a dot in the subject"),
    pytest.param(event("student/p1", "student/$p1", Student), "record_id", id="a dollar in the record"),
    pytest.param(HUGE, "$.version", id="a version beyond all numbers"),
    pytest.param(event("student/p1", "student/p1", Student, version=0), "$.version", id="version 0"),
    pytest.param(cted(zone="Mars/Olympus"), "calendar of cted", id="a time zone that is none"),
    pytest.param(cted(starts="13-01"), "calendar of cted", id="a day that is none"),
    pytest.param(came(heartbeat_message("credentials", NOW), 3), "none of roster's", id="somebody else's heartbeat"),
    pytest.param(replace(heartbeats(NOW)[0], value=b"now"), "heartbeat", id="a heartbeat without a time"),
]


@pytest.mark.parametrize(("bad", "reason"), UNREADABLE)
async def test_what_cannot_be_read_is_parked_as_it_came_and_its_neighbours_are_kept(
    projection, roster, database, bad, reason
):
    await projection.learn([student("n1"), bad, student("n2")])
    await projection.learn([bad])

    assert await of(roster, "n1")
    assert await of(roster, "n2")
    [parked] = [document async for document in database["parked"].find({})]
    assert reason in parked["reason"]
    assert (parked["key"], parked["value"], parked["times"]) == (bad.key, bad.value, 2)
    assert [tuple(pair) for pair in parked["headers"]] == list(bad.headers)
    assert parked["_id"] == f"{bad.topic}-{bad.partition}-{bad.offset}"


async def test_what_is_of_no_use_here_is_neither_kept_nor_parked(projection, database):
    fact = Demographics(student_id="p1", school_year="2024-25", sex="female")

    await projection.learn([event("student/p1", "demographics/p1-2024-25", fact)])

    assert await database["known"].count_documents({}) == 0
    assert await database["parked"].count_documents({}) == 0


async def test_roster_is_heard_once_every_partition_says_so(projection, roster):
    beats = heartbeats(NOW)

    await projection.learn(beats[:11])
    assert await roster.heard_through() is None
    await projection.learn([*beats[11:], *heartbeats(NOW + timedelta(hours=1))[:11]])
    assert await roster.heard_through() == NOW
    await projection.learn(heartbeats(NOW - timedelta(hours=1)))
    assert await roster.heard_through() == NOW


async def test_a_heartbeat_is_noted_only_once_all_before_it_is_kept(projection, roster, database):
    """The note says that everything before it is here: noted first, a crash would make it a lie."""
    await projection.learn([student("p1")])
    await database.command({"collMod": "known", "validator": {"_id": {"$ne": "student/p7"}}})

    with pytest.raises(MongoError):
        await projection.learn([student("p7"), *heartbeats(NOW)])

    assert await roster.heard_through() is None
    await database.command({"collMod": "known", "validator": {}})
    await projection.learn([student("p7"), *heartbeats(NOW)])
    assert await roster.heard_through() == NOW
    assert await of(roster, "p7")


async def test_programs_and_the_calendar_are_told(projection, roster, told_calendars):
    await projection.learn([program("welding"), cted(starts="08-01")])

    told = await roster.told((), ["welding", "baking"])

    assert told.programs == {"welding"}
    assert (told.calendar.starts, str(told.calendar.zone)) == ((8, 1), "America/Phoenix")
    assert told_calendars == [1]
