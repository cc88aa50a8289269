"""Which program enrolments follow from class enrollments: stretches of time, breaks, ends."""

import pytest

from services.roster.enrolments.derived import Span
from services.roster.oneroster.derive.seats import in_programs, joined
from services.roster.oneroster.keep.source_rows import SourceRow

CLASSES = {"k-1": ("welding", "north"), "k-2": ("welding", "north"), "k-3": ("baking", "north")}


def seat(of: str, begin: str, end: str, ended_on: str = "", role: str = "student", user: str = "u-1") -> SourceRow:
    cells = {"classSourcedId": of, "userSourcedId": user, "role": role}
    return SourceRow(f"e-{of}-{begin}-{user}", cells, begin, end, ended_on)


@pytest.mark.parametrize(
    ("spans", "stretches"),
    [
        pytest.param([("2024-08-01", "2024-12-20"), ("2025-01-06", "2025-05-30")], 1, id="fall and spring"),
        pytest.param([("2024-01-06", "2024-05-30"), ("2024-08-01", "2024-12-20")], 1, id="over the summer"),
        pytest.param([("2023-08-01", "2023-12-20"), ("2024-08-01", "2024-12-20")], 2, id="a term in between"),
        pytest.param([("2024-08-01", "2024-09-02"), ("2024-12-31", "2025-05-30")], 1, id="exactly 120 days"),
        pytest.param([("2024-08-01", "2024-09-02"), ("2025-01-01", "2025-05-30")], 2, id="121 days"),
        pytest.param([("2024-08-01", ""), ("2025-01-06", "2025-05-30")], 1, id="an open one takes in the rest"),
    ],
)
def test_stretches(spans, stretches):
    assert len(joined([Span(*each) for each in reversed(spans)])) == stretches


def test_seats_in_one_program_are_one_enrolment_from_the_first_day_to_the_last():
    seats = [seat("k-2", "2025-01-06", "2025-05-30"), seat("k-1", "2024-08-01", "2024-12-20")]

    (one,) = in_programs("sis", seats, CLASSES)

    assert (one.user, one.program, one.organisation) == ("u-1", "welding", "north")
    assert one.span == Span("2024-08-01", "2025-05-30")


@pytest.mark.parametrize(
    ("told", "span"),
    [
        pytest.param(seat("k-1", "2024-08-01", "2024-12-20", "2024-10-01"), ("2024-08-01", "2024-10-01"), id="ended"),
        pytest.param(seat("k-1", "2024-08-01", "2024-12-20", "2025-02-01"), ("2024-08-01", "2024-12-20"), id="over"),
        pytest.param(seat("k-1", "2024-08-01", "", "2024-08-01"), ("2024-08-01", "2024-08-01"), id="one day"),
        pytest.param(seat("k-1", "2024-08-01", "2024-12-20", "2024-07-31"), None, id="ended before it began"),
        pytest.param(seat("k-1", "2024-08-01", "2024-12-20", role="teacher"), None, id="a teacher"),
        pytest.param(seat("k-9", "2024-08-01", "2024-12-20"), None, id="a class of no program"),
    ],
)
def test_what_a_seat_comes_to(told, span):
    found = in_programs("sis", [told], CLASSES)

    assert [each.span for each in found] == ([Span(*span)] if span else [])


def test_ids_stay_whatever_comes_later_and_are_the_sources_own():
    first = in_programs("sis", [seat("k-1", "2024-08-01", "2024-12-20")], CLASSES)
    later = in_programs("sis", [seat("k-1", "2024-08-01", "2024-12-20"), seat("k-1", "2026-08-01", "")], CLASSES)

    assert [each.id for each in first] == [each.id for each in later][:1]
    assert len({each.id for each in later}) == 2
    assert in_programs("other", [seat("k-1", "2024-08-01", "2024-12-20")], CLASSES)[0].id != first[0].id


@pytest.mark.parametrize(
    ("end", "kept"),
    [
        pytest.param("", "2025-01-15", id="still in class"),
        pytest.param("2025-01-15", "2025-01-15", id="to that day"),
        pytest.param("2025-01-14", None, id="classes that ended before: never a concentrator"),
    ],
)
def test_who_became_a_concentrator_and_left(end, kept):
    assert Span("2024-08-01", end).still_on("2025-01-15") == kept
    assert Span("2024-08-01", end).still_on(None) is None
