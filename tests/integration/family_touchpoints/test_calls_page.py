"""The page of calls as it is served: for whom it is, which programs it offers, and that it names nobody."""

import re

import pytest

from shared.doors import local_key
from shared.pages.header import CALL_FAMILIES
from tests import family_app

TEACHER = {"roles": ["instructor"], "programs": ["welding"], "campuses": ["central"]}
MANAGER = {"roles": ["data_manager"], "districts": ["*"]}


@pytest.fixture
async def look(mongo_settings, keys):
    """`await look(claims, path)`: what a browser is shown that is signed in so."""
    async with family_app.running(mongo_settings, keys) as opened:

        async def looking(claims, path="/calls"):
            token = local_key.sign(keys, {"sub": "viewer", **claims})
            asked = {"Accept": "text/html", "Cookie": f"aurora_token={token}"}
            return await opened.client.get(path, headers=asked)

        yield looking


async def test_a_program_is_chosen_among_ones_own(look):
    anybody_s, own = await look(MANAGER), await look(TEACHER)

    assert re.findall(r'<option value="(\w+ing)"', anybody_s.text) == ["nursing", "welding"]
    assert "Choose a program to see whom to call." in anybody_s.text
    assert 'data-program="welding"' in own.text
    assert 'data-viewer="viewer"' in own.text
    assert "Show its families" not in own.text
    assert (await look(TEACHER, "/calls?program=nursing")).status_code == 404


@pytest.mark.parametrize("role", ["instructor", "counselor", "coordinator", "data_manager", "leader", "student"])
async def test_it_is_for_whom_the_header_of_every_page_offers_it(look, role):
    answer = await look({"roles": [role], "programs": ["*"], "campuses": ["*"], "districts": ["*"]})

    assert answer.status_code == (200 if role in CALL_FAMILIES else 403)
    assert answer.headers["content-type"].startswith("text/html")
