"""What a caller can have done with guardians: say what they prefer, add who walked in, join two ids, separate them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from services.family_touchpoints.contact.guardian.rules import WALKED_IN, joined_to, profile_next, separated
from services.family_touchpoints.contact.keeping import State, Wish, keep_one
from services.family_touchpoints.contact.reached import (
    Person,
    no_guardian,
    person_reached,
    persons_reached,
    students_reached,
    tied_to,
)
from services.family_touchpoints.contact.reading import same_persons
from services.family_touchpoints.contact.record import PROFILE, Profile, profile_of
from shared.doors.auth import Caller
from shared.errors import NotFound, Problem, refused
from shared.producer.desk import Desk
from shared.producer.refusals import no_student
from shared.records.record import Entry, Record, Saved
from shared.roster_copy.following import follow_each, followed

SAME = "same_guardian"
# What is published under a guardian, whichever id it was logged with.
OF_GUARDIANS = ("attendance", "survey_response")


async def put(desk: Desk, id: str, said: State, *, caller: Caller, entry: Entry, expected: int | None) -> Saved:
    """Keep what is known here of a guardian, or of somebody who walks in now. Raise NotFound, Refused or Stale."""
    person = (await persons_reached(desk, [id], caller)).get(id)
    if person is None and not await _is_free(desk, id, said):
        raise no_guardian(id)
    named = await _named(desk, said["student_ids"], caller)
    known = person is not None and not (id in person.profiles and person.profiles[id].walk_in)
    today = await desk.today()

    def becomes(state: State | None) -> State:
        before = _profile(id, state)
        students = None if named is None else named | (set(before.student_ids) - _ids_of(person))
        return _state(profile_next(before, said, known=known, students=students, day=today))

    saved = await keep_one(desk, PROFILE, Wish(id, becomes), entry=entry, expected=expected)
    await desk.students_changed({*saved.record.state["student_ids"], *_ids_of(person)})
    return saved


async def get(desk: Desk, id: str, caller: Caller) -> tuple[Record, Person]:
    """What is kept here of a guardian, and whose it is. Raise NotFound."""
    person = await person_reached(desk, id, caller)
    record = await desk.records.get(PROFILE, id)
    if record is None:
        works = f"PUT /v1/guardians/{id} does"
        raise NotFound(f"nothing is kept here of guardian {id}", works=works, code="nothing_set")
    return record, person


@dataclass(frozen=True, slots=True)
class Joined:
    """What is kept, and how many records are published again."""

    saved: Saved
    restated: int


async def join(desk: Desk, id: str, other: str, *, caller: Caller, entry: Entry) -> Joined:
    """Have two ids be one person's, of which the other survives. Raise NotFound or Refused."""
    one = await person_reached(desk, id, caller)
    two = (await persons_reached(desk, [other], caller)).get(other)
    if two is None:
        raise refused(Problem("/same_as", no_guardian(other).whole.detail, "check the id", "unknown_guardian"))
    share = _may_be_one(one, two)

    def becomes(state: State | None) -> State:
        return _state(joined_to(_profile(id, state), other, ids=one.ids, others=two.ids, share=share))

    saved = await keep_one(desk, PROFILE, Wish(id, becomes), entry=entry)
    return Joined(saved, await _followed(desk, {*one.ids, *two.ids}))


async def separate(desk: Desk, id: str, *, caller: Caller, entry: Entry) -> Joined:
    """Have an id be a person's of its own again. Raise NotFound or Refused."""
    person = await person_reached(desk, id, caller)
    saved = await keep_one(desk, PROFILE, Wish(id, lambda state: _state(separated(_profile(id, state)))), entry=entry)
    return Joined(saved, await _followed(desk, person.ids))


async def follow_guardians(desk: Desk) -> int:
    """Publish again, under who they are now, exactly what was logged under ids that are somebody else's since.

    It looks at every id that is joined or was when this was done last, so that a start finishes
    what a crash has left.
    """
    same, last = await same_persons(desk.records), await followed(desk.records, SAME, "survivor")
    now = {id: same.survivor(id) for id in {*same.into, *last}}
    # An id that was never followed was its own.
    changed = {id: survivor for id, survivor in now.items() if id in last or survivor != id}

    def touched(ids: Collection[str]) -> Mapping[str, Any]:
        return {"kind": {"$in": list(OF_GUARDIANS)}, "state.guardian_id": {"$in": sorted(ids)}}

    why = "whose guardian's id it was logged under is told otherwise"
    return await follow_each(desk.records, SAME, changed, field="survivor", touched=touched, why=why)


async def _followed(desk: Desk, ids: Collection[str]) -> int:
    """Have all follow that two ids are one, or one two: what was logged under them, and their students' years."""
    restated = await follow_guardians(desk)
    tied = await tied_to(desk.records, ids)
    await desk.students_changed({student for those in tied.values() for student in those})
    return restated


async def _is_free(desk: Desk, id: str, said: State) -> bool:
    """Whether somebody who walks in may have the id: nobody has it, also nobody out of the caller's reach."""
    if not id.startswith(WALKED_IN) or said["name"] is None:
        return False
    return not (await tied_to(desk.records, [id]) or await desk.records.get(PROFILE, id))


async def _named(desk: Desk, names: Collection[str] | None, caller: Caller) -> set[str] | None:
    if names is None:
        return None
    found = await students_reached(desk, names, caller)
    missing = [no_student(name, f"/student_ids/{at}") for at, name in enumerate(names) if name not in found]
    if missing:
        raise refused(*missing)
    return {student.id for student in found.values()}


def _may_be_one(one: Person, two: Person) -> bool:
    """Whether some student whom the caller reaches has both, or one of them walked in."""
    walked_in = any(profile.walk_in for person in (one, two) for profile in person.profiles.values())
    return walked_in or not {each.ids[0] for each in one.students}.isdisjoint(each.ids[0] for each in two.students)


def _ids_of(person: Person | None) -> set[str]:
    """Every id of the students through whom the caller reaches the guardian."""
    return {id for student in (person.students if person else ()) for id in student.ids}


def _profile(id: str, state: State | None) -> Profile:
    return profile_of(state) if state else Profile(guardian_id=id)


def _state(profile: Profile) -> State:
    # As it is stored, where a tuple is a list: else the same again would seem to be another.
    state: State = msgspec.json.decode(msgspec.json.encode(profile))
    return state
