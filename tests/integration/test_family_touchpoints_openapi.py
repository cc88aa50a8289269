"""Family touchpoints answer as their OpenAPI document says, whatever is sent."""

import asyncio

import httpx

from services.family_touchpoints.touchpoint.answers import EXAMPLE
from services.family_touchpoints.touchpoint.record import touchpoint_draft, touchpoint_of
from services.family_touchpoints.workshop.answers import EXAMPLE as WORKSHOP
from services.family_touchpoints.workshop.record import workshop_draft, workshop_of
from shared.doors import local_key
from shared.records.record import Entry
from tests import family_app
from tests.openapi_fuzzing import findings, without_example
from tests.processes import running


async def furnished(settings, keys):
    """What the document's own examples name is there; roster has told all there is to tell."""
    async with family_app.running(settings, keys) as families:
        draft = touchpoint_draft(EXAMPLE["id"], touchpoint_of(EXAMPLE), Entry(by="sample", action="record"))
        evening = workshop_draft(WORKSHOP["id"], workshop_of(WORKSHOP), Entry(by="sample", action="plan"))
        for one in (draft, evening):
            await families.desk.records.create(one)


async def test_nothing_is_found(mongo_settings, keys, tmp_path):
    await furnished(mongo_settings, keys)
    token = local_key.sign(keys, {"sub": "fuzzer", "roles": ["data_manager"], "districts": ["*"]})
    with running("family_touchpoints", mongo_settings, tmp_path / "family_touchpoints.log") as service:
        found = await asyncio.to_thread(findings, service.url, token, tmp_path)
        document = (await asyncio.to_thread(httpx.get, f"{service.url}/openapi.json")).json()

    assert not found, found
    assert without_example(document) == []
