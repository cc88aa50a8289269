"""Assessments and cuts over HTTP and a real mongod, as instructors and data managers see them."""

from uuid import uuid4

import pytest

from services.credentials.assessment.restating import follow_cuts
from shared.producer.life import facts_of
from tests.credentials_app import running
from tests.producer_app import campus, cted, enrolment, student

TSA = {
    "student_id": "p1",
    "program_id": "welding",
    "kind": "technical_skills",
    "form": "spring-a",
    "scale": "items",
    "taken_on": "2025-04-10",
    "operational_items": 80,
    "correct": 58,
}
POST = {**TSA, "kind": "program", "phase": "post", "scale": "percent", "score": "72.5"}
del POST["operational_items"], POST["correct"]


@pytest.fixture
async def credentials(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await opened.furnish()
        yield opened


async def ask(credentials, method, path, status, *, version=None, **more):
    headers = {"Idempotency-Key": more.pop("key", None) or uuid4().hex}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    response = await credentials.ask(method, path, headers=headers, **more)
    assert response.status_code == status, response.text
    return response


async def log(credentials, status=201, *, key=None, **changes):
    body = {name: value for name, value in {**TSA, **changes}.items() if value is not ...}
    return (await ask(credentials, "POST", "/assessments", status, key=key, json=body)).json()


async def fact(credentials, id):
    """What would be published of an assessment now."""
    record = await credentials.desk.records.get("assessment", id)
    found = await facts_of(credentials.desk)([record])
    return found[record.key][0]


PATH = "/programs/welding/cuts"


async def cuts(credentials, *rows, status=200):
    body = {"cuts": [dict(zip(("valid_from", "cut", "minimum_gain"), row, strict=False)) for row in rows]}
    response = await ask(credentials, "PUT", "/programs/welding/cuts", status, json=body)
    return int(response.headers.get("Aurora-Restated", -1))


async def test_the_type_of_a_place_is_looked_up_when_it_is_told_and_followed_when_it_changes(credentials):
    elsewhere = await log(credentials, student_id="p2")
    made = await log(credentials)
    record = await credentials.desk.records.get("assessment", made["id"])
    before = (await fact(credentials, made["id"]))[1].organisation_type
    await credentials.told(campus("central", "satellite_campus", version=2))
    after = await credentials.desk.records.get("assessment", made["id"])

    assert "organisation_type" not in record.state
    assert (before, after.version, after.history[-1].action) == ("central_campus", 2, "reference_changed")
    assert (await fact(credentials, made["id"]))[1].organisation_type == "satellite_campus"
    assert (await credentials.get(f"/assessments/{made['id']}"))["organisation_type"] == "satellite_campus"
    assert (await credentials.desk.records.get("assessment", elsewhere["id"])).version == 1
    await credentials.told(campus("central", "satellite_campus", version=2), campus("other", version=1))
    assert (await credentials.desk.records.get("assessment", made["id"])).version == 2, "nothing has changed"


async def test_a_type_that_an_earlier_release_kept_is_told_as_it_is_now(credentials):
    made = await log(credentials)
    kept = {"state.organisation_type": "satellite_campus"}
    await credentials.desk.records.collection.update_one({"_id": f"assessment/{made['id']}"}, {"$set": kept})

    assert (await fact(credentials, made["id"]))[1].organisation_type == "central_campus"
    assert (await credentials.get(f"/assessments/{made['id']}"))["organisation_type"] == "central_campus"


async def test_a_sitting_is_filed_under_the_person_and_the_campus_of_its_enrolment(credentials):
    made = await log(credentials, student_id="stateStudentId:900001")

    assert (made["student_id"], made["organisation_id"], made["organisation_type"]) == (
        "p1",
        "central",
        "central_campus",
    )
    subject, said = await fact(credentials, made["id"])
    assert (subject, said.share, said.cut, said.passed, said.school_year) == (
        "student/p1",
        "29/40",
        "3/5",
        True,
        "2024-25",
    )


async def test_the_same_key_and_body_again_changes_nothing_and_another_body_is_refused(credentials):
    made = await log(credentials, key="k1")

    assert (await log(credentials, 200, key="k1"))["version"] == 1
    assert "another body" in (await log(credentials, 422, key="k1", correct=59))["detail"]
    assert (await log(credentials, 409, correct=59))["existing"] == made["id"]


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        pytest.param({"taken_on": "2025-06-16"}, "/taken_on", "send it on or after that day", id="a future day"),
        pytest.param({"student_id": "nobody"}, "/student_id", "there is no student nobody", id="unknown student"),
        pytest.param({"program_id": "baking"}, "/program_id", "roster knows no program baking", id="unknown program"),
        pytest.param({"phase": "post"}, "/phase", "leave it out", id="a phase of the state's assessment"),
        pytest.param({"kind": "program"}, "/phase", "send pre, interim or post", id="a program's without a phase"),
        pytest.param({"correct": 81}, "/correct", "more than operational_items 80", id="more than all"),
        pytest.param({"correct": ...}, "/correct", "send both", id="items without correct"),
        pytest.param({"correct": ..., "operational_items": ...}, "/correct", "the result is missing", id="no result"),
        pytest.param({"score": "72"}, "/score", "send one of the two", id="items and a score"),
        pytest.param(
            {**POST, "correct": ..., "operational_items": ..., "scale": "local"}, "/scale", "points-80", id="no top"
        ),
        pytest.param(
            {**POST, "correct": ..., "operational_items": ..., "score": "101"}, "/score", "above 100", id="above it"
        ),
        pytest.param(
            {**POST, "correct": ..., "operational_items": ..., "score": ..., "passed": True},
            "/correct",
            "its growth is measured by it",
            id="a program's verdict alone",
        ),
        pytest.param({"cut": "1.5"}, "/cut", "from 0 to 1", id="a cut above all"),
        pytest.param({"cut": "0.9", "passed": True}, "/passed", "leave passed out", id="verdict against its own cut"),
        pytest.param({"score": 72}, "/score", "text", id="a score as a number"),
    ],
)
async def test_a_refusal_says_what_would_work(credentials, body, pointer, words):
    await credentials.all_heard()

    refused = await log(credentials, 422, **body)

    assert pointer in [error["pointer"] for error in refused["errors"]]
    assert words in refused["detail"] or words in str(refused["errors"])


