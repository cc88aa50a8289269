"""The list that moves the number: who is on it, why, until when, and that it is the number's own members."""

import csv
import io
from datetime import date

import pytest

from shared.contracts.roster import Enrolment
from tests.insights_world import PROGRAMS, awarded, completed

LEADER = {"roles": ["leader"], "districts": ["*"]}
DAYS = ["2025-09-30", "2026-04-01", "2026-05-20", "2026-05-21", "2026-05-22", "2026-09-01", "2026-11-02"]


def seat(student: str, *, begin="2026-08-05", end=None, program="welding", campus="northwest"):
    fact = Enrolment(
        enrolment_id=f"{student}-{program}",
        student_id=student,
        program_id=program,
        organisation_id=campus,
        organisation_type="satellite_campus" if campus == "sat" else "central_campus",
        begin=date.fromisoformat(begin),
        end=date.fromisoformat(end) if end else None,
    )
    return (f"student/{student}", f"enrolment/{student}-{program}", fact, Enrolment)


async def asked(ask, claims=LEADER, program="welding", **query):
    params = "&".join(f"{name}={value}" for name, value in query.items())
    answer = await ask(claims, f"/v1/programs/{program}/open-cohort?{params}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_it_lists_who_may_still_move_the_number_soonest_first(ask, world) -> None:
    """x3 has until 29 May 2027; y has less; x1 and x2 completed 14 months ago, w5 two years ago."""
    await world.tell(*completed("y", date(2025, 12, 1)), *awarded("y", date(2026, 1, 1), tier="other"))
    found = await asked(ask)

    assert [one["student_id"] for one in found["items"]] == ["y", "x3"]
    first, last = found["items"]
    assert (first["last_day"], first["days_left"], first["reason"]["code"]) == ("2026-12-01", 29, "tier")
    assert (last["last_day"], last["days_left"], last["state"]) == ("2027-05-29", 208, "completed")
    assert last["reason"]["words"] == "no award yet; window open until 2027-05-29"
    assert found["definition"]["key"] == "W1.by_program"


@pytest.mark.parametrize("as_of", DAYS)
async def test_it_is_the_open_members_of_the_measures_own_numbers(ask, world, as_of) -> None:
    """By program its length is what the number may still gain, and of the headline it holds every open member."""
    await world.tell(
        *completed("both", date(2026, 3, 1)),
        *completed("both", date(2026, 5, 1), program="nursing", campus="east"),
        *awarded("both", date(2026, 4, 15)),
    )
    headline: set[str] = set()
    listed: dict[str, list] = {}
    for program in PROGRAMS:
        listed[program] = (await asked(ask, program=program, as_of=as_of))["items"]
        for measure in ("W1.by_program", "W1.headline"):
            open_members = set()
            for year in ("2024-25", "2025-26", "2026-27"):
                cell = f"school_year={year}&dimension=program&value={program}&counted=false&as_of={as_of}"
                members = (await ask(LEADER, f"/v1/measures/{measure}/members?{cell}")).json()["items"]
                open_members |= {one["student_id"] for one in members if not one["matured"]}
            if measure == "W1.by_program":
                assert {one["student_id"] for one in listed[program]} == open_members
                assert len(listed[program]) == len(open_members)
            else:
                headline |= open_members
    moves = {one["student_id"] for items in listed.values() for one in items if one["moves_headline"]}
    assert moves == headline


async def test_the_last_day_is_still_a_day(ask, world) -> None:
    async def left(as_of):
        items = (await asked(ask, as_of=as_of))["items"]
        return [one["days_left"] for one in items if one["student_id"] == "w5"]

    assert await left("2026-05-19") == [1]
    assert await left("2026-05-20") == [0]
    assert await left("2026-05-21") == []


async def test_who_is_still_in_class_comes_after_the_completers(ask, world) -> None:
    """e1 has nothing, e2 has a credential that will count, e3 has left, e4 is at a satellite, e5 has not begun."""
    await world.tell(
        *completed("old0", date(2024, 5, 20)),
        seat("e1"),
        seat("e2"),
        *awarded("e2", date(2026, 9, 9)),
        seat("e3", begin="2025-08-05", end="2026-05-20"),
        seat("e4", campus="sat"),
        seat("e5", begin="2026-12-01"),
        seat("x3", begin="2025-08-05", end="2027-05-20"),
    )
    assert [one["student_id"] for one in (await asked(ask))["items"]] == ["x3"]
    found = (await asked(ask, include="enrolled"))["items"]

    assert [(one["student_id"], one["state"]) for one in found] == [("x3", "completed"), ("e1", "enrolled")]
    assert (found[1]["days_left"], found[1]["completed_on"]) == (None, None)
    words = "still in class; were the program completed today: no award yet; window open until 2027-11-02"
    assert found[1]["reason"] == {"code": "no_award", "words": words}


@pytest.mark.parametrize(
    ("claims", "found"),
    [
        pytest.param({"roles": ["instructor"], "programs": ["welding"], "campuses": ["northwest"]}, ["x3"], id="own"),
        pytest.param({"roles": ["instructor"], "programs": ["welding"], "campuses": ["east"]}, [], id="other campus"),
        pytest.param({"roles": ["instructor"], "programs": ["nursing"], "campuses": ["*"]}, [], id="other program"),
        pytest.param({"roles": ["coordinator"], "campuses": ["northwest"]}, ["x3"], id="own campus"),
        pytest.param({"roles": ["leader"], "districts": ["south"]}, [], id="other district"),
        pytest.param({"roles": ["data_manager"], "districts": ["north"]}, ["x3"], id="own district"),
    ],
)
async def test_one_sees_the_own_students_only(look, claims, found) -> None:
    assert [one["student_id"] for one in (await asked(look, claims, include="enrolled"))["items"]] == found


async def test_students_and_operators_see_no_list_and_an_unknown_program_is_not_there(look) -> None:
    for role in ("student", "operator"):
        assert (await look({"roles": [role]}, "/v1/programs/welding/open-cohort")).status_code == 403
    answer = await look(LEADER, "/v1/programs/wedling/open-cohort")

    assert answer.status_code == 404
    assert "there is drones, nursing, welding" in answer.json()["detail"]


async def test_it_is_a_file_too(look) -> None:
    answer = await look(LEADER, "/v1/programs/welding/open-cohort.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert answer.headers["content-disposition"] == 'attachment; filename="welding-open-cohort-2026-11-02.csv"'
    assert [(row["student_id"], row["days_left"], row["reason_code"]) for row in rows] == [("x3", "208", "no_award")]
    assert (rows[0]["definition"], rows[0]["as_of"]) == ("W1.by_program", "2026-11-02")
