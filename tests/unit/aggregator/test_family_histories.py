"""One student's enrolments and touches, one guardian, one workshop, one survey, densely, against the recount."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.aggregator.domain.measures import MEASURES
from tests.examples import examples
from tests.histories import demographics, enrolments, students
from tests.histories_credentials import programs
from tests.histories_families import (
    attendances,
    contact_years,
    guardians,
    plans,
    responses,
    surveys,
    tallies,
    touchpoints,
    workshops,
)
from tests.history_days import AS_OF
from tests.unit.aggregator.recounted import counted_and_recounted

OURS = [measure for measure in MEASURES if measure.key.startswith(("G7", "G10", "E4", "S2"))]
DENSE = settings(max_examples=examples(250), deadline=None, suppress_health_check=[HealthCheck.too_slow])
DAYS = st.lists(st.sampled_from(AS_OF), min_size=3, max_size=3)


def some(kind, states, *, least=0, most=1):
    return st.lists(st.tuples(st.just(kind), states), min_size=least, max_size=most)


def named(found):
    """Records by id; enrolments by their own number, which a year of contact speaks of."""
    records = {}
    for n, (kind, state) in enumerate(found):
        more = {"enrolment_id": f"r{n}"} if kind == "enrolment" else {}
        records[f"{kind}/r{n}"] = {**state, **more}
    return records


@DENSE
@given(
    some("enrolment", enrolments("x"), least=1, most=2),
    some("touchpoint", touchpoints("x"), most=4),
    some("attendance", attendances("x"), most=2),
    some("contact_year", contact_years("x"), most=2),
    some("guardian", guardians("x"), most=3),
    some("student", students("x")) | some("demographics", demographics("x", "2024-25")),
    DAYS,
)
def test_every_count_of_a_students_family_is_that_of_the_recount(
    held, touches, came, excused, ties, student, days
):  # fmt: skip
    records = named([*held, *touches, *came, *excused, *ties, *student])

    counted, recounted = counted_and_recounted("student/x", records, days, OURS)
    assert counted == recounted


@DENSE
@given(some("attendance", attendances("child"), most=4), some("survey_response", responses(), most=3), st.just(AS_OF))
def test_every_count_of_a_guardian_is_that_of_the_recount_on_every_day(came, answered, days):
    counted, recounted = counted_and_recounted("guardian/x", named([*came, *answered]), days, OURS)
    assert counted == recounted


@DENSE
@given(
    st.tuples(st.just("workshop"), some("workshop", workshops(), least=1))
    | st.tuples(st.just("survey"), some("survey", surveys(), most=2) | some("survey_tally", tallies(), most=2)),
    st.just(AS_OF),
)
def test_every_count_of_a_workshop_or_survey_is_that_of_the_recount_on_every_day(told, days):
    about, found = told

    counted, recounted = counted_and_recounted(f"{about}/x", named(found), days, OURS)
    assert counted == recounted


@DENSE
@given(programs("p"), plans("p"), st.booleans(), st.just(AS_OF))
def test_every_count_of_programs_and_their_plans_is_that_of_the_recount_on_every_day(program, plan, made, days):
    records = {"program/p": program} | ({"touchpoint_plan/p": plan} if made else {})

    counted, recounted = counted_and_recounted("program/p", records, days, OURS)
    assert counted == recounted
