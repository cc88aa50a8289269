"""The caller of a known token is remembered, for as long as the token holds and for the operation that was asked."""

import json
import shutil

import pytest

from shared.doors import auth
from tests.unit.shared.tiny_app import MANAGER, client_of, settings_with, signed, tiny_app

TEACHER = {"sub": "t-1", "roles": ["instructor"], "programs": ["welding"], "campuses": ["north"]}
THING = {"name": "x", "program_id": "welding"}


@pytest.fixture
def keys(keys, tmp_path):
    """A copy of this test's own, which may be changed."""
    return shutil.copytree(keys, tmp_path / "keys")


@pytest.fixture
def app(keys):
    return tiny_app(settings_with(keys))


@pytest.fixture
async def asking(app, keys):
    async with client_of(app) as client:
        await client.put("/v1/things/a", json=THING, headers=signed(keys))
        yield client


async def test_a_token_opens_each_operation_by_itself_however_often_it_is_asked(asking, keys):
    teacher = signed(keys, TEACHER)

    for _ in range(2):
        assert (await asking.get("/v1/things/a", headers=teacher)).status_code == 200
        assert (await asking.put("/v1/things/a", json=THING, headers=teacher)).status_code == 403
        assert (await asking.get("/v1/things", headers=teacher)).status_code == 200


async def test_another_token_of_the_same_person_reaches_what_it_says(asking, keys):
    elsewhere = signed(keys, {**TEACHER, "programs": ["nursing"]})

    for _ in range(2):
        assert (await asking.get("/v1/things/a", headers=signed(keys, TEACHER))).status_code == 200
        assert (await asking.get("/v1/things/a", headers=elsewhere)).status_code == 404


async def test_whose_key_is_taken_away_is_let_in_no_more(asking, keys):
    teacher = signed(keys, TEACHER)
    assert (await asking.get("/v1/things/a", headers=teacher)).status_code == 200
    listed = json.loads((keys / "jwks.json").read_text())
    listed["keys"][0]["kid"] = "another"
    (keys / "jwks.json").write_text(json.dumps(listed))

    assert (await asking.get("/v1/things/a", headers=teacher)).status_code == 401


async def test_only_so_many_are_remembered(app, asking, keys, monkeypatch):
    monkeypatch.setattr(auth, "REMEMBERED", 3)

    for number in range(8):
        of_this_one = signed(keys, {**MANAGER, "sub": f"m-{number}"})
        assert (await asking.get("/v1/things/a", headers=of_this_one)).status_code == 200
        assert len(app.state.doors._callers) <= 3


@pytest.mark.parametrize(
    ("named", "status"),
    [
        pytest.param("t-1", 200, id="who is signed in"),
        pytest.param("t%2D1", 200, id="as a browser writes it"),
        pytest.param("t-2", 401, id="somebody else, who has signed in since"),
        pytest.param("", 401, id="nobody"),
    ],
)
async def test_what_waited_in_a_browser_is_done_for_whose_it_is_alone(asking, keys, named, status):
    headers = {**signed(keys, TEACHER), "Aurora-Signed-In-As": named}

    assert (await asking.get("/v1/things/a", headers=headers)).status_code == status
