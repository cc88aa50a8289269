"""Whoever may not read who is behind a number sees it from 10 people up, and cannot work out any other."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.numbers.disclosure.days import checked_day, month_ends
from services.insights.numbers.disclosure.few_people import total_withheld, withheld
from services.insights.numbers.disclosure.viewers import own_parts, reads, sees_of, told, told_apart
from services.insights.numbers.slices import Slice
from services.insights.numbers.tallies import Tally
from services.insights.numbers.targets import status_of
from shared.doors.auth import Identity, Reach, Role, Rows
from shared.errors import Refused


@pytest.mark.parametrize(
    ("members", "readable", "hidden"),
    [
        pytest.param({"a": 12, "b": 40}, [], "", id="nobody is few"),
        pytest.param({"a": 1, "b": 40, "c": 50}, [], "ab", id="one, and the next smallest beside it"),
        pytest.param({"a": 9, "b": 40, "c": 12}, [], "ac", id="nine are few"),
        pytest.param({"a": 10, "b": 40}, [], "", id="ten are enough"),
        pytest.param({"a": 1, "b": 1, "c": 30, "d": 40}, [], "abc", id="two of one each would be known by their sum"),
        pytest.param({"a": 4, "b": 5, "c": 30}, [], "abc", id="nine together are few"),
        pytest.param({"a": 4, "b": 6, "c": 30}, [], "ab", id="ten together may be anything"),
        pytest.param({"a": 0, "b": 30, "c": 40}, [], "", id="nobody at all"),
        pytest.param({"a": 3, "b": 30, "c": 40}, ["a"], "", id="few whom the viewer may read"),
        pytest.param({"a": 3, "b": 30, "c": 40}, ["b"], "ac", id="what the viewer reads hides nothing"),
        pytest.param({}, [], "", id="no rows"),
    ],
)
def test_what_is_withheld(members, readable, hidden):
    assert withheld(members, readable).values == frozenset(hidden)
    assert not withheld(members, readable).unnamed


@pytest.mark.parametrize("members", [{"a": 3}, {"a": 3, "b": 0}, dict.fromkeys("abcdefghijkl", 1)])
def test_where_nothing_is_left_to_hide_beside_no_row_is_named(members):
    assert withheld(members, []).unnamed
    assert withheld(members, []).values == frozenset(members)


@pytest.mark.parametrize(
    ("members", "readable", "away"),
    [(9, 0, True), (10, 0, False), (0, 0, False), (25, 20, True), (25, 25, False), (25, 15, False), (3, 3, False)],
)
def test_a_total_that_would_tell_of_few_beside_the_own(members, readable, away):
    assert total_withheld(members, readable) is away


CELLS = st.dictionaries(st.sampled_from("abcdefghijklmno"), st.integers(0, 25), max_size=15)


@given(CELLS, st.sets(st.sampled_from("abcdefghijklmno")))
def test_no_hidden_cell_can_be_worked_out_from_what_is_shown(members, readable):
    """Whoever knows the total, where it is shown, every cell that is shown, and those that are their own."""
    away = withheld(members, readable)
    assert not away.values & readable
    for value, n in members.items():
        assert value in readable or value in away.values or n == 0 or n >= 10
    total = sum(members.values())
    known = sum(n for value, n in members.items() if value not in away.values)
    if total_withheld(total, sum(n for value, n in members.items() if value in readable)) or away.unnamed:
        return  # without the total, or without the rows, there is no sum to take apart
    hidden = len(away.values)
    left = total - known
    for value in away.values:
        # Each hidden cell has somebody: the others may have one each, or all the rest.
        least, most = 1, left - (hidden - 1)
        assert least < most, (value, members)


def reach(role, **claims):
    return sees_of(Reach(Identity("x", frozenset({role}), **claims), frozenset({Rows.ALL})))


SOME, EVERY = frozenset({"welding"}), frozenset({"*"})
HERE = reach(Role.INSTRUCTOR, programs=SOME, campuses=frozenset({"north"}))
ANYWHERE = reach(Role.INSTRUCTOR, programs=SOME, campuses=EVERY)
CAMPUS = reach(Role.COUNSELOR, campuses=frozenset({"north"}))
DISTRICT = reach(Role.LEADER, districts=frozenset({"south"}))
WHOLE, NORTH = Slice(), Slice("campus", "north")


@pytest.mark.parametrize(
    ("sees", "parts", "may"),
    [
        pytest.param(HERE, (WHOLE,), False, id="everybody"),
        pytest.param(HERE, (Slice("program", "welding"),), False, id="the own program on all campuses"),
        pytest.param(HERE, (NORTH, Slice("program", "welding")), True, id="the own program at the own campus"),
        pytest.param(HERE, (Slice("program_campus", "welding|north"),), True, id="the two as one"),
        pytest.param(HERE, (Slice("program_campus", "welding|south"),), False, id="another campus"),
        pytest.param(ANYWHERE, (Slice("program", "welding"),), True, id="the own program everywhere"),
        pytest.param(ANYWHERE, (Slice("program", "baking"),), False, id="another program"),
        pytest.param(CAMPUS, (NORTH, Slice("grade", "12")), True, id="a grade of the own campus"),
        pytest.param(CAMPUS, (Slice("grade", "12"),), False, id="a grade"),
        pytest.param(DISTRICT, (Slice("district", "south"),), True, id="the own district"),
        pytest.param(DISTRICT, (Slice("district", "north"),), False, id="another district"),
        pytest.param(reach(Role.SERVICE), (WHOLE,), True, id="another service"),
        pytest.param(reach(Role.LEADER, districts=EVERY), (WHOLE,), True, id="a leader of all"),
        pytest.param(reach(Role.OPERATOR), (NORTH,), False, id="an operator"),
    ],
)
def test_whose_members_are_whose(sees, parts, may):
    assert reads(sees, *parts) is may


@pytest.mark.parametrize(
    ("sees", "part", "found"),
    [
        (HERE, WHOLE, ["welding|north"]),
        (HERE, NORTH, ["welding|north"]),
        (HERE, Slice("campus", "south"), []),
        (ANYWHERE, WHOLE, ["welding"]),
        (ANYWHERE, NORTH, ["welding|north"]),
        (CAMPUS, WHOLE, ["north"]),
        (DISTRICT, WHOLE, []),
    ],
)
def test_the_own_parts_of_a_slice(sees, part, found):
    assert [one.value for one in own_parts(sees, part)] == found
    assert all(reads(sees, one) for one in own_parts(sees, part))


def test_a_number_that_is_withheld_says_so_and_nothing_else():
    few, many = Tally(1, 3, 1, 3), Tally(20, 30, 20, 30)
    found = told({("W1", "2024-25", "all"): few, ("W1", "2023-24", "all"): many}, [])
    rows = told_apart({"welding": few, "baking": few, "nursing": many, "it": many + many}, WHOLE, "program", ANYWHERE)

    assert [(one.members, one.withheld) for one in found.values()] == [(0, True), (30, False)]
    assert {value for value, one in rows.items() if one.withheld} == {"baking", "nursing"}
    assert rows["welding"] == few
    assert status_of(rows["baking"], None, year_over=True, stale=True) == "too_few"


@pytest.mark.parametrize(
    ("day", "any_day", "words"),
    [
        pytest.param("2025-04-30", False, "", id="the end of a month"),
        pytest.param("2024-02-29", False, "", id="of a leap year"),
        pytest.param("2025-06-15", False, "", id="today"),
        pytest.param("2025-04-29", False, "send 2025-03-31 or 2025-04-30", id="the day before"),
        pytest.param("2025-04-29", True, "", id="whoever may read the members"),
        pytest.param("2025-06-16", True, "in the future", id="tomorrow"),
        pytest.param("1899-12-31", True, "before 1900", id="long ago"),
    ],
)
def test_as_of_which_days(day, any_day, words):
    given, today = date.fromisoformat(day), date(2025, 6, 15)
    if not words:
        assert checked_day(given, today, any_day=any_day) == given
        return
    with pytest.raises(Refused, match=words):
        checked_day(given, today, any_day=any_day)


def test_the_ends_of_every_month():
    assert month_ends(date(2025, 1, 5)) == (date(2024, 12, 31), date(2025, 1, 31))
    assert month_ends(date(2025, 12, 5)) == (date(2025, 11, 30), date(2025, 12, 31))
