"""How a program's list stands in the records, and what is published of it: its steps without who approved."""

import msgspec

from services.credentials.program_list.rules import Approval, Step
from shared.contracts import credentials as contract
from shared.contracts.envelope import Outgoing
from shared.producer.kinds import Kind, each
from shared.records.record import Draft, Entry, Record

APPROVAL = "approval"


def approval_draft(approval: Approval, entry: Entry, *, expected: int | None = None) -> Draft:
    """A list's wanted next state; its id is the program's."""
    state = {"program_id": approval.program_id, "steps": msgspec.to_builtins(approval.steps)}
    return Draft(APPROVAL, approval.program_id, state, entry, (f"program/{approval.program_id}",), expected=expected)


def approval_of(record: Record) -> Approval:
    """The list that a record holds."""
    return Approval(program_id=record.id, steps=msgspec.convert(record.state["steps"], tuple[Step, ...]))


def approval_fact(approval: Approval) -> Outgoing:
    """One list, filed under its program; the approving body's name stays in the service."""
    return f"program/{approval.program_id}", contract.ProgramCatalogue(
        program_id=approval.program_id,
        steps=tuple(contract.CatalogueStep(status=step.status, on=step.on) for step in approval.steps),
    )


KIND = Kind(name=APPROVAL, facts=each(lambda record: approval_fact(approval_of(record))))
