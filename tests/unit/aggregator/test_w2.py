"""W2's rule, case by case: who attempted, which attempt decides, who is a concentrator, and from which day."""

import pytest

from services.aggregator.domain.counts import change
from services.aggregator.domain.measures import BY_KEY, MEASURES
from tests.unit.aggregator.students import LATE, count, day, enrolled, lines_of, members, sat, someone

SATELLITE = {"at": "valley", "kind": "satellite_campus"}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([], (0, 0), id="nobody"),
        pytest.param([sat()], (1, 1), id="passed"),
        pytest.param([sat(passed=False)], (0, 1), id="not passed"),
        pytest.param([sat("2024-11-05", passed=False), sat("2025-04-10")], (1, 1), id="failed, then passed: the best"),
        pytest.param([sat("2024-11-05"), sat("2025-04-10", passed=False)], (1, 1), id="passed, then failed: the best"),
        pytest.param([sat("2024-05-05"), sat("2025-04-10", passed=False)], (0, 1), id="passed in another year"),
        pytest.param([sat("2025-06-30")], (1, 1), id="last day of the year"),
        pytest.param([sat("2025-07-01")], (0, 0), id="first day of the next"),
        pytest.param([sat(), sat(program="nursing", passed=False)], (1, 2), id="two programs are two units"),
        pytest.param([sat(**SATELLITE)], (0, 0), id="taught at a satellite"),
        pytest.param([enrolled(**SATELLITE), sat()], (0, 0), id="its enrolment says satellite"),
        pytest.param([enrolled(), sat(at=None, kind=None)], (1, 1), id="its enrolment says central"),
        pytest.param([enrolled(program="nursing"), sat(at=None, kind=None)], (0, 0), id="enrolled elsewhere only"),
        pytest.param([sat(phase="post", share="4/5")], (0, 0), id="the program's own assessment"),
    ],
)
def test_headline(facts, expected):
    assert count("W2.headline", *facts) == expected


@pytest.mark.parametrize(
    ("enrolments", "campus"),
    [
        pytest.param([enrolled("2024-08-01", "2025-04-10", at="south")], "south", id="covers it, to the last day"),
        pytest.param([enrolled("2025-04-10", at="south")], "south", id="covers it from its first day"),
        pytest.param(
            [enrolled("2024-08-01", at="south"), enrolled("2023-08-01", "2024-12-20", at="east")],
            "south",
            id="the one that covers beats one that has ended",
        ),
        pytest.param(
            [enrolled("2024-08-01", at="south"), enrolled("2025-01-10", "2025-02-10", at="east")],
            "south",
            id="also one that began later and has ended",
        ),
        pytest.param(
            [enrolled("2022-08-01", "2023-05-20", at="east"), enrolled("2023-08-01", "2024-12-20", at="south")],
            "south",
            id="none covers: the latest before",
        ),
        pytest.param(
            [enrolled("2022-08-01", at="east"), enrolled("2024-08-01", at="south")], "south", id="two: the later begun"
        ),
        pytest.param([enrolled("2025-04-11", at="south")], "not_reported", id="one that begins after says nothing"),
    ],
)
def test_it_is_placed_by_the_enrolment_that_covers_the_day_else_the_latest_before(enrolments, campus):
    (member,) = members("W2.with_satellites", *enrolments, sat())

    assert BY_KEY["W2.with_satellites"].places(member)["campus"] == campus


@pytest.mark.parametrize(
    ("facts", "year", "expected"),
    [
        pytest.param([sat("2024-11-05", passed=False), sat("2025-04-10")], "2024-25", (0, 1), id="the first failed"),
        pytest.param([sat("2024-05-05", passed=False), sat("2025-04-10")], "2023-24", (0, 1), id="in its own year"),
        pytest.param([sat("2024-05-05", passed=False), sat("2025-04-10")], "2024-25", (0, 0), id="a later year: none"),
        pytest.param([sat("2024-11-05", **SATELLITE), sat("2025-04-10")], "2024-25", (0, 0), id="first at a satellite"),
        pytest.param([sat("2024-11-05"), sat("2025-04-10", passed=False)], "2024-25", (1, 1), id="the first passed"),
    ],
)
def test_first_attempt_is_the_earliest_ever(facts, year, expected):
    assert count("W2.first_attempt", *facts, year=year) == expected


