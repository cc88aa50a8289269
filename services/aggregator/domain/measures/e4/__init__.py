"""E4 and S2: workshops for families, who came to them, and what families answered; their measures."""

from services.aggregator.domain.measures.e4 import surveys, those_who_came, workshops

MEASURES = (*workshops.MEASURES, *those_who_came.MEASURES, *surveys.MEASURES)
