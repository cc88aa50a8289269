"""The kinds `assessment` and `cuts`, and what is asked of them as they are stored: what was sat, and what cut holds."""

from collections.abc import Collection, Mapping, Sequence

from services.credentials.assessment.cuts import Cuts
from services.credentials.assessment.record import (
    ASSESSMENT,
    CUTS,
    ONE_ATTEMPT,
    assessment_fact,
    assessment_of,
    cuts_of,
)
from services.credentials.assessment.rules import Assessment
from shared.contracts.envelope import Outgoing
from shared.producer.decisions import FIRST_LINE, Asked, Stored, stored_of
from shared.producer.desk import Desk
from shared.producer.kinds import Kind
from shared.records.record import Record
from shared.roster_copy.students import OF_A_STUDENT


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
