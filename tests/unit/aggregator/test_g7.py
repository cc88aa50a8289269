"""G7's rules, case by case: which enrolments, which touches are about them, and what its readings differ in."""

from dataclasses import replace

import pytest

from services.aggregator.domain.counts import cells_of, gather, spread
from services.aggregator.domain.measures import BY_KEY
from shared.contracts.family_touchpoints import DuePoint, PlanStep, TouchpointPlan
from shared.contracts.roster import Program
from tests.unit.aggregator.families import count_of, excused, lying, present, student, subject_of, tied, touched
from tests.unit.aggregator.students import LATE, day

KEY = "G7.two_in_two_terms"
WELDING, IT = lying(), lying(program="it")
AUTUMN, SPRING = touched("2025-10-09"), touched("2026-02-03")
OWN = {"program": "welding"}


def why(key, *facts, as_of=LATE):
    return [(one.why(as_of).code, one.why(as_of).words) for one in BY_KEY[key].members(student(*facts))]


@pytest.mark.parametrize(
    ("enrolment", "expected"),
    [
        pytest.param(lying("2025-08-04", "2025-09-16"), (0, 0), id="44 days"),
        pytest.param(lying("2025-08-04", "2025-09-17"), (0, 1), id="45 days, the first and the last included"),
        pytest.param(lying("2025-05-01", "2025-08-14"), (0, 1), id="45 days of it in the year"),
        pytest.param(lying("2025-05-01", "2025-08-13"), (0, 0), id="44 days of it in the year"),
        pytest.param(lying("2026-05-17", None), (0, 1), id="without an end, 45 days until the year's last"),
        pytest.param(lying("2026-05-18", None), (0, 0), id="without an end, 44 days until the year's last"),
    ],
)
def test_who_is_asked_for(enrolment, expected):
    assert count_of(KEY, student(enrolment)) == expected


def test_an_enrolment_counts_from_its_begin_or_the_years_first_day_and_is_settled_after_the_year():
    years = [
        (one.school_year, one.cohort_day, one.matured_day) for one in BY_KEY[KEY].members(student(lying("2024-08-05")))
    ]

    assert years == [
        ("2024-25", day("2024-08-05"), day("2025-07-01")),
        ("2025-26", day("2025-07-01"), day("2026-07-01")),
    ]


@pytest.mark.parametrize(
    ("touches", "expected"),
    [
        pytest.param([touched("2025-08-04"), touched("2026-05-22")], (1, 1), id="on its first day and on its last"),
        pytest.param([touched("2025-08-03"), SPRING], (0, 1), id="before it began"),
        pytest.param([AUTUMN, touched("2026-05-23")], (0, 1), id="after it ended"),
        pytest.param([touched("2025-08-03", **OWN), SPRING], (0, 1), id="before it began, though it names it"),
        pytest.param([AUTUMN, touched("2026-02-03", program="it")], (0, 1), id="about another program"),
        pytest.param([touched("2025-12-18", term=1), touched("2026-01-09", term=1)], (0, 1),
            id="terms are those of the term table, not of the calendar year"),
        pytest.param([touched("2025-10-09", term=1), touched("2025-11-20", term=2)], (1, 1),
            id="a term may begin in November"),
        pytest.param([AUTUMN, touched("2026-02-03", "left_message")], (0, 1), id="a message is no touch"),
        pytest.param([AUTUMN, touched("2026-02-03", counts=False)], (0, 1), id="what does not count"),
        pytest.param([AUTUMN, touched("2026-02-03", steps=[("held", "2026-02-03"), ("cancelled", "2026-02-04")])],
            (0, 1), id="cancelled after all"),
        pytest.param([AUTUMN, present("2026-02-03")], (1, 1), id="a workshop"),
        pytest.param([AUTUMN, present("2026-02-03", programs=("it",))], (0, 1), id="a workshop of another program"),
        pytest.param([AUTUMN, present("2026-02-03", programs=("it", "welding"))], (1, 1), id="one of both"),
        pytest.param([AUTUMN, present("2026-02-03", status="registered")], (0, 1), id="registered, and did not come"),
        pytest.param([AUTUMN, present("2026-02-03", held=False)], (0, 1), id="a workshop that was not held"),
        pytest.param([AUTUMN, touched("2026-02-03", with_student=True)], (1, 1), id="a guardian, the student beside"),
        pytest.param([AUTUMN, touched("2026-02-03", guardians=())], (1, 1), id="nobody said which guardian"),
        pytest.param([AUTUMN, touched("2026-02-03", guardians=(), with_student=True)], (0, 1), id="the student alone"),
    ],
)  # fmt: skip
def test_what_touches_an_enrolment(touches, expected):
    assert count_of(KEY, student(WELDING, *touches)) == expected


