"""Where logs end, as whoever watches a reader asks: told rightly, and told again after Kafka was away."""

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from deploy.local import ports
from shared.contracts.envelope import Message
from shared.kafka import Publisher, servers
from shared.process.log_ends import LogEnds
from tests.faults.proxy import Proxy


async def test_the_ends_are_those_of_the_logs(settings):
    topic, ends = settings.topic("roster"), LogEnds(servers(settings))
    first, second = TopicPartition(topic, 0), TopicPartition(topic, 1)
    publisher = Publisher(settings, topic)
    try:
        assert await ends.of([first, second]) == {first: 0, second: 0}
        await publisher.publish_to_all_partitions(Message(None, b"x", []))
        await publisher.publish_to_all_partitions(Message(None, b"x", []))
        assert await ends.of([second]) == {second: 2}
        assert await ends.of([]) == {}
    finally:
        await publisher.close()
        await ends.aclose()


async def test_kafka_that_was_away_is_asked_anew(settings):
    host, port = settings.kafka_bootstrap_servers.split(":")
    door = Proxy("kafka", ports.any_free(), int(port))
    ends = LogEnds(servers(settings.model_copy(update={"kafka_bootstrap_servers": f"{host}:{door.port}"})))
    log = TopicPartition(settings.topic("roster"), 0)
    with pytest.raises(KafkaError):
        await ends.of([log])
    await door.start()
    try:
        assert await ends.of([log]) == {log: 0}
    finally:
        await ends.aclose()
        await door.close()
