"""Who reads which touchpoint, and what of it: by the student, notes by the program, a coordinator one matter."""

from datetime import date

import pytest

from shared.contracts.roster import Organisation, TermBegins
from tests import family_app
from tests.integration.family_touchpoints.calls import act, call, counselor, instructor, one, patch
from tests.producer_app import event, merged

NOTE = "has two jobs, call after six"


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        # The brother learns nursing, and from January on welding too.
        await opened.told(family_app.enrolment("e4", "p2", begin="2026-01-05"))
        yield opened


def coordinator(app, *at):
    return app.by("coordinator", sub="coordinator-1", campuses=list(at or ("central", "south-campus")))


def pupil(app, id):
    return app.by("student", sub=f"pupil-{id}", student_id=id)


async def ids(app, **params):
    return {each["id"] for each in (await app.get("/touchpoints", **params))["items"]}


async def test_whoever_reaches_the_student_reads_the_touchpoint_and_notes_of_own_programs(app):
    nursing = await one(
        instructor(app, "nursing", at=["south-campus"]), students=["p2"], program_id="nursing", note=NOTE
    )
    welding = await one(app, students=["p2"], program_id="welding", held_on="2026-02-03", note=NOTE)
    colleague = instructor(app, "welding", sub="mr-made-up")

    assert await ids(colleague) == {nursing["id"], welding["id"]}
    listed = (await colleague.get("/touchpoints"))["items"]
    assert {one["id"]: one["has_note"] for one in listed} == {nursing["id"]: False, welding["id"]: True}
    assert (await colleague.get(f"/touchpoints/{welding['id']}"))["note"] == NOTE
    assert (await colleague.get(f"/touchpoints/{nursing['id']}"))["note"] is None
    assert (await counselor(app, "central").get(f"/touchpoints/{nursing['id']}"))["note"] == NOTE
    stranger = instructor(app, "nursing", at=["central"])
    assert await ids(stranger) == set()
    await stranger.get(f"/touchpoints/{nursing['id']}", 404)


async def test_a_note_of_another_program_is_neither_changed_nor_its_touchpoint(app):
    nursing = await one(
        instructor(app, "nursing", at=["south-campus"]), students=["p2"], program_id="nursing", note=NOTE
    )
    colleague = instructor(app, "welding", sub="mr-made-up")

    await patch(colleague, nursing, 403, note="mine")
    await patch(colleague, nursing, 403, minutes=3)
    await act(colleague, nursing, "void", 403, reason="not ours")


async def test_a_note_stands_in_no_list_and_no_fact(app):
    record = await one(app, note=NOTE)

    assert NOTE not in repr(await app.get("/touchpoints"))
    assert [one["has_note"] for one in (await app.get("/touchpoints"))["items"]] == [True]
    assert NOTE not in repr(await app.facts("touchpoint"))
    assert (await app.get(f"/touchpoints/{record['id']}"))["note"] == NOTE


async def test_a_leader_reads_no_notes_and_changes_nothing(app):
    record = await one(app, note=NOTE)
    leader = app.by("leader", districts=["north"])

    assert await ids(leader) == {record["id"]}
    assert (await leader.get(f"/touchpoints/{record['id']}"))["note"] is None
    await call(leader, 403)
    assert await ids(app.by("leader", districts=["south"])) == set()


async def test_a_coordinator_logs_and_sees_work_based_learning_alone(app):
    other = await one(app)
    own = await one(coordinator(app), purpose="work_based_learning", held_on="2025-10-10", note=NOTE)

    refused = await call(coordinator(app), 422)
    assert [each["pointer"] for each in refused["errors"]] == ["/purpose"]
    assert await ids(coordinator(app)) == {own["id"]}
    await coordinator(app).get(f"/touchpoints/{other['id']}", 404)
    await patch(coordinator(app), other, 404, minutes=3)
    await patch(coordinator(app), own, 422, purpose="progress")


async def test_who_is_coordinator_and_instructor_sees_other_matters_of_own_students_alone(app):
    other = await one(app)
    theirs = await one(app, students=["p2"], held_on="2025-10-10")
    matter = await one(app, purpose="work_based_learning", held_on="2025-10-11")
    claims = {"roles": ["coordinator", "instructor"], "sub": "both", "campuses": ["central", "south-campus"]}
    both = type(app)(app.client, app.keys, app.parts, {**claims, "programs": ["nursing"]})

    assert await ids(both) == {theirs["id"], matter["id"]}
    await both.get(f"/touchpoints/{other['id']}", 404)
    refused = await call(both, 422)
    assert "there is no student p1 within your reach" in refused["detail"]


async def test_a_student_reads_the_own_from_eighteen_on(app):
    record = await one(app, note=NOTE, follow_up_on="2025-10-20")

    assert await ids(pupil(app, "p1")) == set()
    await pupil(app, "p1").get(f"/touchpoints/{record['id']}", 404)
    await app.eighteen("p1", "2026-05-22")
    shown = await pupil(app, "p1").get(f"/touchpoints/{record['id']}", history="true")
    assert (shown["note"], shown["staff"], shown["follow_up_on"]) == (NOTE, None, None)
    assert {past["by"] for past in shown["history"]} == {"staff"}
    assert await ids(pupil(app, "p2")) == set()
    await app.eighteen("p1", "2026-05-23")
    assert await ids(pupil(app, "p1")) == set()
    await call(pupil(app, "p1"), 403)


async def test_nobody_logs_for_a_student_beyond_reach(app):
    refused = await call(instructor(app, "nursing"), 422)
    nobody = await call(instructor(app, "nursing"), 422, students=["p9"])
    program = await call(instructor(app, "welding"), 422, students=["p2"], program_id="nursing")

    assert refused["detail"].replace("p1", "p9") == nobody["detail"]
    assert "not enrolled with you in nursing" in program["detail"] or "first enrolment with you" in program["detail"]