@pytest.mark.parametrize(
    ("reading", "facts", "expected"),
    [
        pytest.param("linked", [AUTUMN, SPRING], (0, 1), id="touches about no program count for none"),
        pytest.param("linked", [touched("2025-10-09", **OWN), touched("2026-02-03", **OWN)], (1, 1), id="named"),
        pytest.param("linked", [touched("2025-10-09", **OWN), present("2026-02-03", programs=("welding",))], (1, 1),
            id="a workshop that names it"),
        pytest.param("with_workshops_out", [AUTUMN, present("2026-02-03")], (0, 1), id="a workshop is left out"),
        pytest.param("with_delivered", [AUTUMN, touched("2026-02-03", "delivered", method="Text")], (1, 1),
            id="a text that was delivered"),
        pytest.param("with_delivered", [AUTUMN, touched("2026-02-03", "left_message")], (0, 1), id="no message left"),
        pytest.param("with_delivered", [AUTUMN, touched("2026-02-03", "delivered", method="Mail", counts=False)],
            (0, 1), id="nor what is one-way"),
        pytest.param("with_student", [AUTUMN, touched("2026-02-03", guardians=(), with_student=True)], (1, 1),
            id="the student alone"),
        pytest.param("by_student", [IT, AUTUMN, SPRING], (1, 1), id="both enrolments by touches about no program"),
        pytest.param("by_student", [IT, excused("it"), AUTUMN, SPRING], (1, 1), id="the excused one is not asked for"),
        pytest.param("by_student", [excused()], (0, 0), id="nobody who is excused"),
        pytest.param("whole", [AUTUMN, SPRING], (1, 1), id="ended in the year"),
        pytest.param("whole", [AUTUMN], (0, 1), id="ended in the year, one term"),
        pytest.param("whole", [excused()], (0, 0), id="excused in the year it ended in"),
    ],
)  # fmt: skip
def test_the_readings_beside_it(reading, facts, expected):
    assert count_of(f"{KEY}.{reading}", student(WELDING, *facts)) == expected


def test_of_a_whole_enrolment_the_terms_of_two_years_are_two():
    facts = (lying("2024-08-05", "2025-08-29"), touched("2024-10-09"), touched("2025-08-20"))

    assert count_of(f"{KEY}.whole", student(*facts)) == (1, 1)
    assert count_of(f"{KEY}.whole", student(*facts), as_of=day("2025-08-28")) == (0, 0)
    assert count_of(f"{KEY}.whole", student(*facts), year="2024-25") == (0, 0)
    assert count_of(KEY, student(*facts), year="2024-25") == (0, 1)


def test_a_student_counts_when_the_last_enrolment_of_the_year_is_reached_and_is_placed_by_it():
    later = lying("2025-09-01", program="it", at="south")
    facts = (WELDING, later, *(touched(on, **OWN) for on in ("2025-10-09", "2026-02-03")))
    facts += tuple(touched(on, program="it") for on in ("2025-11-09", "2026-03-03"))

    (member,) = BY_KEY[f"{KEY}.by_student"].members(student(*facts))
    assert (member.cohort_day, member.counted_day) == (day("2025-08-04"), day("2026-03-03"))
    assert BY_KEY[f"{KEY}.by_student"].places(member)["program_campus"] == "it|south"


