"""W3's rule, case by case: what is compared with what, both parts, and what cannot be measured."""

import pytest

from services.aggregator.domain.measures import BY_KEY
from tests.unit.aggregator.students import LATE, count, day, enrolled, members, sat

SATELLITE = {"at": "valley", "kind": "satellite_campus"}


def pre(on="2024-09-10", share="2/5", **more):
    return sat(on, phase="pre", share=share, passed=False, **more)


def post(on="2025-05-06", share="4/5", *, passed=True, **more):
    return sat(on, phase="post", share=share, passed=passed, **more)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([pre(), post()], (1, 1), id="at the cut and grown"),
        pytest.param([pre(), post(passed=False)], (0, 1), id="grown, below the cut"),
        pytest.param([pre(share="4/5"), post()], (0, 1), id="at the cut, no gain"),
        pytest.param([pre(share="9/10"), post()], (0, 1), id="at the cut, and lost"),
        pytest.param([pre(share="79/100"), post()], (1, 1), id="a gain of one in a hundred"),
        pytest.param([pre(share="60/75"), post(share="80/100")], (0, 1), id="the same share of another number"),
        pytest.param([pre(share="3/5"), post(minimum_gain="1/5")], (1, 1), id="exactly the minimum gain"),
        pytest.param([pre(share="61/100"), post(minimum_gain="1/5")], (0, 1), id="a hundredth below the minimum"),
        pytest.param([pre(share="4/5"), post(minimum_gain="0/1")], (1, 1), id="no gain, and none is asked"),
        pytest.param([pre()], (0, 0), id="no post"),
        pytest.param([post()], (0, 0), id="no pre"),
        pytest.param([pre(scale="points-80"), post()], (0, 0), id="pre on another scale"),
        pytest.param([pre(program="nursing"), post()], (0, 0), id="pre of another program"),
        pytest.param([pre("2025-05-07"), post()], (0, 0), id="pre after the post"),
        pytest.param([pre(share="3/4"), pre("2024-10-10", share="9/10"), post()], (1, 1), id="the first of two pre"),
        pytest.param([pre(), post("2025-02-02", passed=False), post()], (1, 1), id="the last of two post"),
        pytest.param(
            [pre(), post(), post("2025-06-02", passed=False)], (0, 1), id="the last, though the first was better"
        ),
        pytest.param(
            [pre(), sat(phase="interim", share="1/1"), post(passed=False)], (0, 1), id="interim decides nothing"
        ),
        pytest.param([enrolled("2024-09-10"), pre(), post()], (1, 1), id="pre on the day the program began"),
        pytest.param([enrolled("2024-09-11"), pre(), post()], (0, 0), id="pre the day before the program began"),
        pytest.param(
            [enrolled("2023-08-01", "2023-12-20"), enrolled("2024-10-01"), pre(), post()],
            (1, 1),
            id="begun, interrupted, gone on: since the first beginning",
        ),
        pytest.param([pre(), post(**SATELLITE)], (0, 0), id="post at a satellite"),
        pytest.param([sat(), sat(passed=False)], (0, 0), id="the state's assessment is another"),
    ],
)
def test_headline(facts, expected):
    assert count("W3.headline", *facts) == expected


def test_the_year_is_that_of_the_last_post():
    facts = [pre("2023-09-10"), post("2024-05-06"), post("2025-05-06", passed=False)]

    assert count("W3.headline", *facts, year="2023-24") == (0, 0)
    assert count("W3.headline", *facts, year="2024-25") == (0, 1)


@pytest.mark.parametrize(
    ("key", "facts", "expected"),
    [
        pytest.param("W3.proficient", [pre(share="4/5"), post()], (1, 1), id="proficient, not grown"),
        pytest.param("W3.proficient", [pre(), post(passed=False)], (0, 1), id="grown, not proficient"),
        pytest.param("W3.growth", [pre(share="4/5"), post()], (0, 1), id="growth: proficient, not grown"),
        pytest.param("W3.growth", [pre(), post(passed=False)], (1, 1), id="growth: grown, not proficient"),
        pytest.param("W3.with_satellites", [pre(), post(**SATELLITE)], (1, 1), id="satellites"),
    ],
)
def test_each_part_and_the_satellites(key, facts, expected):
    assert count(key, *facts) == expected