@pytest.mark.parametrize(
    ("changes", "passed", "cut"),
    [
        pytest.param({"correct": 48}, True, "3/5", id="exactly the default cut"),
        pytest.param({"correct": 47}, False, "3/5", id="one below"),
        pytest.param({"correct": 47, "cut": "0.55"}, True, "11/20", id="its own cut"),
        pytest.param({"correct": 47, "passed": True}, True, None, id="the verdict as told"),
        pytest.param({"correct": ..., "operational_items": ..., "passed": False}, False, None, id="the verdict alone"),
    ],
)
async def test_who_has_passed(credentials, changes, passed, cut):
    made = await log(credentials, **changes)
    _, said = await fact(credentials, made["id"])

    assert (said.passed, said.cut) == (passed, cut)


async def test_a_cut_restates_exactly_what_it_touches(credentials):
    """Of the days on which another is in force, those that no cut or verdict of their own decides."""
    before = await log(credentials, form="a", taken_on="2024-12-31", correct=50)
    after = await log(credentials, form="b", taken_on="2025-01-01", correct=50)
    told = await log(credentials, form="c", taken_on="2025-01-02", passed=True)
    own = await log(credentials, form="d", taken_on="2025-01-02", cut="0.6")
    other = await log(credentials, student_id="p3", program_id="nursing", taken_on="2025-01-02")

    assert await cuts(credentials, ("2025-01-01", "0.65"), status=201) == 1
    assert await cuts(credentials, ("2025-01-01", "0.65")) == 0
    assert await cuts(credentials, ("2025-01-01", "13/20")) == 0
    versions = [
        (await credentials.get(f"/assessments/{one['id']}"))["version"] for one in (before, after, told, own, other)
    ]
    assert versions == [1, 2, 1, 1, 1]
    assert (await fact(credentials, after["id"]))[1].passed is False
    assert (await fact(credentials, before["id"]))[1].passed is True
    assert await cuts(credentials) == 1


async def test_a_dry_run_of_cuts_says_how_many_assessments_they_would_restate(credentials):
    made = await log(credentials, taken_on="2025-01-01", correct=50)
    await log(credentials, form="b", taken_on="2024-12-31", correct=50)
    body = {"cuts": [{"valid_from": "2025-01-01", "cut": "0.65"}]}

    async def put(*, dry, status=200, version=None):
        return await ask(credentials, "PUT", PATH, status, version=version, json=body, params={"dry_run": dry})

    dry = await put(dry=True)
    assert dry.json() == {"program_id": "welding", "outcome": "created", "restated": 1, "dry_run": True}
    assert (dry.headers["Aurora-Restated"], dry.headers["Aurora-Outcome"]) == ("1", "created")
    await credentials.get(PATH, 404)
    await put(dry=True, status=412, version=1)
    wet = await put(dry=False, status=201)
    assert (wet.json()["restated"], wet.json()["version"]) == (1, 1)
    assert (await credentials.get(f"/assessments/{made['id']}"))["version"] == 2
    again = (await put(dry=True)).json()
    assert (again["outcome"], again["restated"]) == ("unchanged", 0)
    await put(dry=True, status=412, version=2)
    body["cuts"][0]["cut"] = "0.7"
    changed = (await put(dry=True, version=1)).json()
    assert (changed["outcome"], changed["restated"]) == ("changed", 1)
    assert (await credentials.get(PATH))["cuts"][0]["cut"] == "0.65"


