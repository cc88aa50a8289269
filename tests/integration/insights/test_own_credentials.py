"""What a student sees: the own credentials, whether each counts, in the words of the number's own members."""

from datetime import date

import msgspec
import pytest

from shared.contracts.credentials import Catalogue
from shared.contracts.roster import Enrolment, Student
from tests.insights_world import awarded, completed

PATH = "/v1/students/me/credentials"
LEADER = {"roles": ["leader"], "districts": ["*"]}
DONE = date(2025, 10, 1)
# Of a welder who completed on 1 October 2025: what was awarded, whether it counts, the code and the words.
CASES = [
    pytest.param(date(2026, 10, 1), {}, True, "earned", "inside the year after completion", id="counts"),
    pytest.param(date(2026, 1, 9), {"tier": "other"}, False, "tier", "tier of MOCK-1 for welding", id="wrong tier"),
    pytest.param(date(2026, 10, 2), {}, False, "late", "the window, which ended on 2026-10-01", id="too late"),
    pytest.param(
        date(2026, 1, 9), {"revoked_on": date(2026, 2, 1)}, False, "revoked", "revoked on 2026-02-01", id="revoked"
    ),
    pytest.param(
        date(2026, 1, 9), {"program": "nursing"}, False, "not_aligned", "was not aligned with welding", id="not aligned"
    ),
]  # fmt: skip


async def own(ask, student):
    answer = await ask({"roles": ["student"], "student_id": student}, PATH)
    assert answer.status_code == 200, answer.text
    return answer.json()


def another(told, number="2"):
    """The same award once more, as a further record."""
    key, record, state, kind = told[0]
    return (key, f"{record}{number}", msgspec.structs.replace(state, award_id=f"{state.award_id}{number}"), kind)


def seat(student, campus="northwest", kind="central_campus"):
    fact = Enrolment(
        enrolment_id=f"{student}-seat",
        student_id=student,
        program_id="welding",
        organisation_id=campus,
        organisation_type=kind,
        begin=date(2026, 8, 5),
    )
    return (f"student/{student}", f"enrolment/{student}-seat", fact, Enrolment)


@pytest.mark.parametrize(("on", "more", "counts", "code", "words"), CASES)
async def test_each_award_says_whether_it_counts_and_why(ask, world, on, more, counts, code, words) -> None:
    await world.tell(*completed("me", DONE), *awarded("me", on, **more))
    found = await own(ask, "me")
    (award,) = found["awards"]
    (program,) = award["programs"]

    assert (program["program"], program["title"], program["state"]) == ("welding", "Welding", "completed")
    assert (program["counts"], program["reason"]["code"]) == (counts, code)
    assert words in program["reason"]["words"]
    assert (award["awarded_on"], award["result"]) == (on.isoformat(), "passed")
    assert [one["counts"] for one in found["years"]] == [counts]


async def test_each_award_is_judged_by_itself(ask, world) -> None:
    """One that counts lends nothing to one beside it that does not."""
    late = another(awarded("me", date(2026, 10, 2)))
    await world.tell(*completed("me", DONE), *awarded("me", date(2026, 1, 9), confirmed=True), late)
    found = await own(ask, "me")

    said = [(one["award_id"], [each["reason"]["code"] for each in one["programs"]]) for one in found["awards"]]
    assert said == [("me-award", ["earned"]), ("me-award2", ["late"])]
    assert [one["verification_level"] for one in found["awards"]] == ["issuer_lookup", "self_reported"]
    assert [one["counts"] for one in found["programs"]] == [True]


async def test_it_says_what_the_numbers_own_members_say(ask, world) -> None:
    """Every completer of the world: the year's verdict and words are the headline's, and some award carries them."""
    await world.tell(*completed("w1", date(2026, 5, 1), program="nursing", campus="east"))
    compared = 0
    for year in ("2023-24", "2024-25", "2025-26"):
        members = (await ask(LEADER, f"/v1/measures/W1.headline/members?school_year={year}")).json()["items"]
        for member in members:
            found = await own(ask, member["student_id"])
            (mine,) = [one for one in found["years"] if one["school_year"] == year]
            assert (mine["counts"], mine["reason"]) == (member["counted"], member["reason"])
            of_year = [each for one in found["awards"] for each in one["programs"] if each["school_year"] == year]
            assert any(each["counts"] for each in of_year) == member["counted"]
            compared += 1
    assert compared == 17


async def test_a_program_still_attended_is_judged_as_if_completed_today(ask, world) -> None:
    await world.tell(seat("in"), *awarded("in", date(2026, 9, 9)), seat("sat", "sat", "satellite_campus"))
    (award,) = (await own(ask, "in"))["awards"]
    (program,) = award["programs"]
    (satellite,) = (await own(ask, "sat"))["programs"]

    assert (program["state"], program["counts"], program["completed_on"]) == ("enrolled", True, None)
    assert program["reason"]["words"].startswith("still in class; were the program completed today: earned MOCK-1")
    assert (satellite["counts"], satellite["reason"]["code"]) == (False, "not_central")


async def test_a_satellite_completion_counts_for_nothing_and_says_so(ask, world) -> None:
    await world.tell(*awarded("s0", date(2025, 6, 1)))
    found = await own(ask, "s0")

    assert found["years"] == []
    (program,) = found["awards"][0]["programs"]
    assert (program["counts"], program["reason"]["code"], program["campus"]) == (
        False, "not_central", "Satellite at mock high",
    )  # fmt: skip


async def test_titles_come_from_the_catalogue(ask, world) -> None:
    assert (await own(ask, "w0"))["awards"][0]["title"] is None
    listed = Catalogue(credential_code="MOCK-1", title="Mock welder", issuer="Mock", type="certification")
    await world.tell(("credential/MOCK-1", "catalogue/MOCK-1", listed, Catalogue))

    assert (await own(ask, "w0"))["awards"][0]["title"] == "Mock welder"


async def test_nobody_sees_anyone_elses(look) -> None:
    """Not by asking, either: there is nothing to name another student with."""
    assert {one["award_id"] for one in (await own(look, "w0"))["awards"]} == {"w0-award"}
    named = await look({"roles": ["student"], "student_id": "w0"}, f"{PATH}?student_id=w1")
    assert "w1-award" not in named.text
    found = await own(look, "nobody-we-know")
    assert (found["years"], found["programs"], found["awards"]) == ([], [], [])


@pytest.mark.parametrize("claims", [{}, {"student_id": ""}, {"programs": ["*"], "campuses": ["*"], "districts": ["*"]}])
async def test_a_token_that_names_no_student_gets_nothing(look, claims) -> None:
    answer = await look({"roles": ["student"], **claims}, PATH)

    assert answer.status_code == 403
    assert "does not say which student you are" in answer.json()["detail"]


async def test_other_roles_have_no_such_view(look) -> None:
    for role in ("leader", "instructor", "data_manager", "counselor", "coordinator", "operator", "service"):
        assert (await look({"roles": [role], "student_id": "w0", "districts": ["*"]}, PATH)).status_code == 403


async def test_the_id_of_a_person_merged_since_still_finds_them(ask, world) -> None:
    await world.tell(("student/old", "student/old", Student(student_id="old", merged_into="w0"), Student))

    assert [one["award_id"] for one in (await own(ask, "old"))["awards"]] == ["w0-award"]
