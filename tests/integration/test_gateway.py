"""What the gateway lets through, to whom and how: a real Caddy before services that echo."""

import gzip
import json
import socket
import subprocess
import time
from contextlib import suppress

import httpx
import psutil
import pytest

from deploy.gateway.__main__ import COMPOSE, of_compose
from deploy.gateway.caddyfile import BY_PATH, REST, Door, caddyfile
from deploy.local.gateway import binary
from shared.doors.headers import ALWAYS, PAGE_POLICY
from tests.gateways import gateway
from tests.played_services import PRIVATE, played_services

pytestmark = pytest.mark.real
SHORT = {"head_seconds": 1, "body_seconds": 2}


@pytest.fixture(scope="module")
def played():
    with played_services() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def door(played, folder):
    """With the students' app, of one page and a file that is nobody's."""
    app = folder / "app of students"
    app.mkdir()
    (app / "index.html").write_text("<p>app</p>")
    (app / ".secret").write_text(PRIVATE)
    with gateway(folder / "own", played.services, app=app) as running:
        yield running


@pytest.fixture(scope="module")
def hasty(played, folder):
    """One with deadlines that a test can wait for, no app, and nobody in the place of credentials."""
    services = {name: url for name, url in played.services.items() if name != "credentials"}
    with gateway(folder / "hasty", services, app=folder / "nothing here", deadlines=SHORT) as running:
        yield running


@pytest.fixture
def ask(door):
    with httpx.Client(base_url=door.url, timeout=20) as client:
        yield client.get


def sent_as_it_is(url: str, request: bytes) -> bytes:
    """All that comes for these very bytes until the other side ends the connection."""
    address, found = httpx.URL(url), b""
    with socket.create_connection((address.host, address.port), timeout=20) as connection, suppress(ConnectionError):
        connection.sendall(request)
        while more := connection.recv(1 << 16):
            found += more
    return found


@pytest.mark.parametrize(
    ("path", "service", "there"),
    [
        pytest.param("/credentials/v1/awards?x=%2F", "credentials", "/v1/awards", id="a service, without its path"),
        pytest.param("/roster/docs", "roster", "/docs", id="its API page"),
        pytest.param("/roster/v1/students/a%2Fb", "roster", "/v1/students/a%2Fb", id="an id as it was written"),
        pytest.param("/v1/scoreboard", "insights", "/v1/scoreboard", id="the rest"),
        pytest.param("/", "insights", "/", id="the start"),
        pytest.param("/rosters/v1", "insights", "/rosters/v1", id="a path that begins alike"),
        pytest.param("/aggregator/v1", "insights", "/aggregator/v1", id="what has nothing for users"),
    ],
)
def test_every_service_has_its_path(ask, path, service, there):
    answer = ask(path)

    assert (answer.json()["service"], answer.json()["path"]) == (service, there)
    assert answer.headers["location"] == ("" if service == "insights" else f"/{service}") + "/v1/things/1"


SPELLED = (
    *("/metrics", "/livez", "/readyz", "/metrics/", "/Metrics", "//metrics", "/./metrics", "/x/../metrics"),
    *("/%6detrics", "/metrics%2f", "/%2fmetrics", "/%2e%2e/metrics", "/metrics?x=1", "/metrics#x", "/metrics/x/.."),
    *("/roster/metrics", "/roster//metrics", "//roster/metrics", "/roster/%4Detrics", "/%72oster/metrics"),
    *("/roster%2fmetrics", "/roster/%2fmetrics", "/roster/v1/../metrics", "/roster/..%2fmetrics", "/ROSTER/metrics"),
    *("/credentials/livez", "/credentials/readyz/", "/metrics%3f", "/metrics;x", "/metrics%00", "/%256detrics"),
    *("/metrics%0a", "/roster/metrics%0A", "/readyz%0a", "/credentials/livez%0d", "/metrics/%7f"),
    *(
        "/roster/roster/metrics",
        "/roster/v1/%2e%2e/%2e%2e/metrics",
        "http://elsewhere/roster/metrics",
        "/roster\\metrics",
    ),
)


