"""What one subject's records are counted as, cell by cell, beside what the independent recount makes of them."""

from collections import Counter

import msgspec

from services.aggregator.domain.facts import unknown
from shared.contracts.catalogue import BY_KIND
from shared.contracts.envelope import Event
from tests.oracle import tally
from tests.unit.aggregator.students import lines


def counted_and_recounted(subject_id, records, days, measures):
    """Every cell of every dimension on each of the days, as it is counted and as the oracle recounts it."""
    subject = unknown(subject_id)
    for key, state in records.items():
        kind = key.partition("/")[0]
        fact = msgspec.convert(state, BY_KIND[kind])
        subject = subject.learn(kind, Event(record_id=key, version=1, state=fact))
    dated = lines(subject, measures)
    keys = {measure.key for measure in measures}
    both: tuple[list, list] = ([], [])
    for as_of in days:
        counted: dict = {}
        for line, n in dated.items():
            if line.day <= as_of:
                for at in zip(line.measure.dimensions, line.where, strict=True):
                    cell = (line.measure.key, line.series, line.school_year, *at)
                    counted.setdefault(cell, Counter())[line.side] += n
        expected = {cell: pair for cell, pair in tally({subject_id: records}, as_of).items() if cell[0] in keys}
        found = {cell: (sides["num"], sides["den"]) for cell, sides in counted.items()}
        both[0].append({cell: pair for cell, pair in found.items() if any(pair)})
        both[1].append(expected)
    return both
