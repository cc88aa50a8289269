"""How assessments and programs' cuts are kept and published: states, natural key, facts, and who sat what beside."""

from collections.abc import Mapping
from typing import Any

import msgspec

from services.credentials.assessment.cuts import Cuts, DatedCut, verdict
from services.credentials.assessment.rules import SAT, Assessment, written
from shared.contracts import credentials as contract
from shared.contracts.envelope import Outgoing
from shared.contracts.roster import OrganisationType
from shared.records.record import Draft, Entry, Natural, Record
from shared.roster_copy.students import hidden_under
from shared.school_year import school_year_of

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


def assessment_of(state: Mapping[str, Any]) -> Assessment:
    """The assessment that a state holds."""
    return msgspec.convert({**state, "under": state.get("_under")}, Assessment)


def cuts_draft(cuts: Cuts, entry: Entry, *, expected: int | None = None) -> Draft:
    """The wanted next state of a program's cuts; they are no fact of their own, and have no subject."""
    return Draft(CUTS, cuts.program_id, {"cuts": msgspec.to_builtins(cuts.cuts)}, entry, (), expected=expected)


def cuts_of(record: Record) -> Cuts:
    """The cuts that a record holds."""
    return Cuts(program_id=record.id, cuts=msgspec.convert(record.state["cuts"], tuple[DatedCut, ...]))


def assessment_fact(
    id: str, one: Assessment, cuts: Cuts, starts: tuple[int, int], organisation_type: OrganisationType | None
) -> Outgoing:
    """One assessment, filed under its student."""
    share, least = one.share(), cuts.gain_on(one.taken_on)
    passed, cut = verdict(one, cuts)
    return f"student/{one.student_id}", contract.Assessment(
        assessment_id=id,
        student_id=one.student_id,
        program_id=one.program_id,
        assessment_kind=one.kind,
        phase=one.phase,
        form=one.form,
        scale=one.scale,
        taken_on=one.taken_on,
        school_year=school_year_of(one.taken_on, starts),
        school_year_starts="{:02d}-{:02d}".format(*starts),
        share=written(share) if share is not None else None,
        cut=written(cut) if cut is not None else None,
        minimum_gain=written(least) if least is not None and one.phase == "post" else None,
        passed=passed,
        organisation_id=one.organisation_id,
        organisation_type=organisation_type,
        attempt=one.attempt,
    )
