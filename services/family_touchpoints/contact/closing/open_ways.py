"""What those who contact a family are shown of it: which ways are open to whom, in which language, and no reason."""

from collections.abc import Collection
from datetime import date
from typing import Any

import msgspec

from services.family_touchpoints.access import is_liaison
from services.family_touchpoints.contact.reached import student_reached
from services.family_touchpoints.contact.reading import families, standing
from services.family_touchpoints.contact.record import PROFILE, Profile, profile_of
from services.family_touchpoints.contact.rules import Contact, contacts
from shared.doors.auth import Caller
from shared.producer.desk import Desk

OF_AGE = (
    "the rights are the student's since they are 18: speak with the student; what they share with whom, "
    "a counselor records"
)


async def contact_about(desk: Desk, name: str, day: date, caller: Caller) -> dict[str, Any]:
    """Everybody who answers for the student on the day, as an answer shows them. Raise NotFound."""
    student = await student_reached(desk, name, caller)
    family = (await families(desk, [student.id]))[student.id]
    found = contacts(family, day, liaison=is_liaison(caller))
    who = await _walked_in(desk, {one.guardian_id for one in found if one.walk_in})
    items = [_item(one, who.get(one.guardian_id), is_liaison(caller)) for one in found]
    answer = {"student_id": student.id, "on": day.isoformat(), "items": items}
    return answer | ({"of_age_note": OF_AGE} if family.of_age(day) else {})


async def _walked_in(desk: Desk, ids: Collection[str]) -> dict[str, Profile]:
    if not ids:
        return {}
    found = await standing(desk.records, PROFILE, {"state.guardian_id": {"$in": sorted(ids)}})
    return {one.guardian_id: one for one in map(profile_of, found)}


def _item(contact: Contact, profile: Profile | None, liaison: bool) -> dict[str, Any]:
    item = msgspec.to_builtins(contact)
    if profile is not None:
        item |= {"name": profile.name, "phone": profile.phone if liaison or contact.by_number else None}
    return dict(item)
