"""The credentials service: what it is made of, and how it is built."""

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI

from services.credentials.access import ACCESS
from services.credentials.assessment import api as assessment
from services.credentials.assessment import queries as assessments
from services.credentials.assessment.restating import follow_cuts, follow_types
from services.credentials.award import api as award
from services.credentials.award import queries as awards
from services.credentials.catalogue_entry import api as catalogue_entry
from services.credentials.catalogue_entry import record as entries
from services.credentials.catalogue_entry.restating import follow_entries
from services.credentials.pages import class_page
from services.credentials.program_list import api as program_list
from services.credentials.program_list import record as lists
from services.credentials.verification import api as verification
from services.credentials.worklists import api as worklists
from shared.contracts.roster import Completion, Enrolment, Organisation, Program, Student
from shared.process.settings import Settings
from shared.producer import life
from shared.producer.desk import Producer, now

PRODUCER = Producer(
    name="credentials",
    kinds=(awards.KIND, entries.KIND, *assessments.KINDS, lists.KIND),
    keeps=(Student, Organisation, Program, Enrolment, Completion),
    access=ACCESS,
    # What stands at a literal address, such as /v1/awards/follow-up, before what stands at an id's.
    routers=tuple(
        part.router for part in (program_list, assessment, worklists, verification, award, catalogue_entry, class_page)
    ),
    pages=class_page.PAGES,
    at_start=(follow_entries, follow_cuts),
    organisations_told=(follow_types,),
)
OUTSIDE = life.outside(PRODUCER)


def build(settings: Settings | None = None, *, now: Callable[[], datetime] = now) -> FastAPI:
    """The service's app."""
    return life.build(PRODUCER, settings, now=now)
