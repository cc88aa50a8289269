"""Attempts and sittings of one day: the pass counts, whichever was recorded first; and places as enrolments say now."""

from itertools import permutations

import pytest

from services.aggregator.domain.measures import BY_KEY
from tests.unit.aggregator.students import awarded, completed, count, enrolled, members, sat, someone

DAY = "2025-04-10"
FAILED, PASSED = awarded(DAY, result="failed"), awarded(DAY)


def every_order(*facts):
    """Record ids are given in the order of these: what comes first has the lower one."""
    return [pytest.param(order, id=" ".join(str(facts.index(one)) for one in order)) for order in permutations(facts)]


@pytest.mark.parametrize("facts", every_order(FAILED, awarded(DAY, result="failed", attempt=2), PASSED))
def test_each_attempt_of_a_day_is_one_and_the_pass_counts(facts):
    assert count("attempts", *facts) == (1, 3)
    assert count("awards", *facts) == (1, 0)
    assert count("G1.validated", *facts) == (0, 1)
    assert count("W1.headline", completed(), *facts) == (1, 1)
    assert count("W1.pass_rate", enrolled(), *facts) == (1, 3)
    assert count("W1.attempt_rate", enrolled(concentrator="2024-12-20"), *facts) == (1, 1)


def test_one_attempt_under_two_ids_of_a_person_is_one():
    assert count("attempts", FAILED, PASSED, FAILED, PASSED) == (1, 2)


NOT_YET, DONE = sat(DAY, passed=False), sat(DAY)


@pytest.mark.parametrize("facts", every_order(NOT_YET, DONE))
def test_of_two_sittings_of_a_day_the_passed_one_counts_and_the_other_was_the_first(facts):
    concentrates = enrolled(concentrator="2024-12-20")

    assert count("W2.headline", *facts) == (1, 1)
    assert count("W2.with_satellites", *facts) == (1, 1)
    assert count("W2.first_attempt", *facts) == (0, 1)
    assert count("W2.strict", concentrates, *facts) == (1, 1)
    assert count("W2.attempt_rate", concentrates, *facts) == (1, 1)


@pytest.mark.parametrize("facts", every_order(sat(DAY), sat(DAY, passed=False, attempt=2)))
def test_a_number_goes_before_the_verdict(facts):
    assert count("W2.first_attempt", *facts) == (1, 1)
    assert count("W2.headline", *facts) == (1, 1)


PRE = sat("2024-09-10", phase="pre", share="2/5", passed=False)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param({"passed": False, "share": "1/2"}, {"share": "4/5"}, (1, 1), id="not passed, then passed"),
        pytest.param({"share": "4/5"}, {"passed": False, "share": "1/2", "attempt": 2}, (0, 1), id="by their numbers"),
    ],
)
def test_the_last_post_of_a_day_decides_whichever_was_recorded_first(one, other, expected):
    posts = [sat("2025-05-06", phase="post", **{"passed": True, **each}) for each in (one, other)]

    for order in permutations(posts):
        assert count("W3.headline", PRE, *order) == expected


@pytest.mark.parametrize(
    ("end", "concentrator", "expected"),
    [
        pytest.param("2025-01-15", "2025-01-15", (0, 1), id="on the last day"),
        pytest.param("2025-01-15", "2025-01-16", (0, 0), id="from the day after it ended"),
        pytest.param(None, "2025-06-30", (0, 1), id="still enrolled"),
    ],
)
def test_a_concentrator_has_a_day_of_the_year_on_which_both_held(end, concentrator, expected):
    facts = enrolled("2024-08-01", end, concentrator=concentrator)

    for measure in ("W2.attempt_rate", "W2.strict", "W1.attempt_rate"):
        assert count(measure, facts) == expected


SOUTH, EAST = enrolled("2023-08-01", "2024-12-20", at="south"), enrolled("2025-01-08", at="east")
NURSING = enrolled("2025-02-01", program="nursing", at="east")
FILLED_IN = {"program_named": False}


@pytest.mark.parametrize(
    ("enrolments", "award", "place"),
    [
        pytest.param([SOUTH, EAST], {"program": "welding", "at": "north"}, "welding|east", id="the one that covers"),
        pytest.param([SOUTH], {"program": "welding", "at": "north"}, "welding|south", id="the latest before"),
        pytest.param([], {"program": "welding", "at": "north"}, "welding|not_reported", id="it was void since"),
        pytest.param(
            [], {"program": "welding", "at": "north", **FILLED_IN}, "not_reported|not_reported", id="nor said"
        ),
        pytest.param([EAST, NURSING], {"program": "nursing", **FILLED_IN}, "welding|east", id="the aligned program"),
        pytest.param([NURSING], {"program": "welding"}, "welding|not_reported", id="the program that was said"),
        pytest.param([NURSING], {}, "nursing|east", id="none aligned: the one that covers"),
        pytest.param([SOUTH, NURSING], {}, "welding|south", id="an aligned one before, rather than another now"),
    ],
)
def test_an_award_is_placed_by_its_enrolments_and_not_by_what_was_filled_in(enrolments, award, place):
    for measure in ("awards", "attempts", "G1.validated"):
        (member,) = BY_KEY[measure].members(someone(*enrolments, awarded(DAY, **award)))
        assert BY_KEY[measure].places(member)["program_campus"] == place


def test_a_sitting_is_placed_by_its_enrolments_alone():
    gone = sat(DAY, at="north")
    (member,) = members("W2.with_satellites", enrolled("2025-04-11"), gone)

    assert BY_KEY["W2.with_satellites"].places(member)["campus"] == "not_reported"
    assert count("W2.headline", enrolled("2025-04-11"), gone) == (0, 0)
