"""The class page of credentials: for whom it is, which programs it offers, and where it sends who is not signed in."""

import re
from datetime import date

import pytest

from services.credentials.pages.class_page import open_years
from shared.doors import local_key
from shared.pages.header import LOG_CLASSES
from shared.school_year import DEFAULT_START
from tests.credentials_app import settled

TEACHER = {"roles": ["instructor"], "programs": ["welding"], "campuses": ["central"]}
OFFERED = r'<option value="(\w+ing)"'
MANAGER = {"roles": ["data_manager"], "districts": ["*"]}


@pytest.fixture
async def look(mongo_settings, keys):
    """`await look(claims, path)`: what a browser is shown that is signed in so; None: that is not."""
    async with settled(mongo_settings, keys) as opened:

        async def looking(claims, path="/class", **headers):
            token = local_key.sign(keys, {"sub": "viewer", **claims}) if claims else ""
            asked = {"Accept": "text/html", "Cookie": f"aurora_token={token}", **headers}
            return await opened.client.get(path, headers=asked)

        yield looking


async def test_a_class_is_chosen_among_ones_own_programs(look) -> None:
    anybody_s, own = await look(MANAGER), await look(TEACHER)

    assert re.findall(OFFERED, anybody_s.text) == ["nursing", "welding"]
    assert re.findall(OFFERED, own.text) == ["welding"]
    assert 'data-program="welding"' in own.text
    assert 'data-years="2023-24 2024-25"' in own.text
    assert 'data-viewer="viewer"' in own.text
    assert "Choose a program to see its class." in anybody_s.text
    assert (await look(TEACHER, "/class?program=nursing")).status_code == 404


@pytest.mark.parametrize("role", ["instructor", "data_manager", "leader", "coordinator", "counselor", "student"])
async def test_it_is_for_whom_the_header_of_every_page_offers_it(look, role) -> None:
    answer = await look({"roles": [role], "programs": ["*"], "campuses": ["*"], "districts": ["*"]})

    assert answer.status_code == (200 if role in LOG_CLASSES else 403)
    assert answer.headers["content-type"].startswith("text/html")


async def test_who_is_not_signed_in_is_asked_to_in_the_language_of_the_browser(look) -> None:
    answer = await look(None, **{"Accept-Language": "es"})

    assert answer.status_code == 401
    assert '<form method="post" action="/sign-in"' in answer.text
    assert '<html lang="es">' in answer.text
    assert 'href="/language/en?back=%2Fcredentials%2Fclass"' in answer.text


async def test_the_page_and_its_scripts_are_our_own_files_alone(look) -> None:
    page = await look(TEACHER)
    (script,) = re.findall(r'src="/credentials(/static/\w+\.js)"', page.text)

    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert (await look(None, script)).status_code == 200


def test_a_completion_is_open_for_a_year_whose_begin_lies_in_one_of_two_school_years() -> None:
    assert open_years(date(2025, 6, 15), DEFAULT_START) == ["2023-24", "2024-25"]
    assert open_years(date(2025, 7, 2), DEFAULT_START) == ["2024-25", "2025-26"]
