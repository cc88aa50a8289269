"""What districts really export comes in: what is certain is read, what is not is noted, and nobody is lost by it."""

import pytest

from services.roster.oneroster.read.findings import NothingApplied
from tests.oneroster_damage import with_file, with_manifest, with_more, with_rows
from tests.oneroster_exports import OLDER_USERS, older, older_user, read, without_manifest
from tests.oneroster_zips import (
    HEADERS,
    as_files,
    demographics,
    enrollment,
    org,
    role,
    row,
    small,
    sound,
    text,
    user,
    zipped,
)

BOTH = {"s-1", "s-2"}


def changed(name: str, old: str, new: str) -> bytes:
    """The sound package with one word replaced throughout a file."""
    files = as_files(sound())
    assert old.encode() in files[name]
    return zipped(files | {name: files[name].replace(old.encode(), new.encode())})


NOTHING_TO_SAY = {
    "TRUE as a spreadsheet writes it": lambda: changed("users.csv", ",true,", ",TRUE,"),
    "FALSE of a seat": lambda: with_rows(enrollments=[enrollment("e-1", "s-1", primary="FALSE")]),
    "Student and School": lambda: zipped(
        as_files(sound())
        | {
            "roles.csv": as_files(sound())["roles.csv"].replace(b"student", b"Student"),
            "orgs.csv": as_files(sound())["orgs.csv"].replace(b"school", b"School"),
        }
    ),
    "a moment of a bulk file": lambda: with_rows(
        users=[
            user("s-1", status="active", dateLastModified="2012-04-23T18:25:43.511Z"),
            user("s-2", status="active", dateLastModified="1/05/2023"),
        ],
        roles=[role("s-1"), role("s-2")],
    ),
    "a school year as we write it": lambda: changed("academicSessions.csv", ",2025\r", ",2024-25\r"),
    "two blank columns at the end of everything": lambda: with_file(
        "users.csv", as_files(sound())["users.csv"].replace(b"\r\n", b",,\r\n")
    ),
    "two blank columns at the end of the rows": lambda: with_file(
        "roles.csv", as_files(sound())["roles.csv"].replace(b",hs-1,", b",hs-1,,,")
    ),
    "a blank column that only the header has": lambda: with_file(
        "roles.csv", as_files(sound())["roles.csv"].replace(b"Id\r\n", b"Id,,\r\n")
    ),
    "modes with a capital": lambda: with_manifest(file__users="Bulk"),
    "a mode of nothing": lambda: zipped(
        {
            name: content.replace(b"source.systemCode", b"file.scoreScales,\r\nsource.systemCode")
            for name, content in as_files(sound()).items()
        }
    ),
    "grades that mean one": lambda: changed("users.csv", ",11,", ",Grade 11,"),
    "M and F": lambda: changed("demographics.csv", "female", "F"),
    "classes without courses": lambda: with_rows_but("courses"),
}


def with_rows_but(*files: str) -> bytes:
    return zipped(as_files({name: rows for name, rows in sound().items() if name not in files}))


@pytest.mark.parametrize("packed", NOTHING_TO_SAY.values(), ids=NOTHING_TO_SAY.keys())
def test_what_is_certain_is_read_without_a_word(packed):
    found = read(packed())

    assert found.findings == []
    assert found.students.keys() == BOTH


