"""What speaks against two records being one human. Pure; silence is no proof, so only the state student id joins."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.roster.identity.people import State
from services.roster.identity.weighing import against, told_by

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
