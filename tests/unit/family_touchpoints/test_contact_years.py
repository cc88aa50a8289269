"""Which years an enrolment lies in, whether each is excused, and which points of the plan fall due in it."""

from datetime import date

import pytest

from services.family_touchpoints.contact.rules import Family, Rule, Sharing, Tie
from services.family_touchpoints.contact_year.rules import due_points, lies_in, years_of
from services.family_touchpoints.points import Plan, PlanStep, Point, Version
from services.family_touchpoints.terms import Terms
from shared.contracts.roster import Enrolment, Organisation, TermBegins

TODAY = date(2026, 5, 22)
JULY = (7, 1)
CALL = Point(code="call", term=1, purpose="introduction", within_days=45, method="Phone")
TALK = Point(code="talk", term=2, purpose="progress", within_days=60)
THIRD = Point(code="third", term=3, purpose="progress", within_days=10)


def day(text):
    return date.fromisoformat(text)


def enrolled(begin="2025-08-04", end="2026-05-22", at="central"):
    return Enrolment(
        enrolment_id="e1",
        student_id="p1",
        program_id="welding",
        organisation_id=at,
        organisation_type="central_campus",
        begin=day(begin),
        end=day(end) if end else None,
    )


def approved(on="2025-05-06", *more, points=(CALL, TALK, THIRD)):
    steps = (PlanStep("proposed", day(on)), PlanStep("approved", day(on)), *more)
    return Plan(program_id="welding", steps=steps, points=points, versions=(Version(day(on), points),))


def campus(id, *days):
    told = tuple(
        TermBegins(school_year="2025-26", term=f"t{number}", begins=day(on)) for number, on in enumerate(days, 1)
    )
    return Organisation(organisation_id=id, name="Sample", type="central_campus", parent_id="cted", terms=told)


TERMS = Terms(
    {
        "cted": Organisation(organisation_id="cted", name="Sample", type="cted"),
        "central": campus("central"),
        "south": campus("south", "2025-08-11", "2025-11-03", "2026-02-09"),
    }
)


@pytest.mark.parametrize(
    ("enrolment", "today", "years"),
    [
        pytest.param(enrolled(), "2026-05-22", [("2025-26", "2025-08-04", "2026-05-22")], id="one"),
        pytest.param(
            enrolled(end="2026-07-01"),
            "2026-05-22",
            [("2025-26", "2025-08-04", "2026-06-30"), ("2026-27", "2026-07-01", "2026-07-01")],
            id="into the first day of another that is yet to come",
        ),
        pytest.param(
            enrolled(end=None), "2026-06-30", [("2025-26", "2025-08-04", "2026-06-30")], id="open: all of this year"
        ),
        pytest.param(
            enrolled(end=None), "2025-08-04", [("2025-26", "2025-08-04", "2026-06-30")], id="on its first day"
        ),
        pytest.param(
            enrolled(end=None),
            "2026-07-01",
            [("2025-26", "2025-08-04", "2026-06-30"), ("2026-27", "2026-07-01", "2027-06-30")],
            id="open: the next from its first day on",
        ),
        pytest.param(enrolled("2026-08-03", None), "2026-05-22", [("2026-27", "2026-08-03", "2027-06-30")], id="ahead"),
    ],
)
def test_which_years_an_enrolment_lies_in(enrolment, today, years):
    assert list(lies_in(enrolment, JULY, day(today))) == [(year, day(first), day(last)) for year, first, last in years]


