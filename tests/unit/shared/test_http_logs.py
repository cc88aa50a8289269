"""A log line is JSON, one per thing, and never quotes what somebody typed."""

import json
import logging
import subprocess
import sys

import pytest
import structlog
from pydantic import TypeAdapter, ValidationError
from pymongo.errors import DuplicateKeyError

from shared.errors import Refused, Stopped
from shared.process.logs import without_values

NAME = "Ada Sample"


def invalid() -> ValidationError:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(int).validate_python(NAME)
    return raised.value


@pytest.mark.parametrize(
    ("error", "told"),
    [
        pytest.param(DuplicateKeyError(f'dup key: {{ name: "{NAME}" }}'), False, id="a duplicate key"),
        pytest.param(invalid(), False, id="a field that would not parse"),
        pytest.param(ValueError(NAME), False, id="a value"),
        pytest.param(KeyError(NAME), False, id="a key"),
        pytest.param(Refused(NAME), False, id="a refusal"),
        pytest.param(TypeError("f() takes no arguments"), True, id="a mistake in code"),
        pytest.param(ConnectionRefusedError("127.0.0.1:9092"), True, id="an address"),
        pytest.param(Stopped("run `aurora recount`"), True, id="a command for the operator"),
    ],
)
def test_only_messages_about_code_and_addresses_are_logged(error, told):
    with pytest.raises(type(error)) as raised:
        raise error
    line = without_values(None, "error", {"event": "it broke", "exc_info": raised.value})

    assert ("error" in line) is told
    assert line["error_kind"].endswith(type(error).__name__)
    assert any("test_http_logs.py" in frame for frame in line["frames"])
    assert NAME not in json.dumps(line)


PROGRAM = f"""
import logging, structlog
from shared.process.logs import configure
configure("tiny")
structlog.get_logger().info("published", records=3)
logging.getLogger("some.library").warning("slow %s", "disk")
try:
    raise ValueError("{NAME}")
except ValueError:
    logging.getLogger("some.library").exception("it broke")
    structlog.get_logger().exception("it broke")
logging.getLogger("aiokafka").info("chatter")
"""


@pytest.mark.real
def test_ours_and_a_librarys_lines_are_json_on_stderr():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]

    assert [line["event"] for line in lines] == ["published", "slow disk", "it broke", "it broke"]
    assert {line["service"] for line in lines} == {"tiny"}
    assert lines[0]["records"] == 3
    assert lines[2]["error_kind"] == lines[3]["error_kind"] == "builtins.ValueError"
    assert NAME not in done.stderr
    assert done.stdout == ""


def test_capturing_still_works_in_tests():
    with structlog.testing.capture_logs() as lines:
        structlog.get_logger().info("published")

    assert lines == [{"event": "published", "log_level": "info"}]
    assert logging.getLogger("anything").handlers == []
