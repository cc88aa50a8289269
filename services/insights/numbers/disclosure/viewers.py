"""A table says whose records each role may read; from it follows which numbers a viewer is told."""

from collections import Counter
from collections.abc import Mapping, Sequence

from services.aggregator.domain.measures import Measure
from services.insights.numbers.disclosure.few_people import total_withheld, withheld
from services.insights.numbers.slices import Slice
from services.insights.numbers.tallies import WITHHELD, Tallies, Tally
from shared.doors.auth import (
    ALL,
    COORDINATOR,
    COUNSELOR,
    DATA_MANAGER,
    INSTRUCTOR,
    LEADER,
    OWN_CAMPUSES,
    OWN_DISTRICTS,
    OWN_PROGRAMS,
    SERVICE,
    Reach,
    Rows,
)
from shared.doors.roles import ALL_OF_THEM, Role

MEMBERS: Mapping[Role, Rows] = {
    LEADER: OWN_DISTRICTS,
    DATA_MANAGER: OWN_DISTRICTS,
    INSTRUCTOR: OWN_PROGRAMS,
    COORDINATOR: OWN_CAMPUSES,
    COUNSELOR: OWN_CAMPUSES,
    SERVICE: ALL,
}
# Whom a number may give away; a program, a workshop or a survey is nobody.
PERSONS = frozenset({"student", "guardian"})
FIELD = {"program": "program", "campus": "organisation", "district": "district"}
BOTH = "program_campus"


def sees_of(reach: Reach) -> Reach:
    """Which members a viewer of the board may read one by one."""
    return Reach(reach.who, frozenset(MEMBERS[role] for role in reach.who.roles if role in MEMBERS))


def reads(sees: Reach, *parts: Slice) -> bool:
    """Whether the viewer may read every member of what all these parts have in common."""
    fixed: dict[str, str | None] = {}
    for part in parts:
        if part.dimension == BOTH:
            program, _, campus = part.value.partition("|")
            fixed |= {"program": program, "organisation": campus}
        elif part.dimension in FIELD:
            fixed[FIELD[part.dimension]] = part.value
    return sees.allows(**fixed)


def own_parts(sees: Reach, part: Slice) -> list[Slice]:
    """The parts of a slice whose members the viewer may read, no member in two of them."""
    if part.dimension not in ("all", "campus"):
        return []
    at = {part.value} if part.dimension == "campus" else None
    campuses = {one for one in sees.who.campuses if one != ALL_OF_THEM and (at is None or one in at)}
    programs = {one for one in sees.who.programs if one != ALL_OF_THEM}
    everywhere = ALL_OF_THEM in sees.who.campuses
    whole = OWN_CAMPUSES in sees.rows or ALL_OF_THEM in sees.who.programs
    found = [Slice("campus", one) for one in sorted(campuses)] if whole else []
    if OWN_PROGRAMS not in sees.rows or whole:
        return found
    if everywhere and at is None:
        return [Slice("program", one) for one in sorted(programs)]
    places = at if everywhere and at is not None else campuses
    return [Slice(BOTH, f"{program}|{campus}") for program in sorted(programs) for campus in sorted(places)]


def of_persons(measure: Measure) -> bool:
    """Whether some of a measure's members are people."""
    return not PERSONS.isdisjoint(measure.subjects)


def told(found: Tallies, own: Sequence[Tallies]) -> dict[tuple[str, str, str], Tally]:
    """The numbers of one slice, without those of few people; `own` are those of its parts that the viewer may read."""
    readable: Counter[tuple[str, str]] = Counter()
    for part in own:
        readable.update({(measure, year): tally.members for (measure, year, _), tally in part.items()})
    return {
        key: WITHHELD if total_withheld(tally.members, readable[key[:2]]) else tally for key, tally in found.items()
    }


def told_apart(found: Mapping[str, Tally], part: Slice, dimension: str, sees: Reach) -> dict[str, Tally]:
    """A breakdown without the numbers of few people, and without those that would give them away."""
    readable = {value for value in found if reads(sees, part, Slice(dimension, value))}
    away = withheld({value: tally.members for value, tally in found.items()}, readable)
    named = found if not away.unnamed else {value: tally for value, tally in found.items() if value in readable}
    return {value: WITHHELD if value in away.values else tally for value, tally in named.items()}