@pytest.mark.parametrize(
    ("enrolment", "plan", "due"),
    [
        pytest.param(
            enrolled(),
            approved(),
            [("call", "2025-08-04", "2025-09-18"), ("talk", "2026-01-01", "2026-03-02")],
            id="two terms: a third is planned, kept and never due",
        ),
        pytest.param(
            enrolled("2025-10-06"), approved(points=(CALL,)), [("call", "2025-10-06", "2025-11-20")], id="begun late"
        ),
        pytest.param(enrolled("2026-01-05"), approved(), [("talk", "2026-01-05", "2026-03-06")], id="after a term"),
        pytest.param(
            enrolled(end="2025-12-31"), approved(), [("call", "2025-08-04", "2025-09-18")], id="gone before a term"
        ),
        pytest.param(
            enrolled(end="2026-01-01"),
            approved(),
            [("call", "2025-08-04", "2025-09-18"), ("talk", "2026-01-01", "2026-03-02")],
            id="gone on its first day",
        ),
        pytest.param(
            enrolled(at="south"),
            approved(),
            [
                ("call", "2025-08-11", "2025-09-25"),
                ("talk", "2025-11-03", "2026-01-02"),
                ("third", "2026-02-09", "2026-02-19"),
            ],
            id="a campus with terms of its own",
        ),
        pytest.param(
            enrolled(at="south", end="2025-08-08"), approved(), [], id="gone before the first term of the campus"
        ),
        pytest.param(
            enrolled(), approved("2025-07-02"), [("talk", "2026-01-01", "2026-03-02")], id="approved after a term began"
        ),
        pytest.param(
            enrolled("2025-10-06"), approved("2025-09-01"), [("talk", "2026-01-01", "2026-03-02")],
            id="what counts is the term's first day, not the enrolment's",
        ),
        pytest.param(
            enrolled(),
            approved("2025-05-06", PlanStep("retired", day("2025-11-01"))),
            [("call", "2025-08-04", "2025-09-18")],
            id="retired in a term: due until that is over",
        ),
        pytest.param(enrolled(), approved("2026-03-01"), [], id="approved when all terms had begun"),
    ],
)  # fmt: skip
def test_which_points_fall_due(enrolment, plan, due):
    terms = TERMS.of_year("2025-26", enrolment.organisation_id)
    found = due_points(plan, terms, enrolment.begin, enrolment.end)
    assert [(one.code, one.since, one.due) for one in found] == [(code, day(since), day(on)) for code, since, on in due]


def test_a_revision_leaves_the_terms_before_it():
    revised = Plan(
        program_id="welding",
        steps=tuple(PlanStep("approved", day(on)) for on in ("2025-05-06", "2025-12-01")),
        versions=(Version(day("2025-05-06"), (CALL, TALK)), Version(day("2025-12-01"), (CALL, THIRD))),
    )
    terms = TERMS.of_year("2025-26", "central")
    assert [one.code for one in due_points(revised, terms, day("2025-08-04"), day("2026-05-22"))] == ["call"]


NOBODY_THROUGH = {
    "2026-01-31": True,  # 181 of 292 days
    "2025-12-28": True,  # 147
    "2025-12-27": False,  # 146: half is not more than half
    "2025-11-30": False,  # 119
}


@pytest.mark.parametrize(("until", "free"), NOBODY_THROUGH.items())
def test_a_year_is_excused_when_nobody_could_be_contacted_on_more_than_half_of_it(until, free):
    shut = Rule(student_id="p1", guardian_id=None, rule="no_contact", begin=day("2025-08-04"), until=day(until))
    tied = Tie(guardian_id="g1", relation="parent", begin=day("2025-07-01"))
    family = Family(student_id="p1", ties=(tied,), rules=(shut,))

    (year,) = years_of(enrolled(), student_id="p1", family=family, plan=approved(), terms=TERMS, today=TODAY)

    assert (year.excused, [one.code for one in year.points]) == (free, [] if free else ["call", "talk"])


@pytest.mark.parametrize(
    ("eighteen_on", "free"),
    [pytest.param("2025-12-30", True, id="183 of 365 days"), pytest.param("2025-12-31", False, id="182 of 365 days")],
)
def test_of_one_without_an_end_all_of_the_year_is_looked_at_on_each_of_its_days_alike(eighteen_on, free):
    family = Family(student_id="p1", sharing=Sharing(eighteen_on=day(eighteen_on)))
    open_end = enrolled("2025-07-01", None)

    for today in ("2025-07-01", "2025-12-29", "2025-12-30", "2025-12-31", "2026-06-30"):
        (year,) = years_of(open_end, student_id="p1", family=family, plan=None, terms=TERMS, today=day(today))
        assert year.excused == free
