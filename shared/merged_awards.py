"""Of several records of one award, logged under two ids of one person who was merged since, which one counts."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol, get_args

from shared.contracts.credentials import Level, Outcome, Result

# From a signature that no person has to believe to the student's own word.
BEST_LEVEL_FIRST: tuple[Level, ...] = tuple(reversed(get_args(Level)))
RESULTS: tuple[Result, ...] = ("passed", "failed", "in_progress")


class Looked(Protocol):
    """What is asked of a look at an award."""

    @property
    def level(self) -> Level: ...
    @property
    def outcome(self) -> Outcome: ...


class Recorded(Protocol):
    """What is asked of a record of an award."""

    @property
    def result(self) -> Result: ...
    @property
    def renews(self) -> str | None: ...
    @property
    def revoked_on(self) -> date | None: ...
    @property
    def verifications(self) -> Sequence[Looked]: ...


def level_of(award: Recorded) -> Level:
    """The strongest confirmed verification; without any, the student's word."""
    levels = {look.level for look in award.verifications if look.outcome == "confirmed"}
    return next((level for level in BEST_LEVEL_FIRST if level in levels), "self_reported")


def better_first(key: str, award: Recorded) -> tuple[int, bool, bool, int, str]:
    """Where a record stands among those of one award: the first one counts.

    The better result goes first, then what is no renewal, then the one that stands, then the stronger look.
    """
    again, gone = award.renews is not None, award.revoked_on is not None
    return RESULTS.index(award.result), again, gone, BEST_LEVEL_FIRST.index(level_of(award)), key
