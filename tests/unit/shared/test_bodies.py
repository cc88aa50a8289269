"""A body is let in for who may send it, where the route takes it, and not beyond; what it holds can be kept."""

import asyncio
import time

import pytest

from shared.web import bodies
from shared.web.bodies import allowed_seconds, unkeepable
from tests.unit.shared.tiny_app import client_of, settings_with, signed, tiny_app

JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}


class Sent:
    """A body that tells how much of it was asked for."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = parts
        self.asked = 0

    async def __aiter__(self):
        for part in self.parts:
            self.asked += 1
            yield part


@pytest.fixture
def settings(keys):
    return settings_with(keys, request_max_bytes=1_000, import_max_bytes=5_000)


def no_token(keys):
    return {}


def one_that_holds(keys):
    return signed(keys)


def another_role(keys):
    return signed(keys, {"sub": "leader-1", "roles": ["leader"]})


PUT, IMPORT = ("PUT", "/v1/things/a"), ("POST", "/v1/things/imports")


@pytest.mark.parametrize(
    ("who", "asked", "kind", "size", "status"),
    [
        pytest.param(no_token, PUT, JSON, 500, 401, id="nobody's"),
        pytest.param(no_token, PUT, JSON, 2_000, 401, id="nobody's, too large"),
        pytest.param(no_token, IMPORT, JSON, 9_000, 401, id="nobody's at an import"),
        pytest.param(no_token, ("POST", "/v1/nothing/imports"), JSON, 9_000, 404, id="no route, whatever it is called"),
        pytest.param(no_token, ("DELETE", "/v1/things/a"), JSON, 9_000, 405, id="no such method"),
        pytest.param(another_role, PUT, JSON, 2_000, 403, id="of a role that the route does not name"),
        pytest.param(one_that_holds, PUT, JSON, 2_000, 413, id="JSON over its limit"),
        pytest.param(one_that_holds, IMPORT, JSON, 2_000, 415, id="JSON is no file"),
        pytest.param(one_that_holds, PUT, CSV, 2_000, 413, id="a file where none is taken"),
        pytest.param(one_that_holds, IMPORT, CSV, 9_000, 413, id="a file over its limit"),
    ],
)
async def test_token_and_route_are_looked_at_before_the_body(keys, settings, who, asked, kind, size, status):
    sent = Sent(*[b"[" * (size // 10)] * 10)
    async with client_of(tiny_app(settings), who(keys)) as client:
        answer = await client.request(*asked, content=sent, headers={**kind, "Content-Length": str(size)})

    assert answer.status_code == status
    assert sent.asked == 0, "not a byte of it was read"


async def test_a_file_may_be_larger_than_any_other_body(keys, settings):
    async with client_of(tiny_app(settings), signed(keys)) as client:
        answer = await client.post(IMPORT[1], content=b"id,name\n" + b"a,b\n" * 900, headers=CSV)

    assert answer.json()["created"] == 900


async def test_one_request_counts_once_however_its_body_comes(keys):
    settings = settings_with(keys, requests_per_minute=3)
    body = {"name": "A", "program_id": "p"}
    async with client_of(tiny_app(settings), signed(keys)) as client:
        answers = [(await client.put("/v1/things/a", json=body)).status_code for _ in range(4)]

    assert answers == [201, 200, 200, 429]


async def test_a_body_has_so_long_and_no_longer(keys, settings, monkeypatch):
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)
    asked = 0

    async def trickling():
        nonlocal asked
        asked += 1
        await asyncio.sleep(0 if asked == 1 else 60)
        return {"type": "http.request", "body": b"[", "more_body": True}

    answers = []

    async def send(message):
        answers.append(message)

    headers = [(name.lower().encode(), text.encode()) for name, text in {**JSON, **signed(keys)}.items()]
    scope = {"type": "http", "method": "PUT", "path": PUT[1], "query_string": b"", "headers": headers}
    await tiny_app(settings)(scope, trickling, send)

    assert answers[0]["status"] == 408
    assert b"too slowly" in answers[1]["body"]


def test_the_more_has_come_the_longer_it_may_take():
    assert [allowed_seconds(received) for received in (0, 1 << 20, 64 << 20)] == [30, 62, 2078]


NUL, HALF = "\\u0000, which no text", "half a surrogate pair"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        pytest.param(rb'{"name": "Ada"}', "", id="no escape"),
        pytest.param(rb'{"name": "\u0041\n\"\/"}', "", id="escapes"),
        pytest.param(rb'{"name": "\ud83d\ude00"}', "", id="a whole pair"),
        pytest.param(rb'{"name": "\\ud83d \\u0000"}', "", id="escaped backslashes"),
        pytest.param(rb'{"name": "\\\u0000"}', NUL, id="a backslash before NUL"),
        pytest.param(rb'{"name": "\u0041\u0000"}', NUL, id="NUL"),
        pytest.param(rb'{"name": "\ud83d"}', HALF, id="the first half alone"),
        pytest.param(rb'{"name": "\uDE00"}', HALF, id="the second half alone"),
        pytest.param(rb'{"name": "\ud83d\ud83d\ude00"}', HALF, id="a half before a pair"),
        pytest.param(rb'{"name": "\ud83d\\ude00"}', HALF, id="its other half is escaped"),
        pytest.param(b'{"name": "\\', "", id="what is no JSON is left to its reader"),
        pytest.param(b'{"name": "\xff"}', "not UTF-8: byte 10", id="no UTF-8"),
        pytest.param(b'{"name": "\0"}', "byte NUL at 10", id="the byte itself"),
        pytest.param(rb"\u0041" * 9_000 + rb"\u0000", NUL, id="far behind"),
        pytest.param(rb"\u0041" * 9_000 + b"\\" * 9_000 + rb"u0000", "", id="behind very many backslashes"),
    ],
)
def test_what_cannot_be_kept(body, fault):
    assert fault in unkeepable(body)
    assert bool(fault) == bool(unkeepable(body))


@pytest.mark.parametrize("piece", [rb"\u0041", rb"\ud83d\ude00", rb"\\", rb"\\u0000", rb"\n", b"a"])
def test_a_megabyte_of_anything_is_looked_through_at_once(piece):
    body = b"\\u0041" + piece * ((1 << 20) // len(piece))
    began = time.process_time()

    assert unkeepable(body) == ""
    assert time.process_time() - began < 0.06
