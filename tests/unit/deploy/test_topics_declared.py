"""The topics as declared."""

import yaml

from deploy import topics
from shared.producer.producers import PRODUCERS


def test_every_service_that_publishes_has_its_topic():
    assert [topic.name for topic in topics.declared("aurora-")] == [f"aurora-{one.name}" for one in PRODUCERS]


def test_one_topic_may_be_kept_longer_than_the_others(tmp_path):
    told = tmp_path / "topics.yaml"
    told.write_text("partitions: 12\nretention_days: 30\nretention_days_of: {roster: 90}\n")

    days = {topic.name: topic.retention_days for topic in topics.declared("x-", told)}
    assert days == {f"x-{one.name}": 90 if one.name == "roster" else 30 for one in PRODUCERS}


def test_what_is_said_of_one_topic_is_of_one_that_there_is():
    said = yaml.safe_load(topics.DECLARED.read_text())["retention_days_of"]

    assert said.keys() <= {one.name for one in PRODUCERS}


def test_all_topics_have_the_same_number_of_partitions_and_expire():
    declared = topics.declared("x-")

    assert {topic.partitions for topic in declared} == {12}
    assert {topic.configuration["retention.ms"] for topic in declared} == {str(30 * 24 * 3600 * 1000)}
