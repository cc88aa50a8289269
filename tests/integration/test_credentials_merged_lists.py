"""What is read of the awards of a person who was merged: found under either id, as one, and two again once unmerged."""

from uuid import uuid4

import pytest

from tests import producer_app
from tests.credentials_app import settled
from tests.producer_app import enrolment, student

FOLLOW_UP, UPCOMING, EXPIRING = "/awards/follow-up", "/celebrations/upcoming", "/awards/expiring"
CONFLICTS = "/awards/conflicts"
SURVIVOR, OTHER = "p1", "p4"
NAMES = (SURVIVOR, OTHER, "stateStudentId:900001", "south-sis:v-1")
LOOK = {"level": "issuer_lookup", "verified_on": "2025-06-10", "outcome": "confirmed"}


@pytest.fixture
async def credentials(mongo_settings, keys):
    async with settled(
        mongo_settings,
        keys,
        student(OTHER, "south-sis:v-1", district="south"),
        enrolment("e4", OTHER, at="south-campus"),
    ) as opened:
        yield opened


def merged(into, version):
    return producer_app.merged(OTHER, into, version, "south-sis:v-1")


async def listed(credentials, path, **params):
    return {item["id"]: item["why"] for item in (await credentials.get(path, **params))["items"]}


async def look(credentials, *rows, **more):
    body = {**LOOK, "rows": list(rows), **more}
    answer = await credentials.ask(
        "POST", "/awards/verification/batch", json=body, headers={"Idempotency-Key": uuid4().hex}
    )
    assert answer.status_code == 200, answer.text
    return [(row["outcome"], row["award_id"] or row["problem"]) for row in answer.json()["rows"]]


async def act(credentials, id, action, status=200, **body):
    """On the version that stands: a merge raises it, and once more when it is followed twice."""
    version = (await credentials.get(f"/awards/{id}"))["version"]
    return await credentials.act(id, action, version, status, **body)


def by_day(name, day="2025-05-20"):
    return {"student_id": name, "credential_code": "osha-10", "awarded_on": day}


async def test_a_list_of_several_students_holds_the_awards_under_any_id_of_each(credentials):
    kept = {(await credentials.log(student_id=name))["id"] for name in (SURVIVOR, OTHER)}
    other = (await credentials.log(student_id="p2", awarded_on="2025-05-21"))["id"]

    assert set(await credentials.ids(students=f"{SURVIVOR},{OTHER}")) == kept
    assert await credentials.ids(students=f"p2,{SURVIVOR}", **{"from": "2025-05-21"}) == [other]
    await credentials.told(merged(SURVIVOR, 2))
    assert set(await credentials.ids(students=SURVIVOR)) == kept
    assert await credentials.ids(students="nobody") == []
    await credentials.get("/awards", 400, students=",".join(f"s{number}" for number in range(201)))


@pytest.mark.parametrize(("logged", "beside"), [(SURVIVOR, OTHER), (OTHER, SURVIVOR)])
async def test_a_feed_finds_an_award_by_any_name_of_the_person(credentials, logged, beside):
    one = (await credentials.log(student_id=logged, license_number="L-1"))["id"]
    [(refused, _)] = await look(credentials, by_day(beside))
    await credentials.told(merged(SURVIVOR, 2))

    found = await look(credentials, *(by_day(name) for name in NAMES), {"license_number": "L-1", "student_id": beside})
    text = "student_id,credential_code,awarded_on\n" + "".join(f"{name},osha-10,2025-05-20\n" for name in NAMES)
    feed = await credentials.load("awards/verification", text)
    await credentials.told(merged(None, 3))
    apart = await look(credentials, by_day(beside), {"license_number": "L-1", "student_id": beside}, by_day(logged))

    assert refused == "refused"
    assert {id for _, id in found} == {one}
    assert (feed["changed"], feed["unchanged"], feed["refused"]) == (1, 3, 0)
    assert [outcome for outcome, _ in apart] == ["refused", "refused", "unchanged"]
    assert "of another student's award" in apart[1][1]


async def twice(credentials, **more):
    """The same award under both ids, and then the merge."""
    own = await credentials.log(student_id=SURVIVOR, **more)
    theirs = await credentials.log(student_id=OTHER, **more)
    await credentials.told(merged(SURVIVOR, 2))
    return sorted([own["id"], theirs["id"]])


async def test_which_of_two_records_a_feed_means_is_not_guessed(credentials):
    first, other = await twice(credentials)

    [(outcome, why)] = await look(credentials, by_day(SURVIVOR))

    assert (outcome, f"awards {first}, {other} both record osha-10" in why) == ("refused", True)
    assert await look(credentials, {"award_id": other}) == [("changed", other)]


async def test_an_award_that_stands_twice_is_followed_up_and_announced_once(credentials):
    first, other = await twice(credentials, awarded_on="2025-05-10")
    again = f"; also recorded as {other}"

    assert await listed(credentials, FOLLOW_UP) == {first: f"nobody has confirmed it{again}"}
    assert await listed(credentials, UPCOMING) == {first: f"not confirmed yet{again}"}
    for campus, at in (("central", SURVIVOR), ("south-campus", OTHER)):
        [id] = await listed(credentials, FOLLOW_UP, campus=campus)
        assert (await credentials.get(f"/awards/{id}"))["student_id"] == at
    await look(credentials, {"award_id": other})
    assert await listed(credentials, FOLLOW_UP) == {}
    assert await listed(credentials, UPCOMING) == {
        other: f"confirmed by a look-up with the issuer; also recorded as {first}"
    }
    await act(credentials, other, "celebration", channel="assembly", celebrated_on="2025-06-01")
    assert await listed(credentials, UPCOMING) == {}

    await credentials.told(merged(None, 3))
    assert await listed(credentials, FOLLOW_UP) == {first: "nobody has confirmed it"}
    assert await listed(credentials, UPCOMING) == {first: "not confirmed yet"}


