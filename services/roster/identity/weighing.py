"""Whether names and birth dates let two records be one human: a number alone never says it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.roster.identity.names import plain

BEGINNING = 3  # letters: Sam may be Samuel, Jo may be anybody
GIVEN, BORN = "the given names differ", "the birth dates differ"


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says of who a person is, as evidence; the birth date as ISO text."""

    given_name: str
    family_name: str
    preferred_name: str | None = None
    birth_date: str | None = None

    @property
    def called(self) -> frozenset[str]:
        """The names by which the person is called, folded."""
        return frozenset(plain(name) for name in (self.given_name, self.preferred_name) if name) - {""}


def told_by(state: Mapping[str, Any]) -> Told:
    """What a student's record, or the body of a row, says of who it is."""
    birth_date = state.get("_birth_date") or state.get("birth_date")
    return Told(
        given_name=str(state.get("given_name", "")),
        family_name=str(state.get("family_name", "")),
        preferred_name=state.get("preferred_name"),
        birth_date=str(birth_date) if birth_date else None,
    )


def against(ones: Sequence[Told], others: Sequence[Told]) -> list[str]:
    """What speaks against the records of both sides being one human's: siblings and twins share all but these."""
    found: list[str] = []
    if not any(_agree(one, other) for each in ones for one in each.called for them in others for other in them.called):
        found.append(GIVEN)
    born = [{one.birth_date for one in side if one.birth_date} for side in (ones, others)]
    if born[0] and born[1] and not born[0] & born[1]:
        found.append(BORN)
    return found


def other_family_name(ones: Sequence[Told], others: Sequence[Told]) -> bool:
    """Whether no family name of the one side is one of the other: worth a note, and no proof of anything."""
    return not {plain(one.family_name) for one in ones} & {plain(other.family_name) for other in others}


def _agree(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= BEGINNING and long.startswith(short))
