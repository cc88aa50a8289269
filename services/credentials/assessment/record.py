"""How assessments and programs' cuts are kept and published: states, natural key, facts, and who sat what beside."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from services.credentials.assessment.cuts import Cuts, DatedCut, verdict
from services.credentials.assessment.rules import SAT, Assessment, written
from shared.contracts import credentials as contract
from shared.contracts.roster import OrganisationType
from shared.producer.decisions import Asked, Stored
from shared.producer.desk import Desk, Kind
from shared.producer.rows import FIRST_LINE, stored_of
from shared.records.record import Draft, Entry, Natural, Record
from shared.records.relay import Outgoing
from shared.roster_copy.given_ids import hidden_under
from shared.roster_copy.reach import OF_A_STUDENT
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


async def cuts_for(desk: Desk, programs: Collection[str]) -> dict[str, Cuts]:
    """What these programs ask, by program; the defaults for one that has said nothing."""
    known = await desk.records.get_many(CUTS, programs)
    return {id: cuts_of(known[id]) if id in known else Cuts(program_id=id) for id in programs}


async def beside(
    desk: Desk, asked: Sequence[Asked[Assessment]], students: Collection[str], digest: str
) -> dict[str, Stored[Assessment]]:
    """The assessments with the rows' own ids and those of the same students, by id.

    Raise Refused when a row's id was used under the same key with another body.
    """
    ids = {row.id for row in asked}
    of_students = {"kind": ASSESSMENT, "void": False, "state.student_id": {"$in": sorted(students)}}
    where = {"$or": [{"_id": {"$in": [f"{ASSESSMENT}/{id}" for id in ids]}}, of_students]}
    documents = await desk.records.collection.find(where, FIRST_LINE).to_list(None)
    return stored_of(documents, assessment_of, ids=ids, digest=digest)


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


async def assessment_facts(desk: Desk, records: Sequence[Record]) -> Mapping[str, Sequence[Outgoing]]:
    """The facts of assessments, each with the cut in force on its day and the type of the place where it was sat."""
    found = {record.key: (record.id, assessment_of(record.state)) for record in records}
    cuts = await cuts_for(desk, {one.program_id for _, one in found.values()})
    at = {one.organisation_id for _, one in found.values() if one.organisation_id}
    types = await desk.roster.organisation_types(at) if at else {}
    starts = (await desk.roster.calendar()).starts
    return {
        key: [assessment_fact(id, one, cuts[one.program_id], starts, types.get(one.organisation_id or ""))]
        for key, (id, one) in found.items()
    }


KINDS = (
    Kind(
        name=ASSESSMENT,
        naturals=(ONE_ATTEMPT,),
        filed=OF_A_STUDENT,
        facts=assessment_facts,
        school_year=True,
    ),
    Kind(name=CUTS),
)
