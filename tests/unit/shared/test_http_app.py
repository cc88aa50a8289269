"""What every service has: refuse by default, health, metrics, docs, headers."""

import asyncio
import re

import httpx
import pytest
from fastapi import APIRouter

from shared.doors.auth import ALL, DATA_MANAGER
from shared.errors import Stopped
from shared.web.app import Readiness
from tests.unit.shared.tiny_app import ACCESS, client_of, settings_with, signed, things, tiny_app


@pytest.fixture
def settings(keys):
    return settings_with(keys)


def route_named(name: str) -> APIRouter:
    router = APIRouter()

    async def answer() -> None: ...

    router.add_api_route(f"/{name}", answer, operation_id=name)
    return router


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"routers": [things(), route_named("extra")]}, "no access is given to extra", id="unlisted"),
        pytest.param({"access": {**ACCESS, "gone": {DATA_MANAGER: ALL}}}, "gone, which no route is", id="no route"),
        pytest.param({"public": ["put_thing"]}, "cannot be public", id="both"),
        pytest.param({"routers": [things(), things()]}, "several routes are named", id="two of one name"),
    ],
)
def test_an_app_whose_table_of_access_is_not_true_is_not_built(settings, changes, words):
    with pytest.raises(ValueError, match=words):
        tiny_app(settings, **changes)


async def test_a_route_added_later_without_access_stops_the_start(settings):
    app = tiny_app(settings)
    app.include_router(route_named("extra"))

    with pytest.raises(ValueError, match="extra"):
        async with app.router.lifespan_context(app):
            pass


async def test_a_route_added_later_without_access_is_refused_all_the_same(settings, keys):
    app = tiny_app(settings)
    app.include_router(route_named("extra"))

    async with client_of(app, signed(keys)) as client:
        assert (await client.get("/extra")).status_code == 403


async def test_what_is_mounted_must_be_named_public(settings):
    app = tiny_app(settings)
    app.mount("/files", lambda *_: None, name="files")

    with pytest.raises(ValueError, match="files"):
        app.state.doors.check(app)


async def never() -> Readiness:
    await asyncio.sleep(3600)
    return Readiness()


async def broken() -> Readiness:
    raise RuntimeError("Ada Sample")


async def away() -> Readiness:
    return Readiness(("MongoDB does not answer",), {"unpublished": 3})


@pytest.mark.parametrize(
    ("ready", "reason"),
    [
        pytest.param(away, "MongoDB does not answer", id="says why"),
        pytest.param(broken, "RuntimeError", id="cannot tell"),
        pytest.param(never, "no answer about readiness", id="does not answer"),
    ],
)
async def test_not_ready_says_why(settings, monkeypatch, ready, reason):
    monkeypatch.setattr("shared.web.health.READY_SECONDS", 0.05)
    app = tiny_app(settings, ready=ready)

    async with client_of(app) as client, app.router.lifespan_context(app):
        answer = await client.get("/readyz")
        alive = await client.get("/livez")

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert reason in answer.json()["reasons"][0]
    assert "Ada" not in answer.text
    assert alive.status_code == 200


async def test_ready_and_its_details(settings):
    async def ready():
        return Readiness(details={"unpublished": 0})

    app = tiny_app(settings, ready=ready)

    async with client_of(app) as client, app.router.lifespan_context(app):
        assert (await client.get("/readyz")).json() == {
            "ready": True,
            "service": "tiny",
            "checks": {"of all requests": "ok"},
            "details": {"unpublished": 0},
        }


async def test_what_waits_is_named_check_by_check_and_the_service_is_ready_all_the_same(settings):
    app = tiny_app(settings)

    async with client_of(app) as client, app.router.lifespan_context(app):
        app.state.progress.loop("relay").waits_for("Kafka: no answer")
        for route in ("/readyz", "/livez"):
            answer = await client.get(route)
            assert answer.status_code == 200
            assert answer.json()["checks"] == {"of all requests": "ok", "relay": "waits for Kafka: no answer"}


