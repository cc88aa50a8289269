"""E4 and S2, rule by rule: which workshops, who came to them, which answers; and in what the readings differ."""

import pytest

from services.aggregator.domain.measures import BY_KEY
from shared.contracts.family_touchpoints import Asks
from tests.unit.aggregator.families import (
    NEEDS,
    answered,
    count_of,
    counts_of,
    guardian,
    present,
    subject_of,
    tallied,
    workshop,
)
from tests.unit.aggregator.students import LATE, day

SATISFIED = Asks(child_needs=True, own_needs=True, satisfaction=True)
ONLY_SATISFIED = Asks(satisfaction=True)


def of_workshop(key, one):
    return count_of(key, subject_of("workshop/w1", one))


@pytest.mark.parametrize(
    ("one", "held", "all_levels", "planned", "by_district"),
    [
        pytest.param(workshop(), 1, 1, 1, 1, id="held at a high school"),
        pytest.param(workshop(status="planned"), 0, 0, 1, 0, id="planned"),
        pytest.param(workshop(status="cancelled"), 0, 0, 0, 0, id="cancelled"),
        pytest.param(workshop(level="adult"), 0, 1, 0, 0, id="for adults"),
        pytest.param(workshop(careers=False), 1, 1, 1, 1, id="about something else than careers"),
        pytest.param(workshop(districts=("lake", "hill")), 1, 1, 1, 2, id="for two districts"),
        pytest.param(workshop(districts=()), 1, 1, 1, 1, id="for no district that is known"),
    ],
)
def test_workshops(one, held, all_levels, planned, by_district):
    readings = ("E4.2", "E4.2.all_levels", "E4.2.planned", "E4.2.by_district")

    assert [of_workshop(key, one)[0] for key in readings] == [held, all_levels, planned, by_district]


def test_a_workshop_is_in_one_group_of_each_sort():
    one = subject_of("workshop/w1", workshop(districts=("lake", "hill"), at=("north", "south")))
    (member,) = BY_KEY["E4.2"].members(one)

    assert BY_KEY["E4.2"].places(member) == {
        "all": "all", "kind": "presentation", "campus": "several", "district": "several", "delivery": "in_person",
    }  # fmt: skip
    each_district = BY_KEY["E4.2.by_district"]
    assert [each_district.places(each)["district"] for each in each_district.members(one)] == ["hill", "lake"]
    assert member.why(LATE).words == "presentation for families (high), held on 2025-11-12"


@pytest.mark.parametrize(
    ("attended", "people", "seats", "any_topic"),
    [
        pytest.param([present()], 1, 1, 1, id="once"),
        pytest.param([present(), present("2026-02-03", of="w2")], 1, 2, 1, id="twice in a year"),
        pytest.param([present(careers=False)], 0, 0, 1, id="about something else than careers"),
        pytest.param([present(status="registered")], 0, 0, 0, id="registered"),
        pytest.param([present(status="absent")], 0, 0, 0, id="absent"),
        pytest.param([present(held=False)], 0, 0, 0, id="at one that was not held"),
    ],
)
def test_those_who_came(attended, people, seats, any_topic):
    found = [count_of(key, guardian(*attended)) for key in ("E4.3", "E4.3.seats", "E4.3.any_topic")]

    assert found == [(people, 0), (seats, 0), (any_topic, 0)]


def test_who_came_in_two_school_years_is_counted_in_each():
    came = guardian(present("2025-05-12"), present("2025-11-12", of="w2"))

    assert (count_of("E4.3", came, year="2024-25"), count_of("E4.3", came)) == ((1, 0), (1, 0))


def test_people_are_placed_by_the_first_workshop_of_the_year():
    came = guardian(present("2025-11-12", districts=("hill",)), present("2025-10-14", of="w2", language="spa"))
    (member,) = BY_KEY["E4.3"].members(came)

    assert BY_KEY["E4.3"].places(member) == {"all": "all", "district": "lake", "language": "spa"}


def test_a_students_own_word_of_a_workshop_is_nobody_who_came():
    assert count_of("E4.3", subject_of("student/ann", present())) == (0, 0)
    assert count_of("G7.touches", guardian(present())) == (0, 0)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(workshop(unnamed=28), (28, 0), id="held"),
        pytest.param(workshop(unnamed=28, status="cancelled"), (0, 0), id="cancelled"),
        pytest.param(workshop(unnamed=28, careers=False), (0, 0), id="about something else"),
        pytest.param(workshop(), (0, 0), id="nobody"),
    ],
)
def test_head_counts_stand_apart(one, expected):
    assert of_workshop("E4.3.unnamed", one) == expected
    assert "E4.3" not in counts_of([subject_of("workshop/w1", one)])


@pytest.mark.parametrize(
    ("subject", "complete", "partial", "either", "satisfied"),
    [
        pytest.param(guardian(answered()), 1, 0, 1, 0, id="both needs"),
        pytest.param(guardian(answered(child=False)), 0, 1, 1, 0, id="their own needs only"),
        pytest.param(guardian(answered(child=False, own=False)), 0, 1, 0, 0, id="neither"),
        pytest.param(guardian(answered(asks=Asks(child_needs=True), own=False, complete=True)), 0, 0, 1, 0,
            id="all of a survey that asks about one"),
        pytest.param(guardian(answered(asks=SATISFIED)), 1, 0, 1, 1, id="all of a survey about everything"),
        pytest.param(guardian(answered(asks=SATISFIED, complete=False)), 0, 1, 1, 0, id="but satisfied or not"),
        pytest.param(guardian(answered(asks=ONLY_SATISFIED, child=False, own=False, complete=True)), 0, 0, 0, 1,
            id="only whether they are satisfied"),
        pytest.param(subject_of("survey/families", tallied()), 9, 3, 12, 0, id="a tally"),
        pytest.param(subject_of("survey/families", tallied(asks=SATISFIED)), 9, 3, 9, 9,
            id="a tally that does not tell which part was answered"),
        pytest.param(subject_of("survey/families", tallied(asks=ONLY_SATISFIED)), 0, 0, 0, 9, id="another tally"),
    ],
)  # fmt: skip
def test_answers(subject, complete, partial, either, satisfied):
    readings = ("E4.4", "E4.4.partial", "E4.4.either", "S2.families")

    assert [count_of(key, subject)[0] for key in readings] == [complete, partial, either, satisfied]


def test_answers_are_told_apart_by_language_and_district_and_say_why():
    (named,) = BY_KEY["E4.4"].members(guardian(answered()))
    (tally,) = BY_KEY["E4.4"].members(subject_of("survey/families", tallied(asks=NEEDS)))

    assert [BY_KEY["E4.4"].places(one) for one in (named, tally)] == [
        {"all": "all", "language": "spa", "district": "lake"}
    ] * 2
    assert named.why(LATE).words == "answered all that it asks of version 1 on 2025-11-20"
    assert (tally.why(LATE).words, tally.n) == ("9 answered version 1 on 2025-11-20 without a name", 9)
    assert tally.counted_day == day("2025-11-20")
