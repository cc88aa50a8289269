"""Where a service lets our pages write, only they may, with the viewer's cookie: no foreign page, no other method."""

import pytest

from tests.unit.shared.tiny_app import client_of, settings_with, signed, tiny_app

PAGES = "http://127.0.0.1:8004"
BODY = {"name": "x", "program_id": "p"}


@pytest.mark.parametrize(
    ("origin", "path", "methods", "status"),
    [
        pytest.param(PAGES, "/v1/things", ("GET", "POST"), 201, id="our page writes"),
        pytest.param(f"{PAGES}0", "/v1/things", ("GET", "POST"), 401, id="an origin that begins alike"),
        pytest.param("http://evil.example", "/v1/things", ("GET", "POST"), 401, id="a foreign page"),
        pytest.param("null", "/v1/things", ("GET", "POST"), 401, id="a page without an origin"),
        pytest.param(None, "/v1/things", ("GET", "POST"), 401, id="nobody says who"),
        pytest.param(PAGES, "/v1/things", ("GET",), 401, id="where our pages only read"),
    ],
)
async def test_the_cookie_writes_for_our_pages_alone(keys, origin, path, methods, status) -> None:
    app = tiny_app(settings_with(keys, pages_origin=PAGES), page_methods=methods)
    token = signed(keys)["Authorization"].removeprefix("Bearer ")
    headers = {"cookie": f"aurora_token={token}", "Idempotency-Key": "k", **({"origin": origin} if origin else {})}

    async with client_of(app, {}) as client:
        answer = await client.post(path, json=BODY, headers=headers)

    assert answer.status_code == status
    assert (answer.headers.get("access-control-allow-origin") == PAGES) is (status == 201)


async def test_without_pages_no_origin_is_ours(keys) -> None:
    """An empty setting is no origin that a header could match."""
    app = tiny_app(settings_with(keys), page_methods=("GET", "POST"))
    token = signed(keys)["Authorization"].removeprefix("Bearer ")

    async with client_of(app, {}) as client:
        headers = {"cookie": f"aurora_token={token}", "Idempotency-Key": "k", "origin": ""}
        assert (await client.post("/v1/things", json=BODY, headers=headers)).status_code == 401


async def test_a_page_is_told_beforehand_what_it_may_send(keys) -> None:
    app = tiny_app(settings_with(keys, pages_origin=PAGES), page_methods=("GET", "POST", "PATCH"))

    async with client_of(app, {}) as client:
        asked = {"origin": PAGES, "access-control-request-method": "PATCH"}
        answer = await client.options("/v1/things/a", headers=asked)
        refused = await client.options("/v1/things/a", headers={**asked, "access-control-request-method": "DELETE"})

    assert answer.headers["access-control-allow-methods"] == "GET, POST, PATCH"
    assert {"Idempotency-Key", "If-Match"} <= set(answer.headers["access-control-allow-headers"].split(", "))
    assert "access-control-allow-origin" not in refused.headers
