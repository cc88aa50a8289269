"""Every refusal and failure is a problem that says what would work."""

import json

import pytest
import structlog
from pymongo.errors import AutoReconnect
from starlette.responses import HTMLResponse

from shared.errors import Conflict
from tests.unit.shared.tiny_app import client_of, settings_with, signed, tiny_app

JSON = {"content-type": "application/json"}
THING = {"name": "Lathe", "program_id": "welding"}


@pytest.fixture(scope="module")
def app(keys):
    return tiny_app(settings_with(keys, request_max_bytes=2000, import_max_bytes=5000))


@pytest.fixture
async def client(app, keys):
    async with client_of(app, signed(keys)) as opened:
        yield opened


def problem_of(answer) -> dict:
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == answer.status_code
    assert {"type", "title", "status", "detail", "instance", "errors"} <= found.keys()
    return found


@pytest.mark.parametrize(
    ("body", "headers", "status", "pointer", "words"),
    [
        pytest.param(b"{", JSON, 400, None, "not JSON", id="malformed JSON"),
        pytest.param(b"", JSON, 422, "", "is needed", id="no body"),
        pytest.param(b"{}", {"content-type": "text/plain"}, 415, None, "application/json", id="wrong media type"),
        pytest.param(b"{}", {}, 415, None, "application/json", id="no media type"),
        pytest.param(b"{}", JSON, 422, "/name", "is needed", id="a field is missing"),
        pytest.param(b"[]", JSON, 422, "", "object", id="a list instead of an object"),
        pytest.param(b"null", JSON, 422, "", "object", id="null instead of an object"),
        pytest.param(b'{"name":"x","program_id":"a.b"}', JSON, 422, "/program_id", "form", id="an id with a dot"),
        pytest.param(b'{"name":"x","program_id":{"$ne":1}}', JSON, 422, "/program_id", "text", id="an operator"),
        pytest.param(b'{"nmae":"x","program_id":"a"}', JSON, 422, "/nmae", "misspelt", id="a field that is not there"),
        pytest.param(b'{"a/b~c":1}', JSON, 422, "/a~1b~0c", "misspelt", id="a pointer with a slash in it"),
        pytest.param(b'{"name":"x\\u0000","program_id":"a"}', JSON, 400, None, "u0000", id="NUL escaped"),
        pytest.param(b'{"name":"x\x00"}', JSON, 400, None, "NUL", id="NUL raw"),
        pytest.param(b'{"name":"x\\n","program_id":"a"}', JSON, 201, None, "", id="a line break at the end is cut"),
        pytest.param(b'{"name":"x\\ny","program_id":"a"}', JSON, 422, "/name", "form", id="a line break within"),
        pytest.param(b'{"\\ud800":1}', JSON, 400, None, "surrogate", id="half a pair in a field's name"),
        pytest.param(
            b'{"name":"\\ud800"}',
            {"content-type": "application/a_b+json"},
            400,
            None,
            "surrogate",
            id="another sort of JSON",
        ),
        pytest.param(b'{"name":"\\uDC00\\uD800"}', JSON, 400, None, "surrogate", id="a pair the wrong way round"),
        pytest.param(b'{"name":"\\\\\\ud800"}', JSON, 400, None, "surrogate", id="half a pair behind a backslash"),
        pytest.param(b'{"name":"\xed\xa0\x80"}', JSON, 400, None, "UTF-8", id="half a pair in bytes"),
        pytest.param('{"name":"x"}'.encode("utf-16"), JSON, 400, None, "UTF-8", id="UTF-16 with a mark"),
        pytest.param('{"name":"x"}'.encode("utf-16-le"), JSON, 400, None, "NUL", id="UTF-16 without a mark"),
        pytest.param(b"[" * 1500, JSON, 400, None, "not JSON", id="deep and unfinished"),
        pytest.param(b'{"size":' + b"9" * 1900 + b"}", JSON, 422, "/size", "", id="an int of 1900 digits"),
        pytest.param(b'{"size":"1"}', JSON, 422, "/size", "a number", id="a number in quotes"),
        pytest.param(b'{"size":true}', JSON, 422, "/size", "a number", id="true as a number"),
        pytest.param(b'{"on":0}', JSON, 422, "/on", "a day", id="a number as a date"),
        pytest.param(b'{"on":"20250630"}', JSON, 422, "/on", "a day", id="a date without dashes"),
        pytest.param(b'{"on":"2025-06-30T00:00:00"}', JSON, 422, "/on", "a day", id="a moment as a date"),
        pytest.param(b'{"on":"2025-02-29"}', JSON, 422, "/on", "", id="a day that is none"),
        pytest.param(b'{"size":NaN}', JSON, 422, "/size", "", id="NaN"),
        pytest.param(b'{"name":"' + b"x" * 2000 + b'"}', JSON, 413, None, "2000 bytes", id="too large"),
    ],
)
async def test_a_body_that_cannot_be_kept(client, body, headers, status, pointer, words):
    answer = await client.put("/v1/things/a", content=body, headers=headers)

    assert answer.status_code == status, answer.text
    if status >= 400:
        found = problem_of(answer)
        assert words in json.dumps(found)
        if pointer is not None:
            assert pointer in {one["pointer"] for one in found["errors"]}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\\\\ud800", id="an escaped backslash and the letters ud800"),
        pytest.param("\\ud83d\\ude00", id="a whole pair, escaped"),
        pytest.param("\\\\\\ud83d\\ude00", id="a backslash and a whole pair"),
        pytest.param("\U0001f600", id="a whole pair, as it is"),
        pytest.param("\\\\u0000", id="an escaped backslash and the letters u0000"),
    ],
)
async def test_text_that_only_looks_broken_is_kept(client, text):
    body = f'{{"name":"{text}","program_id":"a"}}'.encode()

    answer = await client.put("/v1/things/a", content=body, headers=JSON)

    assert answer.json()["name"] == json.loads(f'"{text}"')