@pytest.mark.parametrize(
    ("facts", "code", "words"),
    [
        pytest.param([AUTUMN, touched("2026-02-03", method="InPerson")], "reached",
            "reached by phone on 2025-10-09 (term 1) and in person on 2026-02-03 (term 2)", id="twice"),
        pytest.param([AUTUMN, touched("2025-11-20")], "one_term",
            "reached by phone on 2025-10-09 (term 1), by phone on 2025-11-20 (term 1); not in another term", id="one"),
        pytest.param([], "not_reached", "nobody of the family has been reached about it in these days", id="never"),
    ],
)  # fmt: skip
def test_each_enrolment_says_why(facts, code, words):
    assert why(KEY, WELDING, *facts) == [(code, words)]


def test_one_that_comes_to_be_reached_later_says_so():
    assert why(KEY, WELDING, AUTUMN, SPRING, as_of=day("2026-01-31")) == [
        (
            "after_as_of",
            "reached by phone on 2025-10-09 (term 1) and by phone on 2026-02-03 (term 2): not yet by 2026-01-31",
        )
    ]


def test_an_excused_enrolment_says_no_reason():
    assert why("G7.excused", WELDING, excused()) == [("excused", "excused in this school year")]
    assert BY_KEY["G7.excused"].dimensions == (
        "all", "program", "campus", "program_campus", "district", "family_language",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ties", "language"),
    [
        pytest.param([], "not_reported", id="no guardian"),
        pytest.param([tied()], "not_reported", id="nobody has said"),
        pytest.param([tied("spa")], "spa", id="one says"),
        pytest.param([tied("eng", "2024-09-01"), tied("spa", "2024-08-01", to="g2")], "spa", id="the earlier tie"),
        pytest.param([tied(None, "2023-08-01"), tied("vie", to="g2")], "vie", id="the first one who says so"),
        pytest.param([tied("spa", to="g2"), tied("eng", to="g1")], "eng", id="of one day by the id of the tie"),
        pytest.param([tied("spa", end="2024-10-01"), tied("eng", "2024-10-01", to="g2")], "spa", id="ended or not"),
    ],
)
@pytest.mark.parametrize("key", [KEY, "G7.one", "G7.excused"])
def test_the_language_of_a_family_is_that_of_the_first_guardian_who_says_so(key, ties, language):
    facts = [WELDING, *ties, *([excused()] if key == "G7.excused" else [])]

    (member,) = BY_KEY[key].members(student(*facts))
    assert BY_KEY[key].places(member)["family_language"] == language


def test_only_what_is_told_apart_by_language_wakes_when_a_guardian_says_so():
    assert {key for key, one in BY_KEY.items() if "guardian" in one.reads} == {KEY, "G7.one", "G7.excused"}


@pytest.mark.parametrize(
    ("under_both", "touches", "attempts"),
    [
        pytest.param([("no_answer", None), ("reached", None)], (1, 0), (1, 1), id="reached wins"),
        pytest.param([("reached", None), ("no_answer", None)], (1, 0), (1, 1), id="whichever was logged first"),
        pytest.param([("reached", None), ("reached", "2025-10-12")], (1, 0), (1, 1), id="reached by both, on two days"),
        pytest.param([("delivered", None), ("reached", "2025-10-12")], (1, 0), (1, 1), id="over what was delivered"),
        pytest.param([("no_answer", None), ("no_answer", None)], (0, 0), (0, 1), id="reached by none"),
    ],
)
def test_one_occasion_under_both_ids_of_a_merged_student_counts_once(under_both, touches, attempts):
    merged = student(*(touched(outcome=outcome, replied=on, occasion="oc1") for outcome, on in under_both))

    assert (count_of("G7.touches", merged), count_of("G7.reach", merged)) == (touches, attempts)


