"""In which term of which school year a day lies."""

from datetime import date

import pytest

from services.family_touchpoints.terms import Terms
from shared.contracts.roster import Organisation, TermBegins


def place(id, type="central_campus", parent_id=None, **terms):
    told = tuple(
        TermBegins(school_year="2025-26", term=name, begins=date.fromisoformat(begins))
        for name, begins in terms.items()
    )
    return Organisation(organisation_id=id, name=id, type=type, parent_id=parent_id, terms=told)


def terms(*places, starts=(7, 1)):
    return Terms({one.organisation_id: one for one in places}, starts)


CTED = place("cted", "cted", fall="2025-07-01", spring="2026-01-05")


@pytest.mark.parametrize(
    ("told", "at", "day", "expected"),
    [
        pytest.param(terms(), None, "2025-12-31", ("2025-26", 1), id="the first day of the year"),
        pytest.param(terms(), "northwest", "2026-01-01", ("2025-26", 2), id="1 January"),
        pytest.param(terms(CTED), "northwest", "2026-01-04", ("2025-26", 1), id="an unknown place"),
        pytest.param(terms(CTED, place("nw", parent_id="cted")), "nw", "2026-01-05", ("2025-26", 2), id="the cted's"),
        pytest.param(
            terms(CTED, place("nw", parent_id="cted", a="2025-08-04", b="2025-10-20", c="2026-03-02")),
            "nw",
            "2025-12-01",
            ("2025-26", 2),
            id="its own table goes before",
        ),
        pytest.param(
            terms(CTED, place("nw", parent_id="cted", a="2025-08-04", b="2026-01-05")),
            "nw",
            "2025-07-20",
            ("2025-26", 1),
            id="a day before the first term is in it: there are no holes",
        ),
        pytest.param(terms(CTED), None, "2026-08-01", ("2026-27", 1), id="a year that nobody has a table for"),
        pytest.param(terms(starts=(8, 1)), None, "2025-07-31", ("2024-25", 2), id="the year starts when the cted says"),
        pytest.param(terms(starts=(2, 1)), None, "2026-01-15", ("2025-26", 2), id="1 January lies in the year's end"),
        pytest.param(
            terms(place("a", "district", parent_id="b"), place("b", "district", parent_id="a")),
            "a",
            "2025-09-01",
            ("2025-26", 1),
            id="a circle ends",
        ),
    ],
)
def test_a_day_lies_in_the_term_begun_last(told, at, day, expected):
    found = told.of(date.fromisoformat(day), at)

    assert (found.school_year, found.number) == expected