@pytest.mark.parametrize("spelled", SPELLED)
def test_what_is_for_whoever_runs_the_services_is_not_reachable(door, spelled):
    request = f"GET {spelled} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    answer = sent_as_it_is(door.url, request.encode())

    assert answer.startswith(b"HTTP/1.1 ")
    assert PRIVATE.encode() not in answer


@pytest.mark.parametrize("path", ["/metrics", "/roster/livez"])
def test_what_is_not_reachable_is_no_address_at_all(ask, path):
    answer = ask(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:aurora:problem:not-found"


@pytest.mark.parametrize("path", ["/v1/many", "/metrics", "/app/", "/roster/page"])
def test_every_answer_has_the_security_headers_once(ask, path):
    headers = ask(path).headers

    for name, value in ALWAYS.items():
        assert headers.get_list(name) == [value], name
    assert len(headers.get_list("content-security-policy")) == 1
    assert not {"server", "via", "alt-svc"} & headers.keys()


def test_a_page_keeps_the_policy_that_it_came_with(ask):
    assert ask("/roster/page").headers["content-security-policy"] == "default-src 'self'"


def test_the_caller_cannot_say_who_it_is(door):
    told = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "elsewhere", "Host": "a"}

    said = httpx.get(f"{door.url}/roster/v1", headers=told).json()

    assert said["client"] == "127.0.0.1"
    forwarded = {name: value for name, value in said["headers"].items() if name.startswith("x-forwarded")}
    assert forwarded == {"x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http", "x-forwarded-host": "a"}
    assert said["headers"]["host"] == "a", "what a form's origin is compared with"


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_large_answer_is_compressed(door, kind):
    with httpx.stream("GET", f"{door.url}/roster/v1/many", headers={"Accept-Encoding": kind}) as answer:
        raw = b"".join(answer.iter_raw())

    assert answer.headers["content-encoding"] == kind
    assert len(raw) < 2000
    if kind == "gzip":
        assert len(json.loads(gzip.decompress(raw))["items"]) == 1000


def test_a_record_keeps_its_etag_which_a_change_must_name(ask):
    answer = ask("/roster/v1/record")

    assert answer.headers["etag"] == '"3"'
    assert "content-encoding" not in answer.headers


def test_an_event_is_there_long_before_the_next_and_a_stream_that_is_left_ends(door, played):
    began = time.monotonic()
    url = f"{door.url}/v1/stream?name=left&pause=15"
    with httpx.stream("GET", url, headers={"Accept-Encoding": "gzip"}, timeout=10) as answer:
        first = next(answer.iter_raw())
        took = time.monotonic() - began

    print(f"first event: {took * 1000:.0f} ms")
    assert first.startswith(b"event: counts")
    assert "content-encoding" not in answer.headers
    assert took < 5
    assert played.streams["left"].wait(8), "the service would count a page that nobody looks at"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        pytest.param("X: " + "a" * 30_000, b"200 ", id="as large as they may be"),
        pytest.param("X: " + "a" * 40_000, b"431 ", id="one too large"),
        pytest.param("\r\n".join(["X: aaaaaaaa"] * 4_000), b"431 ", id="too many"),
    ],
)
def test_headers_are_bounded(door, head, status):
    request = f"GET /v1/things HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{head}\r\n\r\n"

    assert sent_as_it_is(door.url, request.encode()).startswith(b"HTTP/1.1 " + status)


def head_of_a_post(path: str, length: int) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n".encode()


@pytest.mark.parametrize("sent", [b"", head_of_a_post("/roster/v1/taken", 9)[:-2]], ids=["nothing", "half a head"])
def test_a_head_that_does_not_come_in_time_ends_the_connection(hasty, sent):
    began = time.monotonic()

    answer = sent_as_it_is(hasty.url, sent)

    assert time.monotonic() - began < 8
    assert b"200 OK" not in answer