async def test_a_list_is_narrowed_to_a_term_of_the_table_that_holds_there(app):
    await app.told(
        family_app.campus("central", terms=[("2025-26", "2025-08-01"), ("2025-26", "2025-10-15")], version=2)
    )
    first = await one(app, program_id="welding", held_on="2025-10-09")
    second = await one(app, program_id="welding", held_on="2025-10-20")
    nowhere = await one(app, held_on="2025-10-21")
    elsewhere = await one(app, students=["p2"], program_id="nursing", held_on="2025-10-20")

    assert await ids(app, term="2025-26.1") == {first["id"], elsewhere["id"]}
    assert await ids(app, term="2025-26.2") == {second["id"], nowhere["id"]}
    assert len((await app.get("/touchpoints", term="2025-26.2", limit=1))["items"]) == 1
    assert await ids(app, **{"from": "2025-10-10", "to": "2025-10-20"}) == {second["id"], elsewhere["id"]}
    assert await ids(app, program="welding", outcome="reached", student="stateStudentId:900001") == {
        first["id"],
        second["id"],
    }


async def test_touchpoints_follow_the_tables_of_terms(app):
    filed = await one(app, program_id="welding")
    nowhere = await one(app, held_on="2025-10-10")
    other = await one(app, students=["p2"], program_id="nursing")
    terms = [("2025-26", "2025-08-01"), ("2025-26", "2025-09-15"), ("2025-26", "2025-10-01")]

    await app.told(family_app.campus("central", terms=terms, version=2))
    await app.told(family_app.campus("central", terms=terms, version=3))

    versions = await app.desk.records.get_many("touchpoint", [each["id"] for each in (filed, nowhere, other)])
    assert [versions[each["id"]].version for each in (filed, nowhere, other)] == [2, 2, 1]
    assert {fact.touchpoint_id: fact.term for _, fact in await app.facts("touchpoint")} == {
        filed["id"]: 3,
        nowhere["id"]: 3,
        other["id"]: 1,
    }


async def test_what_is_filed_nowhere_follows_where_the_student_is_taught_and_no_other_news(app):
    terms = [("2025-26", "2025-08-01"), ("2025-26", "2025-10-01")]
    await app.told(family_app.campus("south-campus", terms=terms, version=2))
    record = await one(app)
    filed = await one(app, program_id="welding", held_on="2025-10-10")

    async def lies():
        versions = await app.desk.records.get_many("touchpoint", [record["id"], filed["id"]])
        found = {fact.touchpoint_id: fact.term for _, fact in await app.facts("touchpoint")}
        return [(versions[each["id"]].version, found[each["id"]]) for each in (record, filed)]

    assert await lies() == [(1, 1), (1, 1)]
    await app.told(family_app.enrolment("e5", "p1", "nursing", "south-campus", begin="2025-09-01"))
    assert await lies() == [(2, 2), (1, 1)]
    await app.told(family_app.enrolment("e5", "p1", "nursing", "south-campus", begin="2025-09-02", version=2))
    await app.rule("g1")
    await app.desk.students_changed(["p1"])
    assert await lies() == [(2, 2), (1, 1)], "no event tells that there is a rule"


async def test_tables_of_other_places_restate_nothing_of_who_is_taught_nowhere(app):
    await app.told(family_app.student("p4"), family_app.guardian("g4", "p4"))
    nowhere = await one(app, students=["p4"], guardian_ids=["g4"])
    terms = [("2025-26", "2025-08-01"), ("2025-26", "2025-10-01")]
    await app.told(family_app.campus("south-campus", terms=terms, version=2))
    assert (await app.get(f"/touchpoints/{nowhere['id']}"))["version"] == 1

    told = tuple(TermBegins(school_year=year, term=day, begins=date.fromisoformat(day)) for year, day in terms)
    cted = Organisation(organisation_id="cted", name="Sample", type="cted", time_zone="America/Phoenix", terms=told)
    await app.told(event("organisation/cted", "organisation/cted", cted, 2))
    assert (await app.get(f"/touchpoints/{nowhere['id']}"))["version"] == 2
    assert [fact.term for _, fact in await app.facts("touchpoint")] == [2]


async def test_news_of_where_a_student_is_taught_reaches_what_was_logged_under_either_id(app):
    terms = [("2025-26", "2025-08-01"), ("2025-26", "2025-10-01")]
    await app.told(family_app.campus("south-campus", terms=terms, version=2))
    await app.told(family_app.student("p4"), family_app.guardian("g1", "p4"))
    record = await one(app, students=["p4"])
    await app.told(merged("p4", "p1", 2))
    before = (await app.get(f"/touchpoints/{record['id']}"))["version"]
    await app.told(family_app.enrolment("e5", "p1", "nursing", "south-campus", begin="2025-09-01"))

    assert (await app.get(f"/touchpoints/{record['id']}"))["version"] == before + 1
    assert [fact.term for _, fact in await app.facts("touchpoint")] == [2]


async def test_who_is_coordinator_too_changes_no_other_matter_of_another_program(app):
    record = await one(
        instructor(app, "nursing", at=["south-campus"]), students=["p2"], program_id="nursing", guardian_ids=["g1"]
    )
    claims = {"roles": ["coordinator", "instructor"], "sub": "both", "campuses": ["central", "south-campus"]}
    both = type(app)(app.client, app.keys, app.parts, {**claims, "programs": ["welding"]})

    assert (await both.get(f"/touchpoints/{record['id']}"))["id"] == record["id"]
    await patch(both, record, 403, minutes=3)
