"""How a year of an enrolment stands in the records, and what is published of it: all but where it was taught."""

from collections.abc import Mapping
from typing import Any

import msgspec

from services.family_touchpoints.contact_year.rules import ContactYear
from shared.contracts import family_touchpoints as contract
from shared.contracts.envelope import Outgoing
from shared.producer.kinds import Kind, each
from shared.records.keys import derived_id
from shared.records.record import Draft, Entry, Record
from shared.roster_copy.students import OF_A_STUDENT

CONTACT_YEAR = "contact_year"
RECKONED = Entry(by="aurora", action="reckoned")


def year_id(year: ContactYear) -> str:
    """The id of an enrolment's year."""
    return derived_id(year.enrolment_id, year.school_year)


def year_draft(year: ContactYear, *, expected: int) -> Draft:
    """A year's wanted next state."""
    subjects = (f"student/{year.student_id}",)
    return Draft(CONTACT_YEAR, year_id(year), msgspec.to_builtins(year), RECKONED, subjects, expected=expected)


def void_draft(record: Record) -> Draft:
    """The draft that takes out what roster says no more."""
    return Draft(CONTACT_YEAR, record.id, record.state, RECKONED, void=True, expected=record.version)


def year_of(state: Mapping[str, Any]) -> ContactYear:
    """The year that a record's state holds."""
    return msgspec.convert(state, ContactYear)


def year_fact(record: Record) -> Outgoing:
    """One year, filed under its student."""
    year = year_of(record.state)
    return f"student/{year.student_id}", contract.ContactYear(
        contact_year_id=record.id,
        student_id=year.student_id,
        enrolment_id=year.enrolment_id,
        school_year=year.school_year,
        excused=year.excused,
        points=year.points,
    )


KIND = Kind(name=CONTACT_YEAR, filed=OF_A_STUDENT, facts=each(year_fact))
