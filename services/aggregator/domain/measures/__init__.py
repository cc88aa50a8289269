"""THE CATALOGUE: every measure that is counted. A new indicator is one entry in one family's file."""

from services.aggregator.domain.measures import awards, completers, denominators, e4, g1, g7, w1, w2, w3
from services.aggregator.domain.shapes import Measure, Member, Reason

MEASURES: tuple[Measure, ...] = (
    *w1.MEASURES,
    *denominators.MEASURES,
    *w2.MEASURES,
    *w3.MEASURES,
    *g1.MEASURES,
    *g7.MEASURES,
    *e4.MEASURES,
    *completers.MEASURES,
    *awards.MEASURES,
)
BY_KEY = {measure.key: measure for measure in MEASURES}

__all__ = ["BY_KEY", "MEASURES", "Measure", "Member", "Reason"]
