"""One student's enrolments and awards, and one program with its list, densely, against the independent recount."""

from collections import Counter

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.aggregator.domain.facts import unknown
from services.aggregator.domain.measures import MEASURES
from shared.contracts.catalogue import BY_KIND
from shared.contracts.envelope import Event
from tests.examples import examples
from tests.histories import enrolments, students
from tests.histories_credentials import approvals, awards, programs
from tests.history_days import AS_OF
from tests.oracle import tally
from tests.unit.aggregator.students import lines

OURS = [
    measure for measure in MEASURES if measure.key[:2] == "G1" or measure.key in ("W1.pass_rate", "W1.attempt_rate")
]
DENSE = settings(max_examples=examples(250), deadline=None, suppress_health_check=[HealthCheck.too_slow])
AWARDS = st.lists(
    st.tuples(st.just("enrolment"), enrolments("x")) | st.tuples(st.just("award"), awards("x")), min_size=1, max_size=5
)
STUDENT = st.lists(st.tuples(st.just("student"), students("x")), min_size=1, max_size=1)
DAYS = st.lists(st.sampled_from(AS_OF), min_size=3, max_size=3)


def counted_and_recounted(subject_id, records, days):
    """Every cell of every dimension on each of the days, as it is counted and as the oracle recounts it."""
    subject = unknown(subject_id)
    for key, state in records.items():
        kind = key.partition("/")[0]
        fact = msgspec.convert(state, BY_KIND[kind])
        subject = subject.learn(kind, Event(record_id=key, version=1, state=fact))
    dated = lines(subject, OURS)
    keys = {measure.key for measure in OURS}
    both: tuple[list, list] = ([], [])
    for as_of in days:
        counted: dict = {}
        for line, n in dated.items():
            if line.day <= as_of:
                for at in zip(line.measure.dimensions, line.where, strict=True):
                    cell = (line.measure.key, line.series, line.school_year, *at)
                    counted.setdefault(cell, Counter())[line.side] += n
        expected = {cell: pair for cell, pair in tally({"x": records}, as_of).items() if cell[0] in keys}
        found = {cell: (sides["num"], sides["den"]) for cell, sides in counted.items()}
        both[0].append({cell: pair for cell, pair in found.items() if any(pair)})
        both[1].append(expected)
    return both


@DENSE
@given(AWARDS, STUDENT, DAYS)
def test_every_count_of_credentials_is_that_of_the_recount(found, student, days):
    records = {f"{kind}/r{n}": state for n, (kind, state) in enumerate([*found, *student])}

    counted, recounted = counted_and_recounted("student/x", records, days)
    assert counted == recounted


@DENSE
@given(programs("p"), approvals("p"), st.booleans(), st.just(AS_OF))
def test_every_count_of_programs_is_that_of_the_recount_on_every_day(program, approval, listed, days):
    records = {"program/p": program} | ({"approval/p": approval} if listed else {})

    counted, recounted = counted_and_recounted("program/p", records, days)
    assert counted == recounted