def test_a_body_that_stays_away_is_not_waited_for(hasty, played):
    """The service is free again; its own deadlines hold for what comes byte by byte."""
    address = httpx.URL(hasty.url)
    with socket.create_connection((address.host, address.port), timeout=20) as connection:
        connection.sendall(head_of_a_post("/roster/v1/taken", 9) + b"{")
        assert played.cut.wait(8)


@pytest.mark.parametrize("length", [9, 90_000_000])
def test_whoever_is_refused_hears_it_before_having_sent_everything(door, length):
    address = httpx.URL(door.url)
    with socket.create_connection((address.host, address.port), timeout=10) as connection:
        connection.sendall(head_of_a_post("/roster/v1/refused", length) + b"{")

        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")


def test_the_deadline_of_a_body_ends_no_stream(hasty):
    began = time.monotonic()
    with httpx.stream("GET", f"{hasty.url}/v1/stream?name=long", timeout=10) as answer:
        for _ in answer.iter_raw():
            if time.monotonic() - began > 2 * SHORT["body_seconds"]:
                return
    raise AssertionError("the stream ended")


def test_the_app_s_files_are_served_as_pages_and_nothing_beside_them(ask):
    page = ask("/app/")
    away = [
        ask(path) for path in ("/app/.secret", "/app/nothing", "/app/%2e%2e/own/Caddyfile", "/app/..%2fown/Caddyfile")
    ]

    assert (page.status_code, page.text) == (200, "<p>app</p>")
    assert page.headers["content-security-policy"] == PAGE_POLICY
    assert ask("/app").headers["location"] == "/app/"
    assert not any(words in one.text for one in away for words in (PRIVATE, "admin off"))
    assert [one.status_code for one in away[:2]] == [404, 404]


def test_without_the_app_its_path_is_no_address(hasty):
    assert httpx.get(f"{hasty.url}/app/").json()["status"] == 404


def test_a_service_that_is_away_is_said_to_programs_and_to_people(hasty):
    program = httpx.get(f"{hasty.url}/credentials/v1/awards", timeout=20)
    person = httpx.get(f"{hasty.url}/credentials/", headers={"Accept": "text/html,*/*"}, timeout=20)

    assert (program.status_code, person.status_code) == (503, 503)
    assert program.json()["type"] == "urn:aurora:problem:not-now"
    assert program.headers["retry-after"] == "2"
    assert "does not answer just now" in person.text


def test_what_goes_wrong_is_logged_without_what_was_asked_for(door):
    with httpx.stream("GET", f"{door.url}/v1/stream?name=cut&q=Sample-Name", timeout=10) as answer:
        next(answer.iter_raw())

    deadline = time.monotonic() + 10
    while "aborting with incomplete response" not in door.log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert "Sample-Name" not in door.log.read_text()


def test_it_listens_where_it_should_and_nowhere_else(door):
    listens = {
        (one.laddr.ip, one.laddr.port)
        for one in psutil.Process(door.process.pid).net_connections()
        if one.status == psutil.CONN_LISTEN
    }

    assert listens == {("127.0.0.1", door.made.port), ("127.0.0.1", door.made.health_port)}


def test_by_a_name_it_speaks_https_and_says_so_to_browsers(folder):
    file = folder / "named"
    upstreams = dict.fromkeys((*BY_PATH, REST), "127.0.0.1:9")
    file.write_text(caddyfile(Door("aurora.example", upstreams, app="/srv/app", health="127.0.0.1:9180")))
    adapted = [binary(), "adapt", "--config", file, "--adapter", "caddyfile"]

    servers = json.loads(subprocess.check_output(adapted, stderr=subprocess.DEVNULL))["apps"]["http"]["servers"]

    named = next(one for one in servers.values() if one["listen"] == [":443"])
    assert named["routes"][0]["match"] == [{"host": ["aurora.example"]}]
    assert '"Strict-Transport-Security": ["max-age=' in json.dumps(named)


def test_compose_has_the_gateway_of_this_list_of_services():
    """`python -m deploy.gateway` writes it anew."""
    assert COMPOSE.read_text() == of_compose()
