"""A program of study is offered district-wide, from a day and up to one. Pure."""

from services.roster.kinds.described import Kind, with_days
from services.roster.kinds.organisation import Organisations
from services.roster.kinds.rows import Known, ToKeep, Wanted, body_of, lies_before, refuse_any
from services.roster.values import Program
from shared.contracts import roster as contract
from shared.records.record import Record


def decide_program(row: Wanted, known: Known) -> ToKeep:
    """Decide a program: its last day does not lie before its first."""
    body = body_of(row, Program)
    del known  # a program names nothing
    if body.active_to is not None and body.active_to < body.active_from:
        refuse_any([lies_before("active_to", body.active_to, "active_from", body.active_from)])
    return ToKeep(row.id, body.model_dump(mode="json"))


def fact_of(record: Record, organisations: Organisations) -> contract.Program:
    del organisations
    return contract.Program(program_id=record.id, **with_days(record.state, "active_from", "active_to"))


PROGRAM = Kind(
    name="program",
    plural="programs",
    body=Program,
    decide=decide_program,
    filters={"cluster": "state.cluster", "cip_code": "state.cip_code"},
    named_by=(("enrolment", "state.program_id"), ("completion", "state.program_id")),
)
