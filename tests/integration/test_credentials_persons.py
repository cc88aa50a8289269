"""When roster makes one person of two, exactly the merged one's awards are published again, under the survivor."""

import pytest

from shared.producer.life import facts_of
from shared.records.record import Record
from shared.roster_copy.following import follow_persons
from tests import producer_app
from tests.credentials_app import settled
from tests.producer_app import enrolment, student


@pytest.fixture
async def credentials(mongo_settings, keys):
    async with settled(
        mongo_settings, keys, student("p4", "south-sis:v-1", district="south"), enrolment("e4", "p4")
    ) as opened:
        yield opened


def merged(who: str, into: str | None, version: int):
    return producer_app.merged(who, into, version, "south-sis:v-1")


async def published(credentials):
    records = [Record.of(each) async for each in credentials.desk.records.collection.find({"kind": "award"})]
    facts = await facts_of(credentials.desk)(records)
    return {key: told[0] for key, told in facts.items()}


async def test_awards_before_in_between_and_after_are_the_survivors_and_go_back(credentials):
    await credentials.catalogued("osha-30", ("welding", "required", "2020-07-01"))
    await credentials.catalogued("osha-50", ("welding", "required", "2020-07-01"))
    own = (await credentials.log(student_id="p1"))["id"]
    before = (await credentials.log(student_id="p4", credential_code="osha-30"))["id"]
    as_it_was = await published(credentials)

    await credentials.told(merged("p4", "p1", 2))
    between = (await credentials.log(student_id="south-sis:v-1", credential_code="osha-50"))["id"]
    now = await published(credentials)
    assert {subject for subject, _ in now.values()} == {"student/p1"}
    assert {fact.student_id for _, fact in now.values()} == {"p1"}
    assert (await credentials.get(f"/awards/{before}"))["version"] == 2
    assert (await credentials.get(f"/awards/{own}"))["version"] == 1

    await credentials.told(merged("p4", "p1", 2))
    assert (await credentials.get(f"/awards/{before}"))["version"] == 2
    for name in ("p1", "p4", "stateStudentId:900001", "south-sis:v-1"):
        assert set(await credentials.ids(student=name)) == {own, before, between}
    for claim in ("p1", "p4"):
        assert set(await credentials.by("student", student_id=claim).ids()) == {own, before, between}
    await credentials.by("student", student_id="p2").get(f"/awards/{before}", 404)
    south = credentials.by("data_manager", districts=["south"])
    assert (await south.get(f"/awards/{own}"))["id"] == own

    await credentials.told(merged("p4", None, 3))
    apart = await published(credentials)
    assert {key: apart[key] for key in as_it_was} == as_it_was
    assert apart[f"award/{between}"][0] == "student/p4"
    await south.get(f"/awards/{own}", 404)


async def test_the_same_award_under_either_id_is_one(credentials):
    await credentials.told(merged("p4", "p1", 2))
    first = await credentials.log(student_id="p1")

    again = await credentials.batch(["p4", "p1"])
    assert [row["outcome"] for row in again["rows"]] == ["unchanged", "unchanged"]
    assert {row["award_id"] for row in again["rows"]} == {first["id"]}


async def test_a_crash_before_the_note_repeats_what_follows(credentials, monkeypatch):
    await credentials.log(student_id="p4")
    raised = credentials.desk.records.raise_versions

    async def cut(*_):
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(credentials.desk.records, "raise_versions", cut)
        with pytest.raises(ConnectionError):
            await credentials.told(merged("p4", "p1", 2))
    assert credentials.desk.records.raise_versions == raised

    merges = await credentials.parts.desk.roster.merges()
    assert await follow_persons(credentials.desk.records, credentials.desk.producer.student_of, merges) == 1
    assert await follow_persons(credentials.desk.records, credentials.desk.producer.student_of, merges) == 0
