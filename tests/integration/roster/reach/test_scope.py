"""Who sees which rows: out of reach is not there."""

from uuid import uuid4

import pytest
import pytest_asyncio

from deploy.local import ports
from shared.process.settings import Settings
from tests.roster_app import NAMES, running

READING = pytest.mark.asyncio(loop_scope="module")


async def people(opened):
    """ann: north, welding at central. bob: south, baking at central. cat: south, welding at south-sat. dan: nowhere."""
    await opened.furnish()
    await opened.student("ann", "north-high")
    await opened.student("bob", "south-high", sources=[{"source": "south-sis", "sourced_id": "u-bob"}])
    await opened.student("cat", "south-high")
    await opened.put("/students/dan", **NAMES)
    await opened.enrol("ea", "ann", "welding", "central")
    await opened.enrol("eb", "bob", "baking", "central")
    await opened.enrol("ec", "cat", "welding", "south-sat")
    for name in ("ann", "bob"):
        await opened.put(f"/students/{name}/demographics/2024-25", low_income=True)


@pytest.fixture
async def roster(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await people(opened)
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def to_read(mongo_url, keys):
    """The same for all tests that only read, on one loop: making it anew for each would take longer than they do."""
    nobody = f"{ports.LOOPBACK}:{ports.any_free()}"
    settings = Settings(
        mongo_url=mongo_url,
        kafka_bootstrap_servers=nobody,
        database_prefix=f"t{uuid4().hex[:10]}",
        jwks=str(keys / "jwks.json"),
    )
    async with running(settings, keys) as opened:
        await people(opened)
        yield opened
        await opened.store.records.database.client.drop_database(settings.database("roster"))


@READING
@pytest.mark.parametrize(
    ("role", "claims", "students", "enrolments"),
    [
        pytest.param(
            "instructor",
            {"programs": ["welding"], "campuses": ["central"]},
            ["ann"],
            ["ea"],
            id="own program and campus",
        ),
        pytest.param("instructor", {"programs": ["*"], "campuses": ["south-sat"]}, ["cat"], ["ec"], id="any program"),
        pytest.param("instructor", {"programs": ["welding"], "campuses": []}, [], [], id="no campus, nothing"),
        pytest.param("coordinator", {"campuses": ["central"]}, ["ann", "bob"], ["ea", "eb"], id="own campus"),
        pytest.param("counselor", {"campuses": ["south-high"]}, ["bob", "cat"], [], id="the home school"),
        pytest.param("leader", {"districts": ["south"]}, ["bob", "cat"], ["eb", "ec"], id="own district"),
        pytest.param("data_manager", {"districts": ["north"]}, ["ann"], ["ea"], id="own district too"),
        pytest.param("leader", {"districts": ["*"]}, ["ann", "bob", "cat", "dan"], ["ea", "eb", "ec"], id="everything"),
        pytest.param("service", {}, ["ann", "bob", "cat", "dan"], ["ea", "eb", "ec"], id="services"),
        pytest.param("student", {"student_id": "bob"}, ["bob"], ["eb"], id="oneself"),
        pytest.param("student", {}, [], [], id="a student without an id"),
    ],
)
async def test_who_sees_whom(to_read, role, claims, students, enrolments):
    caller = to_read.by(role, **claims)

    assert await caller.ids("/students") == students
    assert await caller.ids("/students", ids="ann,bob,cat,dan") == students
    assert await caller.ids("/enrolments") == enrolments
    for name in ("ann", "bob", "cat", "dan"):
        await caller.get(f"/students/{name}", 200 if name in students else 404)
    for name in ("ea", "eb", "ec"):
        await caller.get(f"/enrolments/{name}", 200 if name in enrolments else 404)


@READING
@pytest.mark.parametrize(
    ("role", "claims", "seen"),
    [
        pytest.param("leader", {"districts": ["south"]}, ["bob-2024-25"], id="own district"),
        pytest.param("student", {"student_id": "ann"}, ["ann-2024-25"], id="oneself"),
        pytest.param("counselor", {"campuses": ["central"]}, ["ann-2024-25", "bob-2024-25"], id="own campus"),
    ],
)
async def test_who_sees_whose_groups(to_read, role, claims, seen):
    assert await to_read.by(role, **claims).ids("/demographics") == seen


@READING
@pytest.mark.parametrize("role", ["instructor", "coordinator", "operator"])
async def test_groups_are_not_for_everybody(to_read, role):
    everywhere = {"programs": ["*"], "campuses": ["*"], "districts": ["*"]}

    refused = await to_read.by(role, **everywhere).get("/students/ann/demographics/2024-25", 403)

    assert "sex" not in refused
    assert role in refused["detail"]


@READING
@pytest.mark.parametrize("role", ["operator", "student", "instructor", "coordinator", "counselor", "leader"])
async def test_places_and_programs_are_for_all_and_writing_is_not(to_read, role):
    caller = to_read.by(role, districts=["*"], programs=["*"], campuses=["*"])

    assert len(await caller.ids("/programs")) == 2
    assert (await caller.get("/organisations/north"))["type"] == "district"
    await caller.put("/students/new", 403, **NAMES)
    await caller.load("students", "", 403)


@READING
async def test_operators_see_no_student(to_read):
    refused = await to_read.by("operator").get("/students/ann", 403)

    assert "given_name" not in refused
    assert "operator" in refused["detail"]


HOME = {**NAMES, "years": [{"school_year": "2024-25", "school_id": "north-high"}]}
AWAY = {**NAMES, "years": [{"school_year": "2024-25", "school_id": "south-high"}]}
BOTH = {**NAMES, "years": [*HOME["years"], {"school_year": "2025-26", "school_id": "south-high"}]}
BOBS = {"source": "south-sis", "sourced_id": "u-bob"}
DONE = {
    "student_id": "ann",
    "program_id": "welding",
    "organisation_id": "north-sat",
    "completed_on": "2025-05-20",
    "started_on": "2023-08-05",
}
FOUND = {
    "student_id": "ann",
    "placement": "employment",
    "source": "survey",
    "observed_on": "2025-06-01",
    "found_by": "survey",
}
PLACED = {"student_id": "ann", "program_id": "welding", "organisation_id": "central", "begin": "2024-08-05"}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param("/students/new", HOME, 201, id="a student of the own district"),
        pytest.param("/students/new", AWAY, 403, id="a student of another district"),
        pytest.param("/students/new", NAMES, 403, id="a student of no district"),
        pytest.param("/students/bob", HOME, 404, id="taking over another district's student"),
        pytest.param("/students/ann", AWAY, 403, id="an own student is given to another district"),
        pytest.param("/students/ann", {**HOME, "family_name": "Other"}, 200, id="an own student stays"),
        pytest.param("/students/new", BOTH, 403, id="own and another district's school in one body"),
        pytest.param("/students/stateStudentId:1", {**HOME, "sources": [BOBS]}, 404, id="another's student by an id"),
        pytest.param("/enrolments/new", PLACED, 201, id="an own student at the central campus"),
        pytest.param("/enrolments/new", {**PLACED, "student_id": "bob"}, 422, id="another's student at central"),
        pytest.param(
            "/enrolments/new",
            {**PLACED, "student_id": "bob", "organisation_id": "north-sat"},
            422,
            id="another's student at an own campus",
        ),
        pytest.param("/enrolments/new", {**PLACED, "organisation_id": "south-sat"}, 403, id="an own student elsewhere"),
        pytest.param("/enrolments/ea", {**PLACED, "organisation_id": "south-sat"}, 403, id="is moved elsewhere"),
        pytest.param("/completions/new", {**DONE, "student_id": "bob"}, 422, id="another's student completes here"),
        pytest.param(
            "/completions/new", {**DONE, "organisation_id": "south-sat"}, 403, id="an own completes elsewhere"
        ),
        pytest.param("/completions/new", DONE, 201, id="an own student completes here"),
        pytest.param("/outcomes/new", {**FOUND, "student_id": "bob"}, 422, id="another's student after school"),
        pytest.param("/outcomes/new", FOUND, 201, id="an own student after school"),
        pytest.param("/enrolments/eb", PLACED, 404, id="another's enrolment"),
        pytest.param("/students/bob/demographics/2024-25", {}, 422, id="another student's groups"),
        pytest.param("/students/ann/demographics/2024-25", {}, 200, id="an own student's groups"),
        pytest.param("/programs/welding", None, 404, id="programs belong to no district"),
        pytest.param(
            "/organisations/new", {"name": "New", "type": "school", "parent_id": "north"}, 201, id="an own school"
        ),
        pytest.param(
            "/organisations/new", {"name": "New", "type": "school", "parent_id": "south"}, 403, id="another's school"
        ),
        pytest.param(
            "/organisations/south", {"name": "Mine", "type": "district", "parent_id": "cted"}, 404, id="other"
        ),
    ],
)
async def test_a_districts_data_manager_writes_in_the_district(roster, path, body, status):
    program = {"title": "W", "cip_code": "48.0508", "cluster": "S", "active_from": "2019-07-01"}

    before = await roster.ask("GET", path)

    await roster.by("data_manager", districts=["north"]).put(path, status, **(program if body is None else body))

    after = await roster.ask("GET", path)
    assert (after.text != before.text) == (status < 300), "what is refused leaves all as it was"


async def test_a_districts_data_manager_voids_in_the_district(roster):
    caller = roster.by("data_manager", districts=["north"])

    await caller.void("/enrolments/eb", 1, 404)
    await caller.void("/enrolments/ea", 1)

    assert [(await roster.get(f"/enrolments/{id}"))["void"] for id in ("eb", "ea")] == [False, True]


@pytest.mark.parametrize("way", ["/students/{}", "/students/{}/demographics/2024-25", "/persons/{}/sources"])
async def test_who_is_out_of_reach_and_who_is_nobody_are_told_alike(roster, way):
    """By the name that the caller wrote, never by an id of ours."""
    caller = roster.by("data_manager", districts=["north"])
    for known, unknown in (("south-sis:u-bob", "south-sis:u-nobody"), ("bob", "nobody")):
        answers = {name: (await caller.get(way.format(name), 404))["detail"] for name in (known, unknown)}

        assert answers[known].replace(known, "X") == answers[unknown].replace(unknown, "X")
        assert known in answers[known]
    assert "bob-2024" not in (await caller.get("/students/south-sis:u-bob/demographics/2024-25", 404))[
        "detail"
    ].replace("u-bob-2024", "")