async def test_nested_too_deep_is_the_callers_mistake(keys):
    async with client_of(tiny_app(settings_with(keys)), signed(keys)) as client:
        answer = await client.put("/v1/things/a", content=b"[" * 100_000 + b"]" * 100_000, headers=JSON)

    assert problem_of(answer)["status"] == 400


async def test_a_number_of_too_many_digits_is_the_callers_mistake(keys):
    async with client_of(tiny_app(settings_with(keys)), signed(keys)) as client:
        answer = await client.put("/v1/things/a", content=b'{"size":' + b"9" * 5000 + b"}", headers=JSON)

    assert problem_of(answer)["status"] == 400


@pytest.mark.parametrize(
    ("path", "kind", "size", "status"),
    [
        pytest.param("/v1/things", "application/json", 2001, 413, id="JSON over the limit"),
        pytest.param("/v1/things/imports", "text/csv", 5000, 200, id="an import of just its limit"),
        pytest.param("/v1/things/imports", "text/csv", 2001, 200, id="an import over the limit of others"),
        pytest.param("/v1/things/imports", "text/csv", 5001, 413, id="an import over its own limit"),
    ],
)
@pytest.mark.parametrize("declared", [True, False], ids=["length declared", "streamed"])
async def test_bodies_are_bounded(client, path, kind, size, status, declared):
    body = b"id,name\n" + b"a,b\n" * 3000
    body = body[: size - 1] + b"\n" if kind == "text/csv" else body[:size]
    if status == 200:
        body = b"id,name\n" + b'a,"' + b"x" * (size - 13) + b'"\n'

    async def streamed():
        yield body[:100]
        yield body[100:]

    answer = await client.post(
        path, content=body if declared else streamed(), headers={"content-type": kind, "idempotency-key": "k"}
    )

    assert answer.status_code == status, answer.text
    if status == 413:
        assert problem_of(answer)["detail"].startswith("the body is larger than")


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        pytest.param("GET", "/nowhere", 404, "/openapi.json", id="no such address"),
        pytest.param("GET", "/v1/things/", 404, "/openapi.json", id="a slash too many"),
        pytest.param("GET", "/docs-files/none.js", 404, "", id="no such file"),
        pytest.param("DELETE", "/v1/things/a", 405, "GET, PUT", id="no such method"),
        pytest.param("BREW", "/v1/things", 405, "GET, POST", id="no method at all"),
        pytest.param("GET", "/v1/things/none", 404, "no thing none", id="no such record"),
        pytest.param("GET", "/v1/things/a%00b", 422, "/path/id", id="NUL in an id"),
        pytest.param("GET", "/v1/things?capus=north", 422, "capus", id="a misspelt filter"),
        pytest.param("GET", "/v1/things?limit=1&limit=2", 422, "once", id="a filter twice"),
        pytest.param("GET", "/v1/things?since=20250630", 422, "a day", id="a date without dashes"),
        pytest.param("GET", "/v1/things/imports", 405, "POST", id="an address that is no id"),
        pytest.param("GET", "/v1/things?limit=0", 422, "/query/limit", id="a limit of nothing"),
        pytest.param("GET", "/v1/things?cursor=~", 400, "cursor", id="a cursor that is none"),
    ],
)
async def test_a_request_that_leads_nowhere(client, method, path, status, words):
    answer = await client.request(method, path)

    found = problem_of(answer)
    assert found["status"] == status
    assert words in json.dumps(found)
    if status == 405:
        assert answer.headers["allow"] == words


