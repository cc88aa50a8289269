"""What of a student counts, for staff: as the student is told, and of it only what lies within reach."""

from datetime import date

import pytest

from tests.insights_world import awarded, completed
from tests.integration.insights.test_own_credentials import seat

BOTH, WELDING, NURSING = {"welding", "nursing"}, {"welding"}, {"nursing"}


@pytest.fixture
async def student(world) -> None:
    """At home in the south, a welder at northwest and a nurse at east, with an award for welding."""
    await world.tell(
        *completed("sam", date(2025, 12, 1), district="south"),
        *completed("sam", date(2026, 5, 20), program="nursing", campus="east", district="south")[:1],
        *awarded("sam", date(2026, 1, 9)),
    )


async def asked(ask, student="sam", **claims):
    return await ask({"roles": [claims.pop("role", "instructor")], **claims}, f"/v1/students/{student}/credentials")


@pytest.mark.parametrize(
    ("claims", "programs", "awards"),
    [
        pytest.param({"role": "leader", "districts": ["*"]}, BOTH, 1, id="a leader of all"),
        pytest.param({"role": "data_manager", "districts": ["south"]}, BOTH, 1, id="where the student is at home"),
        pytest.param({"programs": ["welding"], "campuses": ["northwest"]}, WELDING, 1, id="who teaches the one"),
        pytest.param({"programs": ["nursing"], "campuses": ["east"]}, NURSING, 0, id="who teaches the other"),
        pytest.param({"role": "coordinator", "campuses": ["east"]}, NURSING, 0, id="at the campus of the other"),
    ],
)
async def test_staff_see_the_part_within_their_reach(ask, student, claims, programs, awards) -> None:
    answer = await asked(ask, **claims)

    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert {one["program"] for one in found["programs"]} == programs
    assert len(found["awards"]) == awards
    assert {each["program"] for one in found["awards"] for each in one["programs"]} <= programs
    assert [one["counts"] for one in found["programs"] if one["program"] == "welding"] == [True] * (
        "welding" in programs
    )


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"role": "data_manager", "districts": ["north"]}, id="another district"),
        pytest.param({"programs": ["welding"], "campuses": ["east"]}, id="own program at another campus"),
        pytest.param({"programs": ["welding"]}, id="no campus"),
        pytest.param({"role": "counselor"}, id="nothing claimed"),
    ],
)
async def test_out_of_reach_and_unknown_are_answered_alike(ask, student, claims) -> None:
    there, nobody = await asked(ask, **claims), await asked(ask, student="nobody", **claims)

    assert there.status_code == nobody.status_code == 404
    assert there.json()["detail"].replace("sam", "nobody") == nobody.json()["detail"]


async def test_who_is_still_in_class_is_seen_by_whoever_teaches_there(ask, world) -> None:
    await world.tell(seat("you"))

    teacher = (await asked(ask, student="you", programs=["welding"], campuses=["northwest"])).json()
    elsewhere = await asked(ask, student="you", programs=["welding"], campuses=["east"])

    assert [(one["program"], one["state"]) for one in teacher["programs"]] == [("welding", "enrolled")]
    assert elsewhere.status_code == 404


async def test_a_student_and_an_operator_are_refused(ask, student) -> None:
    assert (await asked(ask, role="student", student_id="sam")).status_code == 403
    assert (await asked(ask, role="operator")).status_code == 403


@pytest.mark.parametrize("path", ["/students", "/students/sam", "/imports"])
async def test_the_pages_of_staff_hold_nothing_of_a_student(ask, student, path) -> None:
    answer = await ask({"roles": ["data_manager"], "districts": ["*"]}, path, accept="text/html", cookie=True)

    assert answer.status_code == 200, answer.text
    assert "MOCK-1" not in answer.text


@pytest.mark.parametrize(
    ("claims", "path", "status"),
    [
        pytest.param({"roles": ["student"], "student_id": "sam"}, "/students", 403, id="a student finds nobody"),
        pytest.param({"roles": ["instructor"]}, "/imports", 403, id="an instructor imports nothing"),
        pytest.param({"roles": ["operator"]}, "/students/sam", 403, id="an operator sees no student"),
        pytest.param({"roles": ["counselor"]}, "/students/sam", 200, id="a counselor does"),
    ],
)
async def test_who_is_let_in(ask, world, claims, path, status) -> None:
    answer = await ask(claims, path, accept="text/html", cookie=True)

    assert answer.status_code == status
