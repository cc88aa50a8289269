"""The class as a file: within reach, with recent completers, and read again by credentials as it is."""

import csv
import io
from contextlib import asynccontextmanager

import pytest

from tests import credentials_app, roster_app
from tests.credentials_app import enrolment, program, student

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
        await opened.told(credentials_app.cted(), program("welding"), *people, *seats)
        await opened.catalogued("osha-10", ("welding", "required", "2020-07-01"))
        yield opened.by("instructor", programs=["welding"], campuses=["*"])


async def test_the_file_comes_back_as_it_is_with_what_was_filled_in(roster, mongo_settings, keys, caplog) -> None:
    body = (await class_csv(roster.by("instructor", **TEACHER))).content.decode("utf-8-sig")
    filled = body.replace("bea,welding,,,,,", "bea,welding,osha-10,passed,2025-06-01,,L-1")
    async with credentials(mongo_settings, keys) as teacher:
        tried = await teacher.load("awards", filled, dry_run=True)
        kept = await teacher.load("awards", filled)
        again = await teacher.load("awards", filled)
        stored = [one async for one in teacher.store.raw.find({})]

    assert (tried["rows"], tried["created"], tried["blank"], tried["refused"]) == (2, 1, 1, 0)
    assert (kept["created"], kept["blank"], kept["refused"]) == (1, 1, 0)
    assert (again["created"], again["unchanged"], again["blank"]) == (0, 1, 1)
    for name in ("Bell", "Añez"):
        assert name not in str(stored)
        assert name not in caplog.text


async def test_a_row_half_filled_in_is_not_passed_over(roster, mongo_settings, keys) -> None:
    body = (await class_csv(roster.by("instructor", **TEACHER))).content.decode("utf-8-sig")
    async with credentials(mongo_settings, keys) as teacher:
        report = await teacher.load("awards", body.replace("bea,welding,,,,,", "bea,welding,osha-10,,,,"))

    assert (report["blank"], report["refused"]) == (1, 1)
    assert "Bell" not in str(report)