def placed(key, *facts):
    return [BY_KEY[key].places(member) for member in BY_KEY[key].members(student(*facts))]


@pytest.mark.parametrize(
    ("facts", "at"),
    [
        pytest.param([WELDING, AUTUMN], "welding|north", id="by the enrolment in force that day"),
        pytest.param([WELDING, lying("2025-09-01", program="it", at="south"), AUTUMN], "it|south", id="the last begun"),
        pytest.param([WELDING, lying("2025-09-01", program="it"), touched(**OWN)], "welding|north", id="that it names"),
        pytest.param([WELDING, touched(occasion="a"), touched(occasion="b", **OWN)], "welding|north",
            id="of two on one day the one that names a program"),
        pytest.param([touched(**OWN)], "welding|not_reported", id="a program that nobody is enrolled in"),
        pytest.param([AUTUMN], "not_reported|not_reported", id="enrolled nowhere"),
    ],
)  # fmt: skip
def test_where_a_touch_is_counted(facts, at):
    assert [one["program_campus"] for one in placed("G7.touches", *facts)] == [at]


def test_touches_are_told_apart_by_method_language_direction_and_purpose():
    named = ("method", "language", "direction", "purpose")
    found = [
        tuple(one[name] for name in named)
        for one in placed("G7.touches", touched(spoken="spa", direction="from_family"), present("2025-11-12"))
    ]

    assert found == [("Phone", "spa", "from_family", "progress"), ("workshop", "not_reported", "workshop", "workshop")]


def test_what_the_family_begins_is_no_attempt_of_ours_and_whatever_we_try_is():
    ours = [touched(f"2025-10-0{n}", "no_answer", method=one) for n, one in enumerate(("Phone", "Mail", "Robocall"), 1)]

    assert count_of("G7.reach", student(touched(direction="from_family"), *ours)) == (0, 3)


def test_an_attempt_that_was_answered_in_the_next_year_is_one_of_the_year_it_was_made_in():
    answered = student(touched("2025-06-29", method="Text", replied="2025-07-02"))

    assert count_of("G7.reach", answered, year="2024-25") == (1, 1)
    assert count_of("G7.reach", answered, year="2024-25", as_of=day("2025-07-01")) == (0, 1)
    assert count_of("G7.touches", answered) == (1, 0)
    assert {"touchpoint|2024-25", "touchpoint|2025-26"} <= set(answered.has)


def test_every_missed_step_counts_and_those_that_we_did_not_make_apart():
    steps = [("planned", "2025-10-02"), ("missed", "2025-10-02"), ("missed", "2025-10-05"), ("not_made", "2025-10-07")]
    found = student(touched(steps=steps, outcome=None))

    assert (count_of("G7.missed", found), count_of("G7.not_made", found)) == ((2, 0), (1, 0))


@pytest.mark.parametrize(
    ("touch", "expected"),
    [
        pytest.param({"prefers": "spa", "spoken": "spa", "interpreter": "bilingual_caller"}, (1, 1), id="bilingual"),
        pytest.param({"prefers": "spa", "spoken": "eng", "interpreter": "bilingual_caller"}, (0, 1), id="in English"),
        pytest.param({"prefers": "spa", "spoken": "spa", "interpreter": "none"}, (0, 1), id="in it, nobody says how"),
        pytest.param({"prefers": "spa", "interpreter": "qualified_staff"}, (1, 1), id="qualified staff"),
        pytest.param({"prefers": "spa", "interpreter": "phone_line"}, (1, 1), id="a phone line"),
        pytest.param({"prefers": "spa", "interpreter": "machine"}, (0, 1), id="a machine"),
        pytest.param({"prefers": "eng", "interpreter": "none"}, (0, 0), id="prefers English"),
        pytest.param({"prefers": None}, (0, 0), id="nobody knows what they prefer"),
        pytest.param({"prefers": "spa", "outcome": "no_answer"}, (0, 0), id="not reached"),
    ],
)
def test_a_familys_language_is_met(touch, expected):
    assert count_of("G7.language_met", student(touched(**touch))) == expected


