"""A change over HTTP is decided on the record that it is written on: two sent one behind the other both stand."""

import asyncio
from uuid import uuid4

import pytest

from tests import credentials_app, roster_app

ASSESSMENT = {
    "student_id": "p1", "program_id": "welding", "kind": "technical_skills", "form": "spring-a", "scale": "items",
    "taken_on": "2025-04-10", "operational_items": 80, "correct": 58,
}  # fmt: skip
LOOK = {"level": "issuer_lookup", "verified_on": "2025-06-01", "outcome": "confirmed"}
CELEBRATION = {"channel": "school_website", "celebrated_on": "2025-06-03"}


@pytest.fixture
async def credentials(mongo_settings, keys):
    async with credentials_app.settled(mongo_settings, keys) as opened:
        yield opened


@pytest.fixture
async def roster(mongo_settings, keys):
    async with roster_app.running(mongo_settings, keys) as opened:
        await opened.furnish()
        yield opened


async def version_of(app, kind, id):
    records = app.desk.records if isinstance(app, credentials_app.Credentials) else app.store.records
    return await records.get(kind, id)


def first_reads_are(monkeypatch, records, earlier, *, times=1):
    """The next reads of the record see what it was, as those may that another primary answers."""
    whole, left = records.get_many, [earlier] * times

    async def get_many(kind, ids):
        wanted = list(ids)
        found = await whole(kind, wanted)
        if left and kind == earlier.kind and earlier.id in wanted:
            found[earlier.id] = left.pop()
        return found

    monkeypatch.setattr(records, "get_many", get_many)
    return left


async def acted(credentials, method, path, version, **body):
    headers = {"If-Match": f'"{version}"', "Idempotency-Key": uuid4().hex}
    return await credentials.ask(method, path, json=body, headers=headers)


AWARD_ACTIONS = [
    pytest.param("PATCH", "", {"expires_on": "2030-01-01"}, id="a correction"),
    pytest.param("POST", "/verification", LOOK, id="a verification"),
    pytest.param("POST", "/revocation", {"revoked_on": "2025-06-02", "reason": "x"}, id="a revocation"),
    pytest.param(
        "POST", "/celebration", {"channel": "school_website", "celebrated_on": "2025-06-03"}, id="a celebration"
    ),
    pytest.param("POST", "/void", {"reason": "x"}, id="a void"),
]


@pytest.mark.parametrize(("method", "action", "body"), AWARD_ACTIONS)
async def test_what_is_done_to_an_award_does_not_undo_what_was_done_just_before(
    credentials, monkeypatch, method, action, body
):
    id = (await credentials.log(201))["id"]
    earlier = await version_of(credentials, "award", id)
    corrected = await credentials.act(id, "correct", 1, awarded_on="2025-05-21")
    # Whose award it is was looked up before a celebration is decided on.
    reads = 2 if action == "/celebration" else 1
    stale = first_reads_are(monkeypatch, credentials.desk.records, earlier, times=reads)
    answer = await acted(credentials, method, f"/awards/{id}{action}", 2, **body)

    assert not stale
    assert answer.status_code == 200, answer.text
    after = await version_of(credentials, "award", id)
    assert (corrected["version"], after.version, after.state["awarded_on"]) == (2, 3, "2025-05-21")
    assert after.state != earlier.state
    assert [line.action for line in after.history[1:2]] == ["correct"]


@pytest.mark.parametrize(
    ("method", "action", "body"),
    [
        pytest.param("PATCH", "", {"taken_on": "2025-04-11"}, id="a correction"),
        pytest.param("POST", "/void", {"reason": "x"}, id="a void"),
    ],
)
async def test_what_is_done_to_an_assessment_does_not_undo_what_was_done_just_before(
    credentials, monkeypatch, method, action, body
):
    made = await credentials.ask("POST", "/assessments", json=ASSESSMENT, headers={"Idempotency-Key": "a1"})
    id = made.json()["id"]
    earlier = await version_of(credentials, "assessment", id)
    await acted(credentials, "PATCH", f"/assessments/{id}", 1, correct=60)
    stale = first_reads_are(monkeypatch, credentials.desk.records, earlier)
    answer = await acted(credentials, method, f"/assessments/{id}{action}", 2, **body)

    assert not stale
    assert answer.status_code == 200, answer.text
    after = await version_of(credentials, "assessment", id)
    assert (after.version, after.state["correct"]) == (3, 60)


async def test_a_catalogue_entry_restates_what_differs_from_the_entry_that_it_takes_the_place_of(
    credentials, monkeypatch
):
    await credentials.log(201, awarded_on="2025-05-20")
    tier = ("welding", "relevant", "2020-07-01")
    await credentials.catalogued("osha-10", tier)
    earlier = await version_of(credentials, "catalogue", "osha-10")
    await credentials.catalogued("osha-10", ("welding", "preferred", "2020-07-01"))
    # Whether its programs are known is looked up beforehand.
    stale = first_reads_are(monkeypatch, credentials.desk.records, earlier, times=2)
    tiers = [dict(zip(("program_id", "tier", "valid_from"), tier, strict=True))]
    body = {"title": "osha-10", "issuer": "Sample", "type": "Certification", "tiers": tiers}
    answer = await credentials.ask(
        "PUT", "/catalogue/osha-10", json=body, headers={"If-Match": f'"{earlier.version + 1}"'}
    )

    assert not stale
    assert (answer.status_code, answer.headers["Aurora-Restated"]) == (200, "1"), answer.text