async def test_a_filter_that_may_be_repeated_is_taken(client):
    assert (await client.get("/v1/things?program=a&program=b")).status_code == 200


async def test_an_import_of_another_media_type_is_refused(client):
    answer = await client.post("/v1/things/imports", content=b"x", headers={"content-type": "application/zip"})

    assert problem_of(answer)["status"] == 415


@pytest.mark.parametrize(
    ("how", "status", "retry_after"),
    [
        pytest.param("unexpected", 500, None, id="a mistake of ours"),
        pytest.param("mongo-away", 503, "2", id="MongoDB does not answer"),
        pytest.param("mongo-other", 500, None, id="MongoDB refuses"),
        pytest.param("retryable", 503, "7", id="retryable"),
        pytest.param("conflict", 409, None, id="a conflict"),
        pytest.param("overflow", 422, None, id="a number too large for MongoDB"),
    ],
)
async def test_failures_are_problems_too(client, how, status, retry_after):
    with structlog.testing.capture_logs() as lines:
        answer = await client.get(f"/v1/things/broken/{how}")

    found = problem_of(answer)
    assert found["status"] == status
    assert answer.headers.get("retry-after") == retry_after
    assert "Ada" not in answer.text
    assert "Traceback" not in answer.text
    assert len(lines) == (1 if status == 500 or how == "overflow" else 0)
    assert found.get("existing") == ("thing-9" if how == "conflict" else None)


async def test_a_browser_gets_a_page_where_the_app_has_one(keys):
    def in_words(_request, status, detail, headers):
        return HTMLResponse(f"<p>{detail}</p>", status, dict(headers))

    async with client_of(tiny_app(settings_with(keys), problem_page=in_words)) as client:
        page = await client.get("/v1/things", headers={"accept": "text/html,*/*;q=0.8"})
        plain = await client.get("/v1/things", headers={"accept": "*/*"})

    assert page.status_code == 401
    assert page.headers["www-authenticate"].startswith("Bearer")
    assert page.text.startswith("<p>")
    assert problem_of(plain)["status"] == 401


async def test_a_refusal_is_told_as_its_reader_may_read_it(keys):
    """Whatever a service makes of its refusals; when that cannot be asked, no refusal is told at all."""

    async def readable(request, refusal):
        if request.url.path.endswith("conflict"):
            return Conflict("something beyond your reach")
        raise AutoReconnect("not answering")

    async with client_of(tiny_app(settings_with(keys), readable=readable), signed(keys)) as client:
        told = await client.get("/v1/things/broken/conflict")
        unasked = await client.get("/v1/things/broken/nothing-of-this-kind")

    assert (told.status_code, told.json()["detail"]) == (409, "something beyond your reach")
    assert "existing" not in told.json()
    assert unasked.status_code == 503
