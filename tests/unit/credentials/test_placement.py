"""Which enrolment an award is filed under, and who may file it."""

from datetime import date

import pytest

from services.credentials.award.decision import Placement, place
from services.credentials.catalogue_entry.rules import Credential
from shared.contracts.credentials import DatedTier
from shared.errors import NotFound, Refused
from shared.roster_copy.students import Enrolment, Student

DAY = date(2025, 5, 20)


def aligned(*programs):
    tiers = tuple(DatedTier(program_id=program, tier="required", valid_from=date(2020, 7, 1)) for program in programs)
    return Credential(code="osha-10", title="OSHA 10", issuer="Made-up", type="Certification", tiers=tiers)


def enrolled(program, campus, begin, end=None):
    return Enrolment(program_id=program, organisation_id=campus, begin=date.fromisoformat(begin), end=end)


def student(*enrolments):
    return Student(id="p1", enrolments=enrolments)


def everywhere(_program, _organisation):
    return True


def teaches(program, campus):
    return lambda p, o: p == program and o == campus


def located(who, *, credential=None, program_id=None, within=everywhere, day=DAY):
    return place(who, credential=credential or aligned("welding"), day=day, program_id=program_id, within=within)


WELDING = enrolled("welding", "north", "2024-08-05")


@pytest.mark.parametrize(
    ("enrolments", "found"),
    [
        pytest.param([WELDING], Placement("welding", "north"), id="enrolled on the day"),
        pytest.param(
            [enrolled("welding", "north", "2023-08-05", DAY)], Placement("welding", "north"), id="on the last day of it"
        ),
        pytest.param(
            [enrolled("welding", "north", "2023-08-05", date(2024, 5, 22))],
            Placement("welding", "north"),
            id="ended before",
        ),
        pytest.param(
            [
                enrolled("welding", "south", "2022-08-05", date(2023, 5, 22)),
                enrolled("welding", "north", "2023-08-05", date(2024, 5, 22)),
            ],
            Placement("welding", "north"),
            id="the latest of those that ended",
        ),
        pytest.param(
            [enrolled("welding", "south", "2020-08-05", date(2030, 1, 1)), WELDING],
            Placement("welding", "north"),
            id="of two that cover the day the later begun",
        ),
        pytest.param(
            [enrolled("welding", "south", "2020-08-05"), enrolled("welding", "north", "2024-08-05", DAY)],
            Placement("welding", "north"),
            id="the later begun, on its last day",
        ),
        pytest.param(
            [enrolled("welding", "north", "2025-05-21")], Placement(None, None), id="begun only the day after"
        ),
        pytest.param(
            [enrolled("nursing", "north", "2024-08-05")], Placement(None, None), id="a program it is no use to"
        ),
        pytest.param([], Placement(None, None), id="never enrolled"),
    ],
)
def test_where_an_award_is_filed_when_nobody_says(enrolments, found):
    assert located(student(*enrolments)) == found


def test_the_program_that_is_named_needs_no_alignment():
    assert located(student(WELDING), credential=aligned("nursing"), program_id="welding") == Placement(
        "welding", "north"
    )


def test_a_program_that_the_student_was_never_in_has_no_organisation():
    assert located(student(WELDING), program_id="nursing") == Placement("nursing", None)


def test_of_several_programs_none_is_guessed():
    both = student(WELDING, enrolled("construction", "south", "2024-08-05"))

    with pytest.raises(Refused, match="say program_id, one of construction, welding"):
        located(both, credential=aligned("welding", "construction"))
    assert located(both, program_id="welding") == Placement("welding", "north")


def test_an_instructor_files_it_under_the_own_program():
    both = student(WELDING, enrolled("construction", "south", "2024-08-05"))
    credential = aligned("welding", "construction")

    assert located(both, credential=credential, within=teaches("construction", "south")) == Placement(
        "construction", "south"
    )


@pytest.mark.parametrize(
    ("within", "kwargs", "kind", "words"),
    [
        pytest.param(
            teaches("welding", "south"), {}, NotFound, "no such student within your reach", id="another campus"
        ),
        pytest.param(
            teaches("nursing", "north"), {}, NotFound, "no such student within your reach", id="another program"
        ),
        pytest.param(
            teaches("welding", "north"),
            {"day": date(2024, 8, 4)},
            Refused,
            "begins on 2024-08-05",
            id="a day too early",
        ),
        pytest.param(
            teaches("welding", "north"),
            {"credential": aligned("nursing")},
            Refused,
            "say program_id, one of welding",
            id="not aligned with what is taught",
        ),
        pytest.param(
            teaches("welding", "north"),
            {"program_id": "nursing"},
            Refused,
            "not enrolled with you in nursing",
            id="a program of somebody else",
        ),
    ],
)
def test_what_an_instructor_cannot_file(within, kwargs, kind, words):
    with pytest.raises(kind, match=words):
        located(student(WELDING), within=within, **kwargs)
