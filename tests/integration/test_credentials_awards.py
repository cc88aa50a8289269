"""Awards over HTTP and a real mongod, as instructors and data managers see them."""

import asyncio

import pytest

from tests.credentials_app import running
from tests.producer_app import cted, enrolment, student


@pytest.fixture
async def credentials(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await opened.furnish()
        yield opened


async def test_an_award_is_filed_under_the_person_and_the_place_of_teaching(credentials):
    made = await credentials.log(201, student_id="stateStudentId:900001", license_number="X-1")

    assert (made["student_id"], made["program_id"], made["organisation_id"]) == ("p1", "welding", "central")
    assert (made["version"], made["void"], made["day"], made["license_number"]) == (1, False, "2025-05-20", "X-1")
    shown = await credentials.get(f"/awards/{made['id']}", history="true")
    assert [(line["version"], line["by"], line["action"]) for line in shown["history"]] == [(1, "manager-1", "record")]


async def test_the_same_key_and_body_answers_with_the_award_as_it_stands(credentials):
    made = await credentials.log(201, key="k1")
    corrected = await credentials.act(made["id"], "correct", 1, expires_on="2030-05-20")

    again = await credentials.log(200, key="k1")

    assert again["outcome"] == "unchanged"
    assert (again["version"], again["expires_on"]) == (2, corrected["expires_on"])
    other = await credentials.log(422, key="k1", license_number="X-9")
    assert "another body" in other["detail"]


async def test_a_second_award_on_the_day_names_the_first(credentials):
    made = await credentials.log(201)

    taken = await credentials.log(409, license_number="X-1")

    assert taken["existing"] == made["id"]
    assert f"PATCH /v1/awards/{made['id']}" in taken["detail"]
    await credentials.act(made["id"], "void", 1, reason="logged twice")
    assert (await credentials.log(201))["id"] != made["id"]


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        pytest.param({"awarded_on": "2025-06-16"}, "/awarded_on", "send it on or after that day", id="a future day"),
        pytest.param({"student_id": "nobody"}, "/student_id", "there is no student nobody", id="unknown student"),
        pytest.param({"program_id": "baking"}, "/program_id", "roster knows no program baking", id="unknown program"),
        pytest.param(
            {"credential_code": "osha-01"}, "/credential_code", "the nearest known: osha-10", id="unknown code"
        ),
        pytest.param({"awarded_on": "2020-06-30"}, "/awarded_on", "came into the catalogue", id="before the catalogue"),
        pytest.param({"expires_on": "2025-05-19"}, "/expires_on", "check both dates", id="expires before awarded"),
        pytest.param({"awarded_on": ...}, "/awarded_on", "needs awarded_on", id="passed without a day"),
        pytest.param({"awarded_on": "20 May"}, "/awarded_on", "must be a day", id="a day in words"),
        pytest.param({"licence": "X"}, "/licence", "no such field", id="a misspelt field"),
        pytest.param(
            {"verification": {"level": "issuer_lookup", "verified_on": "2025-06-16", "outcome": "confirmed"}},
            "/verification/verified_on",
            "once it has happened",
            id="verified tomorrow",
        ),
    ],
)
async def test_a_refusal_says_what_would_work(credentials, body, pointer, words):
    await credentials.all_heard()

    refused = await credentials.log(422, **body)

    assert pointer in [error["pointer"] for error in refused["errors"]]
    assert words in refused["detail"] or words in str(refused["errors"])
    assert await credentials.ids() == []


async def test_today_is_the_day_of_the_cted(credentials):
    """At noon in Greenwich on the 15th it is still the 15th in Phoenix, and already the 16th in Auckland."""
    assert "in the future" in (await credentials.log(422, awarded_on="2025-06-16"))["detail"]

    await credentials.told(cted(zone="Pacific/Auckland", version=2))

    assert await credentials.log(201, awarded_on="2025-06-16")


async def test_what_was_wrong_is_set_right_and_the_natural_key_follows(credentials):
    made = await credentials.log(license_number="X-1")
    id = made["id"]

    changed = await credentials.act(id, "correct", 1, awarded_on="2025-05-21", license_number=None, reason="the 21st")

    assert (changed["version"], changed["day"], changed["license_number"]) == (2, "2025-05-21", None)
    assert (await credentials.get(f"/awards/{id}", history="true"))["history"][1]["why"] == "the 21st"
    await credentials.log(201, awarded_on="2025-05-20")
    taken = await credentials.act(id, "correct", 2, 409, awarded_on="2025-05-20")
    assert taken["existing"]
    assert "in the future" in (await credentials.act(id, "correct", 2, 422, awarded_on="2025-07-20"))["detail"]


@pytest.mark.parametrize(
    ("version", "status"),
    [
        pytest.param(None, 428, id="none given"),
        pytest.param(1, 412, id="an old one"),
        pytest.param(9, 412, id="no such"),
    ],
)
async def test_a_change_needs_the_version_it_was_decided_on(credentials, version, status):
    id = (await credentials.log())["id"]
    await credentials.act(id, "correct", 1, license_number="X-1")

    await credentials.act(id, "correct", version, status, license_number="X-2")
    await credentials.act(id, "void", version, status, reason="a mistake")

    now = await credentials.get(f"/awards/{id}")
    assert (now["license_number"], now["version"], now["void"]) == ("X-1", 2, False)


