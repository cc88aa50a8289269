"""Ready, stuck, behind: what the aggregator says of itself."""

from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from services.aggregator import metrics
from services.aggregator.counting.consumer import Counting, by_partition
from services.aggregator.main import readiness
from services.aggregator.operating.watch import freshness, look_at_kafka, work
from shared.process.progress import Loop
from shared.process.settings import Settings
from tests.fakes import FakeConsumer, FixedEnds, MemoryStore


def counting(*numbers: int, due=(), stopped=None, loop=None) -> Counting:
    found = Counting(Settings(), MemoryStore(), ["roster", "credentials"], loop=loop)
    found.joined = True
    found.hand_over([TopicPartition(topic, number) for topic in found.topics for number in numbers])
    found.due = dict.fromkeys((*due, *(stopped or {})), 0.0)
    found.stopped = stopped or {}
    return found


def value(gauge) -> float:
    return gauge._value.get()


def test_ready_when_every_partition_is_counted_on():
    assert readiness(counting(0, 1)).reasons == ()


def test_one_without_partitions_stands_by_and_is_ready():
    assert readiness(counting()).reasons == ()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param(counting(0, 1, due=[1]), "partitions [1] are not read yet", id="a position not loaded"),
        pytest.param(counting(0, 1, stopped={1: "another log"}), "partition 1 is stopped: another log", id="stopped"),
    ],
)
def test_not_ready_says_why(given, words):
    assert words in " ".join(readiness(given).reasons)


def test_not_ready_before_the_group_is_joined():
    fresh = Counting(Settings(), MemoryStore(), ["roster"])

    assert readiness(fresh).reasons == ("the group of consumers is not joined yet",)


def test_not_ready_while_a_topic_is_missing():
    """A member that was there before the topics has nothing to count, and would stand by for ever."""
    one = counting()
    one.consumer = FakeConsumer({}, partitions=0)

    assert readiness(one).reasons == ("there is no topic roster or credentials; `python -m deploy.topics` makes it",)


def test_what_an_operator_must_decide_is_no_work_for_a_new_process():
    one = counting(0, 1, stopped={1: "another log"})
    work(one, {0: 3, 1: 500})
    assert one.loop.work == 3

    work(one, {0: 0, 1: 500})
    assert one.loop.work == 0


@pytest.mark.parametrize("away", [KafkaConnectionError(), TimeoutError()])
async def test_while_kafka_answers_nobody_nothing_is_stuck(away):
    now = [0.0]
    one = counting(0, 1, loop=Loop("count", within_seconds=60, clock=lambda: now[0]))
    one.loop.turned()
    for _ in range(50):
        now[0] += 2
        await look_at_kafka(one, FixedEnds(away))
        assert not one.loop.trouble()

    assert readiness(one).reasons == ("Kafka does not answer",)
    await look_at_kafka(one, FixedEnds(0))
    assert readiness(one).reasons == ()


async def test_when_only_the_client_that_counts_is_stuck_a_new_process_is_to_do_better():
    """Were it asked where the logs end, it would not answer, and Kafka would be blamed for ever."""
    now = [0.0]
    one = counting(0, 1, loop=Loop("count", within_seconds=60, clock=lambda: now[0]))
    one.loop.turned()
    for _ in range(50):
        now[0] += 2
        await look_at_kafka(one, FixedEnds(7))

    assert "not turned for 100 s" in one.loop.trouble()
    one.loop.turned()
    assert "has 28 to do and has committed nothing" in one.loop.trouble()
    assert readiness(one).reasons == ()


def test_the_log_furthest_behind_speaks_for_all():
    one, now = counting(0, 1), datetime.now(UTC)
    one.through = {("roster", n): now - timedelta(seconds=1) for n in range(12)}
    one.through["credentials", 1] = now - timedelta(seconds=30)
    one.through["credentials", 5] = now - timedelta(seconds=300)
    freshness(one)

    assert 30 <= value(metrics.SECONDS_BEHIND) < 40
    assert value(metrics.PARTITIONS.labels("counting")) == 2


def test_what_was_polled_is_grouped_by_partition_number_topic_after_topic():
    polled = {TopicPartition("b", 1): ["b1"], TopicPartition("a", 2): ["a2"], TopicPartition("a", 1): ["a1", "a1'"]}

    assert by_partition(polled) == {1: ["a1", "a1'", "b1"], 2: ["a2"]}
