"""An enrolment puts a student in a program, at the organisation that delivers it, from a day and up to one. Pure."""

from datetime import date

from services.roster.kinds.described import PLACED, Kind, with_days
from services.roster.kinds.organisation import Organisations
from services.roster.kinds.rows import (
    Known,
    ToKeep,
    Wanted,
    body_of,
    lies_ahead,
    lies_before,
    named_in,
    refuse_any,
    sent_by,
)
from services.roster.values import Enrolment
from shared.contracts import roster as contract
from shared.errors import Problem
from shared.records.record import Record


def decide_enrolment(row: Wanted, known: Known) -> ToKeep:
    """Decide an enrolment: it ends after it begins; a concentrator became one in the past, and before its end."""
    body = body_of(row, Enrolment)
    person, problems = named_in(body, known)
    if body.end is not None and body.end < body.begin:
        problems.append(lies_before("end", body.end, "begin", body.begin))
    if body.concentrator_on is not None and body.concentrator_on > known.today:
        problems.append(lies_ahead("concentrator_on", body.concentrator_on))
    if body.concentrator_on is not None and body.end is not None and body.concentrator_on > body.end:
        problems.append(_after_the_end(body.concentrator_on, body.end))
    refuse_any(problems)
    return ToKeep(row.id, sent_by(body, person))


def _after_the_end(concentrator_on: date, end: date) -> Problem:
    return Problem(
        "/concentrator_on",
        f"concentrator_on {concentrator_on} lies after the enrolment's end {end}, so that no day is both",
        f"send a day up to {end}, leave concentrator_on out, or put the end right",
        "wrong_order",
    )


def fact_of(record: Record, organisations: Organisations) -> contract.Enrolment:
    return contract.Enrolment(
        enrolment_id=record.id,
        organisation_type=organisations.states[record.state["organisation_id"]]["type"],
        school_year_starts="{:02d}-{:02d}".format(*organisations.year_starts),
        **with_days(record.state, "begin", "end", "concentrator_on"),
    )


ENROLMENT = Kind(
    name="enrolment",
    plural="enrolments",
    body=Enrolment,
    decide=decide_enrolment,
    filters={each: f"state.{each}" for each in PLACED},
    names=PLACED,
)