NOTED = {
    "a school under a district that is not sent": (
        lambda: with_rows(orgs=[org("hs-1", parent="district-9")]),
        [("orgs.csv", "parentSourcedId", 1)],
    ),
    "schools in a circle": (
        lambda: with_rows(orgs=[org("d-1", "district", "hs-1"), org("hs-1")]),
        [("orgs.csv", "parentSourcedId", 2)],
    ),
    "a kind of school that nobody knows": (
        lambda: with_rows(orgs=[org("d-1", "district", ""), org("hs-1", "academy")]),
        [("orgs.csv", "type", 1)],
    ),
    "an id without its type": (
        lambda: changed("users.csv", "{stateStudentId:0900001}", "12345"),
        [("users.csv", "userIds", 1)],
    ),
    "a word and an address where a number stands": (
        lambda: zipped(
            as_files(sound())
            | {
                "users.csv": as_files(sound())["users.csv"]
                .replace(b"0900001", b"user identifier")
                .replace(b"0900002", b"s2@school.example")
            }
        ),
        [("users.csv", "userIds", 2)],
    ),
    "a grade that nobody knows": (lambda: changed("users.csv", ",11,", ",senior,"), [("users.csv", "grades", 1)]),
    "two grades": (lambda: changed("users.csv", ",11,", ',"11,12",'), [("users.csv", "grades", 1)]),
    "a home school that is not sent": (
        lambda: changed("users.csv", "hs-1", "hs-9"),
        [("users.csv", "primaryOrgSourcedId", 3)],
    ),
    "a day on which no role begins": (
        lambda: with_rows(roles=[role("s-1", beginDate="8/1/2024"), role("s-2"), role("t-1", kind="teacher")]),
        [("roles.csv", "beginDate", 1)],
    ),
    "a role that ends before it begins": (
        lambda: with_rows(
            roles=[
                role("s-1", beginDate="2026-08-01", endDate="2024-08-01"),
                role("s-2"),
                role("t-1", kind="teacher"),
            ]
        ),
        [("roles.csv", "endDate", 1)],
    ),
    "another sort of role": (
        lambda: changed("roles.csv", "primary", "main"),
        [("roles.csv", "roleType", 3)],
    ),
    "what nobody can say of a group": (
        lambda: with_rows(demographics=[demographics("s-1", white="perhaps", birthDate="long ago")]),
        [("demographics.csv", "birthDate", 1), ("demographics.csv", "white", 1)],
    ),
    "semicolons": (
        lambda: changed_to_semicolons("users.csv"),
        [("users.csv", "", 1)],
    ),
    "Users.csv": (
        lambda: zipped({("Users.csv" if n == "users.csv" else n): c for n, c in as_files(sound()).items()}),
        [("Users.csv", "", 1)],
    ),
    "sourcedID": (
        lambda: changed("users.csv", "sourcedId,status", "SourcedID,status"),
        [("users.csv", "SourcedID", 1)],
    ),
    "a column by its name in older exports": (
        lambda: changed("demographics.csv", "sourcedId,status", "userSourcedId,status"),
        [("demographics.csv", "userSourcedId", 1)],
    ),
    "a status of nobody's": (
        lambda: with_rows(users=[user("s-1", status="enrolled"), user("s-2")], roles=[role("s-1"), role("s-2")]),
        [("users.csv", "status", 1)],
    ),
    "who is to be deleted by a bulk file": (
        lambda: with_more("users", user("s-9", status="tobedeleted")),
        [("users.csv", "status", 1)],
    ),
}


def changed_to_semicolons(name: str) -> bytes:
    content = as_files(sound())[name].replace(b",", b";")
    return with_file(name, content)


@pytest.mark.parametrize(("packed", "notes"), NOTED.values(), ids=NOTED.keys())
def test_what_is_not_certain_is_left_out_with_one_note_and_takes_nobody_out(packed, notes):
    found = read(packed())

    assert sorted(found.notes) == notes
    assert found.refused == []
    assert found.students.keys() == BOTH


def test_grades_are_one_slice_however_they_are_written():
    written = ["09", "9", "Grade 9", "9th"]
    users = [user(f"m-{at}", grades=grade) for at, grade in enumerate(written)]

    found = read(zipped(as_files(small(4) | {"users": users})))

    assert {student.grade for student in found.students.values()} == {"09"}
    assert found.findings == []


