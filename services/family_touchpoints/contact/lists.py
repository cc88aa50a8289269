"""What waits for those who look after contact: walk-ins, possible pairs, who comes of age, who has nobody."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from services.family_touchpoints.contact.reached import met
from services.family_touchpoints.contact.reading import families, same_persons, standing
from services.family_touchpoints.contact.record import PROFILE, SHARING, Profile, profile_of, sharing_of
from services.family_touchpoints.contact.rules import Family, Tie
from shared.doors.auth import Caller
from shared.producer.desk import Desk

COMING = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Twice:
    """Two guardians of one student, tied alike, who may be one person; their names are compared in roster."""

    student_id: str
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class ComingOfAge:
    """A student whose rights are theirs from a day on, of whom it is not known yet what they share."""

    student_id: str
    eighteen_on: date


async def walked_in(desk: Desk, caller: Caller) -> list[Profile]:
    """Those who walked in and are not joined to a guardian of roster's, within reach, who came first before the others.

    Who came for no student is seen by whoever reaches the workshop.
    """
    within = await desk.roster.students_within(caller.reach)
    theirs = {} if within is None else {"state.student_ids": {"$in": [*within, []]}}
    same = await same_persons(desk.records)
    found = [profile_of(one) for one in await standing(desk.records, PROFILE, {"state.walk_in": True, **theirs})]
    if within is not None:
        seen = await met(desk, [one.guardian_id for one in found if not one.student_ids], caller)
        found = [one for one in found if one.student_ids or one.guardian_id in seen]
    ids = {id for one in found for id in same.together(one.guardian_id)}
    every = await standing(desk.records, PROFILE, {"state.guardian_id": {"$in": sorted(ids)}, "state.walk_in": True})
    strangers = {state["guardian_id"] for state in every}
    alone = [one for one in found if strangers.issuperset(same.together(one.guardian_id))]
    return sorted(alone, key=lambda one: (one.since or date.min, one.guardian_id))


async def twice(desk: Desk, student_ids: Collection[str], day: date) -> list[Twice]:
    """Pairs of these students' guardians who are tied alike on a day and not one person yet; walk-ins with anybody."""
    found = await families(desk, student_ids)
    return [pair for id in sorted(found) for pair in _pairs(found[id], day)]


async def coming_of_age(desk: Desk, caller: Caller, day: date) -> list[ComingOfAge]:
    """Students within reach who are 18 within 60 days and share nothing from then on, the first before the others."""
    soon = {"$gte": day.isoformat(), "$lte": (day + COMING).isoformat()}
    where = {"$and": [{"state.eighteen_on": soon}, await desk.within(SHARING, caller.reach)]}
    found = [(state["student_id"], sharing_of(state)) for state in await standing(desk.records, SHARING, where)]
    coming = [ComingOfAge(id, one.eighteen_on) for id, one in found if one.closed(one.eighteen_on)]
    return sorted(coming, key=lambda one: (one.eighteen_on, one.student_id))


async def without_guardian(desk: Desk, student_ids: Collection[str], day: date) -> list[str]:
    """Those of these students for whom nobody answers on a day: they stay among those who are to be reached."""
    found = await families(desk, student_ids)
    return [id for id in sorted(found) if not any(tie.holds(day) for tie in found[id].ties)]


def _pairs(family: Family, day: date) -> Iterator[Twice]:
    ties: dict[str, Tie] = {}
    for tie in family.ties:
        if tie.holds(day):
            ties.setdefault(family.person(tie.guardian_id), tie)
    for one, other in combinations(ties.values(), 2):
        if one.relation == other.relation or one.walk_in or other.walk_in:
            first, second = sorted((one, other), key=lambda tie: (tie.walk_in, tie.guardian_id))
            yield Twice(family.student_id, first.guardian_id, second.guardian_id)
