"""What a table of terms may say, row by row."""

from datetime import date

import pytest

from services.roster.kinds.feeds import FedOrganisation, kept_organisation
from services.roster.kinds.terms import told_of, with_terms
from services.roster.values import Organisation, TermBegins
from shared.errors import Refused

FALL, SPRING = ("fall", "2025-08-04"), ("spring", "2026-01-05")
KEPT = [
    {"school_year": "2025-26", "term": "fall", "begins": "2025-08-04"},
    {"school_year": "2025-26", "term": "spring", "begins": "2026-01-05"},
]
NEXT = [
    {"school_year": "2026-27", "term": "fall", "begins": "2026-08-03"},
    {"school_year": "2026-27", "term": "spring", "begins": "2027-01-04"},
]


def terms(*told):
    return [TermBegins(term=term, begins=begins) for term, begins in told]


def test_a_years_terms_are_kept_beside_those_of_other_years_in_the_order_of_days():
    state = with_terms({"name": "Sample", "terms": NEXT}, "2025-26", terms(FALL, SPRING), (7, 1))

    assert state == {"name": "Sample", "terms": [*KEPT, *NEXT]}
    assert [(each.school_year, each.term, each.begins) for each in told_of(state)][:2] == [
        ("2025-26", "fall", date(2025, 8, 4)),
        ("2025-26", "spring", date(2026, 1, 5)),
    ]
    assert with_terms(state, "2026-27", [], (7, 1)) == {"name": "Sample", "terms": KEPT}
    assert with_terms({"name": "Sample", "terms": KEPT}, "2025-26", [], (7, 1)) == {"name": "Sample"}


@pytest.mark.parametrize(
    ("told", "starts", "where", "code"),
    [
        pytest.param([FALL], (7, 1), "/terms", "too_few", id="one term"),
        pytest.param([SPRING, FALL], (7, 1), "/terms/1/begins", "wrong_order", id="not in the order of days"),
        pytest.param([FALL, ("late", FALL[1])], (7, 1), "/terms/1/begins", "wrong_order", id="two on one day"),
        pytest.param([FALL, ("fall", SPRING[1])], (7, 1), "/terms/1/term", "twice", id="two of one name"),
        pytest.param([("a", "2025-06-30"), SPRING], (7, 1), "/terms/0/begins", "outside_year", id="before the year"),
        pytest.param([FALL, ("b", "2026-07-01")], (7, 1), "/terms/1/begins", "outside_year", id="after the year"),
        pytest.param([FALL, SPRING], (8, 15), "/terms/0/begins", "outside_year", id="before the cted's year"),
    ],
)
def test_what_is_no_table_of_terms_is_refused(told, starts, where, code):
    with pytest.raises(Refused) as refused:
        with_terms({"name": "Sample"}, "2025-26", terms(*told), starts)

    assert [(each.pointer, each.code) for each in refused.value.problems] == [(where, code)]


def test_the_cted_may_begin_its_year_on_another_day():
    late = terms(("fall", "2025-08-15"), ("spring", "2026-08-14"))

    assert len(with_terms({}, "2025-26", late, (8, 15))["terms"]) == 2


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(Organisation(name="Other", type="school"), id="a PUT or a line of a CSV file"),
        pytest.param(
            FedOrganisation(name="Other", type="school", source="ps1", sourced_id="100", adopts=True), id="a feed's own"
        ),
        pytest.param(
            FedOrganisation(name="Other", type="school", source="ps1", sourced_id="100", how="named"), id="a feed names"
        ),
    ],
)
def test_whoever_else_writes_an_organisation_leaves_its_terms(body):
    stored = {"name": "Sample", "type": "school", "terms": KEPT}

    assert kept_organisation("hs", body, stored)["terms"] == KEPT
    assert "terms" not in kept_organisation("hs", body, {"name": "Sample", "type": "school"})
