"""Names and birth dates decide whether two records may be one human; a number alone never does. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.roster.identity.names import plain
from services.roster.identity.people import State

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
    """The reasons against both sides being one human; siblings and twins differ in nothing else."""
    found: list[str] = []
    if not any(_agree(one, other) for each in ones for one in each.called for them in others for other in them.called):
        found.append(GIVEN)
    born = [{one.birth_date for one in side if one.birth_date} for side in (ones, others)]
    if born[0] and born[1] and not born[0] & born[1]:
        found.append(BORN)
    return found


def other_family_name(ones: Sequence[Told], others: Sequence[Told]) -> bool:
    """Whether the two sides share no family name, which is worth a note and proves nothing."""
    return not {plain(one.family_name) for one in ones} & {plain(other.family_name) for other in others}


def _agree(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= BEGINNING and long.startswith(short))


SAID = ("female", "male")


def contradictions(one: Sequence[State], other: Sequence[State], groups: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every reason not to take the records of two persons for one human's, without a name in it.

    `groups` are the demographics of both.
    """
    names = against([told_by(each) for each in one], [told_by(each) for each in other])
    return [*names, *_state_ids(one, other), *_sources(one, other), *_sexes(groups)]


def _state_ids(one: Sequence[State], other: Sequence[State]) -> Iterator[str]:
    ids = [{each["state_student_id"] for each in person if each["state_student_id"]} for person in (one, other)]
    if ids[0] and ids[1] and ids[0] != ids[1]:
        yield "both have a state student id, and not the same"


def _sources(one: Sequence[State], other: Sequence[State]) -> Iterator[str]:
    known = [{source["source"] for each in person for source in each["sources"]} for person in (one, other)]
    for source in sorted(known[0] & known[1]):
        yield f"{source} knows them as two students"


def _sexes(groups: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    by_year: dict[str, set[str]] = {}
    for each in groups:
        if each["sex"] in SAID:
            by_year.setdefault(each["school_year"], set()).add(each["sex"])
    yield from (f"the sex differs in {year}" for year, said in sorted(by_year.items()) if len(said) > 1)
