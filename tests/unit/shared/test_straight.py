"""The straight way answers as FastAPI's own way does, whatever is asked."""

import json

import pytest

from services.credentials.main import build
from shared.routes import is_operation, routes_of
from shared.straight import Straight, _operation
from tests.unit.shared.tiny_app import client_of, settings_with, signed, tiny_app

BODY = {"name": "a thing", "program_id": "p1", "size": 3}
KEY = {"Idempotency-Key": "k1"}
JSON = {"Content-Type": "application/json"}


def row(id, method, path, content=None, *, token=True, **headers):
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps(content) if isinstance(content, dict | list) else content
    return pytest.param(method, path, body, given, token, id=id)


ASKED = [
    row("created", "POST", "/v1/things", BODY, **KEY, **JSON),
    row("its type has parameters", "POST", "/v1/things", BODY, **KEY, Content_Type="application/json; charset=utf-8"),
    row("another kind of JSON", "POST", "/v1/things", BODY, **KEY, Content_Type="application/merge-patch+json"),
    row("no key", "POST", "/v1/things", BODY, **JSON),
    row("an unfit key", "POST", "/v1/things", BODY, Idempotency_Key="a b", **JSON),
    row("an empty key", "POST", "/v1/things", BODY, Idempotency_Key="", **JSON),
    row("no token", "POST", "/v1/things", BODY, token=False, **KEY, **JSON),
    row("no token and nonsense", "POST", "/v1/things", "{", token=False, **KEY, **JSON),
    row("no body", "POST", "/v1/things", **KEY, **JSON),
    row("an empty body", "POST", "/v1/things", "", **KEY, **JSON),
    row("null", "POST", "/v1/things", "null", **KEY, **JSON),
    row("a list", "POST", "/v1/things", [BODY], **KEY, **JSON),
    row("not JSON", "POST", "/v1/things", '{"name": ', **KEY, **JSON),
    row("nested too deep", "POST", "/v1/things", "[" * 50_000, **KEY, **JSON),
    row("too many digits", "POST", "/v1/things", '{"size": ' + "9" * 5000 + "}", **KEY, **JSON),
    row("another encoding", "POST", "/v1/things", json.dumps(BODY).encode("utf-16"), **KEY, **JSON),
    row("not said to be JSON", "POST", "/v1/things", BODY, **KEY, Content_Type="text/plain"),
    row("said to be nothing", "POST", "/v1/things", BODY, **KEY),
    row("several things wrong", "POST", "/v1/things", {"size": "x", "more": 1}, **KEY, **JSON),
    row("no version, a wrong body", "POST", "/v1/things/t1/change", {"size": "x"}, **KEY, **JSON),
    row("a wrong version, a wrong body", "POST", "/v1/things/t1/change", {"size": "x"}, If_Match="3", **KEY, **JSON),
    row("nothing there", "POST", "/v1/things/t1/change", BODY, If_Match='"3"', **KEY, **JSON),
    row("put, with a response of its own", "PUT", "/v1/things/t1", BODY, **JSON),
    row("a model as the answer", "GET", "/v1/things?program=a&program=b&since=2025-06-30"),
    row("a page", "GET", "/v1/things?limit=1"),
    row("a wrong page", "GET", "/v1/things?limit=x&cursor=%00"),
    row("an unknown parameter", "GET", "/v1/things?colour=red"),
    row("an odd day", "GET", "/v1/things?since=20250630"),
    row("an id that is none", "GET", "/v1/things/%20"),
    row("a slash in an id", "GET", "/v1/things/a%2Fb"),
    row("an id beside a literal address", "GET", "/v1/things/imports"),
    row("a literal address", "POST", "/v1/things/imports?dry_run=true", "id,name\r\n1,x\r\n", Content_Type="text/csv"),
    row("broken", "GET", "/v1/things/broken/unexpected"),
    row("away", "GET", "/v1/things/broken/mongo-away"),
    row("later", "GET", "/v1/things/broken/retryable"),
    row("another method", "DELETE", "/v1/things/t1"),
    row("only the head", "HEAD", "/v1/things"),
    row("a slash too many", "GET", "/v1/things/"),
    row("no such address", "GET", "/v1/others"),
    row("nothing at all", "GET", "/"),
    row("public", "GET", "/livez", token=False),
    row("the document", "GET", "/openapi.json", token=False),
]


@pytest.mark.parametrize(("method", "path", "body", "headers", "token"), ASKED)
async def test_both_ways_answer_alike(keys, method, path, body, headers, token):
    answers = []
    for straight in (True, False):
        app = tiny_app(settings_with(keys))
        if not straight:
            app.router.routes[:] = [route for route in app.router.routes if not isinstance(route, Straight)]
        async with client_of(app, signed(keys) if token else None) as client:
            given = await client.request(method, path, content=body, headers=headers)
            again = await client.request(method, path, content=body, headers=headers)
        answers.append([(one.status_code, dict(one.headers), one.content) for one in (given, again)])

    assert answers[0] == answers[1]


def test_what_is_asked_most_goes_the_straight_way(keys):
    """A new release of FastAPI may make everything unusual: it would be served as before, and slowly."""
    routes = {str(route.name): route for route in routes_of(build(settings_with(keys))) if is_operation(route)}
    straight = {name for name, route in routes.items() if _operation(route) is not route.app}

    assert straight >= {"record_award", "record_batch", "correct_award", "verify_award", "get_award", "list_awards"}
