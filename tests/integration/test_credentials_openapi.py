"""Credentials answers as its OpenAPI document says, whatever is sent."""

import asyncio
from datetime import UTC, datetime

import httpx

from services.credentials.assessment.answers import EXAMPLE
from services.credentials.assessment.cuts import Cuts, DatedCut
from services.credentials.assessment.record import assessment_draft, cuts_draft
from services.credentials.assessment.rules import Assessment
from services.credentials.award.answers import EXAMPLE_AWARD
from services.credentials.award.record import award_draft
from services.credentials.award.rules import Award
from services.credentials.program_list.record import approval_draft
from services.credentials.program_list.rules import Approval, Step
from shared.doors import local_key
from shared.records.store import Entry
from tests import credentials_app
from tests.openapi_fuzzing import findings, without_example
from tests.processes import running
from tests.producer_app import enrolment, heartbeats, program, student


async def furnished(settings, keys):
    """What the document's own examples name is there; roster has told all there is to tell."""
    async with credentials_app.running(settings, keys) as credentials:
        await credentials.told(
            program("it-security"),
            student("p1", "stateStudentId:900001"),
            student("p2", "northwest-sis:u-18"),
            enrolment("e1", "p1", "it-security", "northwest"),
            enrolment("e2", "p2", "it-security", "northwest"),
            *heartbeats(datetime(2100, 1, 1, tzinfo=UTC)),
        )
        await credentials.catalogued("security-plus", ("it-security", "required", "2020-07-01"))
        award = Award(
            student_id="p1",
            credential_code="security-plus",
            result="passed",
            awarded_on=datetime(2024, 5, 20, tzinfo=UTC).date(),
            batch_id=EXAMPLE_AWARD["id"],
        )
        draft = award_draft(EXAMPLE_AWARD["id"], award, Entry(by="sample", action="record"))
        await credentials.desk.records.create(draft)
        sitting = Assessment(
            student_id="p1",
            program_id="it-security",
            kind="technical_skills",
            form="spring-b",
            scale="items",
            taken_on=datetime(2024, 5, 20, tzinfo=UTC).date(),
            operational_items=80,
            correct=58,
            batch_id=EXAMPLE["id"],
        )
        told = assessment_draft(EXAMPLE["id"], sitting, Entry(by="sample", action="record"))
        await credentials.desk.records.create(told)
        steps = (Step(status="proposed", on=sitting.taken_on), Step(status="retired", on=sitting.taken_on))
        approval = Approval(program_id="it-security", steps=steps)
        await credentials.desk.records.create(approval_draft(approval, Entry(by="sample", action="put")))
        cuts = Cuts(program_id="it-security", cuts=(DatedCut(valid_from=sitting.taken_on, cut="0.6"),))
        await credentials.desk.records.create(cuts_draft(cuts, Entry(by="sample", action="put")))


async def test_nothing_is_found(mongo_settings, keys, tmp_path):
    await furnished(mongo_settings, keys)
    token = local_key.sign(keys, {"sub": "fuzzer", "roles": ["data_manager"], "districts": ["*"]})
    with running("credentials", mongo_settings, tmp_path / "credentials.log") as service:
        found = await asyncio.to_thread(findings, service.url, token, tmp_path)
        document = (await asyncio.to_thread(httpx.get, f"{service.url}/openapi.json")).json()

    assert not found, found
    assert without_example(document) == []
