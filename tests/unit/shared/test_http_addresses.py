"""A route is found by its address as FastAPI would find it, the literal ones whatever stands before them."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from shared.web.routing.addresses import ByAddress
from shared.web.routing.routes import is_operation, routes_of
from tests.unit.shared.tiny_app import settings_with, tiny_app


def one_that_answers(name):
    async def answer(id: str = "") -> str:
        return f"{name} {id}".strip()

    return answer


def app_of(*routes):
    app, router = FastAPI(redirect_slashes=False), APIRouter(prefix="/v1")
    for method, path, name in routes:
        router.add_api_route(path, one_that_answers(name), methods=[method])
    app.include_router(router)
    app.router.routes.insert(0, ByAddress(app))
    return app


ROUTES = (
    ("GET", "/things/{id}", "thing"),
    ("GET", "/things/late", "late"),
    ("GET", "/things/{id}/parts", "parts"),
    ("POST", "/things/{id}/parts", "more parts"),
    ("GET", "/things/none/parts", "no parts"),
)


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        pytest.param("GET", "/v1/things/7", "thing 7", id="by a pattern"),
        pytest.param("GET", "/v1/things/late", "late", id="literal, behind a pattern that fits"),
        pytest.param("GET", "/v1/things/7/parts", "parts 7", id="by a longer pattern"),
        pytest.param("POST", "/v1/things/none/parts", "more parts none", id="literal for another method alone"),
        pytest.param("GET", "/v1/things/a%2Fb", 404, id="an id with a slash"),
        pytest.param("DELETE", "/v1/things/7", 405, id="another method"),
        pytest.param("GET", "/v1/things", 404, id="no such address"),
        pytest.param("GET", "/v1/things/7/", 404, id="a slash too many"),
    ],
)
async def test_an_address_leads_to_its_route(method, path, said):
    app = app_of(*ROUTES)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        answer = await client.request(method, path)

    assert (answer.json() if answer.status_code == 200 else answer.status_code) == said


async def test_below_a_gateways_path_the_same_routes_are_found():
    app = app_of(*ROUTES)
    transport = httpx.ASGITransport(app, root_path="/tiny")
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        assert (await client.get("/tiny/v1/things/late")).json() == "late"


def test_every_operation_of_a_service_is_found_at_once(keys):
    app = tiny_app(settings_with(keys))
    front = app.router.routes[0]

    for route in filter(is_operation, routes_of(app)):
        for method in route.methods:
            path = str(route.path).replace("{id}", "a1").replace("{how}", "x")
            _, found = front.matches({"type": "http", "method": method, "path": path})
            assert found["aurora.route"].unique_id == route.unique_id


async def test_what_is_added_after_the_first_request_is_found_all_the_same():
    app = app_of(*ROUTES)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        await client.get("/v1/things/7")
        app.get("/v2/new")(one_that_answers("new"))

        assert (await client.get("/v2/new")).json() == "new"
