"""A kind that is reached by enrolments: whoever reaches the student by any of them reaches what it says of them."""

from uuid import uuid4

import pytest

from shared.contracts.roster import Enrolment
from shared.doors.auth import Identity, Reach, Rows
from shared.producer.life import outside
from tests import made_up_producer
from tests.made_up_producer import PRODUCER
from tests.producer_app import campus, enrolment, event, merged, student

PLACES = ["*|central", "*|south-campus", "nursing|*", "nursing|south-campus", "welding|*", "welding|central"]


@pytest.fixture
async def app(mongo_settings, keys):
    async with made_up_producer.running(mongo_settings, keys) as opened:
        await opened.told(enrolment("e9", "p1", "nursing", "south-campus", begin="2022-08-05", end="2023-05-20"))
        await opened.told(campus("east"))
        yield opened


async def call(app, status=201, **more):
    body = {"student_id": "p1", "on": "2025-05-20", **more}
    answer = await app.ask("POST", "/calls", json=body, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == status, answer.text
    return answer.json()


async def send(app, method, path, body, version=1, status=200):
    answer = await app.ask(method, path, json=body, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == status, answer.text
    return answer.json()


async def ids(app):
    return [one["id"] for one in (await app.get("/calls"))["items"]]


async def taught(app, id="p1"):
    document = await app.desk.roster.known.find_one({"_id": f"student/{id}"})
    return sorted(document["taught"])


@pytest.mark.parametrize(
    "names",
    [
        pytest.param({}, id="no program"),
        pytest.param({"program_id": "welding"}, id="one of two programs"),
        pytest.param({"organisation_id": "east"}, id="a place not theirs"),
    ],
)
@pytest.mark.parametrize(
    ("who", "claims", "reads"),
    [
        pytest.param("instructor", {"programs": ["welding"], "campuses": ["central"]}, True, id="who teaches"),
        pytest.param("instructor", {"programs": ["nursing"], "campuses": ["south-campus"]}, True, id="who has taught"),
        pytest.param("instructor", {"programs": ["nursing"], "campuses": ["*"]}, True, id="a program wherever it is"),
        pytest.param("instructor", {"programs": ["*"], "campuses": ["central"]}, True, id="a campus's every program"),
        pytest.param("instructor", {"programs": ["*"], "campuses": ["*"]}, True, id="every program everywhere"),
        pytest.param("instructor", {"programs": ["nursing"], "campuses": ["central"]}, False, id="halves of two"),
        pytest.param("instructor", {}, False, id="who teaches nothing"),
        pytest.param("coordinator", {"campuses": ["south-campus"]}, True, id="a campus"),
        pytest.param("coordinator", {"campuses": ["east"]}, False, id="another campus"),
        pytest.param("data_manager", {"districts": ["north"]}, True, id="the student's district"),
        pytest.param("data_manager", {"districts": ["south"]}, False, id="another district"),
        pytest.param("student", {"student_id": "p1"}, True, id="oneself"),
        pytest.param("student", {"student_id": "p2"}, False, id="another student"),
    ],
)
async def test_any_enrolment_reaches_a_record_whatever_program_it_names(app, who, claims, reads, names):
    id = (await call(app, **names))["id"]
    caller = app.by(who, **claims)

    assert await ids(caller) == ([id] if reads else [])
    await caller.get(f"/calls/{id}", 200 if reads else 404)


async def test_where_a_student_was_taught_follows_every_enrolment_that_stands(app):
    first = await taught(app)
    await app.told(event("student/p1", "enrolment/e9", Enrolment, version=3))
    await app.told(enrolment("e9", "p1", "nursing", "south-campus", version=2))
    withdrawn = await taught(app)
    await app.told(enrolment("e1", "p1", "welding", "south-campus", version=2))

    assert first == PLACES
    assert withdrawn == ["*|central", "welding|*", "welding|central"], "what came late is no enrolment again"
    assert await taught(app) == ["*|south-campus", "welding|*", "welding|south-campus"]


async def test_a_student_who_leaves_is_reached_no_more_by_that_enrolment(app):
    id = (await call(app))["id"]
    nurse = app.by("instructor", programs=["nursing"], campuses=["south-campus"])
    assert await ids(nurse) == [id]
    await app.told(event("student/p1", "enrolment/e9", Enrolment, version=2))

    assert await ids(nurse) == []
    await nurse.get(f"/calls/{id}", 404)


async def test_what_an_earlier_release_has_kept_says_where_from_the_start(app):
    known = app.desk.roster.known
    await known.update_many({}, {"$unset": {"taught": ""}})
    await known.update_one({"_id": "student/p2"}, {"$set": {"taught": ["nursing|east"]}})
    await app.desk.roster.prepare()

    assert await taught(app) == PLACES
    assert await taught(app, "p2") == ["*|south-campus", "welding|*", "welding|south-campus"]
    assert await known.count_documents({"taught": {"$exists": True}}) == 3, "students alone are taught"


async def test_every_id_of_a_merged_person_is_within_reach(app):
    nurse = app.by("instructor", programs=["nursing"], campuses=["central"])
    id = (await call(app, student_id="p2"))["id"]
    assert await ids(nurse) == []
    await app.told(merged("p3", "p2", 2))

    assert await ids(nurse) == [id]
    await nurse.get(f"/calls/{id}")


async def test_whom_nobody_has_told_of_is_within_no_enrolment(app):
    welding = Identity("teacher-1", frozenset(), programs=frozenset({"welding"}), campuses=frozenset({"*"}))
    await app.told(student("p7"), enrolment("e7", "p8"))
    roster = app.desk.roster

    found = await roster.students_within(Reach(welding, frozenset({Rows.OWN_PROGRAMS})))
    assert found == ["p1", "p2"], "of p8 there is an enrolment and no student"
    assert await roster.students_within(Reach(welding, frozenset({Rows.ALL}))) is None


@pytest.mark.parametrize(
    ("who", "claims", "names", "status"),
    [
        pytest.param("instructor", {"programs": ["nursing"], "campuses": ["*"]}, {}, 201, id="any enrolment"),
        pytest.param(
            "instructor", {"programs": ["welding"], "campuses": ["*"]}, {"program_id": "welding"}, 201, id="own"
        ),
        pytest.param(
            "instructor", {"programs": ["welding"], "campuses": ["*"]}, {"program_id": "nursing"}, 422, id="another's"
        ),
        pytest.param(
            "instructor",
            {"programs": ["welding"], "campuses": ["*"]},
            {"organisation_id": "central"},
            201,
            id="where taught",
        ),
        pytest.param(
            "instructor",
            {"programs": ["welding"], "campuses": ["*"]},
            {"organisation_id": "south-campus"},
            201,
            id="anywhere else",
        ),
        pytest.param("coordinator", {"campuses": ["east"]}, {}, 422, id="none of theirs"),
    ],
)
async def test_who_files_without_a_program_needs_any_enrolment_and_with_one_an_enrolment_in_it(
    app, who, claims, names, status
):
    kept = await call(app.by(who, **claims), status, **names)

    assert kept.get("program_id") == (names.get("program_id") if status == 201 else None)


async def test_who_teaches_another_program_sets_right_takes_out_and_imports(app):
    nurse = app.by("instructor", programs=["nursing"], campuses=["south-campus"])
    id = (await call(app, program_id="welding"))["id"]
    twin = await call(nurse, 409, note="again")
    changed = await send(nurse, "PATCH", f"/calls/{id}", {"note": "in the evening"})
    await send(app.by("coordinator", campuses=["east"]), "PATCH", f"/calls/{id}", {"note": "no"}, 2, 404)
    out = await send(nurse, "POST", f"/calls/{id}/void", {"reason": "never was"}, 2)
    loaded = await nurse.load("calls", "student_id,on,note\nstateStudentId:900001,2025-05-20,\np2,2025-05-20,\n")

    assert twin["existing"] == id, "who reaches the student may read what stands in the way"
    assert (changed["note"], changed["program_id"], out["void"]) == ("in the evening", "welding", True)
    assert (loaded["created"], loaded["refused"]) == (1, 1)
    assert len(await ids(nurse)) == 1


async def test_of_a_forgotten_student_nothing_says_where_they_were_taught(app):
    database = app.desk.records.database
    forgetting = outside(PRODUCER).forgetting
    await forgetting.erase(database, ["p1"], ["p1"])

    assert await taught(app) == []
    assert "south-campus" not in str(await app.desk.roster.known.find_one({"_id": "student/p1"}))
    assert await forgetting.forgotten(database, ["p1"])
