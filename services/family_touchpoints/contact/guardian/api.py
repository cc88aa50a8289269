"""HTTP of guardians: what they prefer, who walked in, and whom two ids mean."""

from typing import Any

from fastapi import APIRouter

from services.family_touchpoints.access import is_liaison
from services.family_touchpoints.contact.guardian import commands
from services.family_touchpoints.contact.guardian.bodies import (
    GuardianBody,
    GuardianId,
    GuardianRecord,
    JoinedRecord,
    SameAsBody,
    SeparateBody,
)
from services.family_touchpoints.contact.reached import Person, person_reached
from services.family_touchpoints.contact.reading import families
from services.family_touchpoints.contact.rules import contacts
from shared.doors.auth import Caller, CurrentCaller
from shared.producer.desk import Desk, TheDesk
from shared.producer.routes import KEPT, SHOWN, History, logged_as
from shared.records.changes import entry_of
from shared.records.record import Record
from shared.web.app import IdempotencyKey, digest
from shared.web.conditions import IfMatch
from shared.web.views import answer

router = APIRouter(prefix="/v1/guardians", tags=["guardians"])


@router.get("/{id}", response_model=GuardianRecord, responses=SHOWN)
async def get_guardian(id: GuardianId, caller: CurrentCaller, desk: TheDesk, history: History = False) -> Any:
    """What is kept here of a guardian; of one whom roster knows, name and phone are there.

    Why two ids were joined is read by whoever handles restrictions.
    """
    record, person = await commands.get(desk, id, caller)
    return answer(record, history=history and is_liaison(caller), **await _seen(desk, record, person, caller))


@router.put("/{id}", response_model=GuardianRecord, responses=logged_as(GuardianRecord))
async def put_guardian(
    id: GuardianId, body: GuardianBody, caller: CurrentCaller, version: IfMatch, desk: TheDesk
) -> Any:
    """Keep what is known of a guardian; of a new id that begins with w, somebody who walked in, with a name."""
    entry = entry_of(caller, "put", key="", digest="")
    said = body.model_dump(mode="json")
    saved = await commands.put(desk, id, said, caller=caller, entry=entry, expected=version)
    return answer(saved.record, outcome=saved.outcome, **await _as_it_is(desk, saved.record, caller))


@router.post("/{id}/same-as", response_model=JoinedRecord, responses=KEPT)
async def join_guardian(
    id: GuardianId, body: SameAsBody, caller: CurrentCaller, key: IdempotencyKey, desk: TheDesk
) -> Any:
    """Have two ids be one person's; everything is published under the one that survives. It can be taken back."""
    entry = entry_of(caller, "join", key=key, digest=digest([id, body.model_dump()]), why=body.reason)
    return await _joined(desk, await commands.join(desk, id, body.same_as, caller=caller, entry=entry), caller)


@router.post("/{id}/separate", response_model=JoinedRecord, responses=KEPT)
async def separate_guardian(
    id: GuardianId, body: SeparateBody, caller: CurrentCaller, key: IdempotencyKey, desk: TheDesk
) -> Any:
    """Have an id that was joined be a person's of its own again."""
    entry = entry_of(caller, "separate", key=key, digest=digest([id, body.model_dump()]), why=body.reason)
    return await _joined(desk, await commands.separate(desk, id, caller=caller, entry=entry), caller)


async def _joined(desk: Desk, done: commands.Joined, caller: Caller) -> Any:
    record, outcome = done.saved.record, "unchanged" if done.saved.outcome == "unchanged" else "changed"
    return answer(record, outcome=outcome, restated=done.restated, **await _as_it_is(desk, record, caller))


async def _as_it_is(desk: Desk, record: Record, caller: Caller) -> dict[str, Any]:
    return await _seen(desk, record, await person_reached(desk, record.id, caller), caller)


async def _seen(desk: Desk, record: Record, person: Person, caller: Caller) -> dict[str, Any]:
    """Who it is, for a caller: by which ids, with the students within reach, and the number of who may be called."""
    reached = {id for student in person.students for id in student.ids}
    students = [id for id in record.state["student_ids"] if id in reached or caller.reach.everything]
    may_call = is_liaison(caller) or await _may_be_called(desk, person)
    return {
        "ids": list(person.ids),
        "student_ids": students,
        "phone": record.state["phone"] if may_call else None,
    }


async def _may_be_called(desk: Desk, person: Person) -> bool:
    """Whether somebody of the staff may call the guardian about any student within reach, today."""
    known = await families(desk, [student.id for student in person.students])
    today = await desk.today()
    return any(
        one.by_number and family.person(one.guardian_id) == person.ids[0]
        for family in known.values()
        for one in contacts(family, today, liaison=False)
    )
