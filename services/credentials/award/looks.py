"""Looks at an award: by what means somebody looked, who it was, what was found, and what that makes of the award."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

from shared.contracts.credentials import Level, Outcome, Verification

# From the student's own word to a signature that no person has to believe.
LEVELS: tuple[Level, ...] = get_args(Level)
THIRD_PARTY: Level = "issuer_lookup"
IN_WORDS: Mapping[Level, str] = {
    "self_reported": "the student's own word",
    "document_seen": "a document that was seen",
    "issuer_lookup": "a look-up with the issuer",
    "issuer_feed": "the issuer's own list",
    "cryptographic": "a signature",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Somebody looked, on a day, and found the award or did not.

    `method` says how, in a few words; `by` is the caller who recorded it. Neither leaves the service.
    """

    level: Level
    verified_on: date
    outcome: Outcome
    method: str | None = None
    by: str | None = None

    @property
    def said(self) -> tuple[Level, date, Outcome, str | None]:
        """What it says; the same said by two people is one look."""
        return (self.level, self.verified_on, self.outcome, self.method)

    def told(self) -> Verification:
        """As it is published."""
        return Verification(level=self.level, verified_on=self.verified_on, outcome=self.outcome)


def reaches(level: Level, wanted: Level) -> bool:
    """Whether a look on one level is worth at least one on the other."""
    return LEVELS.index(level) >= LEVELS.index(wanted)


def with_look(looks: Sequence[Look], found: Look) -> tuple[Look, ...]:
    """The looks with one more; what has been said before is kept once, with who said it first."""
    return tuple(looks) if found.said in {look.said for look in looks} else (*looks, found)


def set_right(before: Iterable[Look], wanted: Iterable[Look]) -> tuple[Look, ...]:
    """The looks that are to stand; one that stood already keeps who made it."""
    known = {look.said: look for look in before}
    return tuple({look.said: known.get(look.said, look) for look in wanted}.values())


def confirmed_by(looks: Iterable[Look]) -> Level | None:
    """The strongest level on which somebody found the award."""
    found = [look.level for look in looks if look.outcome == "confirmed"]
    return max(found, key=LEVELS.index, default=None)


def to_follow_up(looks: Sequence[Look], level: Level) -> str | None:
    """Why somebody should look again, in words; None for an award that is confirmed on that level or a stronger one.

    Of looks that strong the latest counts: an issuer who does not find an award any more is asked again.
    """
    strong = [look for look in looks if reaches(look.level, level)]
    if strong:
        last = max(strong, key=lambda look: (look.verified_on, LEVELS.index(look.level), look.outcome == "confirmed"))
        if last.outcome == "confirmed":
            return None
        return f"{IN_WORDS[last.level]} did not find it on {last.verified_on}"
    best = confirmed_by(looks)
    return f"it rests only on {IN_WORDS[best]}" if best else "nobody has confirmed it"


def how_sure(looks: Sequence[Look]) -> str:
    """How well an award is confirmed, in words."""
    best = confirmed_by(looks)
    if best is None:
        return "not confirmed yet"
    if reaches(best, THIRD_PARTY):
        return f"confirmed by {IN_WORDS[best]}"
    return f"not confirmed by a third party, it rests on {IN_WORDS[best]}"
