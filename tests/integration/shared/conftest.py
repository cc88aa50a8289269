"""Either driver on a real mongod, and records with the natural keys that the tests speak of."""

import pytest

from shared import mongo
from shared.records.records import Natural, Records

NATURALS = (
    Natural("award", ("student_id", "code"), "one_award", {"state.code": {"$type": "string"}}),
    Natural("student", ("sources.source", "sources.sourced_id"), "one_person"),
)


@pytest.fixture(params=["motor", "pymongo"])
def mongo_driver(request):
    return request.param


@pytest.fixture
async def database(mongo_driver, mongo_settings):
    client = mongo.connect(mongo_settings.model_copy(update={"mongo_driver": mongo_driver}))
    yield client[mongo_settings.database("test")]
    await mongo.close(client)


@pytest.fixture
async def records(database):
    opened = Records(database, naturals=NATURALS, indexes=[("kind", "state.student_id")])
    await opened.prepare()
    return opened
