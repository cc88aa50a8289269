"""Topics are made as declared, and a log that is not ours is refused."""

import asyncio
from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy import topics
from deploy.local.state import environment
from shared.errors import Stopped
from tests.aggregating import District, publish
from tests.log_ends import end_offsets


async def test_making_them_again_changes_nothing(settings):
    declared = topics.declared(settings.topic_prefix)

    await topics.provide(settings.kafka_bootstrap_servers, declared)

    async with admin_of(settings) as admin:
        described = await admin.describe_topics([topic.name for topic in declared])
    assert {topic["topic"]: len(topic["partitions"]) for topic in described} == {topic.name: 12 for topic in declared}


async def test_another_number_of_partitions_is_refused_with_the_way_out(settings):
    roster = replace(topics.declared(settings.topic_prefix)[0], partitions=6)

    with pytest.raises(Stopped, match="has 12 partitions, it must have 6: make it anew with `python -m deploy"):
        await topics.provide(settings.kafka_bootstrap_servers, [roster])


def test_a_topic_is_made_anew_by_command(settings, monkeypatch):
    """What it held is gone, and it is as declared."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    topic = settings.topic("roster")
    asyncio.run(publish(settings, District(seed=1).goes_on(50)))
    assert sum(asyncio.run(end_offsets(settings, [topic])).values()) > 0

    topics.main(["anew", topic])

    assert sum(asyncio.run(end_offsets(settings, [topic])).values()) == 0


def test_a_topic_that_is_not_ours_is_not_touched(settings, monkeypatch):
    monkeypatch.setenv("AURORA_KAFKA_BOOTSTRAP_SERVERS", settings.kafka_bootstrap_servers)

    with pytest.raises(SystemExit, match="one of aurora-roster"):
        topics.main(["anew", "somebody-elses"])


async def test_retention_follows_the_file(settings):
    shorter = [replace(topic, retention_days=7) for topic in topics.declared(settings.topic_prefix)]

    await topics.provide(settings.kafka_bootstrap_servers, shorter)

    week = 7 * 24 * 3600 * 1000
    async with admin_of(settings) as admin:
        for _ in range(100):  # the broker hears of it from its controller a moment later
            found = int(await option(admin, shorter[0].name, "retention.ms"))
            if found == week:
                break
            await asyncio.sleep(0.05)
    assert found == week


async def option(admin, topic, name):
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs={name: None})])
    return answer.resources[0][4][0][1]


async def test_records_are_dated_by_the_brokers_clock(settings):
    """A producer whose clock is more than an hour ahead would else be refused by Kafka, and publish nothing."""
    async with admin_of(settings) as admin:
        assert await option(admin, settings.topic("roster"), "message.timestamp.type") == "LogAppendTime"


async def test_no_broker_is_said_within_the_time_allowed(mongo_settings):
    with pytest.raises(TimeoutError, match="does not answer"):
        await topics.provide(mongo_settings.kafka_bootstrap_servers, topics.declared("x-"), wait_seconds=0.3)


class admin_of:  # noqa: N801 (reads as what it is: the admin of a broker)
    def __init__(self, settings):
        self.settings = settings

    async def __aenter__(self):
        self.admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.kafka_bootstrap_servers)
        await self.admin.start()
        return self.admin

    async def __aexit__(self, *_):
        await self.admin.close()
