"""One student's enrolments and assessments in one program, in any combination, against the independent recount."""

from collections import Counter

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.aggregator.domain.facts import unknown
from services.aggregator.domain.measures import MEASURES
from shared.contracts.catalogue import BY_KIND
from shared.contracts.envelope import Event
from tests.examples import examples
from tests.histories import assessments, enrolments
from tests.history_days import AS_OF
from tests.oracle import tally
from tests.unit.aggregator.students import lines

ASSESSED = [measure for measure in MEASURES if measure.key[:2] in ("W2", "W3")]
DENSE = settings(max_examples=examples(600), deadline=None, suppress_health_check=[HealthCheck.too_slow])
RECORDS = st.lists(
    st.tuples(st.just("enrolment"), enrolments("x")) | st.tuples(st.just("assessment"), assessments("x")),
    min_size=1,
    max_size=6,
)


@DENSE
@given(RECORDS, st.lists(st.sampled_from(AS_OF), min_size=3, max_size=3))
def test_every_count_is_that_of_the_recount_at_every_campus(found, days):
    records = {f"{kind}/r{n}": {**state, "program_id": "welding"} for n, (kind, state) in enumerate(found)}
    subject = unknown("student/x")
    for key, state in records.items():
        kind = key.partition("/")[0]
        fact = msgspec.convert(state, BY_KIND[kind])
        subject = subject.learn(kind, Event(record_id=key, version=1, state=fact))
    dated = lines(subject, ASSESSED)

    for as_of in days:
        counted: dict = {}
        for line, n in dated.items():
            if line.day <= as_of:
                cell = (line.measure.key, line.series, line.school_year, "campus", line.where[2])
                counted.setdefault(cell, Counter())[line.side] += n
        expected = {cell: pair for cell, pair in tally({"x": records}, as_of).items() if cell[3] == "campus"}
        expected = {cell: pair for cell, pair in expected.items() if cell[0][:2] in ("W2", "W3")}
        assert {cell: (sides["num"], sides["den"]) for cell, sides in counted.items()} == expected
