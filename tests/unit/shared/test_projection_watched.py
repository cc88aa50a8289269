"""A projection is judged by what lies in the log unread, as whoever asks anew is told it."""

import asyncio

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaConnectionError

from shared.kafka import look_whether_they_read
from shared.process.progress import Loop
from tests.fakes import FixedEnds

PATIENCE_SECONDS = 60


class Reader:
    """A consumer of two logs, at one place in both; without a place its client is stuck."""

    def __init__(self, place: int | Exception | None) -> None:
        self.place = place

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition("roster", number) for number in (0, 1)}

    async def position(self, _: TopicPartition) -> int:
        if self.place is None:
            await asyncio.Event().wait()
        if isinstance(self.place, Exception):
            raise self.place
        return self.place


async def judged(reader, ends, *, looks=20):
    """What is to be said of a loop that commits nothing while it is looked at for longer than its patience."""
    now = [0.0]
    loop = Loop("projection", within_seconds=PATIENCE_SECONDS, clock=lambda: now[0])
    loop.turned()
    for _ in range(looks):
        now[0] += 5
        await look_whether_they_read([reader], loop, ends)
    return loop


async def test_who_has_read_all_is_well():
    loop = await judged(Reader(7), FixedEnds(7))

    assert (loop.work, loop.trouble(), loop.waiting_for) == (0, "", "")


async def test_who_has_records_before_it_and_takes_none_in_is_stuck():
    loop = await judged(Reader(4), FixedEnds(7))

    assert "has 6 to do and has committed nothing" in loop.trouble()


@pytest.mark.parametrize("place", [None, IllegalStateError("not assigned")])
async def test_a_client_that_does_not_know_its_own_place_while_kafka_answers_is_stuck(place):
    loop = await judged(Reader(place), FixedEnds(7), looks=14)

    assert "has 14 to do and has committed nothing" in loop.trouble()


@pytest.mark.parametrize("away", [KafkaConnectionError(), TimeoutError()])
async def test_while_kafka_answers_nobody_it_is_waited_for(away):
    loop = await judged(Reader(4), FixedEnds(away))

    assert loop.trouble() == ""
    assert loop.waiting_for == f"Kafka: {type(away).__name__}"
