"""The kinds `survey`, `survey_response` and `survey_tally`, and what is asked of them as they are stored."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from services.family_touchpoints.contact.reading import joined
from services.family_touchpoints.survey.record import (
    RESPONSE,
    SURVEY,
    TALLY,
    response_draft,
    response_fact,
    response_of,
    tally_fact,
    tally_of,
    version_fact,
    version_key,
    version_of,
)
from services.family_touchpoints.survey.rules import Questionnaire, Response
from shared.contracts.envelope import Outgoing
from shared.errors import NotFound
from shared.producer.desk import Desk
from shared.producer.kinds import Kind
from shared.records.record import Entry, Record
from shared.roster_copy.merges import Merges
from shared.roster_copy.students import Filed

MOVED = Entry(by="aurora", action="reference_changed", why="the student is at home in another district")


async def version_record(desk: Desk, survey_id: str, version: int) -> Record:
    """One version as it is kept. Raise NotFound."""
    record = await desk.records.get(SURVEY, version_key(survey_id, version))
    if record is None:
        works = "GET /v1/surveys lists what there is"
        raise NotFound(f"there is no version {version} of a survey {survey_id}", works=works, code="unknown_survey")
    return record


async def first_answer(desk: Desk, survey_id: str, version: int) -> date | None:
    """The earliest day on which somebody answered a version."""
    where = {
        "kind": {"$in": [RESPONSE, TALLY]},
        "void": False,
        "state.survey_id": survey_id,
        "state.survey_version": version,
    }
    found = await desk.records.collection.find(where, {"state.answered_on": 1}).sort("state.answered_on", 1).to_list(1)
    return date.fromisoformat(found[0]["state"]["answered_on"]) if found else None


async def districts_of(desk: Desk, students: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Where each of these students is at home."""
    told = (await desk.roster.told(students, ())).students
    return {id: tuple(sorted(told[id].homes)) if id in told else () for id in students}


async def follow_homes(desk: Desk, students: Collection[str]) -> int:
    """Publish again what was answered about these students whose home is in another district since.

    Where another writer comes between, nothing is lost: what is published says where they are at home then.
    """
    ids = (await desk.roster.merges()).all_together(students)
    cursor = desk.records.collection.find({"kind": RESPONSE, "void": False, "state.student_id": {"$in": ids}})
    found = [Record.of(document) async for document in cursor]
    homes = await districts_of(desk, {record.state["student_id"] for record in found})
    drafts = []
    for record in found:
        one = response_of(record.state)
        if one.homes != homes[one.student_id]:
            moved = replace(one, homes=homes[one.student_id])
            drafts.append(response_draft(moved, MOVED, expected=record.version))
    return len(await desk.records.put_many(drafts)) if drafts else 0


async def _survey_facts(desk: Desk, records: Sequence[Record]) -> Mapping[str, Sequence[Outgoing]]:
    starts = (await desk.roster.calendar()).starts
    return {record.key: [version_fact(version_of(record.state), starts)] for record in records}


async def _response_facts(desk: Desk, records: Sequence[Record]) -> Mapping[str, Sequence[Outgoing]]:
    """Each under the guardian's id that survives, with where the student is at home now."""
    found = {record.key: (record.id, response_of(record.state)) for record in records}
    said = [one for _, one in found.values()]
    versions, same = await _versions(desk, said), Merges(await joined(desk))
    homes = await districts_of(desk, {one.student_id for one in said})
    starts = (await desk.roster.calendar()).starts
    return {
        key: [
            response_fact(
                id,
                one,
                versions[version_key(one.survey_id, one.survey_version)],
                person=same.survivor(one.guardian_id),
                districts=homes[one.student_id],
                starts=starts,
            )
        ]
        for key, (id, one) in found.items()
    }


async def _tally_facts(desk: Desk, records: Sequence[Record]) -> Mapping[str, Sequence[Outgoing]]:
    found = {record.key: (record.id, tally_of(record.state)) for record in records}
    ids = {version_key(one.survey_id, one.survey_version) for _, one in found.values()}
    kept = await desk.records.get_many(SURVEY, ids)
    starts = (await desk.roster.calendar()).starts
    return {
        key: [tally_fact(id, one, version_of(kept[version_key(one.survey_id, one.survey_version)].state), starts)]
        for key, (id, one) in found.items()
    }


async def _versions(desk: Desk, said: Sequence[Response]) -> dict[str, Questionnaire]:
    ids = {version_key(one.survey_id, one.survey_version) for one in said}
    return {id: version_of(record.state) for id, record in (await desk.records.get_many(SURVEY, ids)).items()}


KINDS = (
    Kind(name=SURVEY, indexes=(("state.survey_id", "state.survey_version"),), facts=_survey_facts, school_year=True),
    Kind(
        name=RESPONSE,
        indexes=(("state.guardian_id",),),
        filed=Filed(student="student_id", by_enrolment=True),
        facts=_response_facts,
        school_year=True,
    ),
    Kind(
        name=TALLY,
        filed=Filed(organisation="organisation_id", district="district_id"),
        facts=_tally_facts,
        school_year=True,
    ),
)
