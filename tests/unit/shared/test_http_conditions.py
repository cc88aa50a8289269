"""Keys, digests, ETags and cursors: the same again for a retry, refused in words otherwise."""

import re

import pytest

from shared.errors import Malformed
from shared.web.conditions import etag, given_version
from shared.web.idempotency import derived_id, digest, given_key
from shared.web.paging import decode_cursor, encode_cursor, page
from shared.words.fields import ID_PATTERN
from tests.unit.shared.tiny_app import ThingBody, client_of, settings_with, signed, tiny_app

THING = {"name": "Lathe", "program_id": "welding"}


@pytest.mark.parametrize(
    ("header", "version"),
    [
        pytest.param(None, None, id="not given"),
        pytest.param('"3"', 3, id="as a GET gave it"),
        pytest.param(' "12" ', 12, id="with spaces around"),
        pytest.param(etag(7), 7, id="there and back"),
    ],
)
async def test_if_match_names_a_version(header, version):
    assert await given_version(header) == version


@pytest.mark.parametrize("header", ["3", '"3', 'W/"3"', '"3", "4"', "*", '"x"', '"-1"', "", '"' + "9" * 40 + '"'])
async def test_if_match_of_another_form_is_refused(header):
    with pytest.raises(Malformed, match="one ETag"):
        await given_version(header)


@pytest.mark.parametrize("header", [None, "", " ", "a b", "ä", "x" * 129, "a\tb"])
async def test_a_key_of_another_form_is_refused(header):
    with pytest.raises(Malformed, match="Idempotency-Key"):
        await given_key(header)


async def test_a_key_is_the_same_with_and_without_quotes():
    assert await given_key('"abc"') == await given_key("abc") == "abc"


def test_an_id_is_derived_from_caller_key_and_row():
    found = [derived_id(*one) for one in [("a", "k"), ("a", "k", 1), ("b", "k"), ("a", "l"), ("a\0k", ""), ("ak", "")]]

    assert len(set(found)) == len(found)
    assert derived_id("a", "k", 0) == found[0]
    assert all(re.match(ID_PATTERN, one) for one in found)


def test_a_digest_does_not_see_order_or_what_was_left_out():
    full = ThingBody(**THING)

    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1})
    assert digest(full) == digest(ThingBody(**THING, size=0))
    assert digest({"b": [1, 2]}) != digest({"b": [2, 1]})
    assert digest(full) != digest(ThingBody(**THING, size=1))
    assert digest({"a": "1"}) != digest({"a": 1})


def test_pages_lead_from_one_to_the_next():
    items = [{"id": f"id-{number}"} for number in range(7)]
    seen, after = [], None
    for _ in range(3):
        rest = [one for one in items if after is None or one["id"] > after][: 3 + 1]
        found = page(rest, 3)
        seen += found["items"]
        after = decode_cursor(found["next"]) if found["next"] else None

    assert seen == items
    assert after is None


def test_the_last_page_has_no_next():
    assert page([{"id": "a"}], 1)["next"] is None
    assert page([], 1) == {"items": [], "next": None}


@pytest.mark.parametrize(
    "cursor", ["~", "====", "AA", encode_cursor("a")[:-1] + "!", "MjphYQ", "MTphAA", "é", "x" * 601]
)
def test_a_cursor_that_no_page_gave_is_refused(cursor):
    with pytest.raises(Malformed, match="cursor"):
        decode_cursor(cursor)


async def test_conditions_over_http(keys):
    app = tiny_app(settings_with(keys))
    async with client_of(app, signed(keys)) as client:
        created = await client.put("/v1/things/a", json=THING)
        changed = await client.put("/v1/things/a", json=THING, headers={"if-match": created.headers["etag"]})
        stale = await client.put("/v1/things/a", json=THING, headers={"if-match": created.headers["etag"]})
        no_version = await client.post("/v1/things/a/change", json=THING, headers={"idempotency-key": "k"})
        no_key = await client.post("/v1/things", json=THING)
        once = await client.post("/v1/things", json=THING, headers={"idempotency-key": "k"})
        again = await client.post("/v1/things", json=THING, headers={"idempotency-key": "k"})

    assert [created.status_code, changed.status_code, changed.headers["etag"]] == [201, 200, '"2"']
    assert [stale.status_code, no_version.status_code, no_key.status_code] == [412, 428, 400]
    assert "UUID" in no_key.json()["detail"]
    assert once.json() == again.json()
