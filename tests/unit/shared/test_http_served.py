"""The app as a real process: it starts, tells wrong settings, ends its requests before it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.unit.shared.tiny_app import signed

SERVE = 'from shared.serving import serve; serve("tests.unit.shared.served_app:build")'
# Refused in words for good reason, though the description allows it: a stale ETag, a cursor of
# one's own making, a CSV of other columns.
NOT_ASKED = "positive_data_acceptance"


def environment(**changes: str) -> dict[str, str]:
    return {**os.environ, **{f"AURORA_{name.upper()}": value for name, value in changes.items()}}


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture
def served(keys, tmp_path):
    """The address of a running tiny app, and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    surroundings = environment(http_port=str(port), jwks=str(keys / "jwks.json"))
    surroundings |= {name.upper(): str(tmp_path / name) for name in ("begun", "closed")}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-c", SERVE], env=surroundings, stderr=log)
    try:
        wait_until(lambda: b"running on" in (tmp_path / "log").read_bytes())
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait(10)


def test_a_request_under_way_is_answered_before_the_process_ends(served, tmp_path):
    url, process = served
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(httpx.get, f"{url}/slow", timeout=15)
        wait_until((tmp_path / "begun").exists)
        process.send_signal(signal.SIGTERM)

        assert slow.result(15).status_code == 200
    process.wait(15)
    assert (tmp_path / "closed").read_text() == "closed in order"
    assert '"GET /slow' not in (tmp_path / "log").read_text(), "no access log"


def test_an_endless_upload_is_cut_off(served):
    url, _ = served

    def endless():
        for _ in range(100):
            yield b"[" * 100_000

    answer = httpx.put(f"{url}/v1/things/a", content=endless(), headers={"content-type": "application/json"})

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_schemathesis_finds_nothing(served, keys):
    url, _ = served
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--max-examples", "5"]
    command += ["-H", f"Authorization: {signed(keys)['Authorization']}"]
    command += [
        "--exclude-checks",
        NOT_ASKED,
        "--phases",
        "examples,coverage,fuzzing",
        "--seed",
        "1",
        "--no-color",
        "--warnings",
        "off",
    ]

    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)

    assert done.returncode == 0, done.stdout[-6000:]
    assert re.search(r"Tested: \d+", done.stdout)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        pytest.param({"http_port": "x"}, "AURORA_HTTP_PORT: ", id="a port that is none"),
        pytest.param(
            {"environment": "prod", "mongo_url": "mongodb://root:secret@localhost"}, "AURORA_MONGO_URL", id="unsafe"
        ),
    ],
)
def test_wrong_settings_are_told_without_their_values(wrong, words):
    done = subprocess.run(
        [sys.executable, "-c", SERVE], env=environment(**wrong), capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 1
    assert words in done.stderr
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr
