"""What decided is told as days and what happened on them; and of groups, the worst comes first."""

from datetime import UTC, date, datetime

import pytest

from services.aggregator.domain.measures import BY_KEY, Member, Reason
from services.insights.numbers.board import Row, View, standing, worst_first
from services.insights.numbers.freshness import Freshness
from services.insights.numbers.names import Calendar, Names
from services.insights.numbers.slices import WHOLE
from services.insights.numbers.tallies import Tally
from services.insights.pages.decisive_days import Known, credentials_in, steps
from shared.contracts.credentials import Assessment, Award, CatalogueStep, ProgramCatalogue, Verification
from shared.contracts.roster import Completion, Enrolment, Program
from shared.plans import plans

WELDING = Program(program_id="welding", title="Welding", cip_code="0", cluster="c", active_from=date(2020, 7, 1))
KNOWN = Known(Names({"welding": WELDING}), {"MOCK-1": "Mock certificate"})
AT = {"student_id": "s", "program_id": "welding", "organisation_id": "nw"}
CENTRAL = {"organisation_type": "central_campus"}
COMPLETION = Completion(
    completion_id="c",
    **AT,
    **CENTRAL,
    started_on=date(2023, 8, 7),
    completed_on=date(2025, 5, 20),
    school_year="2024-25",
)
AWARD = {
    "award_id": "a",
    "student_id": "s",
    "credential_code": "MOCK-1",
    "credential_type": "x",
    "school_year": "2024-25",
}
SITTING = {
    "assessment_id": "t",
    **AT,
    "form": "f",
    "scale": "s",
    "taken_on": date(2025, 5, 6),
    "school_year": "2024-25",
}


def member(matured_day: date | None) -> Member:
    return Member(
        school_year="2024-25",
        unit="s",
        where=(),
        cohort_day=None,
        counted_day=None,
        matured_day=matured_day,
        why=lambda _: Reason("x", "x"),
    )


def told(*facts, matured_day=None, as_of=date(2026, 11, 1)) -> list[str]:
    return [f"{one.day} {one.words}" for one in steps(member(matured_day), facts, KNOWN, as_of)]


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        pytest.param(
            COMPLETION,
            ["2023-08-07 Began Welding", "2025-05-20 Completed Welding at Nw"],
            id="a completion: when it began and ended",
        ),
        pytest.param(
            Enrolment(
                enrolment_id="e",
                **AT,
                **CENTRAL,
                begin=date(2023, 8, 7),
                concentrator_on=date(2024, 5, 1),
                end=date(2025, 5, 20),
            ),
            [
                "2023-08-07 Began Welding at Nw",
                "2024-05-01 Became a concentrator in Welding",
                "2025-05-20 Enrolment in Welding ended",
            ],
            id="an enrolment",
        ),
        pytest.param(
            Award(
                **AWARD,
                result="passed",
                taken_on=date(2025, 3, 30),
                awarded_on=date(2025, 4, 1),
                verifications=(
                    Verification(level="issuer_lookup", verified_on=date(2025, 4, 2), outcome="not_found"),
                    Verification(level="issuer_feed", verified_on=date(2025, 4, 9), outcome="confirmed"),
                ),
                revoked_on=date(2026, 1, 1),
            ),
            [
                "2025-04-01 Earned Mock certificate",
                "2025-04-02 Looked for, and not found",
                "2025-04-09 Confirmed by its issuer",
                "2026-01-01 Mock certificate was revoked",
            ],
            id="an award with all that became of it",
        ),
        pytest.param(
            Award(**AWARD, result="failed", taken_on=date(2025, 4, 1)),
            ["2025-04-01 Tried for Mock certificate, not passed"],
            id="an attempt",
        ),
        pytest.param(
            Award(**{**AWARD, "credential_code": "X-9"}, result="in_progress", taken_on=date(2025, 4, 1)),
            ["2025-04-01 Began on X-9"],
            id="a credential that is in no catalogue has its code",
        ),
        pytest.param(
            Assessment(**SITTING, assessment_kind="technical_skills", passed=False, share="58/80"),
            ["2025-05-06 Did not pass the assessment of Welding (72.5 %)"],
            id="a sitting that was not passed",
        ),
        pytest.param(
            Assessment(**SITTING, assessment_kind="technical_skills", passed=True),
            ["2025-05-06 Passed the assessment of Welding"],
            id="a sitting of which only the verdict is known",
        ),
        pytest.param(
            Assessment(**SITTING, assessment_kind="program", passed=False, share="1/4"),
            ["2025-05-06 Sat the assessment of Welding (25 %)"],
            id="a program's own assessment is neither passed nor failed",
        ),
        pytest.param(
            ProgramCatalogue(program_id="welding", steps=(CatalogueStep(status="approved", on=date(2024, 8, 1)),)),
            ["2024-08-01 List of credentials approved"],
            id="a program's list",
        ),
        pytest.param(WELDING, [], id="what is no story has no days"),
    ],
)
def test_a_fact_is_told_as_what_happened(fact, said) -> None:
    assert told(fact) == said


def test_the_last_day_of_the_window_ends_the_line() -> None:
    first_day_after = date(2026, 5, 21)

    assert told(COMPLETION, matured_day=first_day_after, as_of=first_day_after)[-1] == "2026-05-20 The window closed"
    assert told(COMPLETION, matured_day=first_day_after, as_of=date(2026, 5, 20))[-1] == "2026-05-20 The window closes"


def test_the_days_of_several_facts_are_one_line_in_order() -> None:
    award = Award(**AWARD, result="passed", awarded_on=date(2024, 4, 1))

    assert [one[:10] for one in told(award, COMPLETION, COMPLETION)] == ["2023-08-07", "2024-04-01", "2025-05-20"]
    assert credentials_in((award, COMPLETION)) == {"MOCK-1"}


def rows(key: str, **tallies: Tally) -> list[str]:
    view = View(
        plans()["aurora"], WHOLE, date(2026, 11, 1), Calendar(), Freshness(datetime(2026, 11, 1, tzinfo=UTC), 0.0)
    )
    made = [Row(name, name, standing(view, BY_KEY[key], "2024-25", one, None)) for name, one in tallies.items()]
    return [row.value for row in worst_first(made)]


def test_the_worst_group_comes_first_and_one_without_anybody_last() -> None:
    found = rows("W1.headline", empty=Tally(), best=Tally(9, 10), worst=Tally(1, 3), b=Tally(1, 2), a=Tally(2, 4))

    assert found == ["worst", "a", "b", "best", "empty"]


def test_of_what_takes_days_the_longest_comes_first() -> None:
    def took(days: int) -> Tally:
        return Tally(1, 1, buckets=((days, 1),))

    assert rows("G1.days_to_validated", quick=took(3), nobody=Tally(0, 4), slow=took(90)) == ["slow", "quick", "nobody"]
