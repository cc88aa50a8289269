"""Family touchpoints answer as their OpenAPI document says, whatever is sent."""

import asyncio

import httpx

from services.family_touchpoints.contact.closing.bodies import RULE_EXAMPLE
from services.family_touchpoints.touchpoint.answers import EXAMPLE
from services.family_touchpoints.touchpoint.record import touchpoint_draft, touchpoint_of
from services.family_touchpoints.workshop.answers import EXAMPLE as EXAMPLE_WORKSHOP
from services.family_touchpoints.workshop.record import workshop_draft, workshop_of
from shared.doors import local_key
from shared.records.record import Entry
from tests import family_app
from tests.openapi_fuzzing import findings, without_example
from tests.processes import running


async def furnished(settings, keys):
    """What the document's own examples name is there; roster has told all there is to tell."""
    async with family_app.running(settings, keys) as families:
        guardian = RULE_EXAMPLE["guardian_id"]
        await families.told(family_app.guardian(guardian, "p1"))
        by = Entry(by="sample", action="record")
        draft = touchpoint_draft(EXAMPLE["id"], touchpoint_of(EXAMPLE), by)
        await families.desk.records.create(draft)
        workshop = workshop_of(EXAMPLE_WORKSHOP)
        await families.desk.records.create(workshop_draft(EXAMPLE_WORKSHOP["id"], workshop, by))
        row = {"guardian_id": guardian, "student_ids": ["p1"]}
        await families.post(f"/workshops/{EXAMPLE_WORKSHOP['id']}/roll", {"on": "2025-11-12", "rows": [row]})
        await families.put("/students/p1/rules/order-1", {**RULE_EXAMPLE, "from": "2026-05-01"})
        await families.put(f"/guardians/{guardian}", {"preferred_language": "spa"})
        await families.put(f"/guardians/{guardian}/consents/text/school", {"steps": []})
        await families.put("/students/p1/sharing", {"eighteen_on": "2026-12-03", "steps": []})
        steps = [{"status": "proposed", "on": "2025-04-01"}]
        await families.put("/programs/welding/touchpoint-plan", {"points": [], "steps": steps})


async def test_nothing_is_found(mongo_settings, keys, tmp_path):
    await furnished(mongo_settings, keys)
    token = local_key.sign(keys, {"sub": "fuzzer", "roles": ["data_manager"], "districts": ["*"]})
    with running("family_touchpoints", mongo_settings, tmp_path / "family_touchpoints.log") as service:
        found = await asyncio.to_thread(findings, service.url, token, tmp_path)
        document = (await asyncio.to_thread(httpx.get, f"{service.url}/openapi.json")).json()

    assert not found, found
    assert without_example(document) == []