async def test_a_minimum_gain_restates_the_posts_alone(credentials):
    plain = {"operational_items": ..., "correct": ..., "kind": "program", "scale": "percent", "score": "70"}
    pre, post = await log(credentials, **plain, phase="pre"), await log(credentials, **plain, phase="post")

    assert await cuts(credentials, ("2025-01-01", "0.6", "0.05"), status=201) == 1
    assert (await fact(credentials, post["id"]))[1].minimum_gain == "1/20"
    assert (await fact(credentials, pre["id"]))[1].minimum_gain is None


async def test_a_crash_between_a_cut_and_its_following_is_made_good_at_the_next_start(credentials, monkeypatch):
    class PowerCut(Exception):
        pass

    async def cut(*_):
        raise PowerCut

    made = await log(credentials)
    with monkeypatch.context() as patched:
        patched.setattr(credentials.desk.records, "raise_versions", cut)
        await ask(
            credentials,
            "PUT",
            "/programs/welding/cuts",
            500,
            json={"cuts": [{"valid_from": "2025-01-01", "cut": "0.9"}]},
        )
    await follow_cuts(credentials.desk)
    await follow_cuts(credentials.desk)

    assert (await credentials.get(f"/assessments/{made['id']}"))["version"] == 2


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        pytest.param([("2025-01-01", "0.6"), ("2025-01-01", "0.7")], "keep one", id="twice a day"),
        pytest.param([("2025-01-01", "1.2")], "from 0 to 1", id="above all"),
        pytest.param([("2025-01-01", "0.6", "3/2")], "minimum_gain 3/2", id="a gain above all"),
    ],
)
async def test_cuts_that_cannot_be_are_refused(credentials, rows, words):
    body = {"cuts": [dict(zip(("valid_from", "cut", "minimum_gain"), row, strict=False)) for row in rows]}

    assert words in (await ask(credentials, "PUT", "/programs/welding/cuts", 422, json=body)).json()["detail"]
    assert "roster knows no program" in (await fresh_put(credentials))["detail"]
    assert "its cut is 0.6" in (await credentials.get("/programs/welding/cuts", 404))["detail"]


async def fresh_put(credentials):
    await credentials.all_heard()
    return (await ask(credentials, "PUT", "/programs/baking/cuts", 404, json={"cuts": []})).json()


async def test_another_start_of_the_year_restates_assessments_too(credentials):
    made = await log(credentials)
    await credentials.told(cted(starts="04-15", version=2))

    assert (await credentials.get(f"/assessments/{made['id']}"))["version"] == 2
    assert (await fact(credentials, made["id"]))[1].school_year_starts == "04-15"


async def test_what_was_wrong_is_set_right_and_taken_out(credentials):
    await credentials.told(enrolment("e0", "p1", at="west", begin="2023-08-07", end="2024-05-20"))
    made = await log(credentials)
    path = f"/assessments/{made['id']}"

    changed = (await ask(credentials, "PATCH", path, 200, version=1, json={"taken_on": "2024-05-06"})).json()
    assert (changed["organisation_id"], changed["version"], changed["correct"]) == ("west", 2, 58)
    assert "operational_items 80" in (await ask(credentials, "PATCH", path, 422, version=2, json={"correct": 90})).text
    await ask(credentials, "PATCH", path, 412, version=1, json={"correct": 50})
    assert (await ask(credentials, "POST", f"{path}/void", 200, version=2, json={"reason": "twice"})).json()["void"]
    assert "is void" in (await ask(credentials, "PATCH", path, 422, version=3, json={"correct": 50})).text
    assert (await log(credentials, taken_on="2024-05-06"))["id"] != made["id"]


async def test_a_class_is_logged_row_by_row_shown_before_and_undone(credentials):
    await credentials.all_heard()
    body = {name: value for name, value in TSA.items() if name not in ("student_id", "correct")}
    rows = [
        {"student_id": "p1", "correct": 50},
        {"student_id": "p2", "correct": 40},
        {"student_id": "p9", "correct": 1},
    ]
    sent = {"json": {**body, "rows": rows}, "key": "class-1"}

    seen = (await ask(credentials, "POST", "/assessments/batch", 200, params={"dry_run": True}, **sent)).json()
    done = (await ask(credentials, "POST", "/assessments/batch", 200, **sent)).json()
    again = (await ask(credentials, "POST", "/assessments/batch", 200, **sent)).json()

    assert [(one["created"], one["unchanged"], one["refused"]) for one in (seen, done, again)] == [
        (2, 0, 1),
        (2, 0, 1),
        (0, 2, 1),
    ]
    assert done["rows"][2]["errors"][0]["pointer"] == "/rows/2/student_id"
    undone = await ask(
        credentials, "POST", f"/assessments/batch/{done['batch_id']}/void", 200, json={"reason": "wrong form"}
    )
    assert undone.json() == {"batch_id": done["batch_id"], "voided": 2, "unchanged": 0}
    assert (await credentials.get("/assessments"))["items"] == []