def test_many_rows_of_one_kind_are_one_note_with_their_number_and_the_first():
    rows = small(40)
    rows["users"] = [user(f"m-{at}", userIds=str(at)) for at in range(40)]

    found = read(zipped(as_files(rows)))

    (note,) = found.findings
    assert (note.row, note.value, note.rows) == (2, "0", 40)
    assert note.problem.endswith("(40 rows: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 30 more)")
    assert len(found.students) == 40


def test_a_role_at_a_school_that_nobody_knows_is_refused_and_its_student_stays():
    found = read(with_rows(roles=[role("s-1", "hs-9"), role("s-2")]))

    assert found.refused == [("roles.csv", 2, "orgSourcedId")]
    assert found.students.keys() == BOTH
    assert found.checked.schools["s-1"] == ()


@pytest.mark.parametrize(
    ("dates", "day"),
    [
        pytest.param(["8/1/2024", "8/27/2024"], "2024-08-01", id="another row shows that the month is first"),
        pytest.param(["8/1/2024", "27/8/2024"], "2024-01-08", id="another row shows that the day is first"),
        pytest.param(["2024-08-01 00:00:00", ""], "2024-08-01", id="midnight of a day"),
        pytest.param(["2024-08-01T00:00:00.000Z", ""], "2024-08-01", id="the same, as a moment"),
    ],
)
def test_a_date_is_read_when_the_package_shows_how_it_is_meant(dates, day):
    roles = [role(user_id, beginDate=date) for user_id, date in zip(("s-1", "s-2"), dates, strict=True)]
    rows = sound() | {"roles": roles, "academicSessions": [sound()["academicSessions"][0], session("t-fall", dates[0])]}

    found = read(zipped(as_files(rows)))

    assert found.findings == []
    assert found.checked.terms.sessions["t-fall"][0] == day


def session(id: str, begin: str) -> str:
    told = {"title": "Fall", "type": "term", "endDate": "2024-12-20", "schoolYear": "2025"}
    return row("academicSessions", sourcedId=id, startDate=begin, **told)


@pytest.mark.parametrize("dates", [["8/1/2024", "9/2/2024"], ["8/27/2024", "27/8/2024"]])
def test_a_date_that_could_mean_two_days_places_no_enrollment(dates):
    seats = [enrollment(f"e-{at}", "s-1", beginDate=date) for at, date in enumerate(dates)]

    found = read(with_rows(enrollments=seats))

    assert found.refused == [("enrollments.csv", 2, "beginDate"), ("enrollments.csv", 3, "beginDate")]
    assert found.students.keys() == BOTH


WITHOUT_PEOPLE = {
    "no roles.csv": (lambda: with_rows_but("roles"), "roles.csv", "no row says who is a student"),
    "a roles.csv without rows": (lambda: with_rows(roles=[]), "roles.csv", "no row says who is a student"),
    "users.csv without rows": (
        lambda: with_rows(users=[], roles=[], demographics=[], enrollments=[]),
        "users.csv",
        "no rows",
    ),
    "roles of another year": (
        lambda: with_rows(roles=[role("s-1", endDate="2023-05-30"), role("s-2", beginDate="2025-08-01")]),
        "roles.csv",
        "no student's role holds on any day of 2024-25",
    ),
}


@pytest.mark.parametrize(("packed", "file", "words"), WITHOUT_PEOPLE.values(), ids=WITHOUT_PEOPLE.keys())
def test_a_package_of_which_nobody_could_be_taken_is_refused(packed, file, words):
    nobody = read(packed()).nobody

    assert nobody is not None
    assert (nobody.file, nobody.effect) == (file, "stops_all")
    assert words in nobody.problem
    assert nobody.what_would_work


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(lambda: zipped(as_files(sound())), id="a sound one"),
        pytest.param(lambda: zipped(as_files({"orgs": sound()["orgs"]})), id="schools alone"),
        pytest.param(lambda: with_rows(roles=[role("s-1"), role("s-2", "hs-9")]), id="one of two"),
    ],
)
def test_somebody_is_somebody(packed):
    assert read(packed()).nobody is None


