"""The sample district: one night's delta and a raised tier, the same each time and as small as is said."""

import csv
import io
import zipfile
from datetime import date
from itertools import pairwise

import pytest

from deploy.sample import programs
from deploy.sample.district import District, district
from deploy.sample.roster import oneroster
from deploy.sample.roster.nightly import night

UNTIL = date(2026, 11, 1)


@pytest.fixture(scope="module")
def made() -> District:
    return district(7, UNTIL)


def tables(packed: bytes) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: list(csv.DictReader(io.StringIO(archive.read(name).decode()))) for name in archive.namelist()}


def test_the_same_rows_are_the_same_bytes_so_that_a_second_load_sends_nothing_again(made):
    assert oneroster.zipped(made, "2024-25") == oneroster.zipped(made, "2024-25")
    assert night(made, 7).packed == night(made, 7).packed
    with zipfile.ZipFile(io.BytesIO(night(made, 7).packed)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}  # not that of the packing


def test_a_night_touches_two_students_in_a_hundred_and_each_once(made):
    last_night = night(made, 7)
    files = tables(last_night.packed)
    whole = tables(oneroster.zipped(made, last_night.year))
    known = {row["sourcedId"]: row for row in whole["users.csv"]}
    modes = {row["propertyName"]: row["value"] for row in files["manifest.csv"]}

    users = [row["sourcedId"] for row in files["users.csv"]]
    assert len(set(users)) == len(users)
    assert len(users) / len(made.students_in(last_night.year)) == pytest.approx(0.02, abs=0.002)
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
