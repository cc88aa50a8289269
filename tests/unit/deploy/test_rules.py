"""The topics as declared, and the rules that `make lint` runs on our own files."""

from pathlib import Path

import pytest
import yaml

from deploy import house_rules, topics
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


@pytest.mark.parametrize(
    ("path", "source", "wrong"),
    [
        pytest.param("shared/kafka.py", "x = 1\n" * 400, 0, id="as long as may be"),
        pytest.param("shared/kafka.py", "x = 1\n" * 401, 1, id="a line too long"),
        pytest.param("tests/test_kafka.py", "x = 1\n" * 401, 0, id="tests may be longer"),
        pytest.param("services/roster/utils.py", "", 1, id="a name that says nothing"),
        pytest.param("deploy/a.py", "def f():\n" + "    x = 1\n" * 49, 0, id="a function as long as may be"),
        pytest.param("deploy/a.py", "async def f():\n" + "    x = 1\n" * 50, 1, id="a function too long"),
    ],
)
def test_house_rules(path, source, wrong):
    assert len(list(house_rules.violations(Path(path), source))) == wrong