LEFT = enrolled("2023-08-01", "2025-05-20")


@pytest.mark.parametrize(
    ("facts", "n"),
    [
        pytest.param([LEFT], 1, id="left without any"),
        pytest.param([LEFT, pre()], 1, id="left with a pre alone"),
        pytest.param([LEFT, post()], 1, id="left with a post alone"),
        pytest.param([LEFT, pre(scale="points-80"), post()], 1, id="left with both on two scales"),
        pytest.param([LEFT, pre(), post()], 0, id="left with both"),
        pytest.param([enrolled("2023-08-01"), pre()], 0, id="still enrolled"),
        pytest.param([LEFT, enrolled("2025-08-01"), pre()], 0, id="left and come back"),
        pytest.param([LEFT, enrolled("2023-08-01", "2024-05-20")], 1, id="left twice: once, at the last"),
        pytest.param([LEFT, enrolled("2023-08-01", "2025-06-30", program="nursing")], 2, id="left two programs"),
        pytest.param([enrolled("2023-08-01", "2025-05-20", **SATELLITE)], 0, id="left a satellite"),
        pytest.param([enrolled("2023-08-01", "2025-07-01")], 0, id="left in the next year"),
    ],
)
def test_not_measurable_is_counted_in_the_year_of_leaving(facts, n):
    assert count("W3.not_measurable", *facts) == (n, 0)


def test_nobody_is_dropped_everyone_who_left_is_measured_or_not_measurable():
    left = [LEFT, pre(), post()], [LEFT, pre()], [enrolled("2023-08-01", "2025-05-20", **SATELLITE), post(**SATELLITE)]
    found = [
        count("W3.with_satellites", *facts)[1] + count("W3.not_measurable_with_satellites", *facts)[0] for facts in left
    ]

    assert found == [1, 1, 1]


@pytest.mark.parametrize(
    ("as_of", "everyone", "matured"),
    [
        pytest.param("2025-05-05", (0, 0), (0, 0), id="the day before the post"),
        pytest.param("2025-05-06", (1, 1), (0, 0), id="on its day"),
        pytest.param("2025-06-30", (1, 1), (0, 0), id="last day of the year: still open"),
        pytest.param("2025-07-01", (1, 1), (1, 1), id="the day after: matured"),
    ],
)
def test_every_number_is_the_sum_of_days_up_to_the_day_asked_for(as_of, everyone, matured):
    assert count("W3.headline", pre(), post(), as_of=day(as_of)) == everyone
    assert count("W3.headline", pre(), post(), as_of=day(as_of), series="matured") == matured


@pytest.mark.parametrize(
    ("key", "facts", "code", "words"),
    [
        pytest.param("W3.headline", [pre(), post(cut="3/5")], "reached",
            "last assessment form spring-a on 2025-05-06 (4/5, the cut was 3/5): proficient; gained 2/5 on the first, "
            "form spring-a on 2024-09-10 (2/5), where more than 0 is asked", id="reached"),
        pytest.param("W3.growth", [pre(share="3/5"), post(share="1/2", passed=False)], "not_grown",
            "last assessment form spring-a on 2025-05-06 (1/2): not proficient; gained -1/10 on the first, "
            "form spring-a on 2024-09-10 (3/5), where more than 0 is asked", id="growth alone"),
        pytest.param("W3.headline", [pre(share="3/4"), post(minimum_gain="1/5")], "not_grown",
            "last assessment form spring-a on 2025-05-06 (4/5): proficient; gained 1/20 on the first, "
            "form spring-a on 2024-09-10 (3/4), where 1/5 is asked", id="not grown"),
        pytest.param("W3.not_measurable", [pre(), LEFT], "not_measurable",
            "left welding on 2025-05-20 without a pre and a post on one scale; "
            "there is a pre on scale percent on 2024-09-10", id="not measurable"),
    ],
)  # fmt: skip
def test_each_member_says_why(key, facts, code, words):
    (member,) = members(key, *facts)

    assert (member.why(LATE).code, member.why(LATE).words) == (code, words)


def test_it_is_placed_where_the_post_was_taught_for():
    (member,) = members("W3.headline", enrolled(at="south"), pre(), post())

    assert BY_KEY["W3.headline"].places(member)["program_campus"] == "welding|south"
