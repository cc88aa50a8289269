"""The family_touchpoints service: what it is made of, and how it is built."""

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI

from services.family_touchpoints.access import ACCESS
from services.family_touchpoints.contact import record as contact
from shared.contracts.roster import Enrolment, Guardian, Organisation, Program, Student
from shared.process.settings import Settings
from shared.producer import life
from shared.producer.desk import Producer, now

PRODUCER = Producer(
    name="family_touchpoints",
    kinds=(*contact.KINDS,),
    keeps=(Student, Organisation, Program, Enrolment, Guardian),
    access=ACCESS,
    routers=(),
)
OUTSIDE = life.outside(PRODUCER)


def build(settings: Settings | None = None, *, now: Callable[[], datetime] = now) -> FastAPI:
    """The service's app."""
    return life.build(PRODUCER, settings, now=now)
