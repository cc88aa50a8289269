"""What crosses Kafka does not change by accident: each fact equals its golden message, both ways.

After a change that is meant, compatible and says so: `GOLDEN=write pytest tests/contracts`.
"""

import json
import os
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from shared.contracts.catalogue import BY_KIND, BY_TYPE
from shared.contracts.envelope import (
    HEARTBEAT_TYPE,
    Heartbeat,
    HeldBack,
    Message,
    fact_message,
    header,
    heartbeat_message,
    read_fact,
    read_heartbeat,
)
from shared.contracts.export import FOLDER, export
from shared.contracts.roster import alias_digest
from shared.errors import Unreadable
from tests.contracts.examples import AT, EXAMPLES, STUDENT

GOLDEN = Path(__file__).parent / "golden"
MESSAGES = {
    name: fact_message(fact, event, subject=subject, at=AT) for name, (subject, fact, event) in EXAMPLES.items()
} | {"heartbeat": heartbeat_message("roster", AT)}
FACTS = sorted(EXAMPLES)


def as_json(message: Message) -> dict[str, Any]:
    return {
        "key": message.key.decode() if message.key is not None else None,
        "headers": {name: value.decode() for name, value in message.headers},
        "value": json.loads(message.value),
    }


def golden(name: str) -> dict[str, Any]:
    return json.loads((GOLDEN / f"{name}.json").read_text())


def arrived(message: dict[str, Any], **changes: Any):
    """Read a golden message back, as a consumer would, with parts of it replaced."""
    message = {**message, **changes}
    value = message["value"] if isinstance(message["value"], bytes) else json.dumps(message["value"]).encode()
    headers = [(name, text.encode()) for name, text in message["headers"].items()]
    return read_fact(BY_TYPE, headers=headers, key=message["key"].encode(), value=value)


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_message_is_written_as_its_golden_one(name):
    written = as_json(MESSAGES[name])
    if os.environ.get("GOLDEN") == "write":
        (GOLDEN / f"{name}.json").write_text(json.dumps(written, indent=2) + "\n")

    assert written == golden(name)


@pytest.mark.parametrize("name", FACTS)
def test_a_golden_message_is_read_as_its_value(name):
    subject, fact, event = EXAMPLES[name]

    found = arrived(golden(name))

    assert found.event == event
    assert (found.subject, found.kind, found.type) == (subject, fact.kind, fact.type_name())


def test_every_fact_has_a_golden_message_and_every_golden_message_a_fact():
    assert {fact.kind for _, fact, _ in EXAMPLES.values()} == BY_KIND.keys()
    assert {file.stem for file in GOLDEN.glob("*.json")} == MESSAGES.keys()


@pytest.mark.parametrize("name", [name for name in FACTS if name != "award-withdrawn"])
def test_every_field_of_a_fact_stands_in_its_golden_message(name):
    _, fact, event = EXAMPLES[name]

    assert golden(name)["value"]["state"].keys() == set(fact.__struct_fields__)
    assert event.state is not None


@pytest.mark.parametrize("name", FACTS)
def test_a_field_that_this_release_does_not_know_is_ignored(name):
    message = golden(name)
    message["value"]["new_field"] = {"deep": [1, None]}
    if message["value"]["state"] is not None:
        message["value"]["state"]["new_field"] = "x"

    assert arrived(message).event == EXAMPLES[name][2]


MISSING = [
    *((name, "value", field) for name in FACTS for field in ("record_id", "version", "state")),
    *(
        (name, "state", field.name)
        for name in FACTS
        if name != "award-withdrawn"
        for field in msgspec.structs.fields(EXAMPLES[name][1])
        if field.required
    ),
]