async def test_an_issuer_that_does_not_find_one_record_any_more_is_asked_again(credentials):
    first, other = await twice(credentials, awarded_on="2025-05-10")
    await look(credentials, {"award_id": first, "verified_on": "2025-06-01"})
    assert await listed(credentials, FOLLOW_UP) == {}

    await look(credentials, {"award_id": other, "outcome": "not_found"})

    assert list((await listed(credentials, FOLLOW_UP)).values()) == [
        f"a look-up with the issuer did not find it on 2025-06-10; also recorded as {other}"
    ]


async def test_who_opted_out_under_one_id_is_announced_under_none(credentials):
    await credentials.log(student_id=OTHER)
    await credentials.told(merged(SURVIVOR, 2), producer_app.opted_out(SURVIVOR, 2))

    assert await listed(credentials, UPCOMING) == {}


async def test_a_later_award_under_another_id_is_the_one_in_force(credentials):
    former = (await credentials.log(student_id=OTHER, awarded_on="2023-06-20", expires_on="2025-06-20"))["id"]
    later = (await credentials.log(student_id=SURVIVOR, awarded_on="2025-06-10", expires_on="2025-08-10"))["id"]
    assert set(await listed(credentials, EXPIRING)) == {former, later}

    await credentials.told(merged(SURVIVOR, 2))
    assert list(await listed(credentials, EXPIRING)) == [later]

    await credentials.told(merged(None, 3))
    assert set(await listed(credentials, EXPIRING)) == {former, later}


async def test_a_renewal_goes_on_with_what_was_logged_under_the_other_id(credentials):
    former = (await credentials.log(student_id=OTHER, awarded_on="2023-06-20", expires_on="2025-06-20"))["id"]
    later = (await credentials.log(student_id=SURVIVOR, awarded_on="2025-06-10"))["id"]
    strange = await act(credentials, later, "correct", 422, renews=former)
    assert "no other award of this student" in strange["detail"]

    await credentials.told(merged(SURVIVOR, 2))
    await act(credentials, later, "correct", renews=former)
    again = await credentials.log(422, student_id=OTHER, awarded_on="2025-06-12", renews=former)
    assert f"renewed by {later} already" in again["detail"]
    held = await act(credentials, former, "correct", 422, awarded_on="2025-06-12")
    assert "check both dates" in held["detail"]


async def test_a_correction_does_not_record_once_more_what_stands_under_the_other_id(credentials):
    own = (await credentials.log(student_id=SURVIVOR))["id"]
    theirs = (await credentials.log(student_id=OTHER, awarded_on="2025-04-20"))["id"]
    await credentials.told(merged(SURVIVOR, 2))

    taken = await act(credentials, theirs, "correct", 409, awarded_on="2025-05-20")

    assert taken["existing"] == own
    await credentials.told(merged(None, 3))
    await act(credentials, theirs, "correct", awarded_on="2025-05-20")
    await credentials.told(merged(SURVIVOR, 4))
    await act(credentials, theirs, "correct", license_number="L-7")


async def test_what_stands_twice_is_listed_until_one_is_void(credentials):
    assert await listed(credentials, CONFLICTS) == {}
    first, other = await twice(credentials)

    found = await listed(credentials, CONFLICTS)
    assert set(found) == {first, other}
    assert found[first].startswith(f"this one is counted, and {other} says the same of 2025-05-20")
    assert f"POST /v1/awards/{other}/void takes this one out" in found[other]
    page = await credentials.get(CONFLICTS, limit=1)
    rest = await credentials.get(CONFLICTS, limit=1, cursor=page["next"])
    assert [item["id"] for item in page["items"] + rest["items"]] == [first, other]
    south = credentials.by("instructor", programs=["welding"], campuses=["south-campus"])
    assert [item["student_id"] for item in (await south.get(CONFLICTS))["items"]] == [OTHER]
    for role, claims in (("leader", {"districts": ["*"]}), ("student", {"student_id": SURVIVOR})):
        await credentials.by(role, **claims).get(CONFLICTS, 403)

    await credentials.told(merged(None, 3))
    assert await listed(credentials, CONFLICTS) == {}
    await credentials.told(merged(SURVIVOR, 4))
    await act(credentials, other, "void", reason="the same certificate")
    assert await listed(credentials, CONFLICTS) == {}


async def test_two_in_force_after_a_merge_are_listed_until_one_renews_the_other(credentials):
    former = (await credentials.log(student_id=OTHER, awarded_on="2024-06-20"))["id"]
    later = (await credentials.log(student_id=SURVIVOR, awarded_on="2025-05-20"))["id"]
    await credentials.told(merged(SURVIVOR, 2))

    found = await listed(credentials, CONFLICTS)
    assert set(found) == {former, later}
    for why in found.values():
        assert f"PATCH /v1/awards/{later} with renews {former}" in why
    await act(credentials, later, "correct", renews=former)
    assert await listed(credentials, CONFLICTS) == {}

    await credentials.told(merged(None, 3))
    found = await listed(credentials, CONFLICTS)
    assert list(found) == [later]
    assert f"award {former} is no other award of this student" in found[later]
    assert f"PATCH /v1/awards/{later} with renews null" in found[later]
    taken = await credentials.log(422, student_id=OTHER, awarded_on="2025-06-12", renews=former)
    assert f"renewed by {later} already" in taken["detail"]
    await act(credentials, later, "correct", renews=None)
    await credentials.log(201, student_id=OTHER, awarded_on="2025-06-12", renews=former)
    assert await listed(credentials, CONFLICTS) == {}
