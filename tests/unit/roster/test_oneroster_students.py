"""What a row says of a student: groups, state student id, home school, and several rows of one person."""

import pytest

from services.roster.oneroster.places import organisation_id
from services.roster.oneroster.reading import Row
from services.roster.oneroster.students import Groups, Home, Seen, groups_of, joined_groups, seen, student_of
from services.roster.oneroster.twins import Twins, made_one, told_apart

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


@pytest.mark.parametrize(
    ("cells", "state_id"),
    [
        pytest.param({"identifier": "0900001"}, "0900001", id="leading zeros stay"),
        pytest.param({"userIds": "{stateStudentId:0900001}, {LDAP:x}"}, "0900001", id="by its type"),
        pytest.param(
            {"identifier": "0900001", "userIds": "{LDAP:x},{stateStudentId:0900001}"}, "0900001", id="twice the same"
        ),
        pytest.param({"identifier": "", "userIds": "{LDAP:x}"}, None, id="none"),
    ],
)
def test_the_state_student_id(cells, state_id):
    student, found = seen(Row(5, ROW | cells), ["hs"], HOMES)

    assert student is not None
    assert (student.state_id, found) == (state_id, [])


def test_two_state_student_ids_in_one_row_are_a_problem():
    cells = {"identifier": "0900001", "userIds": "{stateStudentId:0900002}"}

    student, found = seen(Row(5, ROW | cells), ["hs"], HOMES)

    assert student is None
    assert [(one.row, one.column, one.effect) for one in found] == [(5, "userIds", "refuses_row")]


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

    same, found = made_one(rows, HOMES)

    assert [(each.row, each.user, each.given_name, each.grade, each.home, each.preferred_name) for each in same] == [
        (2, "a", "Sam", "11", "hs", "Sammy"),
        (5, "b", "Sam", "11", "hs", "Sammy"),
    ]
    assert found == []


def test_what_rows_of_one_person_do_not_agree_on_is_noted():
    rows = [one(2, "a", home="hs"), one(5, "b", family_name="Quite-Other", home="hs2")]

    same, found = made_one(rows, HOMES)

    assert {each.home for each in same} == {None}
    assert [(each.row, each.column) for each in found] == [
        (5, "familyName"),
        (2, "primaryOrgSourcedId"),
        (5, "primaryOrgSourcedId"),
    ]
    assert {each.effect for each in found} == {"note"}


def test_a_row_whose_ids_belong_to_two_persons_lends_its_name_to_neither():
    rows = [one(2, "a", state_id="1"), one(3, "b", state_id="1"), one(4, "new", state_id="1")]
    owners = {"sis:a": "p1", "sis:b": "p2", "stateStudentId:1": "p2"}

    parts = told_apart(rows, "sis", owners)

    assert [[row.user for row in part] for part in parts] == [["b", "new"], ["a"]]


def test_demographics_of_one_person_are_joined():
    joined, found = joined_groups(
        [Groups(2, "not_reported", None), Groups(3, "female", "white"), Groups(4, "male", "not_reported")]
    )

    assert joined == Groups(2, "female", "white")
    assert [(one.row, one.column, one.value) for one in found] == [(4, "sex", "male")]


@pytest.mark.parametrize(
    ("sourced_id", "kept"),
    [("north-high", True), ("0017", True), ("a.b", False), ("7f3c/x", False), ("_a", False), ("x" * 65, False)],
)
def test_a_sourced_id_is_the_organisations_id_where_it_can_be(sourced_id, kept):
    own = organisation_id("sis", sourced_id)

    assert (own == sourced_id) is kept
    assert own == organisation_id("sis", sourced_id)
    assert kept or own != organisation_id("other", sourced_id)
