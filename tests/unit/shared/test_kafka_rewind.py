"""A failed batch is rewound as far as it is still ours."""

from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError
from faststream.kafka.message import KafkaAckableMessage

from shared.kafka import _as_it_came


class Consumer:
    """As aiokafka's: to seek in a partition that one does not have is an error."""

    def __init__(self, *partitions: int) -> None:
        self.ours = {TopicPartition("t", partition) for partition in partitions}
        self.places: dict[int, int] = {}

    def assignment(self):
        return frozenset(self.ours)

    def seek(self, partition, offset):
        if partition not in self.ours:
            raise IllegalStateError(f"{partition} is not assigned")
        self.places[partition.partition] = offset


@pytest.mark.parametrize(
    ("ours", "places"),
    [
        pytest.param((1, 2, 3), {1: 7, 2: 5, 3: 9}, id="all of it"),
        pytest.param((2, 3), {2: 5, 3: 9}, id="the first has gone to another member"),
        pytest.param((), {}, id="nothing is left"),
    ],
)
async def test_what_is_ours_is_read_again(monkeypatch, ours, places):
    monkeypatch.setattr("shared.kafka.replace", lambda record, **_: record)
    consumer = Consumer(*ours)
    batch = [(1, 7), (1, 8), (2, 5), (3, 9)]
    records = tuple(SimpleNamespace(topic="t", partition=partition, offset=offset) for partition, offset in batch)

    async def original(_):
        return KafkaAckableMessage(body=b"", raw_message=None, consumer=consumer)

    message = await _as_it_came(records, original)
    await message.nack()

    assert consumer.places == places
