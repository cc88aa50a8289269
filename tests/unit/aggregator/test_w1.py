"""W1's rule, case by case: who is in the denominator, who is counted, and from which day."""

from fractions import Fraction

import pytest

from services.aggregator.domain.counts import Count, change, read
from services.aggregator.domain.measures import BY_KEY, MEASURES
from tests.unit.aggregator.students import LATE, awarded, completed, count, day, lines_of, members, seen, someone


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([], (0, 0), id="nobody"),
        pytest.param([completed()], (0, 1), id="a completer without an award"),
        pytest.param([awarded()], (0, 0), id="an award without a completion"),
        pytest.param([completed(), awarded("2025-03-02")], (1, 1), id="awarded before completion, inside the program"),
        pytest.param([completed(), awarded("2023-08-01")], (1, 1), id="awarded on the day the program began"),
        pytest.param([completed(), awarded("2023-07-31")], (0, 1), id="awarded the day before the program began"),
        pytest.param([completed(), awarded("2026-05-20")], (1, 1), id="one year to the day"),
        pytest.param([completed(), awarded("2026-05-21")], (0, 1), id="one year and the day after"),
        pytest.param([completed("2025-06-30"), awarded("2026-06-30")], (1, 1), id="last day of the year, a year on"),
        pytest.param([completed("2025-07-01"), awarded("2025-07-01")], (0, 0), id="first day of the next school year"),
        pytest.param([completed(), awarded(result="failed")], (0, 1), id="not passed"),
        pytest.param([completed(), awarded(result="in_progress")], (0, 1), id="in progress"),
        pytest.param([completed(), awarded(revoked="2025-08-01")], (0, 1), id="revoked"),
        pytest.param([completed(), awarded(expires="2025-03-03")], (1, 1), id="an expiry later changes nothing"),
        pytest.param([completed(), awarded(tiers={"welding": "relevant"})], (1, 1), id="relevant"),
        pytest.param([completed(), awarded(tiers={"welding": "other"})], (0, 1), id="tier other"),
        pytest.param(
            [completed(), awarded(tiers={})], (0, 1), id="a tier that began the day after: none on the award date"
        ),
        pytest.param([completed(), awarded(tiers={"nursing": "required"})], (0, 1), id="aligned to another program"),
        pytest.param([completed(kind="satellite_campus"), awarded()], (0, 0), id="a satellite"),
        pytest.param([completed(), awarded(tiers={}), awarded()], (1, 1), id="one of two awards"),
        pytest.param([completed(), awarded(), awarded()], (1, 1), id="two good awards count once"),
    ],
)
def test_headline(facts, expected):
    assert count("W1.headline", *facts) == expected


@pytest.mark.parametrize(
    ("awarded_on", "counted"),
    [
        pytest.param("2025-02-28", 1, id="the 28th a year on"),
        pytest.param("2025-03-01", 0, id="1 March is a day too late"),
    ],
)
def test_a_completion_of_29_february_ends_its_window_on_the_28th(awarded_on, counted):
    facts = (completed("2024-02-29"), awarded(awarded_on))

    assert count("W1.headline", *facts, year="2023-24") == (counted, 1)


def test_of_two_completions_in_a_year_the_last_gives_place_and_day_and_each_its_own_window():
    """An award that is late for the first may still be in time for the second, if it is aligned with it."""
    first, last = completed("2024-11-20"), completed("2025-05-20", program="nursing", at="south", started="2025-01-10")
    (member,) = members("W1.headline", first, last, awarded("2025-03-02"))

    assert BY_KEY["W1.headline"].places(member)["program_campus"] == "nursing|south"
    assert (member.cohort_day, member.counted_day, member.matured_day) == (
        day("2025-05-20"),
        day("2025-05-20"),
        day("2026-05-21"),
    )
    assert count("W1.headline", first, last, awarded("2026-01-15")) == (0, 1)
    assert count("W1.headline", first, last, awarded("2026-01-15", tiers={"nursing": "required"})) == (1, 1)
    assert count("W1.headline", first, last, awarded("2025-01-09", tiers={"nursing": "required"})) == (0, 1)


def test_completions_of_one_day_are_ordered_by_record_so_that_the_choice_never_depends_on_arrival():
    (member,) = members("W1.headline", completed(at="north"), completed(at="south"))

    assert BY_KEY["W1.headline"].places(member)["campus"] == "south"


