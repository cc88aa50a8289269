"""Whom a guardian answers for is one look-up: by every tie that stands, also one that has ended."""

import pytest

from services.family_touchpoints.main import PRODUCER
from shared.contracts.roster import Guardian
from shared.producer.life import outside
from shared.roster_copy.tied import students_tied
from tests import family_app
from tests.producer_app import event, guardian


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


async def tied(app, *guardians):
    return await students_tied(app.desk.roster.known, guardians)


async def test_a_guardian_is_found_with_each_student_they_answer_or_answered_for(app):
    await app.told(guardian("g3", "p1", end="2025-09-01"))

    assert await tied(app, "g1", "g3", "g404") == {"g1": {"p1", "p2"}, "g3": {"p1", "p3"}}
    assert await tied(app) == {}


async def test_a_tie_that_is_withdrawn_or_comes_late_is_as_what_stands(app):
    await app.told(event("student/p3", "guardian/p3-g3", Guardian, 3))
    await app.told(guardian("g3", "p3", version=2))

    assert await tied(app, "g3") == {}
    assert "tied" not in await app.desk.roster.known.find_one({"_id": "student/p3"})


async def test_what_an_earlier_release_has_written_is_found_after_the_next_start(app):
    await app.desk.roster.known.update_many({}, {"$unset": {"tied": ""}})
    assert await tied(app, "g1") == {}

    await app.desk.roster.prepare()

    assert await tied(app, "g1") == {"g1": {"p1", "p2"}}


async def test_nobody_is_found_with_a_student_who_was_forgotten(app):
    forgetting = outside(PRODUCER).forgetting
    await forgetting.erase(app.parts.database, ["p1"], [])

    assert await tied(app, "g1") == {"g1": {"p2"}}
    assert await forgetting.forgotten(app.parts.database, ["p1"])
