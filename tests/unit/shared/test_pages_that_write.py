"""With the viewer's cookie only a page of the very address that is asked may write: no foreign page, no other port."""

import pytest

from tests.unit.shared.tiny_app import client_of, settings_with, signed, tiny_app

BODY = {"name": "x", "program_id": "p"}
OURS = "http://tiny"  # the host that `client_of` asks


def carried(keys) -> str:
    return signed(keys)["Authorization"].removeprefix("Bearer ")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        pytest.param({"origin": OURS}, 201, id="our page, of a browser that says no more"),
        pytest.param({"origin": OURS, "sec-fetch-site": "same-origin"}, 201, id="our page"),
        pytest.param({"origin": "https://tiny"}, 201, id="our page, where the gateway ends TLS"),
        pytest.param({"origin": OURS, "sec-fetch-site": "same-site"}, 401, id="a browser that says otherwise"),
        pytest.param({"origin": f"{OURS}:8001"}, 401, id="another program of this machine"),
        pytest.param({"origin": f"{OURS}.example"}, 401, id="an origin that begins alike"),
        pytest.param({"origin": "http://evil.example", "x-forwarded-host": "evil.example"}, 401, id="a foreign page"),
        pytest.param({"origin": "file://tiny"}, 401, id="a file"),
        pytest.param({"origin": "null"}, 401, id="a page without an origin"),
        pytest.param({"origin": ""}, 401, id="an empty one"),
        pytest.param({"origin": "http://["}, 401, id="what is no address at all"),
        pytest.param({}, 401, id="nobody says who"),
    ],
)
async def test_the_cookie_writes_for_our_pages_alone(keys, said, status) -> None:
    headers = {"cookie": f"aurora_token={carried(keys)}", "Idempotency-Key": "k", **said}

    async with client_of(tiny_app(settings_with(keys)), {}) as client:
        answer = await client.post("/v1/things", json=BODY, headers=headers)

    assert answer.status_code == status
    assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_in_production_a_page_without_tls_is_none_of_ours(keys) -> None:
    app = tiny_app(settings_with(keys))
    app.state.settings = app.state.settings.model_copy(update={"environment": "prod"})
    carries = {"cookie": f"__Host-aurora_token={carried(keys)}", "Idempotency-Key": "k"}

    async with client_of(app, {}) as client:
        answers = [
            await client.post("/v1/things", json=BODY, headers={**carries, "origin": origin})
            for origin in (OURS, "https://tiny")
        ]

    assert [one.status_code for one in answers] == [401, 201]


async def test_no_other_origin_is_given_leave_to_read(keys) -> None:
    asked = {"origin": "http://evil.example", "access-control-request-method": "GET"}

    async with client_of(tiny_app(settings_with(keys)), signed(keys)) as client:
        answers = [await client.request(method, "/v1/things", headers=asked) for method in ("GET", "OPTIONS")]

    assert not [name for one in answers for name in one.headers if name.startswith("access-control-")]
