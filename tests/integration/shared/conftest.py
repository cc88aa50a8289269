"""Either driver on a real mongod, or a stand-in for both, and records with the natural keys that the tests speak of."""

import pytest

from shared import mongo
from shared.records.store import Natural, Records
from tests.memory.database import MemoryClient

NATURALS = (
    Natural("award", ("student_id", "code"), "one_award", {"state.code": {"$type": "string"}}),
    Natural("student", ("sources.source", "sources.sourced_id"), "one_person"),
)


DRIVERS = [pytest.param(name, marks=pytest.mark.real) for name in ("motor", "pymongo")]
# A suite that says so is passed by the stand-in too: whatever is tested on that can rely on it.
EVERY_STORE = pytest.mark.parametrize("mongo_driver", [*DRIVERS, "memory"], indirect=True)


@pytest.fixture(params=DRIVERS)
def mongo_driver(request):
    return request.param


@pytest.fixture
async def database(mongo_driver, request):
    if mongo_driver == "memory":
        yield MemoryClient()["test"]
        return
    settings = request.getfixturevalue("mongo_settings")
    client = mongo.connect(settings.model_copy(update={"mongo_driver": mongo_driver}))
    yield client[settings.database("test")]
    await mongo.close(client)


@pytest.fixture
async def records(database):
    opened = Records(database, naturals=NATURALS, indexes=[("kind", "state.student_id")])
    await opened.prepare()
    return opened