def test_a_package_of_staff_is_done_with_a_note():
    nobody = read(with_rows(roles=[role("t-1", kind="teacher")])).nobody

    assert nobody is not None
    assert nobody.effect == "note"


OLDER = [older_user("s-1", "hs-1"), older_user("s-2", "hs-1,hs-2"), older_user("t-1", role="teacher", grade="")]


def older_rows() -> dict[str, list[str]]:
    return sound() | {"orgs": [org("d-1", "district", ""), org("hs-1"), org("hs-2")]}


def test_1_1_says_in_users_csv_what_everybody_is_and_where():
    found = read(zipped(older(OLDER, older_rows())))

    assert found.students.keys() == BOTH
    assert found.checked.schools == {"s-1": ("hs-1",), "s-2": ("hs-1", "hs-2")}
    assert found.checked.tally["roles.csv"].read == 4
    assert found.notes == [("users.csv", "primaryOrgSourcedId", 1)]  # which of two schools is home


def test_1_1_with_words_of_its_own_and_what_nobody_knows():
    users = [
        older_user("s-1", role="Student"),
        older_user("s-2", "hs-9"),
        older_user("s-3", ""),
        older_user("a-1", role="administrator", grade=""),
        older_user("x-1", role="pupil"),
        older_user("", "hs-1"),
    ]

    found = read(zipped(older(users, older_rows() | {"demographics": []})))

    assert found.students.keys() == {"s-1", "s-2", "s-3"}
    assert found.refused == [("users.csv", 7, "sourcedId")]
    told = {(one.column, one.row) for one in found.findings if one.file == "users.csv" and one.effect == "note"}
    assert {("orgSourcedIds", 3), ("orgSourcedIds", 4), ("role", 6)} <= told
    assert len(found.checked.tally["roles.csv"].refused) == 4


def test_roles_of_1_2_win_over_columns_of_1_1():
    header = HEADERS["users"] + ",role,orgSourcedIds"
    lines = [f"{line},teacher,hs-1" for line in sound()["users"]]

    found = read(with_file("users.csv", text(header, lines).encode()))

    assert found.students.keys() == BOTH
    assert found.findings == []


def test_a_role_of_1_1_has_the_same_id_every_night():
    first, second = (read(zipped(older(users, older_rows()))) for users in (OLDER, OLDER[::-1]))

    assert first.checked.ids["roles"]._hashes == second.checked.ids["roles"]._hashes


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(lambda: without_manifest(as_files(sound())), id="1.2"),
        pytest.param(lambda: without_manifest(older(OLDER, older_rows())), id="1.1"),
    ],
)
def test_without_a_manifest_the_files_are_named_and_read_and_none_is_taken_for_whole(packed):
    found = read(packed(), source="north-sis")

    assert found.students.keys() == BOTH
    assert not any(found.manifest.whole(layout) for layout in found.manifest.layouts)
    (note,) = [one for one in found.findings if one.file == "manifest.csv"]
    assert "found and read were orgs.csv, users.csv" in note.problem
    assert "nothing ends" in note.problem
    assert "manifest.csv" in note.what_would_work


def test_without_a_manifest_rows_may_name_what_was_sent_before():
    packed = without_manifest(as_files({"users": sound()["users"], "roles": sound()["roles"]}))

    found = read(packed, source="north-sis", before={"orgs": frozenset({"hs-1", "d-1"})})

    assert found.students.keys() == BOTH
    assert found.refused == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        pytest.param({"readme.txt": b"hello"}, "no file of OneRoster", id="nothing of OneRoster"),
        pytest.param({"pupils.csv": text(OLDER_USERS, OLDER).encode()}, "no file of OneRoster", id="another name"),
    ],
)
def test_without_a_manifest_and_any_file_nothing_is_read(files, words):
    with pytest.raises(NothingApplied) as refused:
        read(zipped(files), source="north-sis")

    assert words in refused.value.findings[0].problem
