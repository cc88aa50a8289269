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
from contextlib import contextmanager, suppress

import httpx
import pytest

from tests.unit.shared.tiny_app import signed

SERVE = 'from shared.process.serving import serve; serve("tests.unit.shared.served_app:build")'
# Refused in words for good reason, though the description allows it: a stale ETag, a cursor of
# one's own making, a CSV of other columns.
NOT_ASKED = "positive_data_acceptance"
pytestmark = pytest.mark.real


def environment(**changes: str) -> dict[str, str]:
    return {**os.environ, **{f"AURORA_{name.upper()}": value for name, value in changes.items()}}


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


@contextmanager
def serving(keys, folder):
    """The address of a running tiny app, and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    surroundings = environment(http_port=str(port), jwks=str(keys / "jwks.json"))
    surroundings |= {name.upper(): str(folder / name) for name in ("begun", "closed")}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-c", SERVE], env=surroundings, stderr=log)
    try:
        wait_until(lambda: b"running on" in (folder / "log").read_bytes())
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait(10)


@pytest.fixture(scope="module")
def served(keys, tmp_path_factory):
    """One that all tests ask, each by connections of its own."""
    with serving(keys, tmp_path_factory.mktemp("served")) as running:
        yield running


def test_a_request_under_way_is_answered_before_the_process_ends(keys, tmp_path):
    with serving(keys, tmp_path) as (url, process), ThreadPoolExecutor(1) as pool:
        slow = pool.submit(httpx.get, f"{url}/slow", timeout=15)
        wait_until((tmp_path / "begun").exists)
        process.send_signal(signal.SIGTERM)

        assert slow.result(15).status_code == 200
        process.wait(15)
    assert (tmp_path / "closed").read_text() == "closed in order"
    assert '"GET /slow' not in (tmp_path / "log").read_text(), "no access log"


def test_an_endless_upload_is_cut_off(served, keys):
    url, _ = served

    def endless():
        for _ in range(100):
            yield b"[" * 100_000

    answer = httpx.put(
        f"{url}/v1/things/a", content=endless(), headers={"content-type": "application/json", **signed(keys)}
    )

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def opened(url):
    address = httpx.URL(url)
    return socket.create_connection((address.host, address.port), timeout=60)


def answer_of(connection):
    """All that comes until the other side ends the connection."""
    found = b""
    with suppress(ConnectionResetError):
        while more := connection.recv(1 << 16):
            found += more
    return found


HEAD, END = b"GET /livez HTTP/1.1\r\nHost: tiny\r\n", b"\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        pytest.param(HEAD + b"X: " + b"a" * 31_000 + END, b"200 OK", id="headers as large as they may be"),
        pytest.param(HEAD + b"X: " + b"a" * 33_000 + END, b"431 ", id="one header too large"),
        pytest.param(HEAD + b"X: aaaaaaaa\r\n" * 4_000 + END, b"431 ", id="too many of them"),
        pytest.param(HEAD.replace(b"livez", b"a" * 33_000) + END, b"431 ", id="an address too long"),
        pytest.param(HEAD + b"X: " + b"a" * 3_000_000, b"431 ", id="a header without end"),
    ],
)
def test_headers_are_bounded(served, head, status):
    with opened(served[0]) as connection:
        with suppress(ConnectionError):
            connection.sendall(head)

        assert answer_of(connection).startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize("sent", [b"", HEAD, b"GET /livez HTTP/1.1\r\n\r\n" + HEAD])
def test_headers_that_do_not_come_end_the_connection(served, sent):
    with opened(served[0]) as connection:
        connection.sendall(sent)
        began = time.monotonic()

        assert b"HTTP/1.1 408 " in answer_of(connection)
        assert time.monotonic() - began < 30


def test_a_body_that_nobody_reads_is_not_waited_for(served):
    head = (
        b"PUT /v1/things/a HTTP/1.1\r\nHost: tiny\r\nContent-Type: application/json\r\nContent-Length: 90000000\r\n\r\n"
    )
    with opened(served[0]) as connection:
        connection.sendall(head)
        began = time.monotonic()

        assert answer_of(connection).startswith(b"HTTP/1.1 401 ")
        assert time.monotonic() - began < 30, "and then the connection ends"


def test_one_connection_takes_one_request_after_the_other(served):
    with httpx.Client(base_url=served[0]) as client:
        answers = [client.put("/v1/things/a", json={"name": "A" * 90_000}).status_code for _ in range(3)]
        time.sleep(2.5)  # longer than a head may take, or an unread body is waited for
        answers.append(client.get("/livez").status_code)

    assert answers == [401, 401, 401, 200]


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