async def test_a_retried_action_is_answered_before_its_version_is_looked_at(credentials):
    id = (await credentials.log())["id"]
    look = {"level": "issuer_lookup", "verified_on": "2025-06-01", "outcome": "confirmed"}

    first = await credentials.act(id, "verification", 1, key="a1", **look)
    await credentials.act(id, "correct", 2, license_number="X-1")
    again = await credentials.act(id, "verification", 1, key="a1", **look)
    without_version = await credentials.act(id, "verification", None, key="a1", **look)

    assert (first["outcome"], again["outcome"], without_version["outcome"]) == ("changed", "unchanged", "unchanged")
    assert again["version"] == 3
    assert len(again["verifications"]) == 1
    other = await credentials.act(id, "verification", 3, 422, key="a1", **{**look, "outcome": "not_found"})
    assert "another body" in other["detail"]


async def test_without_a_key_the_same_action_on_the_same_version_is_the_same(credentials):
    id = (await credentials.log())["id"]

    voided = await credentials.act(id, "void", 1, reason="a mistake")
    again = await credentials.act(id, "void", 1, reason="a mistake")

    assert (voided["outcome"], again["outcome"], again["version"]) == ("changed", "unchanged", 2)
    await credentials.act(id, "revocation", 1, 412, revoked_on="2025-06-01", reason="somebody else's decision")


async def test_an_award_is_revoked_and_the_revocation_lifted(credentials):
    id = (await credentials.log())["id"]

    revoked = await credentials.act(id, "revocation", 1, revoked_on="2025-06-01", reason="exam invalid")
    assert revoked["revoked_on"] == "2025-06-01"
    assert "reason" in str((await credentials.act(id, "revocation", 2, 422, revoked_on="2025-06-01"))["errors"])
    too_early = await credentials.act(id, "revocation", 2, 422, revoked_on="2025-05-19", reason="x")
    assert "before awarded_on" in too_early["detail"]
    lifted = await credentials.act(id, "correct", 2, revoked_on=None, reason="appeal upheld")
    assert (lifted["revoked_on"], lifted["version"]) == (None, 3)


async def test_a_void_award_is_shown_and_changes_no_more(credentials):
    id = (await credentials.log())["id"]
    await credentials.act(id, "void", 1, reason="wrong student")

    assert (await credentials.get(f"/awards/{id}"))["void"] is True
    assert await credentials.ids() == []
    refused = await credentials.act(id, "correct", 2, 422, license_number="X-1")
    assert "is void; log it again" in refused["detail"]


async def test_a_program_that_is_set_right_brings_its_campus(credentials):
    await credentials.told(enrolment("e9", "p1", "nursing", "south-campus"))
    id = (await credentials.log(program_id="welding"))["id"]

    changed = await credentials.act(id, "correct", 1, program_id="nursing")

    assert (changed["program_id"], changed["organisation_id"]) == ("nursing", "south-campus")
    await credentials.all_heard()
    unknown = await credentials.act(id, "correct", 2, 422, program_id="baking")
    assert "roster knows no program" in unknown["detail"]


async def test_awards_are_found_by_what_they_say(credentials):
    await credentials.catalogued("first-aid", ("nursing", "relevant", "2020-07-01"))
    one = (await credentials.log())["id"]
    two = (await credentials.log(student_id="p2", awarded_on="2025-04-01"))["id"]
    three = (
        await credentials.log(
            student_id="p3", credential_code="first-aid", result="failed", awarded_on=..., taken_on="2025-05-01"
        )
    )["id"]

    assert await credentials.ids(student="north-sis:u-1") == [one]
    assert await credentials.ids(student="stateStudentId:nobody") == []
    assert await credentials.ids(program="nursing") == [three]
    assert await credentials.ids(credential="first-aid") == [three]
    assert await credentials.ids(result="failed") == [three]
    assert await credentials.ids(**{"from": "2025-05-01", "to": "2025-05-01"}) == [three]
    assert await credentials.ids(to="2025-04-30") == [two]
    first = await credentials.get("/awards", limit=2)
    rest = await credentials.get("/awards", limit=2, cursor=first["next"])
    assert sorted([one, two, three]) == [item["id"] for item in first["items"] + rest["items"]]
    assert rest["next"] is None


async def test_many_loggers_of_one_award_make_one(credentials):
    answers = await asyncio.gather(
        *(
            credentials.ask(
                "POST",
                "/awards",
                json={
                    "student_id": "p1",
                    "credential_code": "osha-10",
                    "result": "passed",
                    "awarded_on": "2025-05-20",
                },
                headers={"Idempotency-Key": f"k{n}"},
            )
            for n in range(8)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert len(await credentials.ids()) == 1


async def test_a_student_whom_roster_has_not_told_of_is_waited_for_then_refused(credentials):
    behind = await credentials.log(503, student_id="p9")
    assert "have not arrived here yet" in behind["detail"]

    await credentials.all_heard()
    assert "there is no student" in (await credentials.log(422, student_id="p9"))["detail"]

    await credentials.told(student("p9"), enrolment("e9", "p9"))
    assert (await credentials.log(201, student_id="p9"))["organisation_id"] == "central"


async def test_a_known_student_is_logged_while_roster_is_silent(credentials):
    assert await credentials.log(201)
