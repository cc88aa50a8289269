"""What a source is and may change, row by row; all names are made up."""

import pytest

from services.roster.identity.names import plain
from services.roster.identity.people import People
from services.roster.kinds.feeds import NAMED_BY, FedOrganisation, folded, mapped, names_of, with_names
from services.roster.kinds.organisation import decide_organisation
from services.roster.kinds.rows import Known, Wanted
from services.roster.values import Organisation, Source
from shared.errors import Conflict

MADE = {"source": "ps1", "sourced_id": "100", "how": "made"}
MAPPED = {"source": "ps2", "sourced_id": "7", "how": "mapped"}
NAMED = {"source": "ps3", "sourced_id": "100", "how": "named"}
CLOSED = {"parent_id": None, "time_zone": None, "school_year_starts": None}


def known(**organisations):
    states = {id.replace("_", "-"): {**CLOSED, "name": id, **state} for id, state in organisations.items()}
    return Known(today=None, people=People(new_id=iter([]).__next__), organisations=states)  # type: ignore[arg-type]


def fed(source="ps1", sourced_id="100", **more):
    return FedOrganisation(**{"name": "Told", "type": "school", "source": source, "sourced_id": sourced_id, **more})


def test_a_feed_makes_an_organisation_and_is_known_to_have():
    decided = decide_organisation(Wanted("100", fed()), known())

    assert decided.state == {"name": "Told", "type": "school", **CLOSED, NAMED_BY: [MADE]}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(fed(), id="made by its feed"),
        pytest.param(fed("ps2", "7"), id="mapped by a person"),
        pytest.param(fed("old", adopts=True), id="made by its feed before such things were noted"),
    ],
)
def test_a_feed_changes_what_is_its_own(body):
    school = {"type": "school", NAMED_BY: [MADE, MAPPED]}

    decided = decide_organisation(Wanted("100", body), known(**{"100": school}))

    assert decided.state["name"] == "Told"
    assert [each for each in names_of(decided.state) if each["source"] in ("ps1", "ps2")] == [MADE, MAPPED]


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        pytest.param(fed(), {"type": "school"}, id="made by a person"),
        pytest.param(fed("ps9"), {"type": "school", NAMED_BY: [MADE]}, id="another source's"),
        pytest.param(fed(sourced_id="101"), {"type": "school", NAMED_BY: [MADE]}, id="its own under another id"),
        pytest.param(fed("ps3"), {"type": "school", NAMED_BY: [NAMED]}, id="one that it may only name"),
        pytest.param(fed(), {"type": "central_campus", NAMED_BY: [MADE]}, id="the central campus, once its own"),
        pytest.param(
            fed("ps2", "7"), {"type": "satellite_campus", NAMED_BY: [MAPPED]}, id="a satellite, though mapped"
        ),
        pytest.param(fed("ps2", "7"), {"type": "cted", NAMED_BY: [MAPPED]}, id="the cted, though mapped"),
        pytest.param(fed(adopts=True), {"type": "central_campus"}, id="a campus that was fed before"),
    ],
)
def test_a_feed_changes_nothing_else(body, stored):
    with pytest.raises(Conflict):
        decide_organisation(Wanted("100", body), known(**{"100": stored}))


def test_naming_is_noted_once_and_changes_nothing_else():
    before = {"type": "school", NAMED_BY: [MADE]}
    at = known(**{"100": before})

    once = decide_organisation(Wanted("100", fed("ps3", how="named")), at).state
    at.organisations["100"] = once

    assert once == {**CLOSED, "name": "100", "type": "school", NAMED_BY: [MADE, NAMED]}
    assert decide_organisation(Wanted("100", fed("ps3", how="named")), at).state == once


def test_a_person_who_changes_an_organisation_leaves_its_names_alone():
    body = Organisation(name="Renamed", type="school")

    state = decide_organisation(Wanted("100", body), known(**{"100": {"type": "school", NAMED_BY: [MAPPED]}})).state

    assert (state["name"], state[NAMED_BY]) == ("Renamed", [MAPPED])
    assert (
        decide_organisation(Wanted("100", body), known(**{"100": {"type": "school", NAMED_BY: []}})).state[NAMED_BY]
        == []
    )
    assert NAMED_BY not in decide_organisation(Wanted("new", body), known()).state


def test_a_mapping_says_all_names_and_what_a_feed_made_stays_known_as_that():
    wanted = [Source(source="ps3", sourced_id="100"), Source(source="ps1", sourced_id="100")]

    assert mapped([MADE, MAPPED, NAMED], wanted) == [MADE, {**NAMED, "how": "mapped"}]
    assert with_names({"name": "x", NAMED_BY: [MADE]}, mapped([MADE], [])) == {"name": "x", NAMED_BY: []}


@pytest.mark.parametrize(
    ("code", "same"),
    [
        pytest.param("casesis", True, id="by case"),
        pytest.param("CASE SIS", True, id="by case and a space"),
        pytest.param("case-sis", False, id="by a sign: another one"),
    ],
)
def test_sources_are_not_told_apart_by_case_and_spaces(code, same):
    assert (folded(code) == folded("CaseSis")) is same


def test_names_are_compared_as_people_read_them():
    assert plain(" Lincoln  HIGH-School ") == plain("lincoln high school")
    assert plain("Peña") == plain("pena")
    assert plain("Lincoln High") != plain("Lincoln Middle")
