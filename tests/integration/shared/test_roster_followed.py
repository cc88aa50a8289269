"""What a service follows by itself: news of students, as soon as they are seen, and each day where the cted is."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from shared.contracts.roster import Enrolment, Guardian, Organisation, TermBegins
from shared.errors import Retryable
from tests import made_up_producer
from tests.made_up_producer import FOLLOWED
from tests.producer_app import NOW, campus, cted, enrolment, event, heartbeats, merged, program, student

HEARD = datetime(2150, 1, 1, tzinfo=UTC)


@pytest.fixture
async def app(mongo_settings, keys):
    FOLLOWED.asked.clear()
    FOLLOWED.failing = False
    async with made_up_producer.running(mongo_settings, keys) as opened:
        yield opened


def tie(id, who, guardian="g1", *, version=1, **more):
    fact = Guardian(tie_id=id, student_id=who, guardian_id=guardian, relation="parent", begin=date(2024, 8, 5), **more)
    return event(f"student/{who}", f"guardian/{id}", fact, version)


def followed():
    asked = [students for _, students in FOLLOWED.asked]
    FOLLOWED.asked.clear()
    return asked


@pytest.mark.parametrize(
    ("news", "students"),
    [
        pytest.param([student("p1", version=2)], [["p1"]], id="who a student is"),
        pytest.param([enrolment("e8", "p2"), tie("t1", "p1")], [["p1", "p2"]], id="an enrolment and a guardian"),
        pytest.param([event("student/p1", "enrolment/e1", Enrolment, version=2)], [["p1"]], id="what is withdrawn"),
        pytest.param([campus("east"), program("robotics"), *heartbeats(NOW)], [], id="nothing of students"),
    ],
)
async def test_students_of_whom_roster_has_told_anything_are_followed(app, news, students):
    followed()
    await app.told(*news)

    assert followed() == students


async def test_what_follows_students_sees_the_news_and_writes_beside_them(app):
    await app.told(enrolment("e8", "p2", "nursing", "east"))
    desk, _ = FOLLOWED.asked[-1]
    told = (await app.desk.roster.told(["p2"], ())).students["p2"]

    assert desk.records is app.desk.records
    assert desk.roster.known is not app.desk.roster.known, "read in the session that has written the news"
    assert "nursing" in {one.program_id for one in told.enrolments}


async def test_news_that_cannot_be_followed_come_again_and_are_not_heard_meanwhile(app):
    before = await app.desk.roster.heard_through()
    FOLLOWED.failing = True
    batch = [tie("t1", "p1"), *heartbeats(HEARD)]
    with pytest.raises(Retryable):
        await app.told(*batch)
    meanwhile = await app.desk.roster.heard_through()
    FOLLOWED.failing = False
    followed()
    await app.told(*batch)

    assert meanwhile == before
    assert (followed(), await app.desk.roster.heard_through()) == ([["p1"]], HEARD)


async def test_each_day_is_followed_at_the_start_and_when_it_is_another_where_the_cted_is(app):
    parts = app.parts
    assert followed()[0] == ["2025-06-15"]
    assert "days" in (await app.client.get("/livez")).json()["checks"], "looked after as every loop"
    FOLLOWED.asked.clear()
    await parts.follow_day()
    parts.desk = replace(parts.desk, now=lambda: datetime(2025, 6, 16, 6, 59, tzinfo=UTC))
    await parts.follow_day()
    assert followed() == [], "in Phoenix it is the same day"
    parts.desk = replace(parts.desk, now=lambda: datetime(2025, 6, 16, 7, 1, tzinfo=UTC))
    await parts.follow_day()
    await parts.follow_day()

    assert followed() == [["2025-06-16"]]


async def test_a_day_that_could_not_be_followed_is_followed_again(app):
    parts = app.parts
    followed()
    parts.desk = replace(parts.desk, now=lambda: datetime(2025, 6, 16, 12, tzinfo=UTC))
    FOLLOWED.failing = True
    with pytest.raises(Retryable):
        await parts.follow_day()
    FOLLOWED.failing = False
    await parts.follow_day()

    assert followed() == [["2025-06-16"], ["2025-06-16"]]


async def test_guardians_are_those_of_the_person_under_whichever_id(app):
    await app.told(tie("t1", "p1"), tie("t2", "p1", "g2", preferred_language="spa"), tie("t3", "p3", "g3"))
    await app.told(event("student/p1", "guardian/t1", Guardian, version=2), merged("p3", "p1", 2))
    found = await app.desk.roster.guardians(["p1", "p2"])
    by_the_other = await app.desk.roster.guardians(["p3"])

    assert {id: [one.guardian_id for one in ties] for id, ties in found.items()} == {"p1": ["g2", "g3"], "p2": []}
    assert by_the_other == {"p3": found["p1"]}
    assert found["p1"][0].preferred_language == "spa"


async def test_organisations_are_those_that_stand_with_their_terms_and_what_is_above_them(app):
    terms = (TermBegins(school_year="2024-25", term="autumn", begins=date(2024, 8, 5)),)
    fact = Organisation(organisation_id="east", name="Sample", type="satellite_campus", parent_id="cted", terms=terms)
    await app.told(
        event("organisation/east", "organisation/east", fact),
        event("organisation/central", "organisation/central", Organisation, version=2),
        cted(version=2),
    )
    found = await app.desk.roster.organisations()

    assert sorted(found) == ["cted", "east", "south-campus"]
    assert found["east"] == fact
