"""Of several records of one award, which one counts."""

from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from shared.contracts.credentials import Verification
from shared.merged_awards import better_first, level_of

DAY = date(2025, 5, 20)


@dataclass(frozen=True)
class Kept:
    result: str = "passed"
    renews: str | None = None
    revoked_on: date | None = None
    verifications: list = field(default_factory=list)


def looked(level, outcome="confirmed"):
    return Verification(level=level, verified_on=DAY, outcome=outcome)


PLAIN = Kept()


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param(Kept(renews="r", revoked_on=DAY), Kept(result="failed"), id="the better result"),
        pytest.param(Kept(result="failed"), Kept(result="in_progress"), id="failed before undecided"),
        pytest.param(Kept(revoked_on=DAY), Kept(renews="r"), id="then what is no renewal"),
        pytest.param(
            PLAIN, Kept(revoked_on=DAY, verifications=[looked("cryptographic")]), id="then the one that stands"
        ),
        pytest.param(Kept(verifications=[looked("issuer_lookup")]), PLAIN, id="then the stronger look"),
        pytest.param(
            Kept(verifications=[looked("document_seen")]),
            Kept(verifications=[looked("cryptographic", "not_found")]),
            id="and what was not found is no look",
        ),
    ],
)
def test_which_of_two_records_counts(first, then):
    assert better_first("z", first) < better_first("a", then)


def test_of_two_alike_the_lower_id_counts():
    assert better_first("a", PLAIN) < better_first("b", replace(PLAIN))
    assert level_of(PLAIN) == "self_reported"
