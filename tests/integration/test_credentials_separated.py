"""What was logged under a source id goes with it when roster says whose it is now, and only then."""

import pytest

from shared.producer.life import facts_of
from shared.records.record import Record
from tests import producer_app
from tests.credentials_app import settled
from tests.producer_app import enrolment, student

NAMES = ("sis:t1", "sis:t2", "stateStudentId:20001")


@pytest.fixture
async def credentials(mongo_settings, keys):
    told = (student("p4", *NAMES), enrolment("e4", "p4"), enrolment("e9", "p9"))
    async with settled(mongo_settings, keys, *told) as opened:
        for code in ("osha-30", "osha-50", "osha-70"):
            await opened.catalogued(code, ("welding", "required", "2020-07-01"))
        yield opened


async def published(credentials):
    """Whose award each is, as it is told by now."""
    records = [Record.of(each) async for each in credentials.desk.records.collection.find({"kind": "award"})]
    facts = await facts_of(credentials.desk)(records)
    assert all(told[0][0] == f"student/{told[0][1].student_id}" for told in facts.values())
    return {key.partition("/")[2]: told[0][1].student_id for key, told in facts.items()}


async def logged(credentials):
    """One award under each kind of name of one student."""
    named = {"sis:t2": "osha-30", "stateStudentId:20001": "osha-50", "p4": "osha-70", "sis:t1": "osha-10"}
    awards = {}
    for name, code in named.items():
        awards[name] = (await credentials.log(student_id=name, credential_code=code))["id"]
    return awards


LEFT, GAINED = student("p4", "sis:t1", "stateStudentId:20001", version=2), student("p9", "sis:t2", version=1)


@pytest.mark.parametrize("order", [(LEFT, GAINED), (GAINED, LEFT), (GAINED, student("p4", *NAMES), LEFT)])
async def test_an_award_goes_with_its_source_id_and_with_nothing_else(credentials, order):
    awards = await logged(credentials)
    path = f"/awards/{awards['sis:t2']}"
    await credentials.told(as_it_was := student("p4", *NAMES))
    assert set((await published(credentials)).values()) == {"p4"}

    for news in order:
        await credentials.told(news)
        if LEFT in order[order.index(news) + 1 :]:
            assert set((await published(credentials)).values()) == {"p4"}, "both have the id: nobody knows whose it is"
    await credentials.told(as_it_was)

    assert await published(credentials) == {id: "p9" if name == "sis:t2" else "p4" for name, id in awards.items()}
    award = await credentials.get(path, history="true")
    assert (award["version"], award["history"][-1]["action"]) == (2, "moved")
    assert "_under" not in award
    assert "under" not in award

    await credentials.told(producer_app.merged("p9", "p4", 2, "sis:t2"))
    assert set((await published(credentials)).values()) == {"p4"}


async def test_a_correction_in_between_keeps_what_it_was_logged_under(credentials):
    award = (await logged(credentials))["sis:t2"]
    body = {"evidence_url": "https://example.org/seen"}
    changed = await credentials.ask("PATCH", f"/awards/{award}", json=body, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text

    await credentials.told(LEFT, GAINED)

    assert (await published(credentials))[award] == "p9"


async def test_an_id_that_is_nobodys_any_more_moves_nothing(credentials):
    awards = await logged(credentials)

    await credentials.told(student("p4", "sis:t1", version=2))
    await credentials.told(student("p9", "stateStudentId:20001"))

    assert await published(credentials) == dict.fromkeys(awards.values(), "p4")


async def test_what_the_other_student_has_already_stays_and_is_listed_until_somebody_settles_it(credentials):
    award = (await logged(credentials))["sis:t2"]
    await credentials.told(student("p9"))
    own = (await credentials.log(student_id="p9", credential_code="osha-30"))["id"]

    await credentials.told(LEFT, student("p9", "sis:t2", version=2))

    assert (await published(credentials))[award] == "p4"
    listed = {each["id"]: each["why"] for each in (await credentials.get("/awards/conflicts"))["items"]}
    assert own in listed[award]
    await credentials.ask("POST", f"/awards/{own}/void", json={"reason": "twice"}, headers={"If-Match": '"1"'})
    await credentials.told(student("p9", "sis:t2", version=3))
    assert (await published(credentials))[award] == "p9"
    assert award not in [each["id"] for each in (await credentials.get("/awards/conflicts"))["items"]]


async def test_an_assessment_goes_with_its_source_id(credentials):
    body = {
        "program_id": "welding",
        "kind": "technical_skills",
        "form": "spring-b",
        "scale": "items",
        "taken_on": "2025-05-20",
        "rows": [{"student_id": name, "operational_items": 80, "correct": 58} for name in ("sis:t2",)],
    }
    sat = await credentials.ask("POST", "/assessments/batch", json=body, headers={"Idempotency-Key": "one"})
    id = sat.json()["rows"][0]["assessment_id"]

    await credentials.told(LEFT, GAINED)

    assert (await credentials.get(f"/assessments/{id}"))["student_id"] == "p9"
