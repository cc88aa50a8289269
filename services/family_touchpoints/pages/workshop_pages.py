"""Pages for evenings with families: the list of workshops with a form to plan one, and the roll of one on a phone."""

import json
from datetime import date

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.family_touchpoints.access import ARRANGE, LOG
from services.family_touchpoints.pages.contact_words import LANGUAGES, LEVEL, spoken
from services.family_touchpoints.pages.contact_words import WORKSHOP as STATUS
from services.family_touchpoints.pages.family_forms import KIND
from services.family_touchpoints.workshop.record import WORKSHOP, workshop_of
from shared.doors.auth import Caller, CurrentCaller
from shared.pages.languages import texts_for
from shared.pages.page import shown
from shared.pages.refusals import Page
from shared.producer.desk import Desk, TheDesk
from shared.producer.routes import RecordId

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/workshops")
async def workshops_page(request: Request, caller: CurrentCaller, desk: TheDesk) -> Response:
    texts = texts_for(request)
    places = await _places(desk)
    return shown(
        request,
        "workshops.html",
        arranges=not caller.roles.isdisjoint(ARRANGE),
        rolls=not caller.roles.isdisjoint(LOG),
        places={id: name for id, name in places.items() if _own(caller, id)},
        kinds=KIND,
        levels=LEVEL,
        languages=LANGUAGES,
        labels=json.dumps(
            {
                "place": places,
                "kind": spoken(texts, KIND),
                "level": spoken(texts, LEVEL),
                "status": spoken(texts, STATUS),
            }
        ),
    )


@router.get("/workshop/{id}")
async def roll_page(request: Request, id: RecordId, caller: CurrentCaller, desk: TheDesk) -> Response:
    """The roll of a workshop within reach; who is on it the browser asks for. Raise NotFound."""
    workshop = workshop_of((await desk.get(WORKSHOP, id, caller)).state)
    places, today = await _places(desk), await desk.today()
    return shown(
        request,
        "roll_of_workshop.html",
        id=id,
        workshop=workshop,
        kind=KIND[workshop.kind],
        state=STATUS[workshop.status],
        places=", ".join(places.get(one, one) for one in workshop.organisation_ids),
        today=today.isoformat(),
        is_before=before(workshop.held_on, today),
        arranges=not caller.roles.isdisjoint(ARRANGE),
        viewer=caller.sub,
    )


def before(held_on: date, today: date) -> bool:
    """Whether who comes is only registered yet."""
    return today < held_on


async def _places(desk: Desk) -> dict[str, str]:
    """What every organisation is called where something can take place, in the order of names."""
    known = await desk.roster.organisations()
    named = {id: one.name for id, one in known.items() if one.type not in ("cted", "district")}
    return dict(sorted(named.items(), key=lambda one: (one[1], one[0])))


def _own(caller: Caller, place: str) -> bool:
    """Whether the place is offered: a campus of the caller's, or any, to whoever plans for a district."""
    campuses = caller.reach.who.campuses
    return not campuses or "*" in campuses or place in campuses
