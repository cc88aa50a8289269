"""What a row says of a student: groups, state student id, home school, and several rows of one person."""

import pytest

from services.roster.oneroster.check.twins import Twins, made_one, told_apart
from services.roster.oneroster.read.rows import Row
from services.roster.oneroster.read.users import (
    Groups,
    Home,
    Seen,
    groups_of,
    has_local_id,
    joined_groups,
    seen,
    student_of,
)

HOMES = {
    "hs": Home("hs", school=True),
    "hs2": Home("hs2", school=True),
    "campus": Home("campus", school=False),
    "campus2": Home("campus2", school=False),
}
RACE_COLUMNS = ("americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican", "white")
ROW = {"sourcedId": "u-1", "givenName": "Sample", "familyName": "Made-Up"}


def groups(**cells: str) -> Groups:
    return groups_of(Row(7, cells))


def one(row: int, user: str = "u-1", **changes: str | None) -> Seen:
    told: dict[str, str | None] = {
        "state_id": None,
        "given_name": "Sample",
        "family_name": "Made-Up",
        "preferred_name": None,
        "grade": None,
        "home": None,
    }
    return Seen(row=row, user=user, **(told | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cells", "race"),
    [
        pytest.param({"white": "true"}, "white", id="one"),
        pytest.param({"asian": "true", "white": "false"}, "asian", id="one, the other denied"),
        pytest.param({"asian": "true", "white": "true"}, "two_or_more", id="two"),
        pytest.param({"demographicRaceTwoOrMoreRaces": "true"}, "two_or_more", id="two or more, as said"),
        pytest.param(
            {"demographicRaceTwoOrMoreRaces": "true", "white": "true"}, "two_or_more", id="two or more, one named"
        ),
        pytest.param({"hispanicOrLatinoEthnicity": "true"}, "hispanic_latino", id="Hispanic"),
        pytest.param({"hispanicOrLatinoEthnicity": "true", "white": "true"}, "hispanic_latino", id="Hispanic first"),
        pytest.param(
            {"hispanicOrLatinoEthnicity": "true", "demographicRaceTwoOrMoreRaces": "true"},
            "hispanic_latino",
            id="Hispanic before two or more",
        ),
        pytest.param(dict.fromkeys(RACE_COLUMNS, "false"), "not_reported", id="all denied"),
        pytest.param(dict.fromkeys(RACE_COLUMNS, ""), "not_reported", id="nothing said"),
        pytest.param({"sex": "male"}, None, id="no such column in the file"),
    ],
)
def test_race_and_ethnicity_are_one_federal_category(cells, race):
    assert groups(**cells).race_ethnicity == race


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        pytest.param((), ("female", "asian"), id="nothing"),
        pytest.param(("sex",), (None, "asian"), id="sex"),
        pytest.param(("white",), ("female", None), id="one race: the others do not decide"),
        pytest.param(("hispanicOrLatinoEthnicity",), ("female", None), id="ethnicity"),
        pytest.param(("birthDate",), ("female", "asian"), id="what decides no group"),
    ],
)
def test_a_group_whose_cell_was_left_out_is_not_told(odd, told):
    one = groups_of(Row(7, {"sex": "female", "asian": "true", "white": ""}), odd)

    assert (one.sex, one.race_ethnicity) == told


@pytest.mark.parametrize(
    ("cells", "sex"),
    [
        ({"sex": "female"}, "female"),
        ({"sex": "male"}, "male"),
        ({"sex": "other"}, "other"),
        ({"sex": "unspecified"}, "not_reported"),
        ({"sex": ""}, "not_reported"),
        ({"sex": "ext:intersex"}, "other"),
        ({"white": "true"}, None),
    ],
)
def test_sex(cells, sex):
    assert groups(**cells).sex == sex


TYPED = {"userIds": "{LDAP:x}, {stateStudentId:0900001}"}


