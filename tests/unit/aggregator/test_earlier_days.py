"""Every measure says what a later fact changes on its earlier days."""

from services.aggregator.domain.earlier_days import EARLIER_DAYS
from services.aggregator.domain.measures import MEASURES


def test_every_measure_says_it():
    assert EARLIER_DAYS.keys() == {one.key for one in MEASURES}
    assert all(EARLIER_DAYS.values())
