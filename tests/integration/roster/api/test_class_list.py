"""The class as a file: within reach, with recent completers, and read again by credentials as it is."""

import csv
import io
from contextlib import asynccontextmanager

import pytest

from tests import credentials_app, producer_app, roster_app
from tests.producer_app import enrolment, program, student

TEACHER = {"programs": ["welding"], "campuses": ["central"]}


@pytest.fixture
async def roster(mongo_settings, keys):
    """ann is in class, bea completed last month, cat long ago, dan bakes, eve is at a satellite campus."""
    async with roster_app.running(mongo_settings, keys) as opened:
        await opened.furnish()
        for name, family in {"ann": "=Añez", "bea": "Bell", "cat": "Cole", "dan": "Dorn", "eve": "Eder"}.items():
            await opened.student(name, family_name=family)
        await opened.enrol("ea", "ann")
        for name, on in {"bea": "2025-05-20", "cat": "2024-05-20"}.items():
            await opened.enrol(f"e{name}", name, begin="2022-08-05", end=on)
            place = {"student_id": name, "program_id": "welding", "organisation_id": "central"}
            await opened.put(f"/completions/c{name}", **place, completed_on=on)
        await opened.enrol("ed", "dan", "baking")
        await opened.enrol("ee", "eve", at="south-sat")
        yield opened


async def class_csv(roster, program="welding"):
    answer = await roster.ask("GET", f"/programs/{program}/class.csv")
    assert answer.status_code == 200, answer.text
    return answer


def students(body: bytes) -> list[str]:
    return [row["student_id"] for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))]


@pytest.mark.parametrize(
    ("role", "claims", "found"),
    [
        pytest.param("data_manager", {"districts": ["*"]}, ["ann", "bea", "eve"], id="everybody"),
        pytest.param("instructor", TEACHER, ["ann", "bea"], id="own campus"),
        pytest.param("instructor", {**TEACHER, "campuses": ["south-sat"]}, ["eve"], id="the other campus"),
        pytest.param("coordinator", {"campuses": ["central"]}, ["ann", "bea"], id="of a campus"),
        pytest.param("data_manager", {"districts": ["south"]}, ["eve"], id="of a district"),
    ],
)
async def test_a_class_is_who_is_in_it_and_who_has_just_completed_within_reach(roster, role, claims, found) -> None:
    caller = roster.by(role, **claims)

    assert students((await class_csv(caller)).content) == found
    shown = await caller.get("/programs/welding/class")
    assert [one["student_id"] for one in shown["items"]] == found


async def test_a_program_that_one_does_not_teach_is_not_there(roster) -> None:
    other = roster.by("instructor", programs=["baking"], campuses=["*"])

    assert (await other.get("/programs/welding/class", 404))["detail"] == "there is no program welding"
    assert (await roster.by("student", student_id="ann").ask("GET", "/programs/welding/class.csv")).status_code == 403


async def test_names_are_whole_and_harmless_in_a_spreadsheet(roster) -> None:
    answer = await class_csv(roster.by("instructor", **TEACHER))
    text = answer.content.decode("utf-8-sig")

    assert answer.content.startswith("﻿".encode())
    assert text.splitlines()[0].startswith("family_name,given_name,campus,completed_on,student_id,program_id,")
    assert "'=Añez,Sample,Central,,ann,welding,,,,," in text
    assert "Bell,Sample,Central,2025-05-20,bea,welding" in text
    assert answer.headers["cache-control"] == "no-store"


@asynccontextmanager
async def credentials(settings, keys):
    async with credentials_app.running(settings, keys) as opened:
        people = [student(name) for name in ("ann", "bea")]
        seats = [enrolment(f"e{name}", name, begin="2022-08-05") for name in ("ann", "bea")]
        await opened.told(producer_app.cted(), program("welding"), *people, *seats)
        await opened.catalogued("osha-10", ("welding", "required", "2020-07-01"))
        yield opened.by("instructor", programs=["welding"], campuses=["*"])


async def test_the_file_comes_back_as_it_is_with_what_was_filled_in(roster, mongo_settings, keys, caplog) -> None:
    body = (await class_csv(roster.by("instructor", **TEACHER))).content.decode("utf-8-sig")
    filled = body.replace("bea,welding,,,,,", "bea,welding,osha-10,passed,2025-06-01,,L-1")
    async with credentials(mongo_settings, keys) as teacher:
        tried = await teacher.load("awards", filled, dry_run=True)
        kept = await teacher.load("awards", filled)
        again = await teacher.load("awards", filled)
        stored = [one async for one in teacher.desk.records.collection.find({"kind": {"$ne": "heartbeat"}})]

    assert (tried["rows"], tried["created"], tried["blank"], tried["refused"]) == (2, 1, 1, 0)
    assert (kept["created"], kept["blank"], kept["refused"]) == (1, 1, 0)
    assert (again["created"], again["unchanged"], again["blank"]) == (0, 1, 1)
    for name in ("Bell", "Añez"):
        assert name not in str(stored)
        assert name not in caplog.text


