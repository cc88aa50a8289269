"""Both the student and the place must lie within reach: own and foreign in one body is refused."""

import pytest

from services.roster.reach.writable import Writable
from shared.errors import Forbidden

CAN = Writable(
    own=frozenset({"north", "north-high", "north-sat"}),
    shared=frozenset({"cted", "central"}),
    students=frozenset({"ann"}),
    let_in={"bob": frozenset({"north-sat"})},
)


@pytest.mark.parametrize(
    ("kind", "person", "places", "may"),
    [
        pytest.param("enrolment", "ann", ["north-sat"], True, id="an own student"),
        pytest.param("enrolment", "bob", ["north-sat"], True, id="one let in there"),
        pytest.param("completion", "bob", ["north-sat"], True, id="who completes there"),
        pytest.param("enrolment", "bob", ["central"], False, id="one let in elsewhere"),
        pytest.param("student", "bob", ["north-sat"], True, id="the year of one let in"),
        pytest.param("student", "bob", ["north-sat", "north-high"], False, id="and of another place too"),
        pytest.param("demographics", "bob", [], False, id="the groups of one let in"),
        pytest.param("outcome", "bob", [], False, id="what became of one let in"),
        pytest.param("enrolment", "cat", ["north-sat"], False, id="another's student"),
        pytest.param("student", "cat", [], False, id="another's student without a place"),
        pytest.param("enrolment", "", [], False, id="nobody"),
    ],
)
def test_about_whom(kind, person, places, may):
    assert CAN.about(kind, person, places) is may


def years(**schools):
    return {"years": [{"school_year": f"20{year[1:]}-x", "school_id": school} for year, school in schools.items()]}


@pytest.mark.parametrize(
    ("kind", "before", "state", "foreign"),
    [
        pytest.param("enrolment", None, {"organisation_id": "north-sat"}, None, id="an own place"),
        pytest.param("enrolment", None, {"organisation_id": "central"}, None, id="a place of no district"),
        pytest.param("enrolment", None, {"organisation_id": "south-sat"}, "south-sat", id="another's place"),
        pytest.param(
            "enrolment", {"organisation_id": "south-sat"}, {"organisation_id": "south-sat"}, None, id="as it stands"
        ),
        pytest.param(
            "enrolment", {"organisation_id": "south-sat"}, {"organisation_id": "north-sat"}, "south-sat", id="taken"
        ),
        pytest.param("outcome", None, {"student_id": "ann"}, None, id="no place at all"),
        pytest.param("student", None, years(y24="north-high"), None, id="a new student here"),
        pytest.param("student", None, years(y24="north-high", y25="south-high"), "south-high", id="here and there"),
        pytest.param("student", years(y24="south-high"), years(y24="south-high", y25="north-high"), None, id="added"),
        pytest.param("student", years(y24="south-high"), years(y25="north-high"), "south-high", id="taken away"),
        pytest.param("student", years(y24="north-high"), years(), None, id="an own year taken out"),
        pytest.param("student", years(y24="north-high"), years(y24="south-high"), "south-high", id="given away"),
    ],
)
def test_which_places(kind, before, state, foreign):
    refusal = CAN.refusal(kind, "x", state, before)

    assert (refusal is None) == (foreign is None)
    if refusal:
        assert isinstance(refusal, Forbidden)
        assert f"names {foreign}, which lies in no district of this token" in refusal.detail
        assert "POST /v1/transfers" in refusal.problems[0].works


@pytest.mark.parametrize("state", [years(), years(y24="central")])
def test_a_new_student_is_at_home_somewhere_within_reach(state):
    assert "would not lie in a district" in CAN.refusal("student", "x", state, None).detail
