"""G7: every family is reached on purpose, several times in each program; its measures."""

from services.aggregator.domain.measures.g7 import contacts, plans, reached

MEASURES = (*reached.MEASURES, *contacts.MEASURES, *plans.MEASURES)
