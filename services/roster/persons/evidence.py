"""What speaks against two records being one human. Pure; silence is no proof, so only the state student id joins."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.roster.people import State

SAID = ("female", "male")


def contradictions(one: Sequence[State], other: Sequence[State], groups: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every reason not to take the records of two persons for one human's, without a name in it.

    `groups` are the demographics of both.
    """
    return [*_names(one, other), *_state_ids(one, other), *_sources(one, other), *_sexes(groups)]


def _names(one: Sequence[State], other: Sequence[State]) -> Iterator[str]:
    for field in ("given_name", "family_name"):
        if {_plain(each[field]) for each in one} != {_plain(each[field]) for each in other}:
            yield f"the {field.replace('_', ' ')}s differ"


def _plain(name: str) -> str:
    """A name without case, accents, blanks and marks, which systems write as they like."""
    parted = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in parted if letter.isalnum())


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
