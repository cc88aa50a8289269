"""The family_touchpoints service: what it is made of, and how it is built."""

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI

from services.family_touchpoints.access import ACCESS, PUBLIC
from services.family_touchpoints.contact import record as contact
from services.family_touchpoints.contact.closing import api as closing
from services.family_touchpoints.contact.erasing import with_guardians
from services.family_touchpoints.contact.guardian import api as guardian
from services.family_touchpoints.contact.guardian.commands import follow_guardians
from services.family_touchpoints.contact_year import reckoning
from services.family_touchpoints.contact_year import record as contact_year
from services.family_touchpoints.link import api as link
from services.family_touchpoints.link import record as links
from services.family_touchpoints.pages import calls, family_link, family_page, own_contact, workshop_pages
from services.family_touchpoints.pages.frame import PAGES
from services.family_touchpoints.survey import api as survey
from services.family_touchpoints.survey import queries as surveys
from services.family_touchpoints.survey.tallies import follow_districts
from services.family_touchpoints.touchpoint import api as touchpoint
from services.family_touchpoints.touchpoint import queries as touchpoints
from services.family_touchpoints.touchpoint.restating import follow_students, follow_terms
from services.family_touchpoints.touchpoint_plan import api as touchpoint_plan
from services.family_touchpoints.touchpoint_plan import record as plans
from services.family_touchpoints.worklists import api as unreached
from services.family_touchpoints.worklists import lists
from services.family_touchpoints.workshop import api as workshop
from services.family_touchpoints.workshop import queries as workshops
from services.family_touchpoints.workshop.restating import follow_homes, follow_joined, follow_places, follow_workshops
from shared.contracts.roster import Enrolment, Guardian, Organisation, Program, Student
from shared.process.settings import Settings
from shared.producer import life
from shared.producer.desk import Producer, now

PRODUCER = Producer(
    name="family_touchpoints",
    kinds=(
        *contact.KINDS,
        touchpoints.KIND,
        *workshops.KINDS,
        plans.KIND,
        contact_year.KIND,
        *surveys.KINDS,
        links.KIND,
    ),
    keeps=(Student, Organisation, Program, Enrolment, Guardian),
    access=ACCESS,
    public=PUBLIC,
    pages=PAGES,
    routers=tuple(
        part.router
        for part in (
            *(closing, guardian, touchpoint, touchpoint_plan, workshop, survey, link, unreached, lists),
            *(calls, family_link, family_page, own_contact, workshop_pages),
        )
    ),
    at_start=(follow_guardians, follow_workshops),
    organisations_told=(follow_terms, follow_places, reckoning.follow_terms, follow_districts),
    students_told=(follow_students, follow_homes, follow_joined, reckoning.reckon, surveys.follow_homes),
    each_day=(reckoning.reckon_all,),
)
OUTSIDE = with_guardians(life.outside(PRODUCER))


def build(settings: Settings | None = None, *, now: Callable[[], datetime] = now) -> FastAPI:
    """The service's app."""
    return life.build(PRODUCER, settings, now=now)
