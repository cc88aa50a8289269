"""Makes every producer's topic as `topics.yaml` says, one anew when told; refuses a log that has other partitions."""

import asyncio
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code

from shared.errors import Stopped
from shared.process.settings import Settings
from shared.producer import producers

DECLARED = Path(__file__).with_name("topics.yaml")
NO_ERROR, UNKNOWN_TOPIC, TOPIC_ALREADY_EXISTS = 0, 3, 36
MOST_COPIES = 3
DAY_MILLISECONDS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it must be."""

    name: str
    partitions: int
    retention_days: int

    @property
    def configuration(self) -> dict[str, str]:
        return {
            "retention.ms": str(self.retention_days * DAY_MILLISECONDS),
            "cleanup.policy": "delete",
            # By a producer's clock, one that is an hour ahead could publish nothing, and one far behind not for long.
            "message.timestamp.type": "LogAppendTime",
        }


def declared(prefix: str, source: Path = DECLARED) -> tuple[Topic, ...]:
    """Every producer's topic as the file has it, under the name that it has here."""
    said = yaml.safe_load(source.read_text(encoding="utf-8"))
    days = {one.name: said["retention_days"] for one in producers.PRODUCERS} | said["retention_days_of"]
    return tuple(Topic(f"{prefix}{one.name}", said["partitions"], days[one.name]) for one in producers.PRODUCERS)


async def provide(bootstrap: str, topics: Collection[Topic], *, wait_seconds: float = 60.0) -> None:
    """Leave Kafka with these topics, each partition led.

    Raise Stopped when a topic has another number of partitions: counting by it would file
    subjects under partition numbers that their other facts are not in. Raise TimeoutError when
    Kafka does not answer, or a partition finds no leader, within wait_seconds.
    """
    deadline = time.monotonic() + wait_seconds
    admin = await _connect(bootstrap, deadline)
    try:
        await _create_missing(admin, topics)
        while not await _all_led(admin, topics):
            await _pause(deadline, "some partitions have no leader yet")
        await _set_options(admin, topics)
    finally:
        await admin.close()
    await _ask_each_leader(bootstrap, topics, deadline)


async def remove(bootstrap: str, topics: Collection[Topic]) -> None:
    """Delete the topics with all that they hold, and return when they are gone."""
    names = [topic.name for topic in topics]
    deadline = time.monotonic() + 30
    admin = await _connect(bootstrap, deadline)
    try:
        await admin.delete_topics(names)
        while any(seen["error_code"] != UNKNOWN_TOPIC for seen in await admin.describe_topics(names)):
            await _pause(deadline, f"{', '.join(names)} could not be deleted")
    finally:
        await admin.close()


async def _connect(bootstrap: str, deadline: float) -> AIOKafkaAdminClient:
    while True:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        try:
            await admin.start()
        except (KafkaError, OSError) as error:
            await admin.close()
            await _pause(deadline, f"Kafka at {bootstrap} does not answer: {error}")
        else:
            return admin


async def _pause(deadline: float, trouble: str) -> None:
    if time.monotonic() > deadline:
        raise TimeoutError(trouble)
    await asyncio.sleep(0.1)


async def _create_missing(admin: AIOKafkaAdminClient, topics: Collection[Topic]) -> None:
    copies = min(MOST_COPIES, len((await admin.describe_cluster())["brokers"]))
    asked = [NewTopic(topic.name, topic.partitions, copies, topic_configs=topic.configuration) for topic in topics]
    answer = await admin.create_topics(asked)
    for name, code, *detail in answer.topic_errors:
        if code not in {NO_ERROR, TOPIC_ALREADY_EXISTS}:
            raise Stopped(f"Kafka refused topic {name}: {for_code(code).__name__} {' '.join(map(str, detail))}")


async def _all_led(admin: AIOKafkaAdminClient, topics: Collection[Topic]) -> bool:
    wanted = {topic.name: topic for topic in topics}
    found = {seen["topic"]: seen for seen in await admin.describe_topics(list(wanted))}
    for name, topic in wanted.items():
        seen = found.get(name)
        if seen is None or seen["error_code"] != NO_ERROR:
            return False
        if len(seen["partitions"]) != topic.partitions:
            raise Stopped(
                f"topic {name} has {len(seen['partitions'])} partitions, it must have {topic.partitions}: make it anew "
                f"with `python -m deploy.topics anew {name}`, and let its service publish its records again"
            )
        if any(part["error_code"] != NO_ERROR or part["leader"] < 0 for part in seen["partitions"]):
            return False
    return True


async def _ask_each_leader(bootstrap: str, topics: Collection[Topic], deadline: float) -> None:
    """A broker is named leader a moment before it takes records: ask for each partition's end until it does."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    partitions = [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]
    await consumer.start()
    try:
        async with asyncio.timeout(max(1.0, deadline - time.monotonic())):
            await consumer.end_offsets(partitions)
    finally:
        await consumer.stop()


async def _set_options(admin: AIOKafkaAdminClient, topics: Collection[Topic]) -> None:
    answers = await admin.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, topic.name, configs=topic.configuration) for topic in topics]
    )
    for answer in answers:
        for code, message, _, name in answer.resources:
            if code != NO_ERROR:
                raise Stopped(f"Kafka refused the options of {name}: {message}")


def main(arguments: Sequence[str]) -> None:
    """What the deployment runs before any service; with `anew TOPIC` that one is deleted first."""
    settings = Settings()
    topics = declared(settings.topic_prefix)
    old = [topic for topic in topics if arguments == ["anew", topic.name]]
    if arguments and not old:
        names = ", ".join(topic.name for topic in topics)
        sys.exit(f"`python -m deploy.topics` makes what is missing; with `anew TOPIC` it makes one of {names} anew")
    try:
        asyncio.run(_carried_out(settings.kafka_bootstrap_servers, topics, old))
    except (Stopped, TimeoutError) as trouble:
        sys.exit(str(trouble))
    print("topics:", ", ".join(f"{topic.name} ({topic.partitions} partitions)" for topic in topics))


async def _carried_out(bootstrap: str, topics: Collection[Topic], old: Collection[Topic]) -> None:
    if old:
        await remove(bootstrap, old)
    await provide(bootstrap, topics)


if __name__ == "__main__":
    main(sys.argv[1:])
