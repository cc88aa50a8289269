"""Demographics are a student's groups in one school year: one record for each student and year. Pure."""

from services.roster.kinds.described import Kind, with_days
from services.roster.kinds.organisation import Organisations
from services.roster.kinds.rows import Known, ToKeep, Wanted, body_of, sent_by
from services.roster.values import DemographicsOfYear
from shared.contracts import roster as contract
from shared.records.record import Record


def decide_demographics(row: Wanted, known: Known) -> ToKeep:
    """Decide a student's groups of one year, which have one record."""
    body = body_of(row, DemographicsOfYear)
    person = known.people.get(body.student_id)
    return ToKeep(f"{person}-{body.school_year}", sent_by(body, person))


def fact_of(record: Record, organisations: Organisations) -> contract.Demographics:
    del organisations
    return contract.Demographics(**with_days(record.state))


DEMOGRAPHICS = Kind(
    name="demographics",
    plural="demographics",
    body=DemographicsOfYear,
    decide=decide_demographics,
    filters={"student_id": "state.student_id", "school_year": "state.school_year"},
    names={"student_id": "student"},
)
