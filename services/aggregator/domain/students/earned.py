"""What counts as earned: of a student's awards each once, and of those what was passed, stands and renews no other."""

from collections.abc import Iterator
from datetime import date
from operator import itemgetter

from services.aggregator.domain.facts import Subject
from shared.contracts.credentials import Award
from shared.merged_awards import better_first


def each_once(subject: Subject) -> list[tuple[str, Award]]:
    """A student's awards, each attempt of a credential once: of one day those with another result or number are others.

    Of one logged under both ids of a person who was merged since, what is no renewal goes first,
    then the one that stands, then the stronger look; no producer keeps two under one id.
    """
    known: list[tuple[str, Award]] | None = subject.worked_out.get("each once")
    if known is not None:
        return known
    found: dict[tuple[str, date | None, str, int], tuple[str, Award]] = {}
    for key, award in sorted(subject.of(Award), key=lambda pair: better_first(*pair)):
        day = award.awarded_on or award.taken_on
        found.setdefault((award.credential_code, day, award.result, award.attempt), (key, award))
    subject.worked_out["each once"] = known = sorted(found.values(), key=itemgetter(0))
    return known


def earned(subject: Subject) -> Iterator[tuple[str, Award, date]]:
    """Every credential that a student has earned: passed, not revoked, and no renewal of another."""
    for key, award in each_once(subject):
        passed = award.result == "passed" and award.revoked_on is None and award.renews is None
        if passed and award.awarded_on is not None:
            yield key, award, award.awarded_on