def test_with_satellites_takes_every_attempt_and_the_best_of_all():
    facts = [sat("2024-11-05", passed=False), sat("2025-04-10", **SATELLITE)]

    assert count("W2.with_satellites", *facts) == (1, 1)
    assert count("W2.headline", *facts) == (0, 1)


CONCENTRATES = {"concentrator": "2024-12-20"}


@pytest.mark.parametrize(
    ("facts", "attempted", "passed"),
    [
        pytest.param([enrolled(**CONCENTRATES)], (0, 1), (0, 1), id="never sat it"),
        pytest.param([enrolled(**CONCENTRATES), sat(passed=False)], (1, 1), (0, 1), id="sat it, not passed"),
        pytest.param([enrolled(**CONCENTRATES), sat()], (1, 1), (1, 1), id="passed"),
        pytest.param([enrolled(), sat()], (0, 0), (0, 0), id="no concentrator"),
        pytest.param([enrolled(concentrator="2025-06-30")], (0, 1), (0, 1), id="since the year's last day"),
        pytest.param([enrolled(concentrator="2025-07-01")], (0, 0), (0, 0), id="since the day after"),
        pytest.param([enrolled("2022-08-01", "2024-07-01", concentrator="2023-05-05")], (0, 1), (0, 1), id="one day"),
        pytest.param(
            [enrolled("2022-08-01", "2024-06-30", concentrator="2023-05-05")], (0, 0), (0, 0), id="left before"
        ),
        pytest.param([enrolled("2025-07-01", concentrator="2025-01-01")], (0, 0), (0, 0), id="enrolled after"),
        pytest.param(
            [enrolled("2023-08-01", concentrator="2024-01-10"), sat("2024-05-05")],
            (0, 0),
            (0, 0),
            id="passed in an earlier year",
        ),
        pytest.param(
            [enrolled("2023-08-01", concentrator="2024-01-10"), sat("2024-05-05", passed=False)],
            (0, 1),
            (0, 1),
            id="not passed in an earlier year",
        ),
        pytest.param(
            [enrolled(**CONCENTRATES), sat("2024-05-05", program="nursing"), sat(program="nursing")],
            (0, 1),
            (0, 1),
            id="passed for another program",
        ),
        pytest.param([enrolled(**SATELLITE, **CONCENTRATES), sat()], (0, 0), (0, 0), id="at a satellite"),
        pytest.param(
            [enrolled("2024-08-01", "2024-12-20", **CONCENTRATES), enrolled("2025-01-08", at="south", **CONCENTRATES)],
            (0, 1),
            (0, 1),
            id="two enrolments of one program are one unit",
        ),
    ],
)
def test_concentrators_who_attempted_and_who_passed(facts, attempted, passed):
    assert count("W2.attempt_rate", *facts) == attempted
    assert count("W2.strict", *facts) == passed


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        pytest.param("2024-25", (0, 1), id="the year it began"),
        pytest.param("2029-30", (0, 1), id="five years on"),
        pytest.param("2030-31", (0, 0), id="six years on: taken to have ended"),
    ],
)
def test_an_enrolment_without_an_end_is_of_its_first_year_and_five_more(year, expected):
    assert count("W2.attempt_rate", enrolled(**CONCENTRATES), year=year, as_of=day("2040-01-01")) == expected


@pytest.mark.parametrize(
    ("as_of", "everyone", "matured"),
    [
        pytest.param("2025-04-09", (0, 0), (0, 0), id="the day before"),
        pytest.param("2025-04-10", (0, 1), (0, 0), id="a first attempt, failed"),
        pytest.param("2025-05-15", (1, 1), (0, 0), id="passed"),
        pytest.param("2025-06-30", (1, 1), (0, 0), id="last day of the year: still open"),
        pytest.param("2025-07-01", (1, 1), (1, 1), id="the day after: matured"),
    ],
)
def test_every_number_is_the_sum_of_days_up_to_the_day_asked_for(as_of, everyone, matured):
    facts = [sat(passed=False), sat("2025-05-15")]

    assert count("W2.headline", *facts, as_of=day(as_of)) == everyone
    assert count("W2.headline", *facts, as_of=day(as_of), series="matured") == matured


