"""Whether a copy has come to the end of its log: by the log's word, asked a moment after the question came."""

import asyncio

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from shared.roster_copy import log_reached
from shared.roster_copy.log_reached import UNKNOWN, LogEnd, taken_in

ONE = TopicPartition("roster", 0)


class Ends:
    def __init__(self, end=5, error=None):
        self.end = end
        self.error = error
        self.asked = asyncio.Event()

    async def of(self, logs):
        self.asked.set()
        if self.error:
            raise self.error
        return {log: self.end if log == ONE else 0 for log in logs}


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(log_reached, "ON_ITS_WAY_SECONDS", 0.01)
    monkeypatch.setattr(log_reached, "LOOK_AGAIN_SECONDS", 0.001)


@pytest.mark.parametrize(
    ("next_of", "whole"),
    [
        pytest.param({0: 5, 1: 3}, True, id="all"),
        pytest.param({0: 6, 1: 3}, True, id="more, which came since"),
        pytest.param({0: 4, 1: 3}, False, id="all but one"),
        pytest.param({0: 5}, False, id="nothing of one log"),
    ],
)
def test_a_copy_is_whole_when_every_log_was_read_to_its_end(next_of, whole):
    assert taken_in({0: 5, 1: 3, 2: 0}, next_of) is whole


async def test_it_is_waited_for_until_the_end_that_the_log_had_is_taken_in():
    place, ends = {0: 4}, Ends()

    async def next_of():
        return place

    reading = asyncio.create_task(LogEnd("roster", ends).reached(next_of))
    await ends.asked.wait()
    await asyncio.sleep(0.02)
    assert not reading.done()
    ends.end = 9  # what comes later is not waited for
    place[0] = 5

    assert await reading is True


async def test_what_was_on_its_way_when_the_question_came_belongs_to_the_log(monkeypatch):
    monkeypatch.setattr(log_reached, "ON_ITS_WAY_SECONDS", 0.2)
    ends = Ends(5)

    async def next_of():
        return {0: 5}

    reading = asyncio.create_task(LogEnd("roster", ends).reached(next_of))
    await asyncio.sleep(0.02)
    ends.end = 6

    await ends.asked.wait()
    await asyncio.sleep(0.02)
    assert not reading.done()
    reading.cancel()


@pytest.mark.parametrize("error", [KafkaConnectionError(), TimeoutError()])
async def test_without_kafka_nothing_is_known(error):
    async def next_of():
        return {0: 5}

    assert await LogEnd("roster", Ends(error=error)).reached(next_of) is False
    assert await UNKNOWN.reached(next_of) is False