HEADER = "family_name,given_name,campus,completed_on,student_id,program_id,credential_code,result,awarded_on,taken_on"
ROWS = {
    "nothing filled in": ("Bell,Bea,Central,2025-05-20,bea,welding,,,,,", "blank"),
    "nor the program": ("Bell,Bea,Central,,bea,,,,,,", "blank"),
    "spaces are nothing": ("Bell,Bea,Central,,bea,welding, ,  ,,,", "blank"),
    "only the credential": ("Bell,Bea,Central,,bea,welding,osha-10,,,,", "refused"),
    "only the result": ("Bell,Bea,Central,,bea,welding,,passed,,,", "refused"),
    "only the day it was passed": ("Bell,Bea,Central,,bea,welding,,,2025-06-01,,", "refused"),
    "only the day it was not": ("Bell,Bea,Central,,bea,welding,,,,2025-06-01,", "refused"),
    "only the number": ("Bell,Bea,Central,,bea,welding,,,,,L-1", "refused"),
    "nobody, but a result": ("Bell,Bea,Central,,,welding,osha-10,passed,2025-06-01,,", "refused"),
    "nobody, and nothing": ("Bell,Bea,Central,,,welding,,,,,", "refused"),
    "all of it": ("Bell,Bea,Central,,bea,welding,osha-10,passed,2025-06-01,,L-1", "created"),
}


async def test_a_row_is_passed_over_only_where_nothing_was_filled_in(mongo_settings, keys) -> None:
    lines = [f"{HEADER},license_number", *(line for line, _ in ROWS.values())]
    async with credentials(mongo_settings, keys) as teacher:
        report = await teacher.load("awards", "\n".join(lines))

    refused = {one["row"] for one in report["problems"]}
    found = ["refused" if number in refused else "taken" for number in range(2, len(lines) + 1)]
    wanted = [what for _, what in ROWS.values()]
    assert dict(zip(ROWS, found, strict=True)) == {
        name: "refused" if what == "refused" else "taken" for name, (_, what) in ROWS.items()
    }
    counts = {what: wanted.count(what) for what in ("blank", "created", "refused")}
    assert {what: report[what] for what in counts} == counts
    assert "Bell" not in str(report)


@pytest.mark.parametrize(
    ("seat", "there"),
    [
        pytest.param({"begin": "2025-06-15"}, True, id="from the first day on"),
        pytest.param({"begin": "2025-06-16"}, False, id="not a day earlier"),
        pytest.param({"end": "2025-06-15"}, True, id="through the last day"),
        pytest.param({"end": "2025-06-14"}, False, id="not a day longer"),
    ],
)
async def test_who_is_in_class_today(roster, seat, there) -> None:
    await roster.student("fay", family_name="Fry")
    await roster.enrol("ef", "fay", **seat)

    assert ("fay" in students((await class_csv(roster)).content)) is there


@pytest.mark.parametrize(
    ("on", "there"),
    [
        pytest.param("2024-06-14", True, id="366 days ago"),
        pytest.param("2024-06-13", False, id="a day longer ago"),
        pytest.param("2025-06-15", True, id="today"),
    ],
)
async def test_who_has_just_completed(roster, on, there) -> None:
    await roster.student("fay", family_name="Fry")
    place = {"student_id": "fay", "program_id": "welding", "organisation_id": "central"}
    await roster.put("/completions/cf", **place, started_on="2022-08-05", completed_on=on)

    assert ("fay" in students((await class_csv(roster)).content)) is there


async def test_whose_name_one_may_not_see_is_not_listed_by_a_completion_alone(roster) -> None:
    """An instructor reaches students by where they are enrolled, here as where one student is asked for."""
    await roster.student("fay", family_name="Fry")
    place = {"student_id": "fay", "program_id": "welding", "organisation_id": "central"}
    await roster.put("/completions/cf", **place, started_on="2022-08-05", completed_on="2025-05-20")
    teacher = roster.by("instructor", **TEACHER)

    await teacher.get("/students/fay", 404)
    assert "fay" not in students((await class_csv(teacher)).content)
    assert "fay" in students((await class_csv(roster)).content)


async def test_a_student_stands_once_at_the_last_completion(roster) -> None:
    place = {"student_id": "bea", "program_id": "welding"}
    await roster.put("/completions/c-later", **place, organisation_id="south-sat", completed_on="2025-06-01")
    await roster.put("/completions/c-earlier", **place, organisation_id="north-sat", completed_on="2025-04-01")
    await roster.enrol("eb2", "bea", at="north-sat")

    found = [one for one in (await roster.get("/programs/welding/class"))["items"] if one["student_id"] == "bea"]

    assert [(one["organisation_id"], one["completed_on"]) for one in found] == [("south-sat", "2025-06-01")]
    mine = (await roster.by("instructor", **TEACHER).get("/programs/welding/class"))["items"]
    assert [one["completed_on"] for one in mine] == [None, "2025-05-20"]


async def test_a_merged_student_stands_once_under_the_surviving_id_in_every_class_of_either(roster) -> None:
    await roster.student("zoe", family_name="Zorn", school="south-high")
    await roster.enrol("ez", "zoe", at="south-sat")
    merged = await roster.ask("POST", "/persons/ann/merge", json={"other": "zoe", "reason": "one person"})
    assert merged.status_code == 200, merged.text
    south = roster.by("instructor", programs=["welding"], campuses=["south-sat"])

    assert students((await class_csv(roster)).content).count("ann") == 1
    assert students((await class_csv(south)).content) == ["ann", "eve"]
    assert students((await class_csv(roster.by("instructor", **TEACHER))).content) == ["ann", "bea"]
    parted = await roster.ask("POST", "/persons/zoe/unmerge", json={"reason": "two after all"})
    assert parted.status_code == 200, parted.text
    assert students((await class_csv(south)).content) == ["eve", "zoe"]


async def test_a_program_that_was_taken_out_has_no_class(roster) -> None:
    await roster.put("/programs/sewing", title="sewing", cip_code="48.0508", cluster="Sample", active_from="2019-07-01")
    assert (await roster.get("/programs/sewing/class"))["items"] == []
    await roster.void("/programs/sewing", 1)

    assert (await roster.get("/programs/sewing/class", 404))["detail"] == "there is no program sewing"
