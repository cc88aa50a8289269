"""Real services behind the gateway: one sign-in for all of them, their API pages, and what a killed gateway loses."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import httpx
import pytest
from pymongo import MongoClient

from shared.doors import local_key
from tests.gateways import gateway

MANAGER = {"sub": "manager", "roles": ["data_manager"], "districts": ["*"]}
PATIENCE_SECONDS = 60.0
WRITES, KILLS = 60, 3
OSHA = {
    "title": "OSHA 10",
    "issuer": "Sample",
    "type": "Certification",
    "tiers": [{"program_id": "welding", "tier": "required", "valid_from": "2020-07-01"}],
}


@pytest.fixture
def door(start_service, tmp_path):
    started = [start_service(name) for name in ("roster", "credentials", "insights")]
    with gateway(tmp_path / "gateway", {one.name: one.url for one in started}) as running:
        yield running


@pytest.fixture
def token(keys):
    return local_key.sign(keys, MANAGER)


def furnish(url: str, token: str) -> None:
    """A student of welding at a central campus, and a credential to be had."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        put = lambda path, **body: client.put(path, json=body).raise_for_status()  # noqa: E731
        put("/roster/v1/organisations/cted", name="Sample", type="cted", time_zone="America/Phoenix")
        put("/roster/v1/organisations/central", name="Central", type="central_campus", parent_id="cted")
        program = {"title": "Welding", "cip_code": "48.0508", "cluster": "Sample", "active_from": "2019-07-01"}
        put("/roster/v1/programs/welding", **program)
        put("/roster/v1/students/p0", given_name="Sample", family_name="Student")
        place = {"student_id": "p0", "program_id": "welding", "organisation_id": "central"}
        put("/roster/v1/enrolments/e0", **place, begin="2024-08-05")
        put("/credentials/v1/catalogue/osha-10", **OSHA)


def award(number: int) -> dict[str, str]:
    day = date(2025, 1, 1) + timedelta(days=number)
    return {"student_id": "p0", "credential_code": "osha-10", "result": "failed", "awarded_on": str(day)}


def test_a_gateway_killed_in_the_middle_of_writes_loses_none_and_doubles_none(door, token, settings):
    furnish(door.url, token)

    def write(number: int) -> httpx.Response:
        """As any client does: the same request with the same key, until there is an answer to it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"k{number}"}
        while time.monotonic() < deadline:
            try:
                answer = httpx.post(
                    f"{door.url}/credentials/v1/awards", json=award(number), headers=headers, timeout=20
                )
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if answer.status_code not in (429, 503):
                return answer
        raise AssertionError(f"no answer to {number}")

    with ThreadPoolExecutor(4) as pool:
        under_way = [pool.submit(write, number) for number in range(WRITES)]
        for kill in range(KILLS):
            while sum(one.done() for one in under_way) < (kill + 1) * WRITES // (KILLS + 1):
                time.sleep(0.005)
            door.kill()
            door.start()
        answered = [one.result() for one in under_way]

    assert {one.status_code for one in answered} <= {200, 201}, [one.text for one in answered]
    with MongoClient(settings.mongo_url) as client:
        kept = client[settings.database("credentials")]["records"].find({"kind": "award"})
        days = sorted(one["state"]["awarded_on"] for one in kept)
    assert days == sorted(award(number)["awarded_on"] for number in range(WRITES))


def test_one_sign_in_opens_every_service_and_writes_for_pages_of_this_address_alone(door, token):
    furnish(door.url, token)
    with httpx.Client(base_url=door.url, timeout=20) as browser:
        signed_in = browser.post("/sign-in", data={"token": token}, headers={"Origin": door.url})
        cookie = signed_in.headers["set-cookie"].casefold()
        assert "path=/;" in cookie
        assert "samesite=strict" in cookie
        assert browser.get("/roster/v1/students/p0").json()["family_name"] == "Student"

        def write(number: int, **said: str) -> int:
            headers = {"Idempotency-Key": f"k{number}", **said}
            return browser.post("/credentials/v1/awards", json=award(number), headers=headers).status_code

        refused = (
            {},
            {"Origin": "null"},
            {"Origin": "http://elsewhere.example"},
            {"Origin": f"http://127.0.0.1:{door.made.port + 1}"},
            {"Origin": door.url, "Sec-Fetch-Site": "cross-site"},
            {"Origin": "http://elsewhere.example", "X-Forwarded-Host": "elsewhere.example"},
        )
        assert [write(number, **said) for number, said in enumerate(refused)] == [401] * len(refused)
        assert write(1, Origin=door.url, **{"Sec-Fetch-Site": "same-origin"}) == 201
        assert browser.get("/credentials/v1/awards?student=p0").json()["items"][0]["awarded_on"] == "2025-01-02"


def test_each_service_s_api_page_and_document_are_right_under_its_path(door):
    for path in ("", "/roster", "/credentials"):
        page = httpx.get(f"{door.url}{path}/docs")
        document = httpx.get(f"{door.url}{path}/openapi.json").json()

        assert "url: 'openapi.json'" in page.text
        assert httpx.get(f"{door.url}{path}/docs-files/swagger-ui-bundle.js").status_code == 200
        assert document["servers"] == [{"url": "."}], "beside the document, wherever that is"
        for private in ("metrics", "livez", "readyz"):
            assert httpx.get(f"{door.url}{path}/{private}").status_code == 404
