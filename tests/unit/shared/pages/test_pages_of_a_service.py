"""Another service has pages of its own with a folder and a few lines, and they look and refuse like all others."""

import pytest
from fastapi import APIRouter, Request

from shared.doors.auth import ALL, DATA_MANAGER, CurrentCaller
from shared.pages.page import Pages, open_pages, shown
from shared.pages.refusals import Page, refused
from shared.words.said import said
from tests.unit.shared.tiny_app import client_of, settings_with, signed, tiny_app

TEMPLATE = """
{% extends "base.html" %}
{% block title %}{{ _("Find a student") }}{% endblock %}
{% block main %}<h1>{{ loud(number) }} of {{ number | n }}</h1>{% endblock %}
"""


def loud(texts, number):
    return f"{number} in {texts.language}!"


def partners(folder) -> Pages:
    (folder / "templates").mkdir()
    (folder / "static").mkdir()
    (folder / "templates" / "partners.html").write_text(TEMPLATE)
    (folder / "static" / "partners.js").write_text("// nothing yet")
    return Pages(folder, prefix="/partners", speaking=(loud,), works={"year": said("There is no such year.")})


def routes() -> APIRouter:
    router = APIRouter(route_class=Page, include_in_schema=False)

    @router.get("/partners")
    async def partners_page(request: Request, _: CurrentCaller, year: int = 0):
        return shown(request, "partners.html", number=1219 + year)

    return router


@pytest.fixture
async def client(keys, tmp_path):
    access = {"partners_page": {DATA_MANAGER: ALL}}
    app = tiny_app(settings_with(keys), access=access, routers=[routes()], problem_page=refused)
    open_pages(app, partners(tmp_path))
    async with client_of(app, {"Accept": "text/html", "Accept-Language": "es"}) as client:
        yield client


async def test_a_page_has_the_frame_the_language_and_the_words_of_all_pages(client, keys) -> None:
    page = await client.get("/partners", headers=signed(keys))

    assert page.status_code == 200
    assert "<h1>1219 in es! of 1,219</h1>" in page.text
    assert "<title>Buscar a un estudiante · Aurora</title>" in page.text
    assert '<link rel="stylesheet" href="/static/aurora.css">' in page.text
    assert 'href="/language/en?back=%2Fpartners%2Fpartners"' in page.text, (
        "the gateway has taken the service's path away"
    )


@pytest.mark.parametrize(
    ("path", "claims", "status", "words"),
    [
        pytest.param("/partners", None, 401, "No hay una sesión iniciada aquí", id="not signed in"),
        pytest.param("/partners", {"sub": "a", "roles": ["student"]}, 403, "no está abierta para ti", id="not theirs"),
        pytest.param("/partners?year=x", ..., 422, "There is no such year.", id="misread, with words of its own"),
        pytest.param("/nowhere", ..., 404, "No existe esa página", id="no such address"),
    ],
)
async def test_a_refusal_is_a_page_too(client, keys, path, claims, status, words) -> None:
    headers = {} if claims is None else signed(keys) if claims is ... else signed(keys, claims)
    page = await client.get(path, headers=headers)

    assert page.status_code == status
    assert words in page.text


async def test_its_files_are_its_own_and_those_of_all_pages_are_served_once(client) -> None:
    own, shared = await client.get("/static/partners.js"), await client.get("/static/aurora.css")

    assert (own.status_code, shared.status_code) == (200, 404)


async def test_one_service_serves_the_files_of_all_pages_beside_its_own(keys, tmp_path) -> None:
    app = tiny_app(settings_with(keys))
    open_pages(app, Pages(partners(tmp_path).folder, serves_shared=True))

    async with client_of(app) as client:
        found = [
            (await client.get(f"/static/{name}")).status_code for name in ("partners.js", "aurora.css", "texts.js")
        ]

    assert found == [200, 200, 200]