@pytest.mark.parametrize(("name", "part", "field"), MISSING)
def test_a_message_without_a_required_field_cannot_be_read(name, part, field):
    message = golden(name)
    del (message["value"] if part == "value" else message["value"]["state"])[field]

    with pytest.raises(Unreadable, match=field):
        arrived(message)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"value": b""}, "empty", id="nothing"),
        pytest.param({"value": b"{"}, "award", id="half a message"),
        pytest.param({"value": b'{"x":' + b"[" * 200_000}, "award", id="nested without end"),
        pytest.param({"value": b"\xff\xfe"}, "award", id="no UTF-8"),
        pytest.param(
            {"value": {"record_id": "award/a.1", "version": 1, "state": None}}, "matching", id="a dot in an id"
        ),
        pytest.param({"value": {"record_id": "award/a\n", "version": 1, "state": None}}, "matching", id="a line break"),
        pytest.param({"value": {"record_id": "$award/a", "version": 1, "state": None}}, "matching", id="a dollar"),
        pytest.param({"value": {"record_id": "award/a", "version": 0, "state": None}}, ">= 1", id="version 0"),
        pytest.param(
            {"value": {"record_id": "award/a", "version": 2**63, "state": None}}, "<=", id="a version too large"
        ),
        pytest.param({"value": {"record_id": "award/a", "version": "1", "state": None}}, "int", id="a version as text"),
        pytest.param({"key": "student/p2"}, "key is not the subject", id="another key"),
    ],
)
def test_a_message_that_nobody_can_count_is_unreadable(changes, words):
    with pytest.raises(Unreadable, match=words):
        arrived(golden("award"), **changes)


@pytest.mark.parametrize("name", ["ce_type", "ce_subject"])
def test_a_message_without_a_header_that_says_what_it_is_cannot_be_read(name):
    message = golden("award")
    del message["headers"][name]

    with pytest.raises(Unreadable, match=name):
        arrived(message)


def test_a_type_of_another_release_cannot_be_read():
    message = golden("award")
    message["headers"]["ce_type"] = "org.aurora.credentials.award.v2"

    with pytest.raises(Unreadable, match=r"award\.v2"):
        arrived(message)


def test_a_header_that_is_no_text_cannot_be_read():
    with pytest.raises(Unreadable, match="UTF-8"):
        header([("ce_type", b"\xff")], "ce_type")


def test_a_heartbeat_is_read_back():
    written = heartbeat_message("roster", AT)

    assert written.key is None
    assert header(written.headers, "ce_type") == HEARTBEAT_TYPE
    assert read_heartbeat(written.value) == Heartbeat(service="roster", through=AT)
    assert read_heartbeat(heartbeat_message("roster", AT, 7).value).number == 7
    held = HeldBack(2, AT)
    assert read_heartbeat(heartbeat_message("roster", AT, 7, held).value).held_back == held
    of_an_older_release = b'{"service":"roster","through":"2025-05-23T14:05:06.789Z"}'
    assert read_heartbeat(of_an_older_release) == Heartbeat(service="roster", through=AT, number=0)
    assert read_heartbeat(of_an_older_release).held_back == HeldBack()
    with pytest.raises(Unreadable):
        read_heartbeat(b'{"service":"roster"}')
    with pytest.raises(Unreadable):
        read_heartbeat(None)


def test_times_are_written_in_utc_whatever_they_came_in():
    subject, fact, event = EXAMPLES["award"]
    elsewhere = AT.astimezone(timezone(timedelta(hours=-7)))

    assert fact_message(fact, event, subject=subject, at=elsewhere) == MESSAGES["award"]
    assert header(MESSAGES["award"].headers, "ce_time") == datetime(2025, 5, 23, 14, 5, 6, 789000, UTC).isoformat()


def test_no_message_carries_an_outside_id_in_clear():
    assert "900001" not in json.dumps(golden("student"))
    assert STUDENT.alias_digests == (alias_digest("stateStudentId:900001"),)
    assert re.fullmatch(r"[0-9a-f]{32}", alias_digest("stateStudentId:900001"))


def test_the_committed_schemas_are_current(tmp_path):
    (tmp_path / "org.aurora.gone.v1.json").write_text("{}")
    export(tmp_path)

    written = {file.name: file.read_text() for file in tmp_path.iterdir()}
    committed = {file.name: file.read_text() for file in FOLDER.iterdir()}
    assert committed == written, "run `python -m shared.contracts.export` and commit what it writes"


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_the_schemas_accept_the_golden_messages(name):
    message = golden(name)
    schema = json.loads((FOLDER / f"{message['headers']['ce_type']}.json").read_text())

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(message["value"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({})
