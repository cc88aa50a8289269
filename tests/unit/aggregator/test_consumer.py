"""The loop around the hot path: rebalances, failures and logs that are not what they were."""

from datetime import timedelta
from itertools import count

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from services.aggregator.counting import consumer
from services.aggregator.counting.consumer import Counting, Rebalances
from shared.process.settings import Settings
from tests.fakes import FakeConsumer, Kept
from tests.histories import NOON, PARTITION, Log, Said, histories, log_of
from tests.history_days import AS_OF
from tests.unit.aggregator.test_exactly_once import CAREFULLY, Fragile, counted, expected

TOPICS = ("t-credentials", "t-family_touchpoints", "t-roster")
ALL = {TopicPartition(topic, PARTITION) for topic in TOPICS}


@pytest.fixture(scope="module", autouse=True)
def _time_flies():
    """Every look at the clock is a minute on: no pause is waited for."""
    was, ticks = consumer.monotonic, count(0.0, 60.0)
    consumer.monotonic = lambda: next(ticks)
    yield
    consumer.monotonic = was


class Member:
    """One process of the group: its loop, its consumer, its store with its own cache."""

    def __init__(self, logs, kept: Kept):
        self.consumer = FakeConsumer(logs)
        self.store = Fragile(kept)
        self.counting = Counting(Settings(), self.store, TOPICS)
        self._listener = Rebalances(self.counting, self.consumer)

    async def take(self, *, give_back=True, logs=ALL):
        """Be given the partition; without giving it back first, as one that was frozen meanwhile."""
        if give_back:
            await self._listener.on_partitions_revoked(self.consumer.assignment())
        self.consumer.assign(logs)
        await self._listener.on_partitions_assigned(logs)

    async def lose(self):
        await self._listener.on_partitions_revoked(self.consumer.assignment())
        self.consumer.assign(set())
        await self._listener.on_partitions_assigned(set())

    async def step(self, times=1):
        for _ in range(times):
            await self.counting._step(self.consumer)


def logs_of(log: Log):
    return {one: [record for record in log.records if record.topic == one.topic] for one in ALL}


def member(*told: Said, kept: Kept | None = None) -> Member:
    return Member(logs_of(log_of(told)), kept or Kept())


STUDENT = Said("student/made-up-6", "student/made-up-6", 1, {"student_id": "made-up-6"})


@CAREFULLY
@given(histories(), st.data())
async def test_whatever_fails_and_whoever_believes_to_own_it_each_record_counts_once(told, data):
    """Members come, go and freeze, and own all logs or one; turns fail before and after they are kept; the log comes
    in pieces."""
    logs, kept = logs_of(log_of(told)), Kept()
    members = [Member(logs, kept), Member(logs, kept)]
    happens = ("step", "step", "step", "take", "thaw", "part", "lose", "before", "after", "bits")
    await members[0].take()
    for _ in range(data.draw(st.integers(0, 14))):
        one = members[data.draw(st.integers(0, 1))]
        what = data.draw(st.sampled_from(happens))
        if what in ("before", "after"):
            one.store.fails = what
        elif what == "bits":
            one.consumer.most = data.draw(st.integers(1, 3))
        elif what == "step":
            await one.step()
        elif what == "lose":
            await one.lose()
        elif what == "part":
            await one.take(logs={data.draw(st.sampled_from(sorted(ALL)))})
        else:
            await one.take(give_back=what == "take")

    one = members[data.draw(st.integers(0, 1))]
    await one.take()
    await one.step(times=6 + len(told))
    for as_of in (AS_OF[9], AS_OF[-1]):
        assert counted(kept, as_of) == expected(told, as_of)
    assert kept.positions[PARTITION].next.items() >= {at.topic: len(log) for at, log in logs.items() if log}.items()
    assert not kept.stopped


async def test_nothing_is_read_before_the_place_is_loaded():
    one = member(STUDENT)
    one.consumer.assign(ALL)
    await one._listener.on_partitions_assigned(ALL)

    assert await one.consumer.getmany(timeout_ms=1, max_records=10) == {}
    assert one.counting.due.keys() == {PARTITION}


async def test_after_a_failure_the_same_records_come_again():
    one = member(STUDENT)
    await one.take()
    one.store.fails = "before"
    await one.step()
    assert one.store.kept.subjects == {}
    assert one.counting.due.keys() == {PARTITION}

    await one.step()
    assert "student/made-up-6" in one.store.kept.subjects


@CAREFULLY
@given(histories())
async def test_members_with_a_topic_each_count_a_partition_number_between_them(told):
    """While members of a release that reads fewer topics are about, nobody waits for them to go."""
    logs, kept = logs_of(log_of(told)), Kept()
    members = [Member(logs, kept) for _ in TOPICS]
    for one, topic in zip(members, TOPICS, strict=True):
        await one.take(logs={TopicPartition(topic, PARTITION)})
    for _ in range(6 + len(told)):
        for one in members:
            await one.step()

    assert counted(kept, AS_OF[-1]) == expected(told, AS_OF[-1])
    assert kept.positions[PARTITION].next.items() >= {at.topic: len(log) for at, log in logs.items() if log}.items()
    assert not kept.stopped