async def test_two_changes_of_an_award_sent_at_once_both_stand(credentials):
    id = (await credentials.log(201))["id"]
    first, second = await asyncio.gather(
        acted(credentials, "PATCH", f"/awards/{id}", 1, awarded_on="2025-05-21"),
        acted(credentials, "POST", f"/awards/{id}/verification", 2, **LOOK),
    )

    assert (first.status_code, second.status_code) == (200, 200), second.text
    after = await credentials.get(f"/awards/{id}")
    assert (after["version"], after["awarded_on"], len(after["verifications"])) == (3, "2025-05-21", 1)


async def test_a_version_that_never_comes_is_refused(credentials, roster):
    id = (await credentials.log(201))["id"]
    await roster.student("p1")

    assert (await acted(credentials, "PATCH", f"/awards/{id}", 2, awarded_on="2025-05-21")).status_code == 412
    assert (await roster.put("/students/p1", 412, version=2, given_name="Other", family_name="Student"))[
        "status"
    ] == 412
    assert (await version_of(credentials, "award", id)).version == 1
    assert (await version_of(roster, "student", "p1")).version == 1


async def test_a_void_in_roster_takes_out_the_record_as_it_stands(roster, monkeypatch):
    await roster.student("p1")
    await roster.enrol("e1", "p1")
    earlier = await version_of(roster, "enrolment", "e1")
    await roster.enrol("e1", "p1", end="2025-05-01")
    stale = first_reads_are(monkeypatch, roster.store.records, earlier)
    await roster.void("/enrolments/e1", 2)

    assert not stale
    after = await version_of(roster, "enrolment", "e1")
    assert (after.version, after.void, after.state["end"]) == (3, True, "2025-05-01")


@pytest.mark.parametrize("version", [2, None], ids=["at its version", "whatever is there"])
async def test_what_a_source_adds_to_a_person_takes_nothing_away_again(roster, monkeypatch, version):
    await roster.student("sis-a:u-1")
    [person] = await roster.ids("/students")
    earlier = await version_of(roster, "student", person)
    whole, left = roster.store.people, [earlier]
    year = {"school_year": "2023-24", "school_id": "north-high", "grade_level": "11"}
    names = {"given_name": "Sample", "family_name": "Student"}
    await roster.put("/students/sis-a:u-1", years=[year], **names)

    async def people(names, merges=None):
        return [left.pop()] if left else await whole(names, merges)

    monkeypatch.setattr(roster.store, "people", people)
    year = {"school_year": "2022-23", "school_id": "north-high", "grade_level": "10"}
    await roster.put("/students/sis-a:u-1", version=version, years=[year], **names)

    assert not left
    after = await version_of(roster, "student", person)
    assert [one["school_year"] for one in after.state["years"]] == ["2022-23", "2023-24", "2024-25"]


async def test_an_enrolment_that_was_moved_out_of_reach_meanwhile_stays_where_it_is(roster, monkeypatch):
    await roster.student("p1")
    await roster.student("p2", school="south-high")
    await roster.enrol("e1", "p1", at="north-sat")
    whole, left = roster.store.records.put_many, ["once"]

    async def put_many(drafts):
        if left:
            left.pop()
            await roster.enrol("e1", "p2", at="south-sat")
        return await whole(drafts)

    monkeypatch.setattr(roster.store.records, "put_many", put_many)
    placed = {"student_id": "p1", "program_id": "welding", "organisation_id": "north-sat", "begin": "2024-08-12"}
    answer = await roster.by("data_manager", districts=["north"]).ask("PUT", "/enrolments/e1", json=placed)

    assert answer.status_code == 404, answer.text
    assert (await version_of(roster, "enrolment", "e1")).state["organisation_id"] == "south-sat"


@pytest.mark.parametrize("kept", ["k-1", '"k-1"'], ids=["raw", "in quotes"])
async def test_a_key_that_an_earlier_release_kept_as_it_came_is_known_again(roster, kept):
    await roster.student("p1")
    await roster.enrol("e1", "p1")
    path, body = "/enrolments/e1/void", {"reason": "entered twice"}
    done = await roster.ask("POST", path, json=body, headers={"If-Match": '"1"', "Idempotency-Key": "k-1"})
    line = (await version_of(roster, "enrolment", "e1")).history[-1]
    assert done.status_code == 200
    assert line.key not in ("k-1", ""), "two callers' keys never meet"
    old = {"history.1.key": kept, "history.1.digest": "state:of-then"}
    await roster.store.raw.update_one({"_id": "enrolment/e1"}, {"$set": old})

    again = await roster.ask("POST", path, json=body, headers={"If-Match": '"1"', "Idempotency-Key": "k-1"})
    assert (again.status_code, again.json()["version"]) == (200, 2), again.text