def test_of_two_touches_of_one_day_the_one_that_met_the_language_counts():
    in_vain, met = ({"prefers": "spa", "interpreter": how, "occasion": how} for how in ("none", "contracted"))

    assert count_of("G7.language_met", student(touched(**in_vain), touched(**met))) == (1, 1)


POINT = DuePoint(code="autumn", term=1, purpose="progress", since=day("2025-08-04"), due=day("2025-10-03"))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([], (0, 1), id="not made"),
        pytest.param([touched("2025-10-03")], (1, 1), id="on the day it was due"),
        pytest.param([touched("2025-10-04")], (0, 1), id="the day after"),
        pytest.param([touched("2025-08-03")], (0, 1), id="before the term"),
        pytest.param([touched("2025-09-09", purpose="praise")], (0, 1), id="about something else"),
        pytest.param([touched("2025-09-09", purpose="praise", plan_point="autumn")], (1, 1), id="that names it"),
        pytest.param([touched("2025-09-09", program="it")], (0, 1), id="about another program"),
        pytest.param([touched("2025-09-09", "no_answer")], (0, 1), id="tried in vain"),
    ],
)
def test_points_of_a_plan(facts, expected):
    enrolled = (WELDING, excused(excused=False, points=(POINT,)))

    assert count_of("G7.plan_points", student(*enrolled, *facts)) == expected
    assert count_of("G7.plan_points", student(*enrolled, *facts), as_of=day("2025-10-02")) == (0, 0)


def test_of_an_excused_enrolment_no_point_is_due():
    assert count_of("G7.plan_points", student(WELDING, excused(points=(POINT,)))) == (0, 0)


def plans(as_of, *steps):
    offered = Program(
        program_id="p", title="P", cip_code="00.0000", cluster="making", active_from=day("2022-07-01"),
        active_to=day("2026-06-30"),
    )  # fmt: skip
    plan = TouchpointPlan(program_id="p", steps=tuple(PlanStep(status=status, on=day(on)) for status, on in steps))
    found = list(BY_KEY["G7.plans"].members(subject_of("program/p", offered, plan)))
    standing = [one for one in found if one.is_member(day(as_of))]
    return sum(one.is_counted(day(as_of)) for one in standing), len(standing)


APPROVED = ("approved", "2025-05-06")


@pytest.mark.parametrize(
    ("as_of", "steps", "expected"),
    [
        pytest.param("2025-10-01", [], (0, 1), id="no plan"),
        pytest.param("2025-05-05", [("proposed", "2025-04-01"), APPROVED], (0, 1), id="proposed"),
        pytest.param("2025-05-06", [("proposed", "2025-04-01"), APPROVED], (1, 1), id="approved"),
        pytest.param("2025-10-01", [APPROVED, ("retired", "2025-09-01")], (0, 1), id="retired"),
        pytest.param("2026-07-01", [APPROVED], (0, 0), id="on offer no more"),
    ],
)
def test_programs_on_offer_and_their_plans(as_of, steps, expected):
    assert plans(as_of, *steps) == expected


def test_touches_about_enrolment_and_transition():
    facts = [touched("2025-10-01", purpose="enrolment"), touched("2025-10-02", purpose="transition"), AUTUMN]

    assert count_of("G10.touches", student(*facts)) == (2, 0)


def test_measures_that_count_alike_keep_the_names_of_their_own_dimensions():
    headline = BY_KEY[KEY]
    renamed = replace(headline, key="other", dimensions=tuple(f"other_{name}" for name in headline.dimensions))
    gathered, sums = {}, {}
    gather(student(WELDING), [headline, renamed], gathered)
    spread(gathered, sums)

    found = {(cell.measure, cell.dimension) for cell in cells_of(sums)}
    assert found == {(one.key, name) for one in (headline, renamed) for name in one.dimensions}
