"""What is published of an award: by the day that decides, which is the one on the certificate."""

from dataclasses import replace
from datetime import date

import pytest

from services.credentials.award.record import award_fact, state_of
from services.credentials.award.rules import Award
from services.credentials.catalogue_entry.rules import Credential
from shared.contracts.credentials import DatedTier

CREDENTIAL = Credential(
    code="osha-10",
    title="OSHA 10",
    issuer="Made-up Issuer",
    type="Certification",
    tiers=(
        DatedTier(program_id="welding", tier="other", valid_from=date(2020, 7, 1)),
        DatedTier(program_id="welding", tier="required", valid_from=date(2025, 7, 1)),
    ),
)
AWARD = Award(
    student_id="p1",
    credential_code="osha-10",
    result="passed",
    taken_on=date(2025, 6, 20),
    awarded_on=date(2025, 7, 10),
)
ATTEMPT = replace(AWARD, result="failed", awarded_on=None)


@pytest.mark.parametrize(
    ("award", "tier", "school_year", "day"),
    [
        pytest.param(AWARD, "required", "2025-26", "2025-07-10", id="taken before the tier changed, awarded after"),
        pytest.param(
            replace(AWARD, awarded_on=date(2025, 6, 30)), "other", "2024-25", "2025-06-30", id="awarded the day before"
        ),
        pytest.param(
            replace(AWARD, awarded_on=date(2025, 7, 1)), "required", "2025-26", "2025-07-01", id="awarded that day"
        ),
        pytest.param(ATTEMPT, "other", "2024-25", "2025-06-20", id="an attempt that has no other day"),
    ],
)
def test_tier_and_school_year_are_those_of_the_day_of_the_award(award, tier, school_year, day):
    _, fact = award_fact("a1", award, CREDENTIAL, (7, 1))

    assert fact.tiers == {"welding": tier}
    assert fact.school_year == school_year
    assert state_of(award)["day"] == day, "by which a changed tier finds its awards"
