"""What is held at several places, for several programs or for any, is reached at one of them."""

import pytest

from shared.contracts.roster import Organisation
from shared.doors.auth import (
    COORDINATOR,
    INSTRUCTOR,
    LEADER,
    OWN_CAMPUSES,
    OWN_DISTRICTS,
    OWN_PROGRAMS,
    Identity,
    Reach,
)
from shared.roster_copy.reach import at_any, district_above

TYPES = {
    "cted": ("cted", None),
    "north": ("district", "cted"),
    "high": ("school", "north"),
    "annex": ("school", "high"),
    "central": ("central_campus", "cted"),
    "round": ("school", "about"),
    "about": ("school", "round"),
}
PLACES = {
    id: Organisation(organisation_id=id, name="Sample", type=type, parent_id=parent)
    for id, (type, parent) in TYPES.items()
}
ROWS = {COORDINATOR: OWN_CAMPUSES, INSTRUCTOR: OWN_PROGRAMS, LEADER: OWN_DISTRICTS}


def reach(role, **claims):
    lists = {name: frozenset(values) for name, values in claims.items()}
    return Reach(Identity(sub="s", roles=frozenset({role}), **lists), frozenset({ROWS[role]}))


@pytest.mark.parametrize(
    ("id", "district"),
    [("north", "north"), ("high", "north"), ("annex", "north"), ("central", None), ("nowhere", None), ("round", None)],
)
def test_the_district_above(id, district):
    assert district_above(PLACES, id) == district


@pytest.mark.parametrize(
    ("reach", "places", "programs", "expected"),
    [
        pytest.param(reach(COORDINATOR, campuses=["high"]), ["central", "high"], [], True, id="one of the campuses"),
        pytest.param(reach(COORDINATOR, campuses=["high"]), ["central"], [], False, id="none of the campuses"),
        pytest.param(
            reach(COORDINATOR, campuses=["high"]), ["high"], ["welding"], True, id="any program of the campus"
        ),
        pytest.param(
            reach(INSTRUCTOR, campuses=["high"], programs=["it"]), ["high"], ["welding", "it"], True, id="own program"
        ),
        pytest.param(
            reach(INSTRUCTOR, campuses=["high"], programs=["it"]), ["high"], ["welding"], False, id="another's program"
        ),
        pytest.param(reach(INSTRUCTOR, campuses=["high"], programs=["it"]), ["high"], [], True, id="any program"),
        pytest.param(reach(INSTRUCTOR, campuses=["high"], programs=["it"]), ["central"], ["it"], False, id="elsewhere"),
        pytest.param(
            reach(INSTRUCTOR, campuses=["high"], programs=["*"]), ["high"], ["welding"], True, id="all programs"
        ),
        pytest.param(reach(LEADER, districts=["north"]), ["central", "annex"], ["it"], True, id="in the district"),
        pytest.param(reach(LEADER, districts=["north"]), ["central"], [], False, id="the cted's own"),
        pytest.param(reach(LEADER, districts=["*"]), ["central"], ["it"], True, id="all districts"),
        pytest.param(reach(LEADER), ["high"], [], False, id="no district"),
        pytest.param(reach(INSTRUCTOR), ["high"], [], False, id="nothing claimed"),
    ],
)
def test_who_reaches_it(reach, places, programs, expected):
    assert at_any(reach, PLACES, places, programs) is expected
