"""What a fact is made of is read causally behind the record, and what was just written behind its write.

A new primary does not know at once how far the majority had come: a reading of its own may show the tier or the
person of before for a moment, and a record that is then published so stays so.
"""

import pytest

from services.roster.desk.organisation_changes import follow as follow_organisations
from services.roster.main import facts_in
from services.roster.persons.following import follow as follow_persons
from shared import mongo
from shared.producer.life import facts_of
from shared.records.store import Records
from tests import credentials_app, roster_app
from tests.producer_app import at_rest, cted, merged
from tests.profiling import profiled
from tests.recording import award
from tests.relaying import Watched, fact, relaying, until


@pytest.fixture
async def credentials(mongo_settings, keys):
    async with credentials_app.settled(mongo_settings, keys) as opened:
        yield opened


@pytest.fixture
async def roster(mongo_settings, keys):
    """Roster with its own loops at rest: they read the same records, in sessions of their own."""
    async with roster_app.running(mongo_settings, keys) as opened:
        await opened.furnish()
        await at_rest(*opened.app.state.progress.loops)
        yield opened


def alone(asked, *collections):
    """The one session in which all of these were read, each behind what it knows."""
    [(session, behind)] = asked.of(*collections)
    assert session is not None
    assert behind
    return session


async def test_the_relay_reads_references_behind_the_records(mongo_settings):
    client = mongo.connect(mongo_settings)
    database = client[mongo_settings.database("test")]
    records, out = Records(database), Watched(None)
    await records.prepare()
    await records.create(award())

    def looking_up(view):
        async def facts_of(batch):
            await view["references"].find_one({"_id": "tier"})
            return {one.key: [(f"student/{one.state['student_id']}", fact(one))] for one in batch}

        return facts_of

    async with profiled(database) as asked, relaying(mongo_settings, records, out, facts_in=looking_up):
        await until(lambda: nothing_waits(records))
    found = {session for collection, session, _ in asked.reads if collection == "records"}
    await mongo.close(client)

    assert out.batches
    looked_up = asked.of("references")
    assert looked_up <= {(session, True) for session in found if session}
    assert looked_up


async def nothing_waits(records):
    return await records.unpublished() == (0, None)


async def test_credentials_resolves_every_reference_of_a_fact_in_the_session_that_it_is_given(credentials):
    made = await credentials.log(201)
    sat = {"student_id": "p1", "program_id": "welding", "kind": "technical_skills", "form": "a", "scale": "items"}
    body = {**sat, "taken_on": "2025-04-10", "operational_items": 80, "correct": 58}
    await credentials.ask("POST", "/assessments", json=body, headers={"Idempotency-Key": "a"})
    await credentials.told(merged("p2", "p1", 2))
    records = await credentials.desk.records.find("award", {"_id": f"award/{made['id']}"}, limit=1)
    records += await credentials.desk.records.find("assessment", {}, limit=1)
    database = credentials.desk.records.database
    async with mongo.causal(database.client) as session:
        view, own = mongo.InSession(database, session), session.session_id["id"]
        await view["records"].find_one({})
        async with profiled(database) as asked:
            facts = await facts_of(credentials.desk.over(view))(records)

    assert len(facts) == 2
    assert alone(asked, "known", "records") == own


async def test_roster_resolves_every_reference_of_a_fact_in_the_session_that_it_is_given(roster):
    await roster.student("p1")
    await roster.enrol("e1", "p1")
    records = [await roster.store.records.get("student", "p1"), await roster.store.records.get("enrolment", "e1")]
    database = roster.store.records.database
    async with mongo.causal(database.client) as session:
        view, own = mongo.InSession(database, session), session.session_id["id"]
        await view["records"].find_one({})
        async with profiled(database) as asked:
            facts = await facts_in(view)(records)

    assert len(facts) == 2
    assert alone(asked, "records") == own


@pytest.mark.parametrize("news", [cted(starts="08-01", version=2), merged("p2", "p1", 2)], ids=["calendar", "merge"])
async def test_the_projection_sees_what_it_just_took_in(credentials, news):
    async with profiled(credentials.desk.records.database) as asked:
        await credentials.told(news)

    assert alone(asked, "known")


@pytest.mark.parametrize("follow", [follow_organisations, follow_persons], ids=["an organisation", "a merge"])
async def test_what_follows_in_roster_sees_what_was_just_written(roster, follow):
    async with profiled(roster.store.records.database) as asked:
        await follow(roster.store)

    assert alone(asked, "records")
