"""Who reaches which awards: what is out of reach is not there."""

import pytest

from tests.credentials_app import settled


@pytest.fixture
async def credentials(mongo_settings, keys):
    async with settled(mongo_settings, keys) as opened:
        yield opened


@pytest.fixture
async def awards(credentials):
    """p1 welds at the central campus, p2 welds at the southern one, p3 of the southern district nurses."""
    return {who: (await credentials.log(student_id=who))["id"] for who in ("p1", "p2", "p3")}


WELDING, CENTRAL = {"programs": ["welding"]}, {"campuses": ["central"]}
# Who, with which claims, and whose awards are within reach.
CALLERS = {
    "own program and campus": ("instructor", WELDING | CENTRAL, {"p1"}),
    "a program everywhere": ("instructor", WELDING | {"campuses": ["*"]}, {"p1", "p2"}),
    "all of a campus": ("instructor", CENTRAL | {"programs": ["*"]}, {"p1", "p3"}),
    "no campus": ("instructor", WELDING, set()),
    "a coordinator's campus": ("coordinator", CENTRAL, {"p1", "p3"}),
    "a counselor's campus": ("counselor", {"campuses": ["south-campus"]}, {"p2"}),
    "a district's data manager": ("data_manager", {"districts": ["south"]}, {"p3"}),
    "a data manager of all": ("data_manager", {"districts": ["*"]}, {"p1", "p2", "p3"}),
    "a district's leader": ("leader", {"districts": ["north"]}, {"p1", "p2"}),
    "a student": ("student", {"student_id": "p2"}, {"p2"}),
    "a student who is nobody": ("student", {}, set()),
    "another service": ("service", {}, {"p1", "p2", "p3"}),
}
WRITERS = {name: case for name, case in CALLERS.items() if case[0] in ("instructor", "data_manager", "service")}


async def test_each_caller_sees_what_is_within_reach_and_nothing_else(credentials, awards):
    listed, shown = {}, {}
    for name, (role, claims, _) in CALLERS.items():
        caller = credentials.by(role, **claims)
        ids = await caller.ids()
        listed[name] = {who for who, id in awards.items() if id in ids}
        answers = {who: await caller.ask("GET", f"/awards/{id}") for who, id in awards.items()}
        shown[name] = {who for who, answer in answers.items() if answer.status_code == 200}
        assert {answer.status_code for answer in answers.values()} <= {200, 404}

    assert listed == shown == {name: reached for name, (_, _, reached) in CALLERS.items()}


async def test_each_writer_changes_and_logs_within_reach_only(credentials):
    for n, (role, claims, reached) in enumerate(WRITERS.values(), 1):
        caller = credentials.by(role, **claims)
        for who in ("p1", "p2", "p3"):
            inside = who in reached
            await caller.log(201 if inside else 422, student_id=who, awarded_on=f"2025-02-{n:02}")
            id = (await credentials.log(student_id=who, awarded_on=f"2025-01-{n:02}"))["id"]
            await caller.act(id, "correct", 1, 200 if inside else 404, license_number="X-1")
            await caller.act(id, "void", 2, 200 if inside else 404, reason="a mistake")

            now = await credentials.get(f"/awards/{id}")
            assert (now["void"], now["license_number"], now["version"]) == (
                (True, "X-1", 3) if inside else (False, None, 1)
            )


@pytest.mark.parametrize("role", ["coordinator", "counselor", "leader", "student", "operator"])
async def test_who_only_reads_changes_nothing(credentials, awards, role):
    caller = credentials.by(role, programs=["*"], campuses=["*"], districts=["*"], student_id="p1")

    await caller.log(403)
    await caller.batch(["p1"], 403)
    await caller.act(awards["p1"], "void", 1, 403, reason="x")
    await caller.put("osha-10", 403, title="x", issuer="x", type="Badge")
    await caller.load("awards", "student_id", 403)

    assert set(await credentials.ids()) == set(awards.values())
    assert {(await credentials.get(f"/awards/{id}"))["version"] for id in awards.values()} == {1}
    assert "osha-10" in [each["code"] for each in (await credentials.get("/catalogue"))["items"]]


async def test_an_operator_sees_no_award_and_everybody_the_catalogue(credentials, awards):
    operator = credentials.by("operator")

    await operator.get("/awards", 403)
    await operator.get(f"/awards/{awards['p1']}", 403)
    assert [item["code"] for item in (await operator.get("/catalogue"))["items"]] == ["osha-10"]


async def test_a_class_list_of_somebody_elses_students_is_refused_row_by_row(credentials):
    instructor = credentials.by("instructor", programs=["welding"], campuses=["central"])

    answer = await instructor.batch(["p1", "p2", "p3"])

    assert [row["outcome"] for row in answer["rows"]] == ["created", "refused", "refused"]
    assert "there is no student p2 within your reach" in answer["rows"][1]["problem"]


async def test_another_campus_cannot_undo_a_class_list(credentials):
    made = await credentials.by("instructor", programs=["welding"], campuses=["central"]).batch(["p1"])
    path = f"/awards/batch/{made['batch_id']}/void"

    other = credentials.by("instructor", programs=["welding"], campuses=["south-campus"])

    assert (await other.ask("POST", path, json={"reason": "x"})).status_code == 404
    assert len(await credentials.ids()) == 1


async def test_an_award_cannot_be_moved_out_of_reach(credentials, awards):
    instructor = credentials.by("instructor", programs=["welding"], campuses=["central"])

    await instructor.act(awards["p1"], "correct", 1, 422, program_id="nursing")

    now = await credentials.get(f"/awards/{awards['p1']}")
    assert (now["program_id"] != "nursing", now["version"]) == (True, 1)


async def test_nobody_without_a_token(credentials):
    response = await credentials.client.get("/v1/awards")

    assert response.status_code == 401
