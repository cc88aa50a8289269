"""An outcome says where a person was found after school, on a day that has been. Pure."""

from services.roster.kinds.described import Kind, with_days
from services.roster.kinds.organisation import Organisations
from services.roster.kinds.rows import Known, ToKeep, Wanted, body_of, lies_ahead, refuse_any, sent_by
from services.roster.values import Outcome
from shared.contracts import roster as contract
from shared.records.record import Record
from shared.school_year import school_year_of


def decide_outcome(row: Wanted, known: Known) -> ToKeep:
    """Decide an outcome: the person exists, and was seen on a day that has been."""
    body = body_of(row, Outcome)
    if body.observed_on > known.today:
        refuse_any([lies_ahead("observed_on", body.observed_on)])
    return ToKeep(row.id, sent_by(body, known.people.get(body.student_id)))


def fact_of(record: Record, organisations: Organisations) -> contract.Outcome:
    state = with_days(record.state, "observed_on")
    year = school_year_of(state["observed_on"], organisations.year_starts)
    return contract.Outcome(outcome_id=record.id, school_year=year, **state)


OUTCOME = Kind(
    name="outcome",
    plural="outcomes",
    body=Outcome,
    decide=decide_outcome,
    filters={each: f"state.{each}" for each in ("student_id", "placement", "source")},
    names={"student_id": "student"},
)