def test_the_year_ends_where_the_cteds_calendar_says():
    """With a year from 1 August, 31 July is its last day and the enrolment of that day lies in it."""
    attempt = sat("2025-07-31", starts="08-01")
    (member,) = members("W2.headline", attempt)
    late = enrolled("2025-07-31", "2025-07-31", concentrator="2025-07-31", starts="08-01")

    assert (member.school_year, member.matured_day) == ("2024-25", day("2025-08-01"))
    assert count("W2.strict", late, attempt) == (1, 1)


def test_an_attempt_before_the_concentration_counts_from_the_concentration_on():
    facts = [enrolled(concentrator="2025-05-01"), sat("2025-04-10")]

    assert count("W2.strict", *facts, as_of=day("2025-04-30")) == (0, 0)
    assert count("W2.strict", *facts, as_of=day("2025-05-01")) == (1, 1)


def test_a_concentrator_is_open_until_the_years_last_day():
    held = enrolled(**CONCENTRATES)

    assert count("W2.strict", held, as_of=day("2025-06-30"), series="matured") == (0, 0)
    assert count("W2.strict", held, as_of=day("2025-07-01"), series="matured") == (0, 1)


def test_a_student_is_found_in_every_year_that_an_enrolment_lies_in():
    subject = someone(enrolled("2023-08-01", "2025-06-30"), sat())

    assert subject.has == ["assessment|2024-25", "enrolment|2023-24", "enrolment|2024-25"]
    assert someone(enrolled("2025-08-01", "2025-07-31")).has == []


@pytest.mark.parametrize(
    ("as_of", "since"),
    [pytest.param("2024-12-19", 0, id="not yet"), pytest.param("2024-12-20", 1, id="from the day of concentration")],
)
def test_a_concentrator_counts_from_that_day_in_the_year_it_falls_and_from_the_first_in_the_next(as_of, since):
    held = enrolled(**CONCENTRATES)

    assert count("W2.attempt_rate", held, as_of=day(as_of)) == (0, since)
    assert count("W2.attempt_rate", held, year="2025-26", as_of=day("2025-06-30")) == (0, 0)
    assert count("W2.attempt_rate", held, year="2025-26", as_of=day("2025-07-01")) == (0, 1)


@pytest.mark.parametrize(
    ("key", "facts", "as_of", "code", "words"),
    [
        pytest.param("W2.headline", [sat(share="58/80", cut="3/5")], LATE, "passed",
            "passed form spring-a on 2025-04-10 (58/80, the cut was 3/5); sat once in the year", id="passed"),
        pytest.param("W2.headline", [sat(passed=False), sat("2025-05-15", passed=False)], LATE, "not_passed",
            "sat 2 times in the year, last form spring-a on 2025-05-15: not passed", id="not passed"),
        pytest.param("W2.headline", [sat(passed=False), sat("2025-05-15")], day("2025-05-14"), "after_as_of",
            "passed form spring-a on 2025-05-15; sat 2 times in the year: not yet by 2025-05-14", id="later"),
        pytest.param("W2.strict", [enrolled(**CONCENTRATES)], LATE, "not_attempted",
            "a concentrator of welding since 2024-12-20, has not sat it in the year", id="not attempted"),
        pytest.param("W2.attempt_rate", [enrolled(**CONCENTRATES), sat(passed=False)], LATE, "attempted",
            "a concentrator of welding since 2024-12-20, attempted form spring-a on 2025-04-10", id="attempted"),
    ],
)  # fmt: skip
def test_each_member_says_why(key, facts, as_of, code, words):
    found = [member for member in members(key, *facts) if member.school_year == "2024-25"]
    reason = found[0].why(as_of)

    assert (reason.code, reason.words) == (code, words)
    assert set(reason.records) <= {f"{fact.kind}/{number}" for number, fact in enumerate(facts)}


def test_an_enrolment_that_comes_late_moves_the_attempt_to_its_campus():
    """Nothing is restated by credentials: the difference of the contributions does it."""
    gathered: dict = {}
    change(someone(sat(at=None, kind=None)), someone(sat(at=None, kind=None), enrolled()), MEASURES, gathered)
    delta = {line: n for line, n in lines_of(gathered) if n}

    assert {line.where[2]: n for line, n in delta.items() if line.measure.key == "W2.with_satellites" and n < 0} == {
        "not_reported": -1
    }
    assert {n for line, n in delta.items() if line.measure.key == "W2.headline"} == {1}
