"""Rows that are wrong: each is found again by file, row and column, and stops no other."""

from collections.abc import Callable

import pytest

from tests.oneroster_damage import (
    Case,
    assert_found,
    findings_of,
    with_file,
    with_header,
    with_line,
    with_manifest,
    with_more,
    with_rows,
)
from tests.oneroster_zips import (
    HEADERS,
    USERS,
    as_files,
    demographics,
    enrollment,
    org,
    role,
    row,
    sound,
    text,
    user,
    zipped,
)

ROWS: dict[str, Case] = {
    "an empty sourcedId": (
        lambda: with_more("users", user("")),
        [("users.csv", 5, "sourcedId", "empty")],
    ),
    "a name of spaces": (
        lambda: with_more("users", user("s-9", familyName="  ")),
        [("users.csv", 5, "familyName", "empty")],
    ),
    "a space behind an id": (
        lambda: with_more("users", user("s-9 ")),
        [("users.csv", 5, "sourcedId", "space before or after")],
    ),
    "an id with a letter that is not ASCII": (
        lambda: with_more("users", user("señal")),
        [("users.csv", 5, "sourcedId", "no sourcedId")],
    ),
    "an id without its type": (
        lambda: with_more("users", user("s-9", userIds="900009")),
        [("users.csv", 5, "userIds", "no id with its type")],
    ),
    "an unknown choice": (
        lambda: with_more("orgs", org("hs-2", "campus")),
        [("orgs.csv", 4, "type", "type cannot be this")],
    ),
    "a role of nobody's": (
        lambda: with_more("roles", role("s-2", "d-1", "pupil")),
        [("roles.csv", 5, "role", "role cannot be this")],
    ),
    "an extension where none is open": (
        lambda: with_more("roles", role("s-2", "d-1", roleType="ext:third")),
        [("roles.csv", 5, "roleType", "roleType cannot be this")],
    ),
    "a day that does not exist": (
        lambda: with_more("roles", role("s-2", "d-1", beginDate="2025-02-29")),
        [("roles.csv", 5, "beginDate", "no such day")],
    ),
    "a date as Americans write it": (
        lambda: with_more("enrollments", enrollment("e-9", "s-1", beginDate="8/1/2024")),
        [("enrollments.csv", 4, "beginDate", "no date")],
    ),
    "a birth in the year 25": (
        lambda: with_rows(demographics=[demographics("s-1", birthDate="0025-01-01")]),
        [("demographics.csv", 2, "birthDate", "no date")],
    ),
    "an end before its beginning": (
        lambda: with_more("roles", role("s-2", "d-1", beginDate="2025-01-10", endDate="2025-01-09")),
        [("roles.csv", 5, "endDate", "before beginDate")],
    ),
    "a school year in our own writing": (
        lambda: with_more(
            "academicSessions",
            row(
                "academicSessions",
                sourcedId="t-9",
                title="Spring",
                type="term",
                startDate="2025-01-06",
                endDate="2025-05-30",
                schoolYear="2024-26",
            ),
        ),
        [("academicSessions.csv", 4, "schoolYear", "no school year")],
    ),
    "a session without a day to begin on": (
        lambda: with_more(
            "academicSessions",
            row("academicSessions", sourcedId="t-9", title="Spring", type="term", endDate="2025-05-30"),
        ),
        [("academicSessions.csv", 4, "startDate", "empty")],
    ),
    "tobedeleted in a bulk file": (
        lambda: with_more("users", user("s-9", status="tobedeleted")),
        [("users.csv", 5, "status", "read as not there")],
    ),
    "a sourcedId twice": (
        lambda: with_more("users", user("s-1", "0900009")),
        [("users.csv", 5, "sourcedId", "row 2 already")],
    ),
    "a user at a school that is not there": (
        lambda: with_more("users", user("s-9", primaryOrgSourcedId="hs-9")),
        [("users.csv", 5, "primaryOrgSourcedId", "orgs.csv has no row")],
    ),
    "a role of nobody, nowhere": (
        lambda: with_more("roles", role("s-9", "hs-9")),
        [
            ("roles.csv", 5, "userSourcedId", "users.csv has no row"),
            ("roles.csv", 5, "orgSourcedId", "orgs.csv has no row"),
        ],
    ),
    "demographics of nobody": (
        lambda: with_more("demographics", demographics("s-9")),
        [("demographics.csv", 4, "sourcedId", "users.csv has no row")],
    ),
    "an org under nothing": (
        lambda: with_more("orgs", org("hs-2", parent="d-9")),
        [("orgs.csv", 4, "parentSourcedId", "orgs.csv has no row")],
    ),
    "orgs in a circle": (
        lambda: with_more("orgs", org("x-1", parent="x-2"), org("x-2", parent="x-1")),
        [("orgs.csv", 4, "parentSourcedId", "under itself"), ("orgs.csv", 5, "parentSourcedId", "under itself")],
    ),
    "an org under itself": (
        lambda: with_more("orgs", org("x-1", parent="x-1")),
        [("orgs.csv", 4, "parentSourcedId", "under itself")],
    ),
    "a refused org and what names it: the person stays": (
        lambda: with_rows(
            orgs=[org("d-1", "district", ""), org("hs-1", name="")],
            users=[user("s-1")],
            roles=[role("s-1")],
            demographics=[demographics("s-1")],
            courses=[],
            classes=[],
            enrollments=[],
        ),
        [
            ("orgs.csv", 3, "name", "empty"),
            ("users.csv", 2, "primaryOrgSourcedId", "row of hs-1 in orgs.csv is itself refused; the cell was left out"),
            ("roles.csv", 2, "orgSourcedId", "row of hs-1 in orgs.csv is itself refused"),
            ("courses.csv", None, "", "no rows"),
            ("classes.csv", None, "", "no rows"),
            ("enrollments.csv", None, "", "no rows"),
        ],
    ),
    "a class of no course": (
        lambda: with_more(
            "classes",
            row(
                "classes",
                sourcedId="k-9",
                title="Made up",
                courseSourcedId="c-9",
                classType="scheduled",
                schoolSourcedId="hs-1",
                termSourcedIds="t-fall, t-9",
            ),
        ),
        [
            ("classes.csv", 3, "courseSourcedId", "courses.csv has no row"),
            ("classes.csv", 3, "termSourcedIds", "academicSessions.csv has no row"),
        ],
    ),
    "an enrollment of nothing": (
        lambda: with_more("enrollments", enrollment("e-9", "s-9", classSourcedId="k-9", schoolSourcedId="hs-9")),
        [
            ("enrollments.csv", 4, "classSourcedId", "classes.csv has no row"),
            ("enrollments.csv", 4, "schoolSourcedId", "orgs.csv has no row"),
            ("enrollments.csv", 4, "userSourcedId", "users.csv has no row"),
        ],
    ),
    "an enrollment outside of its class": (
        lambda: with_more("enrollments", enrollment("e-9", "s-1", beginDate="2024-08-01", endDate="2025-05-30")),
        [("enrollments.csv", 4, "endDate", "meets from 2024-08-01 to 2024-12-20")],
    ),
    "one field too many": (
        lambda: with_line("roles", b"r-9,,,s-1,primary,student,,,hs-1,,x"),
        [("roles.csv", 3, "", "11 fields, the header has 10")],
    ),
    "a comma without quotes": (
        lambda: with_line("orgs", b"hs-2,,,Sample High, North,school,,d-1"),
        [("orgs.csv", 3, "", "8 fields, the header has 7")],
    ),
    "a line break in a field": (
        lambda: with_more("orgs", org("hs-2", name="Sample\r\nHigh"), org("hs-3", "campus")),
        [("orgs.csv", 4, "name", "line break"), ("orgs.csv", 5, "type", "cannot be this")],
    ),
    "a quote that is never closed": (
        lambda: with_line("orgs", b'hs-2,,,"Sample High,school,,d-1'),
        [("orgs.csv", 3, "", "never closed")],
    ),
    "a quote inside of quotes": (
        lambda: with_line("orgs", b'hs-2,,,"Sample "High" North",school,,d-1'),
        [("orgs.csv", 3, "", "no CSV")],
    ),
    "a name in Latin-1": (
        lambda: with_line("orgs", "hs-2,,,Peña Sample High,school,,d-1".encode("latin-1")),
        [("orgs.csv", 3, "name", "byte 0xF1 is not UTF-8")],
    ),
    "a NUL in a name": (
        lambda: with_line("orgs", b"hs-2,,,Sample\0 High,school,,d-1"),
        [("orgs.csv", 3, "name", "control character")],
    ),
    "a file without rows": (lambda: with_rows(enrollments=[]), [("enrollments.csv", None, "", "no rows")]),
    "a column of nobody's": (
        lambda: with_header("orgs", HEADERS["orgs"].replace("identifier", "identification")),
        [("orgs.csv", 1, "identification", "no column of OneRoster")],
    ),
    "a file of nobody's": (
        lambda: with_file("readme.txt", b"hello"),
        [("readme.txt", None, "", "no file of OneRoster")],
    ),
    "a property of nobody's": (
        lambda: with_manifest(file__pupils="bulk"),
        [("manifest.csv", None, "file.pupils", "no property")],
    ),
}


