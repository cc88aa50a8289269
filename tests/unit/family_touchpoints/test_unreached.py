"""Whose family stands on the list of those not reached this term, in which order, and in which words."""

from datetime import date

import pytest

from services.family_touchpoints.contact.rules import Contact
from services.family_touchpoints.terms import Terms
from services.family_touchpoints.worklists.unreached import Touch, Tried, Try, nearest_first, waiting, why
from shared.roster_copy.students import Enrolment

TERMS = Terms({})  # from 1 July and 1 January
TODAY = date(2026, 2, 3)
MOTHER = Contact(guardian_id="g1", relation="parent", may=("Phone",), records=True, language="spa", interpreter=False)
SHUT = Contact(guardian_id="g2", relation="parent", may=(), records=True, language=None, interpreter=False)


def day(written):
    return date.fromisoformat(written)


def enrolled(program="welding", begin="2025-08-04", end=None):
    return Enrolment(program_id=program, organisation_id="central", begin=day(begin), end=end and day(end))


def touch(on, *programs, **more):
    return Touch(day(on), TERMS.of(day(on), None), "Phone", "spa", programs, **more)


def attempt(on, outcome="no_answer", program=None):
    return Try(day(on), outcome, program)


def tried(*touches, tries=(), planned=(), contacts=(MOTHER,)):
    return Tried(touches=touches, tries=tries, planned=[day(one) for one in planned], contacts=contacts)


def rows(said, *enrolments, student="p1", today=TODAY):
    term = {"central": TERMS.of(today, "central")}
    return list(waiting(student, enrolments or [enrolled()], said, term=term, today=today))


@pytest.mark.parametrize(
    ("said", "enrolments", "waits"),
    [
        pytest.param(tried(), [enrolled()], ["welding"], id="nobody ever called"),
        pytest.param(tried(touch("2025-10-09")), [enrolled()], ["welding"], id="reached in the term before"),
        pytest.param(tried(touch("2026-01-01")), [enrolled()], [], id="reached on the first day of the term"),
        pytest.param(tried(touch("2025-12-31")), [enrolled()], ["welding"], id="reached on the last day before it"),
        pytest.param(tried(touch("2026-02-04")), [enrolled()], ["welding"], id="a day that is still to come"),
        pytest.param(
            tried(touch("2026-01-20", "welding")),
            [enrolled(), enrolled("it")],
            ["it"],
            id="a touch of one program counts for that alone",
        ),
        pytest.param(tried(touch("2026-01-20")), [enrolled(), enrolled("it")], [], id="a touch of none for every one"),
        pytest.param(
            tried(touch("2026-01-20", "it", "welding")), [enrolled(), enrolled("it")], [], id="an evening of several"
        ),
        pytest.param(tried(), [enrolled(end="2026-02-02")], [], id="an enrolment that has ended"),
        pytest.param(tried(), [enrolled(end="2026-02-03")], ["welding"], id="one on its last day"),
        pytest.param(tried(), [enrolled(begin="2026-02-04")], [], id="one that has not begun"),
        pytest.param(
            tried(touch("2026-01-20", shown=False)), [enrolled()], [], id="reached, of which no more is shown"
        ),
    ],
)
def test_who_waits(said, enrolments, waits):
    assert [one.enrolment.program_id for one in rows(said, *enrolments)] == waits


def test_whom_one_touch_brings_to_two_terms_goes_first_and_whom_nobody_may_call_last():
    families = {
        "never-tried": tried(),
        "tried-lately": tried(tries=[attempt("2026-01-30")]),
        "tried-long-ago": tried(tries=[attempt("2026-01-30"), attempt("2026-01-05")]),
        "one-term": tried(touch("2025-10-09")),
        "one-term-tried": tried(touch("2025-11-20"), tries=[attempt("2026-02-01")]),
        "one-term-shut": tried(touch("2025-10-09"), contacts=(SHUT,)),
        "nobody-known": tried(contacts=()),
        "one-open": tried(contacts=(SHUT, MOTHER)),
    }
    found = nearest_first(row for id, said in families.items() for row in rows(said, student=id))

    assert [one.student_id for one in found] == [
        "one-term",
        "one-term-tried",
        "never-tried",
        "one-open",
        "tried-lately",
        "tried-long-ago",
        "one-term-shut",
        "nobody-known",
    ]


def test_a_row_tells_what_was_tried_and_what_worked_last():
    said = tried(
        touch("2025-03-03"),
        touch("2025-10-09"),
        touch("2025-11-11", shown=False),
        tries=[
            attempt("2026-02-01"),
            attempt("2025-12-20"),
            attempt("2026-01-15", "left_message"),
            attempt("2026-01-16", program="it"),
        ],
        planned=["2026-02-01", "2026-02-20", "2026-02-10"],
    )
    (row,) = rows(said)

    assert (row.terms, row.worked and row.worked.on) == (1, day("2025-10-09"))
    assert [(str(one.on), one.outcome) for one in row.tries] == [
        ("2026-01-15", "left_message"),
        ("2026-02-01", "no_answer"),
    ]
    assert row.next_planned == day("2026-02-10")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param(tried(), "not reached this year, not yet in this term", id="nothing yet"),
        pytest.param(
            tried(touch("2025-10-09"), tries=[attempt("2026-01-15")]),
            "reached in 1 of this year's terms, not yet in this term, tried 1 time since 2026-01-01",
            id="one term, one try",
        ),
        pytest.param(
            tried(tries=[attempt("2026-01-15"), attempt("2026-01-16")], contacts=(SHUT,)),
            "not reached this year, not yet in this term, tried 2 times since 2026-01-01; "
            "no guardian may be contacted: ask the counselor",
            id="nobody may be called",
        ),
        pytest.param(
            tried(contacts=()),
            "not reached this year, not yet in this term; roster knows no guardian",
            id="no guardian",
        ),
        pytest.param(
            Tried(contacts=(SHUT,), of_age=True),
            "not reached this year, not yet in this term; "
            "the rights are the student's since 18: speak with the student",
            id="a student of age who shares nothing",
        ),
        pytest.param(
            tried(contacts=None), "not reached this year, not yet in this term", id="who may not know who may be called"
        ),
    ],
)
def test_why_it_stands_there(said, words):
    assert [why(one) for one in rows(said)] == [words]
