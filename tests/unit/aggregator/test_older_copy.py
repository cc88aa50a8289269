"""A service that goes on from an older copy of its records is noticed by its heartbeats, and nothing else is."""

from datetime import timedelta

import pytest

from services.aggregator.counting.aggregate import Outcome, aggregate
from services.aggregator.counting.older_copy import Heard, accepted, heard_also, refusal, tells_of
from services.aggregator.counting.reading import read
from services.aggregator.main import readiness
from shared.contracts.envelope import Heartbeat
from tests.fakes import Kept, MemoryStore
from tests.histories import NOON, PARTITION, Log, Said, people_of
from tests.unit.aggregator.test_consumer import Member, logs_of

PEOPLE = people_of(PARTITION, 4)
HEARD = Heard(10, NOON)


def beat(number, seconds=0.0, service="roster"):
    return Heartbeat(service=service, through=NOON + timedelta(seconds=seconds), number=number)


@pytest.mark.parametrize(
    ("heartbeat", "stops"),
    [
        pytest.param(beat(11, 2), False, id="the next one"),
        pytest.param(beat(900, 2), False, id="some were never sent, or have expired"),
        pytest.param(beat(10, 0), False, id="the last one again"),
        pytest.param(beat(4, -12), False, id="an old one again, as when a topic is replayed"),
        pytest.param(beat(11, -86_400), False, id="a new primary's clock is a day behind"),
        pytest.param(beat(0, 2), False, id="an older release, which keeps no number"),
        pytest.param(beat(10, 2), True, id="as many as before, later"),
        pytest.param(beat(7, 0.001), True, id="fewer than before, later"),
        pytest.param(beat(1, 86_400), True, id="begun anew"),
    ],
)
def test_what_stops_the_count(heartbeat, stops):
    assert bool(refusal(HEARD, heartbeat)) is stops
    assert not refusal(None, heartbeat), "of a topic that is heard for the first time nothing can be said"


def test_the_highest_number_and_the_latest_moment_are_kept_apart():
    """A clock that lags, and then one that does not: neither may lower what was heard."""
    heard = heard_also(heard_also({"t": HEARD}, "t", beat(11, -60)), "t", beat(0, 99))

    assert heard == {"t": Heard(11, NOON)}
    replayed = heard_also(heard, "t", beat(4, -120))
    assert refusal(replayed["t"], beat(7, 2)), "an old heartbeat read again makes nobody forget the highest"


def test_an_operators_word_holds_until_a_moment_and_no_longer():
    heard = accepted({"t": HEARD}, "t", NOON + timedelta(seconds=30))

    assert not refusal(heard["t"], beat(5, 30))
    assert refusal(heard["t"], beat(6, 31))
    assert not refusal(heard["t"], beat(1_000, 31))
    assert accepted({}, "t", NOON) == {"t": Heard(0, NOON)}


def test_the_message_says_what_happened_and_what_repairs_it():
    said = refusal(HEARD, beat(7, 3))

    assert tells_of(said, "roster")
    assert not tells_of(said, "credentials")
    assert "number 7, after 10" in said
    assert "`aurora republish roster --raise-versions`" in said


def student(person=PEOPLE[0], version=1) -> Said:
    return Said(f"student/{person}", f"student/{person}", version, {"student_id": person, "years": []})


def a_log(*parts) -> Log:
    log = Log()
    for part in parts:
        if isinstance(part, Said):
            log.put(part.topic, part.message())
        else:
            log.heartbeat("t-roster", part.through, part.number)
    return log


RESTORED = (student(), beat(8, 0), student(version=2), beat(9, 2), student(PEOPLE[1]), beat(8, 4), student(PEOPLE[2]))


@pytest.mark.parametrize("most", [1, 2, 1000])
async def test_counting_stops_at_the_first_heartbeat_of_the_older_copy(most):
    one = Member(logs_of(a_log(*RESTORED)), Kept())
    one.consumer.most = most
    await one.take()
    await one.step(40)

    kept = one.store.kept
    assert kept.positions[PARTITION].next["t-roster"] == 5
    assert kept.subjects.keys() == {student().subject, student(PEOPLE[1]).subject}
    assert tells_of(kept.stopped[PARTITION], "roster")
    assert tells_of(readiness(one.counting).reasons[0].partition(": ")[2], "roster")


async def test_a_new_process_stops_at_the_same_place_and_an_operators_word_lets_it_go_on():
    log = a_log(*RESTORED, beat(9, 6), beat(10, 8))
    first = Member(logs_of(log), Kept())
    first.consumer.most = 1
    await first.take()
    await first.step(40)
    kept = first.store.kept

    second = Member(logs_of(log), kept)
    await second.take()
    await second.step(40)
    assert kept.positions[PARTITION].next["t-roster"] == 5

    operator = MemoryStore(kept)
    position = (await operator.load(PARTITION)).trusting("t-roster", NOON + timedelta(seconds=7))
    await operator.turn(position, (), lambda _: Outcome())
    third = Member(logs_of(log), kept)
    await third.take()
    await third.step(40)
    assert third.store.held(PARTITION).next["t-roster"] == len(log.records)
    assert third.counting.stopped == {}


async def test_a_batch_too_large_for_one_transaction_stops_there_too():
    store = MemoryStore(Kept(most_at_once=1))
    outcome = await aggregate(PARTITION, a_log(*RESTORED).records, store, read)

    assert tells_of(outcome.news.older_copy, "roster")
    assert store.kept.positions[PARTITION].next["t-roster"] == 5


async def test_heartbeats_read_again_from_the_stored_place_stop_nothing():
    """What was only passed is read again by the next owner, who then knows no more than the position does."""
    log = a_log(student(), beat(1, 0), beat(2, 2), beat(3, 4))
    kept = Kept()
    for _ in range(2):
        store = MemoryStore(kept)
        for record in log.records:
            assert not (await aggregate(PARTITION, [record], store, read)).news.older_copy
