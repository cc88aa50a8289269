"""A student of age reads what is kept of contact with the family about them, and says whether it may go on."""

import json

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.family_touchpoints.contact.closing.commands import get_sharing
from services.family_touchpoints.contact.reached import student_reached
from services.family_touchpoints.pages import contact_words as words
from services.family_touchpoints.touchpoint.queries import seen_by
from services.family_touchpoints.touchpoint.record import TOUCHPOINT, touchpoint_of
from services.family_touchpoints.touchpoint.rules import Touchpoint
from shared.contracts.family_touchpoints import Direction
from shared.doors.auth import Caller, CurrentCaller
from shared.errors import Forbidden, NotFound
from shared.pages.page import shown
from shared.pages.refusals import Page
from shared.producer.desk import Desk, TheDesk
from shared.records.record import Record
from shared.words.said import Said, said

AT_MOST = 500
SHARES = {
    "student_consents": said("You said yes"),
    "dependent_for_tax": said("Your school saw a tax form that names you as a dependent"),
    "ended": said("You said no"),
}
ALONE, FAMILY, BOTH = said("With you"), said("With your family"), said("With you and your family")
BEGAN: dict[Direction, Said] = {
    "to_family": said("Your school began it"),
    "from_family": said("Your family began it"),
}

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/me/contact")
async def own_contact_page(request: Request, caller: CurrentCaller, desk: TheDesk) -> Response:
    """From 18 on, the student's own; before, or while no school has said when that is, nothing is told."""
    if caller.student_id is None:
        raise Forbidden(said("Your sign-in does not say which student you are."))
    try:
        sharing = await get_sharing(desk, caller.student_id, caller)
    except NotFound:
        return shown(request, "own_contact_closed.html")
    today = await desk.today()
    return shown(
        request,
        "own_contact.html",
        student=caller.student_id,
        version=sharing.version,
        kept=json.dumps(sharing.state["steps"]),
        steps=[(SHARES[one["status"]], one["on"]) for one in reversed(sharing.state["steps"])],
        shares=shares(sharing, today.isoformat()),
        today=today.isoformat(),
        touches=[(one, with_whom(one)) for one in await _own(desk, caller)],
        began=BEGAN,
        words=words,
    )


def shares(sharing: Record, today: str) -> bool:
    """Whether the school may speak with the family now."""
    begun = [one["status"] for one in sharing.state["steps"] if one["on"] <= today]
    return bool(begun) and begun[-1] != "ended"


def with_whom(one: Touchpoint) -> Said:
    """With whom it was, in words for the student; the service knows no names."""
    if one.guardian_ids:
        return BOTH if one.with_student else FAMILY
    return ALONE if one.with_student else FAMILY


async def _own(desk: Desk, caller: Caller) -> list[Touchpoint]:
    """The student's touchpoints, the latest first; who of the staff it was the page does not say."""
    student = await student_reached(desk, caller.student_id or "", caller)
    where = {"$and": [{"state.student_id": {"$in": list(student.ids)}}, await seen_by(desk, caller)]}
    found = [touchpoint_of(one.state) for one in await desk.records.find(TOUCHPOINT, where, limit=AT_MOST)]
    return sorted(found, key=lambda one: one.day, reverse=True)
