"""Whom a caller reaches: students as persons or by any enrolment, and guardians through the students tied to them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from services.family_touchpoints.contact.reading import same_persons, standing
from services.family_touchpoints.contact.record import PROFILE, Profile, profile_of
from shared.doors.auth import Caller
from shared.errors import NotFound
from shared.producer.desk import Desk
from shared.producer.refusals import no_student
from shared.records.store import Records
from shared.roster_copy.patience import LACKING, SETTLED, Hangs, Patience
from shared.roster_copy.reach import reaches
from shared.roster_copy.students import Student
from shared.roster_copy.tied import students_tied


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A guardian whom the caller reaches: every id of theirs, the survivor's first, and the students reached."""

    ids: tuple[str, ...]
    profiles: Mapping[str, Profile]
    students: tuple[Student, ...]


async def students_reached(
    desk: Desk, names: Collection[str], caller: Caller, patience: Patience | None = None
) -> dict[str, Student]:
    """Those of the students, by the names used, whom the caller reaches, once roster has had the time to tell."""

    async def read() -> dict[str, Student]:
        told = (await desk.roster.told(names, ())).students
        return {name: student for name, student in told.items() if reaches(caller.reach, student)}

    def hangs(found: Mapping[str, Student]) -> Hangs:
        return LACKING if len(found) < len(set(names)) else SETTLED

    return await desk.roster.settled(patience or Patience(), read, hangs)


async def student_reached(desk: Desk, name: str, caller: Caller) -> Student:
    """The student. Raise NotFound for one whom the caller does not reach, as for nobody."""
    found = await students_reached(desk, [name], caller)
    if name not in found:
        problem = no_student(name, "")
        raise NotFound(problem.detail, works=problem.works, code=problem.code)
    return found[name]


async def persons_reached(desk: Desk, guardian_ids: Collection[str], caller: Caller) -> dict[str, Person]:
    """Those of the guardians whom the caller reaches through a student; of who walked in for nobody, by a roll.

    Who reaches everything reaches also who has none.
    """
    same = await same_persons(desk.records)
    ids = {id: tuple(same.together(id)) for id in guardian_ids}
    every = sorted({one for its in ids.values() for one in its})
    kept = [profile_of(state) for state in await standing(desk.records, PROFILE, {"state.guardian_id": {"$in": every}})]
    profiles = {one.guardian_id: one for one in kept}
    tied = await tied_to(desk.records, every)
    told = (await desk.roster.told({student for those in tied.values() for student in those}, ())).students
    strangers = await met(desk, [one for one in every if one in profiles and not tied.get(one)], caller)
    found: dict[str, Person] = {}
    for id, its in ids.items():
        names = sorted({student for one in its for student in tied.get(one, ())})
        students = tuple(told[name] for name in names if name in told and reaches(caller.reach, told[name]))
        known = {one: profiles[one] for one in its if one in profiles}
        by_roll = not names and not strangers.isdisjoint(its)
        if students or by_roll or (caller.reach.everything and (names or known)):
            found[id] = Person(ids=its, profiles=known, students=students)
    return found


async def met(desk: Desk, walked_in: Collection[str], caller: Caller) -> set[str]:
    """Those who stand on the roll of a workshop within the caller's reach."""
    if not walked_in:
        return set()
    where = {"kind": "attendance", "void": False, "state.guardian_id": {"$in": sorted(walked_in)}}
    rolls = [each["state"] async for each in desk.records.collection.find(where, {"state": 1})]
    workshops = await desk.records.get_many("workshop", {roll["workshop_id"] for roll in rolls})
    within = {one.id for one in await desk.reachable([*workshops.values()], caller.reach)}
    return {roll["guardian_id"] for roll in rolls if roll["workshop_id"] in within}


async def person_reached(desk: Desk, guardian_id: str, caller: Caller) -> Person:
    """The guardian. Raise NotFound for one whom the caller does not reach, as for nobody."""
    found = await persons_reached(desk, [guardian_id], caller)
    if guardian_id not in found:
        raise no_guardian(guardian_id)
    return found[guardian_id]


def no_guardian(guardian_id: str) -> NotFound:
    """The answer about a guardian whom roster ties to nobody, or to nobody within the caller's reach: the same."""
    works = "check the id; roster ties guardians to students, and who walks in is added with theirs"
    return NotFound(f"there is no guardian {guardian_id} within your reach", works=works, code="unknown_guardian")


async def tied_to(records: Records, guardian_ids: Collection[str]) -> dict[str, set[str]]:
    """By guardian, the students whom roster has ever tied to them, or for whom they walked in."""
    found = await students_tied(records.database["known"], guardian_ids)
    came = {"state.guardian_id": {"$in": sorted(guardian_ids)}, "state.walk_in": True}
    for state in await standing(records, PROFILE, came):
        found[state["guardian_id"]] |= set(state["student_ids"])
    return found
