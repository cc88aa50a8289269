"""The language of a family is the one that a guardian of the student prefers, the first who has said so."""

from services.aggregator.domain.dimensions import NOT_REPORTED
from services.aggregator.domain.facts import Subject
from shared.contracts.roster import Guardian

FAMILY_LANGUAGE = "family_language"
READ_FOR_LANGUAGE = frozenset({Guardian.kind})


def family_language(subject: Subject) -> str:
    """As it is known now, of whatever year: of the ties by their begin the first with a language, ended or not."""
    known: str | None = subject.worked_out.get(FAMILY_LANGUAGE)
    if known is None:
        ties = sorted((tie.begin, tie.tie_id, key, tie.preferred_language or "") for key, tie in subject.of(Guardian))
        known = next((language for *_, language in ties if language), NOT_REPORTED)
        subject.worked_out[FAMILY_LANGUAGE] = known
    return known
