"""A completion says that a student has completed a program, and when it was begun if somebody tells. Pure."""

from services.roster.identity.people import State
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
from services.roster.values import Completion
from shared.contracts import roster as contract
from shared.errors import Problem
from shared.records.record import Record
from shared.school_year import school_year_of

# Asked of completions, and answered from enrolments: whether anything tells when the program was begun.
START_KNOWN = "start_known"


def decide_completion(row: Wanted, known: Known) -> ToKeep:
    """Decide a completion: it lies in the past, and not before a start that is given.

    What enrolments say of the start refuses nothing: they may come later, and the order of rows changes no number.
    """
    body = body_of(row, Completion)
    person, problems = named_in(body, known)
    if body.completed_on > known.today:
        problems.append(lies_ahead("completed_on", body.completed_on))
    if body.started_on is not None and body.completed_on < body.started_on:
        problems.append(lies_before("completed_on", body.completed_on, "started_on", body.started_on))
    refuse_any(problems)
    state = sent_by(body, person)
    begun = begun_on(state, known.begun.get((person, body.program_id)))
    return ToKeep(row.id, state, () if begun else (start_unknown(state),))


def begun_on(completion: State, earliest: str | None) -> str | None:
    """The day on which a completed program was begun: as told, else the begin of the earliest enrolment in it.

    An enrolment that began after the completion says nothing of it.
    """
    told: str | None = completion["started_on"]
    return told or (earliest if earliest and earliest <= completion["completed_on"] else None)


def start_unknown(completion: State) -> Problem:
    """What is open about a completion whose start nothing tells, and what would settle it."""
    program, on = completion["program_id"], completion["completed_on"]
    return Problem(
        "/started_on",
        f"no enrolment of the student in {program} that began by {on} tells when the program was begun, so credentials "
        f"earned before {on} do not count",
        "send started_on, or the enrolment",
        "start_unknown",
    )


def fact_of(record: Record, organisations: Organisations) -> contract.Completion:
    known = record.state["started_on"] is not None
    # Until something tells when it was begun, the completion counts, and nothing earned before it does.
    begun = record.state["started_on"] or record.state["completed_on"]
    state = with_days({**record.state, "started_on": begun}, "completed_on", "started_on")
    return contract.Completion(
        completion_id=record.id,
        start_known=known,
        organisation_type=organisations.states[state["organisation_id"]]["type"],
        school_year=school_year_of(state["completed_on"], organisations.year_starts),
        **state,
    )


COMPLETION = Kind(
    name="completion",
    plural="completions",
    body=Completion,
    decide=decide_completion,
    filters={**{each: f"state.{each}" for each in PLACED}, START_KNOWN: START_KNOWN},
    names=PLACED,
)
