"""How assessments and programs' cuts stand in the records: drafts of them, and what a record holds."""

from collections.abc import Mapping
from typing import Any

import msgspec

from services.credentials.assessment.cuts import Cuts, DatedCut
from services.credentials.assessment.rules import SAT, Assessment
from shared.records.records import Draft, Entry, Natural, Record

ASSESSMENT, CUTS = "assessment", "cuts"
# Only an attempt beyond the first is written into the state, so that older records are held to the key as they are.
ONE_ATTEMPT = Natural(
    ASSESSMENT, (*SAT, "passed"), name="one_sitting_an_attempt", maybe=("attempt",), instead_of="one_sitting"
)


def assessment_draft(
    id: str, one: Assessment, entry: Entry, *, expected: int | None = None, void: bool = False
) -> Draft:
    """An assessment's wanted next state."""
    subjects = (f"student/{one.student_id}",)
    state = hidden_under(msgspec.to_builtins(one))
    if one.attempt == 1:
        del state["attempt"]
    return Draft(ASSESSMENT, id, state, entry, subjects, void=void, expected=expected)


def hidden_under(state: dict[str, Any]) -> dict[str, Any]:
    """A state in which the digest that it was logged under, if any, is shown to nobody."""
    digest = state.pop("under")
    return {**state, "_under": digest} if digest else state


def assessment_of(state: Mapping[str, Any]) -> Assessment:
    """The assessment that a state holds."""
    return msgspec.convert({**state, "under": state.get("_under")}, Assessment)


def cuts_draft(cuts: Cuts, entry: Entry, *, expected: int | None = None) -> Draft:
    """The wanted next state of a program's cuts; they are no fact of their own, and have no subject."""
    return Draft(CUTS, cuts.program_id, {"cuts": msgspec.to_builtins(cuts.cuts)}, entry, (), expected=expected)


def cuts_of(record: Record) -> Cuts:
    """The cuts that a record holds."""
    return Cuts(program_id=record.id, cuts=msgspec.convert(record.state["cuts"], tuple[DatedCut, ...]))