async def test_records_of_an_assignment_that_is_over_are_not_counted():
    one = member(STUDENT)
    await one.take()
    getmany = one.consumer.getmany

    async def and_then_rebalance(**limits):
        polled = await getmany(**limits)
        await one.lose()
        return polled

    one.consumer.getmany = and_then_rebalance
    await one.step()
    assert one.store.kept.subjects == {}


async def test_a_heartbeat_is_noted_behind_what_it_stands_behind():
    """The turn before it failed: what it says is not true yet."""
    log = log_of([STUDENT])
    log.heartbeat("t-roster", NOON + timedelta(seconds=1))
    one = Member(logs_of(log), Kept())
    await one.take()
    one.store.fails = "before"
    await one.step()
    assert one.store.kept.progress == {}

    await one.step()
    assert one.store.kept.progress == {("t-roster", PARTITION): NOON + timedelta(seconds=1)}
    assert one.counting.through == one.store.kept.progress


async def test_a_large_batch_that_fails_is_tried_in_smaller_ones():
    one = member(*[STUDENT] * 600)
    one.counting._failures[PARTITION] = 6
    sizes = []
    turn = one.store.turn

    async def measured(position, subjects, fold):
        outcome = await turn(position, subjects, fold)
        sizes.append(len(outcome.news.facts))
        return outcome

    one.store.turn = measured
    await one.take()
    await one.step()
    assert sizes == [31, 62, 125, 250, 132]


async def counted_once(log: Log) -> Member:
    one = Member(logs_of(log), Kept())
    await one.take()
    await one.step()
    assert one.store.kept.positions[PARTITION].next["t-roster"] == len(
        one.consumer.logs[TopicPartition("t-roster", PARTITION)]
    )
    return one


async def test_another_log_under_the_same_offsets_stops_the_partition_and_says_what_repairs_it():
    one = await counted_once(log_of([STUDENT] * 3))
    for record in one.consumer.logs[TopicPartition("t-roster", PARTITION)]:
        record.timestamp += 1
    await one.take()
    await one.step(3)

    assert "accept t-roster" in one.store.kept.stopped[PARTITION]
    assert one.counting.stopped.keys() == {PARTITION}
    assert one.store.kept.positions[PARTITION].turn == 1


async def test_a_log_made_anew_under_a_running_reader_is_not_taken_for_counted():
    one = await counted_once(log_of([STUDENT] * 3))
    one.consumer.logs[TopicPartition("t-roster", PARTITION)][:] = logs_of(log_of([STUDENT] * 2))[
        TopicPartition("t-roster", PARTITION)
    ]
    await one.step(3)

    assert "counted up to offset 3, but the log ends at 2" in one.store.kept.stopped[PARTITION]


async def test_records_that_expired_uncounted_stop_the_partition():
    one = await counted_once(log_of([STUDENT] * 3))
    log = one.consumer.logs[TopicPartition("t-roster", PARTITION)]
    log += [log[0]] * 3
    one.consumer.begin[TopicPartition("t-roster", PARTITION)] = 5
    await one.take()
    await one.step(2)

    assert "offsets 3 to 4 are gone" in one.store.kept.stopped[PARTITION]


async def test_another_number_of_partitions_stops_everything():
    one = await counted_once(log_of([STUDENT]))
    one.consumer.partitions = 13
    await one.take()
    await one.step(2)

    assert "has 13 partitions, not 12" in one.store.kept.stopped[PARTITION]


async def test_a_topic_that_is_not_there_yet_is_waited_for():
    one = member(STUDENT)
    one.consumer.partitions = 0
    await one.take()
    await one.step(3)
    assert not one.store.kept.stopped
    assert "is not there yet" in one.counting.loop.waiting_for

    one.consumer.partitions = 12
    await one.step(2)
    assert "student/made-up-6" in one.store.kept.subjects


async def test_what_is_repaired_is_noticed_without_a_restart():
    one = await counted_once(log_of([STUDENT] * 3))
    one.consumer.partitions = 13
    await one.take()
    await one.step(2)
    one.consumer.partitions = 12
    await one.step(2)

    assert one.counting.stopped == {}
    assert one.counting.due == {}


async def test_a_gap_that_stays_stops_the_partition():
    one = member(*[STUDENT] * 3)
    del one.consumer.logs[TopicPartition("t-roster", PARTITION)][1]
    await one.take()
    await one.step(20)

    assert "1 was awaited, not 2" in one.store.kept.stopped[PARTITION]
