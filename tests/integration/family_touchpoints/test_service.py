"""The service as such, over a real mongod: it starts, and knows what roster has told of families."""

import pytest

from shared.contracts.roster import Guardian
from tests import family_app


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


async def test_it_is_told_of_students_with_their_guardians(app):
    found = await app.desk.roster.facts(["student/p1", "student/p3"], Guardian)

    assert sorted(one.guardian_id for one in found["student/p1"]) == ["g1", "g2"]
    assert [one.preferred_language for one in found["student/p3"]] == ["spa"]
