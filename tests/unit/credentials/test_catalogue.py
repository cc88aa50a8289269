"""Tiers by date, and which awards a change of them touches."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credentials.catalogue_entry.rules import (
    ALWAYS,
    TYPES,
    Credential,
    Span,
    catalogued,
    restated,
    tier_in_force,
    unknown_code,
)
from shared.contracts.credentials import DatedTier
from shared.errors import Refused

JULY_2023, JULY_2024, JULY_2025 = date(2023, 7, 1), date(2024, 7, 1), date(2025, 7, 1)


def tier(program, name, day):
    return DatedTier(program_id=program, tier=name, valid_from=day)


def entry(*tiers, **changes):
    plain = Credential(code="osha-10", title="OSHA 10", issuer="Made-up", type="Certification", tiers=tiers)
    return replace(plain, **changes)


WELDING = (tier("welding", "relevant", JULY_2023), tier("welding", "required", JULY_2024))


@pytest.mark.parametrize(
    ("tiers", "day", "in_force"),
    [
        pytest.param(WELDING, date(2023, 6, 30), None, id="the day before the first tier"),
        pytest.param(WELDING, JULY_2023, "relevant", id="the first day"),
        pytest.param(WELDING, date(2024, 6, 30), "relevant", id="the last day of the first tier"),
        pytest.param(WELDING, JULY_2024, "required", id="the day of the second tier"),
        pytest.param(WELDING, date(2099, 1, 1), "required", id="long after"),
        pytest.param((*WELDING, tier("welding", None, JULY_2025)), JULY_2025, None, id="the day the alignment ends"),
        pytest.param((tier("nursing", "required", JULY_2023),), JULY_2024, None, id="another program's tier"),
    ],
)
def test_the_tier_in_force_on_a_day(tiers, day, in_force):
    assert tier_in_force(entry(*tiers), "welding", day) == in_force


def test_an_entry_is_kept_in_order_whatever_the_order_of_its_rows():
    assert catalogued(entry(*reversed(WELDING))) == catalogued(entry(*WELDING))


def test_two_tiers_of_a_program_from_one_day_on_are_refused():
    with pytest.raises(Refused) as refused:
        catalogued(entry(*WELDING, tier("welding", "other", JULY_2024)))

    assert refused.value.problems[0].pointer == "/tiers/2/valid_from"
    assert "row 1; keep one" in refused.value.detail


def test_a_type_must_be_one_of_open_badges():
    with pytest.raises(Refused, match="the nearest known: Certification"):
        catalogued(entry(type="certifcation"))
    assert len(TYPES) == 31


@pytest.mark.parametrize(
    ("after", "spans"),
    [
        pytest.param(entry(*WELDING), (), id="nothing changed"),
        pytest.param(entry(*WELDING, title="Other", issuer="Other", ctdl_id="ce-1"), (), id="only words changed"),
        pytest.param(entry(*WELDING, type="Badge"), (ALWAYS,), id="the type is in every award"),
        pytest.param(
            entry(WELDING[0], tier("welding", "preferred", JULY_2024)), (Span(JULY_2024, None),), id="from a day on"
        ),
        pytest.param(
            entry(WELDING[0], tier("welding", "required", date(2024, 3, 1))),
            (Span(date(2024, 3, 1), JULY_2024),),
            id="a tier that began earlier",
        ),
        pytest.param(
            entry(tier("welding", "relevant", date(2022, 7, 1)), WELDING[1]),
            (Span(date(2022, 7, 1), JULY_2023),),
            id="a first tier dated back",
        ),
        pytest.param(
            entry(*WELDING, tier("nursing", "required", JULY_2023), tier("nursing", None, JULY_2024)),
            (Span(JULY_2023, JULY_2024),),
            id="a second program for one year",
        ),
        pytest.param(
            entry(tier("welding", "other", JULY_2023), tier("welding", "preferred", JULY_2024)),
            (Span(JULY_2023, None),),
            id="neighbouring spans are one",
        ),
        pytest.param(entry(), (Span(JULY_2023, None),), id="all taken away"),
        pytest.param(entry(*WELDING, tier("welding", "required", JULY_2025)), (), id="the same tier said again"),
    ],
)
def test_the_days_that_a_change_touches(after, spans):
    assert restated(entry(*WELDING), after) == spans


DAYS = st.integers(0, 12).map(lambda n: JULY_2023 + timedelta(days=n))
TIERS = st.lists(
    st.builds(tier, st.sampled_from(["a", "b"]), st.sampled_from(["required", "relevant", None]), DAYS),
    max_size=6,
    unique_by=lambda dated: (dated.program_id, dated.valid_from),
)


@given(TIERS, TIERS)
def test_exactly_the_days_that_differ_are_touched(before, after):
    """Looked at day by day, a change touches a day if and only if some tier differs on it."""
    one, other = catalogued(entry(*before)), catalogued(entry(*after))
    spans = restated(one, other)

    for n in range(-2, 16):
        day = JULY_2023 + timedelta(days=n)
        touched = any(span.begin <= day and (span.until is None or day < span.until) for span in spans)
        assert touched == (one.tiers_on(day) != other.tiers_on(day)), day


def test_an_unknown_code_is_answered_with_the_nearest():
    known = ["osha-10", "osha-30", "security-plus"]

    assert "osha-10, osha-30" in unknown_code("OSHA10", known).works
    assert unknown_code("zzz", known).works == "have the credential put into the catalogue first"