@pytest.mark.parametrize(
    ("cells", "identifier_is_state_id", "state_id", "column"),
    [
        pytest.param(TYPED, False, "0900001", "userIds", id="by its type, leading zeros and all"),
        pytest.param(TYPED | {"identifier": "10234"}, False, "0900001", "userIds", id="beside a number of the source"),
        pytest.param({"identifier": "10234"}, False, None, "identifier", id="a number of the source alone"),
        pytest.param({"identifier": "i2@school.org"}, False, None, "identifier", id="an address"),
        pytest.param(
            {"identifier": "0900001"}, True, "0900001", "identifier", id="where the source is said to mean it"
        ),
        pytest.param(TYPED | {"identifier": "0900001"}, True, "0900001", "userIds", id="twice the same"),
        pytest.param({"identifier": "", "userIds": "{LDAP:x}"}, True, None, "identifier", id="none"),
    ],
)
def test_the_state_student_id(cells, identifier_is_state_id, state_id, column):
    student, found = seen(Row(5, ROW | cells), ["hs"], HOMES, identifier=identifier_is_state_id)

    assert student is not None
    assert (student.state_id, student.state_column, found) == (state_id, column, [])


@pytest.mark.parametrize(
    ("cells", "identifier_is_state_id"),
    [
        pytest.param({"identifier": "0900002", **TYPED}, True, id="another one in each column"),
        pytest.param({"userIds": "{stateStudentId:0900001},{stateStudentId:0900002}"}, False, id="two of the type"),
    ],
)
def test_two_state_student_ids_in_one_row_are_a_problem(cells, identifier_is_state_id):
    student, found = seen(Row(5, ROW | cells), ["hs"], HOMES, identifier=identifier_is_state_id)

    assert student is None
    assert [(one.row, one.column, one.effect) for one in found] == [(5, "userIds", "refuses_row")]


@pytest.mark.parametrize(
    ("cells", "noted"),
    [
        ({"identifier": "10234"}, True),
        ({"identifier": "10234", **TYPED}, False),
        ({"identifier": " "}, False),
        ({}, False),
    ],
)
def test_an_identifier_that_is_left_out_is_noted_where_nothing_else_tells_the_state_id(cells, noted):
    assert has_local_id(cells) is noted


@pytest.mark.parametrize(
    ("primary", "roles", "home", "noted"),
    [
        pytest.param("hs", ["hs", "campus"], "hs", False, id="the primary org"),
        pytest.param("campus", ["hs", "campus"], "campus", False, id="the primary org, though it is a campus"),
        pytest.param("", ["hs"], "hs", False, id="the only role"),
        pytest.param("", ["campus", "hs"], "hs", False, id="a school before a campus"),
        pytest.param("", ["campus"], "campus", False, id="a campus, when there is nothing else"),
        pytest.param("district", ["hs"], "hs", False, id="a district is no home"),
        pytest.param("", ["hs", "hs2"], None, True, id="two schools are no guess"),
        pytest.param("", ["campus", "campus2"], None, True, id="nor are two campuses"),
        pytest.param("district", ["district"], None, True, id="no school at all"),
    ],
)
def test_the_home_school(primary, roles, home, noted):
    student, found = seen(Row(5, ROW | {"primaryOrgSourcedId": primary}), roles, HOMES)

    assert student is not None
    assert student.home == home
    assert [one.effect for one in found] == ["note"] * noted


def test_of_several_grades_none_is_taken():
    student, found = seen(Row(5, ROW | {"grades": "11,12"}), ["hs"], HOMES)

    assert student is not None
    assert student.grade is None
    assert [(one.column, one.value, one.effect) for one in found] == [("grades", "11,12", "note")]


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"given_name": "x" * 201}, "givenName"),
        ({"grade": "eleven"}, "grades"),
        ({"state_id": "0900001 (old)"}, "identifier"),
    ],
)
def test_what_roster_cannot_keep_is_told_by_its_column(changes, column):
    found = student_of(one(5, **changes), "sample-sis", "2024-25")

    assert isinstance(found, list)
    assert [(one.file, one.row, one.column) for one in found] == [("users.csv", 5, column)]


def test_users_who_share_a_person_stand_together():
    twins = Twins()
    for state_id, user in (("1", "a"), ("2", "b"), ("1", "c"), ("3", "d"), ("4", "teacher"), ("4", "e")):
        twins.share(state_id, user)
    twins.know(["x", "y"], None)
    twins.know(["f"], "3")
    twins.know(["b"], "2")

    groups = twins.groups({"a", "b", "c", "d", "e", "f", "y"})

    assert groups.keys() == {"a", "c", "d", "f"}
    assert groups["a"] == groups["c"] != groups["d"] == groups["f"]


