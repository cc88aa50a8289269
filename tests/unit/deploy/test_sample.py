"""The sample district: how large it is, what its board says, one night's delta and a raised tier."""

import csv
import io
import zipfile
from collections import Counter
from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest

from deploy.sample import load, programs
from deploy.sample.district import District, district, students_in
from deploy.sample.families.guardians import user_rows
from deploy.sample.roster import oneroster
from deploy.sample.roster.nightly import night
from tests.oracle_sample import Count

UNTIL = date(2026, 11, 30)
FULL_ROWS = {
    "organisations.csv": 53,
    "programs.csv": 31,
    "demographics.csv": 15132,
    "enrolments.csv": 11339,
    "completions.csv": 5554,
    "catalogue.csv": 155,
    "raised-tier.csv": 2,
    "program-lists.csv": 54,
    "assessments.csv": 19360,
    "awards.csv": 5086,
    "touchpoints.csv": 7746,
    "rules.csv": 35,
    "sharing.csv": 33,
    "survey-responses.csv": 202,
}


@pytest.fixture(scope="module")
def full() -> District:
    return district(7, UNTIL)


@pytest.fixture(scope="module", params=[1, 3], ids=["full", "third"])
def made(request, full) -> District:
    return full if request.param == 1 else district(7, UNTIL, every=request.param)


@pytest.fixture(scope="module")
def count(made) -> Count:
    return Count(made)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The files of the full district and of the third that is loaded by default, with how many rows each has."""
    folder = tmp_path_factory.mktemp("sample")
    return {every: load.make(folder / str(every), seed=7, every=every, until=UNTIL) for every in (1, 3)}


def test_the_full_district_is_as_large_as_ever_and_the_usual_one_has_a_third_of_its_rows(folders):
    assert folders[1].rows == FULL_ROWS
    assert sum(FULL_ROWS.values()) == 64_782
    assert sum(folders[3].rows.values()) / 64_782 == pytest.approx(1 / 3, abs=0.01)


def test_a_third_of_the_students_are_the_same_persons_with_the_same_rows(folders, full):
    for name in FULL_ROWS:
        every, some = (lines(folders[size].folder / name) for size in (1, 3))
        assert not Counter(some) - Counter(every), name
    third = folders[3].district
    assert {course.student.number % 3 for course in third.courses} == {0}
    assert set(third.awards) == {award for award in full.awards if award.student.number % 3 == 0}
    newcomers = [
        {row["sourcedId"] for row in tables(folders[size].night.packed)["demographics.csv"]} for size in (1, 3)
    ]
    assert all(newcomers)
    assert not newcomers[0] & newcomers[1], "whoever loads the full district after a third meets nobody of two names"


def lines(file) -> list[str]:
    return file.read_text().splitlines()


# By goal: the year that its verdict is of, its target, and whether headline and rival readings reach it.
VERDICTS = [
    ("W1", "2024-25", "0.90", {"headline": False, "strict": False, "verified": False, "with_satellites": False}),
    ("W2", "2025-26", "0.91", {"headline": True, "with_satellites": False, "first_attempt": False}),
    ("W3", "2025-26", "0.80", {"headline": False, "with_satellites": False}),
]


@pytest.mark.parametrize(("goal", "year", "target", "reached"), VERDICTS)
def test_either_size_gives_the_same_verdicts(count, goal, year, target, reached):
    found = count.of(year)

    shares = {name: Fraction(*found[f"{goal}.{name}"]) for name in reached}
    assert {name: share >= Fraction(target) for name, share in shares.items()} == reached


@pytest.mark.parametrize("year", ["2023-24", "2024-25", "2025-26"])
def test_either_size_gives_each_year_the_headline_that_it_had(count, year):
    found = count.of(year)

    met = {goal: Fraction(*found[f"{goal}.headline"]) >= Fraction(target) for goal, _, target, _ in VERDICTS}
    assert met == {"W1": False, "W2": True, "W3": False}
    assert 0.4 < Fraction(*found["G1.validated"]) < 0.6


def test_either_size_has_awards_of_every_later_fate_and_students_of_two_offices(made):
    fates = Counter(award.fate for award in made.awards)

    assert all(fates[fate] >= 5 for fate in ("corrected", "celebrated", "revoked", "voided"))
    assert sum(student.two_sources for student, _ in students_in("2024-25", made.courses)) >= 20


def tables(packed: bytes) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: list(csv.DictReader(io.StringIO(archive.read(name).decode()))) for name in archive.namelist()}


def test_a_guardian_of_two_children_is_one_row_whatever_groups_the_children_are_of(made):
    for year in made.years():
        users = [row["sourcedId"] for row in user_rows(made, year)]
        assert len(users) == len(set(users)), year
    assert any("," in row["agentSourcedIds"] for row in user_rows(made, "2025-26"))


def test_the_same_rows_are_the_same_bytes_so_that_a_second_load_sends_nothing_again(made):
    assert oneroster.zipped(made, "2024-25") == oneroster.zipped(made, "2024-25")
    assert night(made).packed == night(made).packed
    with zipfile.ZipFile(io.BytesIO(night(made).packed)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}  # not that of the packing


def test_a_night_touches_two_students_in_a_hundred_and_each_once(made):
    last_night = night(made)
    files = tables(last_night.packed)
    whole = tables(oneroster.zipped(made, last_night.year))
    known = {row["sourcedId"]: row for row in whole["users.csv"]}
    modes = {row["propertyName"]: row["value"] for row in files["manifest.csv"]}

    users = [row["sourcedId"] for row in files["users.csv"]]
    assert len(set(users)) == len(users)
    assert len(users) / len(students_in(last_night.year, made.enrolled)) == pytest.approx(0.02, abs=0.002)
    assert modes["file.users"] == modes["file.roles"] == modes["file.demographics"] == "delta"
    sorts = {
        "new": [id for id in users if id not in known],
        "gone": [row["sourcedId"] for row in files["users.csv"] if row["status"] == "tobedeleted"],
        "school": [id for id in users if _differs(files, known, id, "primaryOrgSourcedId")],
        "name": [id for id in users if _differs(files, known, id, "familyName")],
        "grade": [id for id in users if _differs(files, known, id, "grades")],
    }
    assert all(sorts.values())
    assert sorted(id for ids in sorts.values() for id in ids) == sorted(users)
    roles = {row["sourcedId"] for row in whole["roles.csv"]}
    assert all(row["sourcedId"] in roles for row in files["roles.csv"] if row["status"] == "tobedeleted")


def _differs(files, known, id: str, column: str) -> bool:
    row = next(row for row in files["users.csv"] if row["sourcedId"] == id)
    return id in known and row["status"] == "active" and row[column] != known[id][column]


def test_the_raised_tier_touches_a_handful_of_awards_and_no_other_row_of_the_catalogue(made):
    rows = programs.raised_rows()
    before = [row for row in programs.catalogue_rows() if row["code"] == programs.RAISED_CODE]
    since = [
        award
        for award in made.awards
        if (award.code, award.program_id) == (programs.RAISED_CODE, programs.RAISED_PROGRAM)
        and award.day >= date.fromisoformat(programs.RAISED_FROM)
    ]

    assert rows[:-1] == before
    assert 3 <= len(since) <= 30
    days = [row["valid_from"] for row in rows if row["program_id"] == programs.RAISED_PROGRAM]
    assert all(one < other for one, other in pairwise(days))
