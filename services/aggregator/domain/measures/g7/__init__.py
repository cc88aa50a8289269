"""G7: every family is reached on purpose, several times in each program; its measures."""

from services.aggregator.domain.measures.g7 import plans, reached, touching

MEASURES = (*reached.MEASURES, *touching.MEASURES, *plans.MEASURES)