def test_rows_of_one_person_say_the_same():
    rows = [
        one(2, "a", state_id="1", given_name="Sam", home="campus"),
        one(5, "b", state_id="1", given_name="Samuel", grade="11", home="hs", preferred_name="Sammy"),
    ]

    same, found = made_one(rows, HOMES, "sis")

    assert [(each.row, each.user, each.given_name, each.grade, each.home, each.preferred_name) for each in same] == [
        (2, "a", "Sam", "11", "hs", "Sammy"),
        (5, "b", "Sam", "11", "hs", "Sammy"),
    ]
    assert found == []


def test_what_rows_of_one_person_do_not_agree_on_is_noted():
    rows = [one(2, "a", home="hs"), one(5, "b", family_name="Quite-Other", home="hs2")]

    same, found = made_one(rows, HOMES, "sis")

    assert {each.home for each in same} == {None}
    assert [(each.row, each.column) for each in found] == [
        (5, "familyName"),
        (2, "primaryOrgSourcedId"),
        (5, "primaryOrgSourcedId"),
    ]
    assert {each.effect for each in found} == {"note"}


def test_another_given_name_of_one_person_is_noted_with_what_would_part_them():
    _, (found,) = made_one([one(2, "a", given_name="Carla"), one(5, "b", given_name="Dmitri")], HOMES, "sis")

    assert (found.row, found.column, found.value, found.effect) == (5, "givenName", "Dmitri", "note")
    assert "POST /v1/persons/sis:b/sources/sis:b/separate" in found.what_would_work


def test_a_row_whose_ids_belong_to_two_persons_lends_its_name_to_neither():
    rows = [one(2, "a", state_id="1"), one(3, "b", state_id="1"), one(4, "new", state_id="1")]
    owners = {"sis:a": "p1", "sis:b": "p2", "stateStudentId:1": "p2"}

    parts = told_apart(rows, "sis", owners, {"p2": [rows[1].told]})

    assert [[row.user for row in part] for part in parts] == [["b", "new"], ["a"]]


@pytest.mark.parametrize(
    ("rows", "owners", "parts"),
    [
        pytest.param([("a", "Carla"), ("b", "Dmitri")], {}, [["a"], ["b"]], id="two new ones of one number"),
        pytest.param([("a", "Sam"), ("b", "Samuel"), ("c", "Ana")], {}, [["a", "b"], ["c"]], id="two of three agree"),
        pytest.param(
            [("a", "Ana"), ("b", "Carla")], {"stateStudentId:1": "p1"}, [["b"], ["a"]], id="the number's own name only"
        ),
        pytest.param(
            [("a", "Ana"), ("b", "Dmitri")], {"sis:a": "p1"}, [["a"], ["b"]], id="a new number, and another name"
        ),
        pytest.param([("a", "Ana"), ("b", "ANA")], {"sis:a": "p1"}, [["a", "b"]], id="a new number, and the same name"),
    ],
)
def test_rows_that_share_a_number_are_one_person_only_by_their_names(rows, owners, parts):
    rows = [one(2 + at, user, state_id="1", given_name=name) for at, (user, name) in enumerate(rows)]
    known = {"p1": [one(0, given_name="Carla").told]}

    assert [[row.user for row in part] for part in told_apart(rows, "sis", owners, known)] == parts


def test_a_birth_date_is_evidence_and_an_odd_one_is_left_out():
    assert [groups(birthDate=cell).birth_date for cell in ("2008-02-29", "2007-02-29", "1/05/2008", "0008-01-01")] == [
        "2008-02-29",
        None,
        None,
        None,
    ]


def test_demographics_of_one_person_are_joined():
    joined, found = joined_groups(
        [Groups(2, "not_reported", None), Groups(3, "female", "white"), Groups(4, "male", "not_reported")]
    )

    assert joined == Groups(2, "female", "white")
    assert [(one.row, one.column, one.value) for one in found] == [(4, "sex", "male")]
