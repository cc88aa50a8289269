"""One student's enrolments and awards, and one program with its list, densely, against the independent recount."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.aggregator.domain.measures import MEASURES
from tests.examples import examples
from tests.histories import enrolments, students
from tests.histories_credentials import approvals, awards, programs
from tests.history_days import AS_OF
from tests.unit.aggregator.recounted import counted_and_recounted

OURS = [
    measure for measure in MEASURES if measure.key[:2] == "G1" or measure.key in ("W1.pass_rate", "W1.attempt_rate")
]
DENSE = settings(max_examples=examples(250), deadline=None, suppress_health_check=[HealthCheck.too_slow])
AWARDS = st.lists(
    st.tuples(st.just("enrolment"), enrolments("x")) | st.tuples(st.just("award"), awards("x")), min_size=1, max_size=5
)
STUDENT = st.lists(st.tuples(st.just("student"), students("x")), min_size=1, max_size=1)
DAYS = st.lists(st.sampled_from(AS_OF), min_size=3, max_size=3)


@DENSE
@given(AWARDS, STUDENT, DAYS)
def test_every_count_of_credentials_is_that_of_the_recount(found, student, days):
    records = {f"{kind}/r{n}": state for n, (kind, state) in enumerate([*found, *student])}

    counted, recounted = counted_and_recounted("student/x", records, days, OURS)
    assert counted == recounted


@DENSE
@given(programs("p"), approvals("p"), st.booleans(), st.just(AS_OF))
def test_every_count_of_programs_is_that_of_the_recount_on_every_day(program, approval, listed, days):
    records = {"program/p": program} | ({"approval/p": approval} if listed else {})

    counted, recounted = counted_and_recounted("program/p", records, days, OURS)
    assert counted == recounted