async def test_a_stuck_loop_is_told_with_its_reason(settings):
    app = tiny_app(settings)

    async with client_of(app) as client, app.router.lifespan_context(app):
        relay = app.state.progress.loop("relay", times=0.0001)
        relay.turned()
        await asyncio.sleep(0.05)
        answer = await client.get("/livez")
        assert (await client.get("/readyz")).status_code == 200

    assert answer.status_code == 503
    assert "the loop relay has not turned for" in answer.json()["reasons"][0]


async def test_a_service_without_keys_is_not_ready(keys):
    app = tiny_app(settings_with(keys / "nothing-here"))

    async with client_of(app) as client, app.router.lifespan_context(app):
        assert "no key" in (await client.get("/readyz")).json()["reasons"][0]
        answer = await client.get("/v1/things", headers=signed(keys))

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


async def test_production_does_not_start_with_the_local_key(settings):
    app = tiny_app(settings.model_copy(update={"environment": "prod"}))

    with pytest.raises(Stopped, match="AURORA_JWKS"):
        async with app.router.lifespan_context(app):
            pass


async def test_requests_are_measured_by_operation_and_status(settings, keys):
    async with client_of(tiny_app(settings), signed(keys)) as client:
        await client.get("/v1/things/none")
        await client.request("MADEUP", "/v1/things/none")
        shown = (await client.get("/metrics")).text

    assert 'http_requests_total{method="GET",operation="get_thing",status="404"}' in shown
    assert 'http_request_seconds_count{operation="get_thing"}' in shown
    assert "MADEUP" not in shown


@pytest.mark.parametrize(
    ("networks", "client", "status"),
    [
        pytest.param("127.0.0.0/8, ::1/128", "127.0.0.1", 200, id="this machine"),
        pytest.param("127.0.0.0/8, ::1/128", "192.0.2.7", 403, id="any other"),
        pytest.param("127.0.0.0/8,192.0.2.0/24", "192.0.2.7", 200, id="a network that is named"),
        pytest.param("127.0.0.0/8", "testclient", 403, id="no address"),
    ],
)
async def test_metrics_are_for_whoever_runs_the_service(settings, networks, client, status):
    app = tiny_app(settings.model_copy(update={"metrics_networks": networks}))
    asked = httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(client, 1)), base_url="http://tiny")
    async with asked:
        answers = [await asked.get("/metrics") for _ in range(2)]

    assert [one.status_code for one in answers] == [status, status]
    assert ("http_requests_total" in answers[0].text) == (status == 200)


async def test_metrics_are_made_once_a_second_however_many_ask(settings, monkeypatch):
    made = []
    monkeypatch.setattr("shared.web.health.generate_latest", lambda _: made.append(1) or b"x 1\n")
    async with client_of(tiny_app(settings)) as client:
        await asyncio.gather(*(client.get("/metrics") for _ in range(20)))

    assert len(made) <= 2


async def test_the_api_page_needs_no_outside_host_and_allows_only_its_own_script(settings):
    async with client_of(tiny_app(settings)) as client:
        page = await client.get("/docs")
        files = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        answers = [await client.get(f"/{file}") for file in files]

    assert "//" not in re.sub(r"//[^\n]*\n", "", page.text).replace("<!--", "")
    assert [answer.status_code for answer in answers] == [200] * len(files)
    assert len(files) >= 3
    assert "script-src 'self' 'sha256-" in page.headers["content-security-policy"]
    assert "unsafe-inline'; script" not in page.headers["content-security-policy"]


async def test_headers_of_every_answer(settings, keys):
    async with client_of(tiny_app(settings), signed(keys)) as client:
        for path in ("/v1/things", "/nowhere", "/v1/things/broken/unexpected", "/livez"):
            headers = (await client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store"
            assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
            assert "server" not in headers


@pytest.mark.parametrize("path", ["/metrics%0A", "/livez%0d", "/readyz%00", "/v1/things%7f"])
async def test_an_address_with_a_control_character_is_no_other_one(keys, path):
    async with client_of(tiny_app(settings_with(keys)), {}) as client:
        answer = await client.get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
