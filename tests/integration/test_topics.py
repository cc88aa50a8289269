"""Topics are made as declared, and a log that is not ours is refused."""

import asyncio
from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy import topics
from shared.errors import Stopped


async def test_making_them_again_changes_nothing(settings):
    declared = topics.declared(settings.topic_prefix)

    await topics.provide(settings.kafka_bootstrap_servers, declared)

    async with admin_of(settings) as admin:
        described = await admin.describe_topics([topic.name for topic in declared])
    assert {topic["topic"]: len(topic["partitions"]) for topic in described} == {topic.name: 12 for topic in declared}


async def test_another_number_of_partitions_is_refused_with_the_way_out(settings):
    roster = replace(topics.declared(settings.topic_prefix)[0], partitions=6)

    with pytest.raises(Stopped, match="has 12 partitions, it must have 6: delete it"):
        await topics.provide(settings.kafka_bootstrap_servers, [roster])


async def test_retention_follows_the_file(settings):
    shorter = [replace(topic, retention_days=7) for topic in topics.declared(settings.topic_prefix)]

    await topics.provide(settings.kafka_bootstrap_servers, shorter)

    week = 7 * 24 * 3600 * 1000
    async with admin_of(settings) as admin:
        for _ in range(100):  # the broker hears of it from its controller a moment later
            found = await retention_of(admin, shorter[0].name)
            if found == week:
                break
            await asyncio.sleep(0.05)
    assert found == week


async def retention_of(admin, topic):
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic, configs={"retention.ms": None})]
    (answer,) = await admin.describe_configs(asked)
    return int(answer.resources[0][4][0][1])


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