CSV = """student_id,program_id,kind,phase,form,scale,taken_on,operational_items,correct,score,passed,cut
p1,welding,technical_skills,,spring-a,items,2025-04-10,80,58,,,
p2,welding,program,post,final,percent,2025-05-06,,,72.5,,0.7
p3,nursing,technical_skills,,spring-a,items,2025-04-10,,,,FALSE,
p1,welding,technical_skills,,spring-b,items,2025-04-10,80,many,,,
p1,welding,technical_skills,,spring-c,items,2025-04-10,80,81,,,
"""


async def test_a_file_is_kept_row_by_row_and_the_same_again_changes_nothing(credentials):
    report = await credentials.load("assessments", CSV)

    assert (report["created"], report["refused"]) == (3, 2)
    assert [(one["row"], one["column"]) for one in report["problems"]] == [(5, "correct"), (6, "correct")]
    assert (await credentials.load("assessments", CSV))["unchanged"] == 3


ODD = """student_id,program_id,kind,phase,form,scale,taken_on,operational_items,correct,score,passed
p1,welding,technical_skills,,f,items,2025-04-10,80.0,60.0,,
p2,welding,technical_skills,,f,percent,2025-04-10,,,"72,5",
p3,nursing,technical_skills,,f,items,2025-04-10,80,-3,,
p3,nursing,technical_skills,,g,items,2025-04-10,80,1/0,,
p3,nursing,technical_skills,,h,percent,2025-04-10,,,"1,234",
"""


async def test_what_a_spreadsheet_has_written_is_read_where_it_is_certain(credentials):
    report = await credentials.load("assessments", ODD)

    kept = (await credentials.get("/assessments"))["items"]
    assert sorted((one["correct"], one["score"]) for one in kept if one["correct"]) == [(60, None)]
    assert [one["score"] for one in kept if one["score"]] == ["72.5"]
    assert [(one["row"], one["column"], one["what_would_work"]) for one in report["problems"]] == [
        (4, "correct", "write a number that is at least 0"),
        (5, "correct", "write a number"),
        (6, "score", "write a number from 0 on, with a point and not a comma, such as 72.5"),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({}, 3, id="all"),
        pytest.param({"student": "stateStudentId:900001"}, 1, id="by any name of the student"),
        pytest.param({"program": "welding"}, 2, id="by program"),
        pytest.param({"kind": "program", "phase": "post"}, 1, id="by kind and phase"),
        pytest.param({"form": "spring-a"}, 2, id="by form"),
        pytest.param({"from": "2025-04-11"}, 1, id="from a day"),
        pytest.param({"to": "2025-04-10"}, 2, id="to a day"),
    ],
)
async def test_they_are_found_by(credentials, query, found):
    await credentials.load("assessments", CSV)

    assert len((await credentials.get("/assessments", **query))["items"]) == found


async def test_each_caller_reaches_their_own(credentials):
    made = await log(credentials)
    teacher = credentials.by("instructor", programs=["welding"], campuses=["central"])
    elsewhere = credentials.by("instructor", programs=["welding"], campuses=["south-campus"])

    assert (await teacher.get(f"/assessments/{made['id']}"))["id"] == made["id"]
    await elsewhere.get(f"/assessments/{made['id']}", 404)
    assert (await credentials.by("student", student_id="p1").get("/assessments"))["items"]
    assert (await credentials.by("student", student_id="p2").get("/assessments"))["items"] == []
    assert (await credentials.by("leader", districts=["south"]).get("/assessments"))["items"] == []
    assert "no student p1 within your reach" in (await log(elsewhere, 422, form="b"))["detail"]
    assert (await ask(teacher, "PUT", "/programs/welding/cuts", 403, json={"cuts": []})).json()["status"] == 403


async def test_who_is_not_known_yet_is_waited_for(credentials):
    assert "have not arrived here yet" in (await log(credentials, 503, student_id="p9"))["detail"]

    await credentials.told(student("p9"), enrolment("e9", "p9"))
    assert (await log(credentials, student_id="p9"))["organisation_id"] == "central"
