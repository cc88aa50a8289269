"""What is said of each member: the reason, its groups, and the awards and attempts that stand around W1."""

import msgspec
import pytest

from services.aggregator.domain.measures import BY_KEY
from shared.contracts.roster import Demographics, Enrolment, Student, YearAtSchool
from tests.unit.aggregator.students import LATE, awarded, completed, count, day, members, seen, someone


@pytest.mark.parametrize(
    ("facts", "as_of", "code", "words"),
    [
        pytest.param([awarded()], LATE, "earned",
            "earned WELD-1 (required for welding) on 2025-03-02, inside the program", id="before completion"),
        pytest.param([awarded("2025-09-15")], LATE, "earned",
            "earned WELD-1 (required for welding) on 2025-09-15, inside the year after completion", id="after it"),
        pytest.param([], day("2025-12-01"), "no_award", "no award yet; window open until 2026-05-20", id="open"),
        pytest.param([], LATE, "no_award", "no award by 2026-05-20, when the window ended", id="closed"),
        pytest.param([awarded("2026-06-01")], LATE, "late",
            "award of WELD-1 on 2026-06-01 came after the window, which ended on 2026-05-20", id="late"),
        pytest.param([awarded(revoked="2025-08-01")], LATE, "revoked",
            "award of WELD-1 on 2025-03-02 was revoked on 2025-08-01", id="revoked"),
        pytest.param([awarded(tiers={"welding": "other"})], LATE, "tier",
            "tier of WELD-1 for welding on 2025-03-02 is other", id="tier other"),
        pytest.param([awarded(tiers={})], LATE, "not_aligned",
            "WELD-1, earned on 2025-03-02, was not aligned with welding", id="not aligned"),
        pytest.param([awarded(result="failed")], day("2025-12-01"), "failed",
            "attempt at WELD-1 on 2025-03-02 was not passed; window open until 2026-05-20", id="failed"),
        pytest.param([awarded("2025-09-15")], day("2025-09-14"), "after_as_of",
            "earned WELD-1 (required for welding) on 2025-09-15, inside the year after completion"
            ": not yet by 2025-09-14", id="later than the day asked for"),
    ],
)  # fmt: skip
def test_each_member_says_why(facts, as_of, code, words):
    (member,) = members("W1.headline", completed(), *facts)
    reason = member.why(as_of)

    assert (reason.code, reason.words) == (code, words)
    assert reason.records[0] == "completion/0"


def test_an_award_before_a_completion_whose_start_nothing_tells_says_so():
    unknown = msgspec.structs.replace(completed(started="2025-05-20"), start_known=False)
    (member,) = members("W1.headline", unknown, awarded("2025-05-19"))

    assert member.why(LATE).words == (
        "award of WELD-1 on 2025-05-19 came before the completion on 2025-05-20, and nothing tells when the program "
        "was begun"
    )
    assert count("W1.headline", unknown, awarded("2025-05-20")) == (1, 1)


def test_groups_come_from_that_year_else_from_the_latest_earlier_one():
    facts = (
        completed("2025-05-20"),
        Student(student_id="s", years=(YearAtSchool(school_year="2024-25", district_id="d7", grade_level="12"),)),
        Demographics(student_id="s", school_year="2022-23", sex="female", low_income=True),
        Demographics(student_id="s", school_year="2023-24", sex="female", low_income=False, rural=True),
        Demographics(student_id="s", school_year="2025-26", sex="male"),
    )
    (member,) = members("W1.headline", *facts)

    assert BY_KEY["W1.headline"].places(member) == {
        "all": "all", "program": "welding", "campus": "north", "program_campus": "welding|north",
        "district": "d7", "grade_level": "12", "sex": "female", "race_ethnicity": "not_reported",
        "low_income": "no", "rural": "yes", "disability": "not_reported", "english_learner": "not_reported",
    }  # fmt: skip


def test_an_award_that_names_no_program_is_placed_by_the_enrolment_of_that_day():
    enrolled = Enrolment(
        enrolment_id="e", student_id="s", program_id="nursing", organisation_id="south",
        organisation_type="central_campus", begin=day("2024-08-01"), end=day("2025-05-30"),
    )  # fmt: skip
    measure = BY_KEY["awards"]
    places = [
        measure.places(member)["program_campus"]
        for on in ("2025-03-02", "2025-05-31")
        for member in measure.members(someone(enrolled, awarded(on)))
    ]

    assert places == ["nursing|south", "not_reported|not_reported"]


@pytest.mark.parametrize(
    ("award", "tier", "level"),
    [
        pytest.param(awarded(program="welding", at="north"), "required", "self_reported", id="of its program"),
        pytest.param(awarded(program="nursing", at="north"), "not_aligned", "self_reported", id="taught elsewhere"),
        pytest.param(awarded(tiers={"a": "other", "b": "preferred"}), "preferred", "self_reported", id="its best"),
        pytest.param(awarded(seen=(seen(), seen(level="cryptographic", outcome="not_found"))),
            "required", "issuer_lookup",
            id="the strongest that was confirmed"),
    ],
)  # fmt: skip
def test_awards_are_told_apart_by_tier_and_level(award, tier, level):
    (member,) = members("awards", award)
    at = BY_KEY["awards"].places(member)

    assert (at["tier"], at["verification_level"], at["credential_type"]) == (tier, level, "certification")


def test_attempts_count_failed_ones_below_and_passed_ones_above():
    facts = (
        awarded("2025-03-02"),
        awarded("2025-03-03", result="failed"),
        awarded("2025-03-04", result="in_progress"),
        awarded("2025-03-05", revoked="2025-08-01"),
    )

    assert count("attempts", *facts) == (2, 3)
    assert count("awards", *facts) == (1, 0)
