"""Many looks at once over HTTP with a real mongod: a looked-up list, an issuer's file, and a dry run of a tier."""

from uuid import uuid4

import pytest

from tests.credentials_app import settled


@pytest.fixture
async def credentials(mongo_settings, keys):
    async with settled(mongo_settings, keys) as opened:
        yield opened


async def verify(credentials, rows, *, key=None, status=200, **more):
    params = {"dry_run": more.pop("dry_run", False)}
    body = {"level": "issuer_lookup", "verified_on": "2025-06-10", "rows": rows, **more}
    headers = {"Idempotency-Key": key or uuid4().hex}
    answer = await credentials.ask("POST", "/awards/verification/batch", json=body, headers=headers, params=params)
    assert answer.status_code == status, answer.text
    return answer.json()


def outcomes(answer):
    return [row["outcome"] for row in answer["rows"]]


ROWS = [
    {"license_number": "L-1"},
    {"student_id": "p2", "credential_code": "osha-10", "awarded_on": "2025-05-20", "outcome": "not_found"},
    {"license_number": "L-9"},
    {"license_number": "L-1", "level": "issuer_feed"},
]


@pytest.fixture
async def awards(credentials):
    one = await credentials.log(license_number="L-1")
    return one["id"], (await credentials.log(student_id="p2"))["id"]


async def test_good_rows_are_kept_refused_ones_say_why_and_again_changes_nothing(credentials, awards):
    one, two = awards
    dry = await verify(credentials, ROWS, key="b1", dry_run=True)
    assert (await credentials.get(f"/awards/{one}"))["verifications"] == []
    done = await verify(credentials, ROWS, key="b1")
    again = await verify(credentials, ROWS, key="b1")
    other = await verify(credentials, ROWS, key="b2")

    assert outcomes(dry) == outcomes(done) == ["changed", "changed", "refused", "changed"]
    assert outcomes(again) == outcomes(other) == ["unchanged", "unchanged", "refused", "unchanged"]
    assert (done["changed"], done["refused"], done["rows"][2]["errors"][0]["pointer"]) == (
        3,
        1,
        "/rows/2/license_number",
    )
    looks = (await credentials.get(f"/awards/{one}", history="true"))["verifications"]
    assert [(look["level"], look["by"]) for look in looks] == [
        ("issuer_lookup", "manager-1"),
        ("issuer_feed", "manager-1"),
    ]
    [look] = (await credentials.get(f"/awards/{two}"))["verifications"]
    assert look["outcome"] == "not_found"
    assert "another body" in (await verify(credentials, ROWS[:1], key="b1"))["rows"][0]["problem"]


async def test_a_look_that_was_taken_back_is_not_brought_back_by_a_retry(credentials, awards):
    await verify(credentials, ROWS[:1], key="b1")
    await credentials.act(awards[0], "correct", 2, verifications=[])

    assert outcomes(await verify(credentials, ROWS[:1], key="b1")) == ["unchanged"]
    assert (await credentials.get(f"/awards/{awards[0]}"))["verifications"] == []


async def test_a_look_tomorrow_is_refused_and_one_out_of_reach_is_not_found(credentials, awards):
    late = await verify(credentials, ROWS[:1], verified_on="2025-06-16")
    assert "is in the future" in late["rows"][0]["problem"]
    instructor = credentials.by("instructor", programs=["welding"], campuses=["south-campus"])

    assert outcomes(await verify(instructor, [{"license_number": "L-1"}, {"award_id": awards[1]}])) == [
        "refused",
        "changed",
    ]


async def test_an_issuers_file_is_matched_row_by_row(credentials, awards):
    text = (
        "license_number,student_id,credential_code,awarded_on,outcome\n"
        "L-1,,,,\n,p2,osha-10,2025-05-20,not_found\n,p2,osha-10,2025-05-21,\nL-9,,,,\n,p2,osha-10,2025-05-20,lost\n"
    )

    dry = await credentials.load("awards/verification", text, dry_run="true")
    done = await credentials.load("awards/verification", text)
    again = await credentials.load("awards/verification", text)

    assert (dry["changed"], done["changed"], done["refused"], again["unchanged"]) == (2, 2, 3, 2)
    found = {(one["row"], one["column"]): one["problem"] for one in done["problems"]}
    assert "of 2025-05-20, not of 2025-05-21" in found[4, "awarded_on"]
    assert "no award has license number L-9" in found[5, "license_number"]
    assert (6, "outcome") in found
    [look] = (await credentials.get(f"/awards/{awards[0]}"))["verifications"]
    assert (look["level"], look["verified_on"]) == ("issuer_feed", "2025-06-15")
    await credentials.by("instructor", programs=["*"], campuses=["*"]).load("awards/verification", text, 403)


async def test_a_dry_run_of_a_tier_says_how_many_awards_it_restates(credentials, awards):
    tiers = [
        {"program_id": "welding", "tier": "required", "valid_from": "2020-07-01"},
        {"program_id": "nursing", "tier": "other", "valid_from": "2020-07-01"},
        {"program_id": "nursing", "tier": "relevant", "valid_from": "2025-05-01"},
    ]
    body = {"title": "osha-10", "issuer": "Sample", "type": "Certification", "tiers": tiers}
    await credentials.log(201, student_id="p3", awarded_on="2025-04-30")

    dry = await credentials.ask("PUT", "/catalogue/osha-10", json=body, params={"dry_run": True})
    stale = await credentials.ask(
        "PUT", "/catalogue/osha-10", json=body, params={"dry_run": True}, headers={"If-Match": '"9"'}
    )
    assert dry.json() == {"code": "osha-10", "outcome": "changed", "restated": 2, "dry_run": True}
    assert stale.status_code == 412
    assert (await credentials.get("/catalogue/osha-10"))["version"] == 1
    wet = await credentials.ask("PUT", "/catalogue/osha-10", json=body)
    assert (wet.json()["restated"], wet.headers["Aurora-Restated"]) == (2, "2")
    header = "code,title,issuer,type,program_id,tier,valid_from\n"
    text = f"{header}osha-10,osha-10,Sample,Certification,welding,required,2025-05-20\n"
    assert (await credentials.load("catalogue", text, dry_run="true"))["restated"] == 3
    assert (await credentials.load("catalogue", text))["restated"] == 3