def test_completions_of_two_years_are_two_members():
    years = {m.school_year for m in members("W1.headline", completed("2024-05-20"), completed("2025-05-20"))}

    assert years == {"2023-24", "2024-25"}


@pytest.mark.parametrize(
    ("key", "facts", "expected"),
    [
        pytest.param("W1.strict", [completed(), awarded(tiers={"welding": "relevant"})], (0, 1), id="strict: relevant"),
        pytest.param(
            "W1.strict", [completed(), awarded(tiers={"welding": "preferred"})], (1, 1), id="strict: preferred"
        ),
        pytest.param("W1.with_satellites", [completed(kind="satellite_campus"), awarded()], (1, 1), id="satellites"),
        pytest.param("W1.any_credential", [completed(), awarded(tiers={})], (1, 1), id="any: not aligned"),
        pytest.param("W1.any_credential", [completed(), awarded("2026-05-21", tiers={})], (0, 1), id="any: too late"),
        pytest.param("W1.verified", [completed(), awarded()], (0, 1), id="verified: nobody looked"),
        pytest.param("W1.verified", [completed(), awarded(seen=(seen(),))], (1, 1), id="verified: looked up"),
        pytest.param(
            "W1.verified", [completed(), awarded(seen=(seen(level="document_seen"),))], (0, 1), id="verified: a paper"
        ),
        pytest.param(
            "W1.verified", [completed(), awarded(seen=(seen(outcome="not_found"),))], (0, 1), id="verified: not found"
        ),
        pytest.param(
            "W1.verified", [completed(), awarded(seen=(seen("2027-01-01"),))], (1, 1), id="verified: after the window"
        ),
        pytest.param(
            "W1.by_program",
            [completed(), completed(program="nursing"), awarded()],
            (1, 2),
            id="by program: two programs, one with an award of its own",
        ),
    ],
)
def test_rival_readings(key, facts, expected):
    assert count(key, *facts) == expected


@pytest.mark.parametrize(
    ("facts", "as_of", "everyone", "matured"),
    [
        pytest.param([awarded("2025-03-02")], "2025-05-19", (0, 0), (0, 0), id="not complete yet"),
        pytest.param([awarded("2025-03-02")], "2025-05-20", (1, 1), (0, 0), id="on the cohort day"),
        pytest.param([awarded("2025-09-15")], "2025-09-14", (0, 1), (0, 0), id="the day before the award"),
        pytest.param([awarded("2025-09-15")], "2025-09-15", (1, 1), (0, 0), id="on the award's day"),
        pytest.param([awarded("2025-09-15")], "2026-05-20", (1, 1), (0, 0), id="last day of the window: still open"),
        pytest.param([awarded("2025-09-15")], "2026-05-21", (1, 1), (1, 1), id="the day after: matured"),
    ],
)
def test_every_number_is_the_sum_of_days_up_to_the_day_asked_for(facts, as_of, everyone, matured):
    facts = [completed(), *facts]

    assert count("W1.headline", *facts, as_of=day(as_of)) == everyone
    assert count("W1.headline", *facts, as_of=day(as_of), series="matured") == matured


def test_a_verification_after_the_window_counts_from_its_own_day_in_both_series():
    facts = (completed(), awarded(seen=(seen("2026-08-01"),)))

    for series in ("all", "matured"):
        assert count("W1.verified", *facts, as_of=day("2026-07-31"), series=series) == (0, 1)
        assert count("W1.verified", *facts, as_of=day("2026-08-01"), series=series) == (1, 1)


def test_a_count_is_an_exact_fraction():
    """89.96 % is not 90 %, and nothing here rounds: numerator and denominator stay whole numbers."""
    total = read("2024-25", {"0": 2249}, {"0": 2500}, LATE)

    assert Fraction(*total) < Fraction(9, 10)
    assert round(100 * total.numerator / total.denominator, 1) == 90.0


def test_an_empty_denominator_is_0_of_0():
    assert read("2024-25", {}, {}, LATE) == Count(0, 0)


def test_a_correction_is_subtracted_and_added_never_edited():
    before, after = someone(completed(), awarded()), someone(completed(), awarded(revoked="2025-08-01"))
    gathered: dict = {}
    change(before, after, MEASURES, gathered)
    delta = {(line.measure.key, line.side): n for line, n in lines_of(gathered) if n and line.series == "all"}

    assert delta["W1.headline", "num"] == -1
    assert ("W1.headline", "den") not in delta
    assert ("attempts", "num") not in delta
