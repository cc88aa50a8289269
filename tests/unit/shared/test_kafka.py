import pytest

from shared import kafka
from shared.kafka import PARTITIONS, Publisher, consumer_settings, partition_of, servers
from shared.process.settings import Settings

# Kafka's own test vectors (UtilsTest.testMurmur2), so that the Java client agrees.
MURMUR2 = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize("key", MURMUR2)
def test_a_key_has_the_partition_that_the_java_client_gives_it(key):
    assert partition_of(key) == (MURMUR2[key] & 0x7FFFFFFF) % PARTITIONS


def test_every_partition_number_is_used():
    assert {partition_of(f"student/{n}".encode()) for n in range(500)} == set(range(PARTITIONS))


def test_several_servers_are_read_from_one_setting():
    assert servers(Settings(kafka_bootstrap_servers="a:9092, b:9092")) == ["a:9092", "b:9092"]


def test_a_group_keeps_its_offsets_itself_and_one_number_of_every_topic_together():
    chosen = consumer_settings(Settings(), "aggregator")

    assert chosen["enable_auto_commit"] is False
    assert chosen["auto_offset_reset"] == "earliest"
    assert [assignor.name for assignor in chosen["partition_assignment_strategy"]] == ["range"]


async def test_a_publisher_that_was_never_used_closes_without_having_connected(monkeypatch):
    made = []
    monkeypatch.setattr(kafka, "AIOKafkaProducer", lambda **settings: made.append(settings))
    await Publisher(Settings(), "aurora-roster").close()

    assert made == []