@pytest.mark.parametrize(("packed", "expected"), ROWS.values(), ids=ROWS.keys())
def test_a_bad_row_is_found_and_stops_no_other(packed, expected):
    found = findings_of(packed())

    assert_found(found, expected)
    assert "stops_all" not in {one.effect for one in found}


def test_a_program_tells_kinds_of_trouble_apart_by_their_codes():
    found = findings_of(
        with_more("users", user("s-7", familyName=""), user("s-9 "), user("s-1"), user("s-8", familyName="\tA"))
    )

    assert [(one.row, one.code) for one in found] == [
        (5, "missing"),
        (6, "space_around"),
        (7, "twice"),
        (8, "control_character"),
    ]


SOUND: dict[str, Callable[[], bytes]] = {
    "as it is": lambda: zipped(as_files(sound())),
    "version 1.2.1": lambda: with_manifest(oneroster__version="1.2.1"),
    "a byte order mark": lambda: with_file("users.csv", b"\xef\xbb\xbf" + text(USERS, sound()["users"]).encode()),
    "lines that end in LF": lambda: with_file("users.csv", text(USERS, sound()["users"], ending="\n").encode()),
    "no end of the last line": lambda: with_file("users.csv", text(USERS, sound()["users"]).encode().rstrip()),
    "empty lines at the end": lambda: with_file("users.csv", text(USERS, sound()["users"]).encode() + b"\r\n\r\n"),
    "a comma in quotes": lambda: with_more("orgs", org("hs-2", name='Sample "High", North')),
    "columns in another order": lambda: with_file(
        "orgs.csv", b"type,name,sourcedId\r\ndistrict,Sample,d-1\r\nschool,Sample,hs-1"
    ),
    "extension columns": lambda: with_file(
        "orgs.csv", b"sourcedId,name,type,metadata.code\r\nd-1,Sample,district,7\r\nhs-1,Sample,school,8"
    ),
    "the column of 1.2.0": lambda: with_header("users", USERS.replace("pronouns", "resourceSourcedIds")),
    "an extended choice": lambda: with_more("orgs", org("hs-2", "ext:campus")),
    "a session that names a later one": lambda: with_rows(academicSessions=sound()["academicSessions"][::-1]),
    "what a Mac adds": lambda: with_file("__MACOSX/._users.csv", b"\0\1\2"),
}


@pytest.mark.parametrize("packed", SOUND.values(), ids=SOUND.keys())
def test_nothing_is_wrong_with(packed):
    assert findings_of(packed()) == []


def test_neither_password_nor_address_nor_number_is_ever_quoted():
    line = user("s-9", password="hunter2-made-up\n", email="somebody@example.org", sms="555-0100")
    damaged = [
        with_more("users", line),
        with_line("users", user("s-9", password="geheim-\xe9", familyName="Sample").encode("latin-1")),
        with_line("users", user("s-9").encode() + b",hunter2-made-up"),
        with_line("users", user("s-9", userIds="900009").encode()),
        with_line("users", user("s-9", email="somebody-\xe9@example.org").encode("latin-1")),
        with_line("users", user("s-9", phone="555-0100\x07").encode()),
    ]

    told = str([finding.as_document() for packed in damaged for finding in findings_of(packed)])

    assert told.count("'row': ") == 6
    assert not any(secret in told for secret in ("hunter2", "geheim", "example.org", "555-0100"))
