"""The kinds `survey`, `survey_response` and `survey_tally`, and what is asked of them as they are stored."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from services.family_touchpoints.contact.reading import same_persons
from services.family_touchpoints.homes import home_in, homes_of
from services.family_touchpoints.survey.record import (
    RESPONSE,
    SURVEY,
    TALLY,
    Tally,
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
from shared.records.changes import put_all
from shared.records.record import Draft, Entry, Record
from shared.roster_copy.students import Filed
from shared.school_year import school_year_of

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


async def districts_of(desk: Desk, said: Sequence[Response]) -> list[tuple[str, ...]]:
    """Where the student of each response was at home when it was answered."""
    homes = await homes_of(desk, {one.student_id for one in said})
    starts = (await desk.roster.calendar()).starts
    found = (home_in(homes[one.student_id], school_year_of(one.answered_on, starts)) for one in said)
    return [(home,) if home else () for home in found]


async def follow_homes(desk: Desk, students: Collection[str]) -> int:
    """Publish again what was answered about these students whose home was in another district, as is known since."""
    ids = (await desk.roster.merges()).all_together(students)

    async def moved() -> list[Draft]:
        cursor = desk.records.collection.find({"kind": RESPONSE, "void": False, "state.student_id": {"$in": ids}})
        found = [Record.of(document) async for document in cursor]
        said = [response_of(record.state) for record in found]
        return [
            response_draft(replace(one, homes=home), MOVED, expected=record.version)
            for record, one, home in zip(found, said, await districts_of(desk, said), strict=True)
            if one.homes != home
        ]

    return await put_all(desk.records, moved)


async def _survey_facts(desk: Desk, records: Sequence[Record]) -> Mapping[str, Sequence[Outgoing]]:
    starts = (await desk.roster.calendar()).starts
    return {record.key: [version_fact(version_of(record.state), starts)] for record in records}


async def _response_facts(desk: Desk, records: Sequence[Record]) -> Mapping[str, Sequence[Outgoing]]:
    """Each under the guardian's id that survives, with where the student was at home, as it is known now."""
    found = {record.key: (record.id, response_of(record.state)) for record in records}
    said = [one for _, one in found.values()]
    versions, same = await _versions(desk, said), await same_persons(desk.records)
    homes = dict(zip(found, await districts_of(desk, said), strict=True))
    starts = (await desk.roster.calendar()).starts
    return {
        key: [
            response_fact(
                id,
                one,
                versions[version_key(one.survey_id, one.survey_version)],
                person=same.survivor(one.guardian_id),
                districts=homes[key],
                starts=starts,
            )
        ]
        for key, (id, one) in found.items()
    }


async def _tally_facts(desk: Desk, records: Sequence[Record]) -> Mapping[str, Sequence[Outgoing]]:
    found = {record.key: (record.id, tally_of(record.state)) for record in records}
    versions = await _versions(desk, [one for _, one in found.values()])
    starts = (await desk.roster.calendar()).starts
    return {
        key: [tally_fact(id, one, versions[version_key(one.survey_id, one.survey_version)], starts)]
        for key, (id, one) in found.items()
    }


async def _versions(desk: Desk, said: Sequence[Response | Tally]) -> dict[str, Questionnaire]:
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
