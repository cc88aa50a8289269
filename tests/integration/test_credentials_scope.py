"""Who reaches which awards: what is out of reach is not there."""

import pytest

from tests.credentials_app import heartbeats, running


@pytest.fixture
async def credentials(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await opened.furnish()
        await opened.told(*heartbeats((await opened.parts.learnt.server_time()).replace(year=2100)))
        yield opened


@pytest.fixture
async def awards(credentials):
    """p1 welds at the central campus, p2 welds at the southern one, p3 of the southern district nurses."""
    return {who: (await credentials.log(student_id=who))["id"] for who in ("p1", "p2", "p3")}


CALLERS = [
    pytest.param("instructor", {"programs": ["welding"], "campuses": ["central"]}, {"p1"}, id="own program and campus"),
    pytest.param("instructor", {"programs": ["welding"], "campuses": ["*"]}, {"p1", "p2"}, id="a program everywhere"),
    pytest.param("instructor", {"programs": ["*"], "campuses": ["central"]}, {"p1", "p3"}, id="all of a campus"),
    pytest.param("instructor", {"programs": ["welding"]}, set(), id="no campus"),
    pytest.param("coordinator", {"campuses": ["central"]}, {"p1", "p3"}, id="a coordinator's campus"),
    pytest.param("counselor", {"campuses": ["south-campus"]}, {"p2"}, id="a counselor's campus"),
    pytest.param("data_manager", {"districts": ["south"]}, {"p3"}, id="a district's data manager"),
    pytest.param("data_manager", {"districts": ["*"]}, {"p1", "p2", "p3"}, id="a data manager of all"),
    pytest.param("leader", {"districts": ["north"]}, {"p1", "p2"}, id="a district's leader"),
    pytest.param("student", {"student_id": "p2"}, {"p2"}, id="a student"),
    pytest.param("student", {}, set(), id="a student who is nobody"),
    pytest.param("service", {}, {"p1", "p2", "p3"}, id="another service"),
]


@pytest.mark.parametrize(("role", "claims", "reached"), CALLERS)
async def test_each_caller_sees_what_is_within_reach_and_nothing_else(credentials, awards, role, claims, reached):
    caller = credentials.by(role, **claims)

    assert set(await caller.ids()) == {awards[who] for who in reached}
    for who, id in awards.items():
        await caller.get(f"/awards/{id}", 200 if who in reached else 404)


WRITERS = [case for case in CALLERS if case.values[0] in ("instructor", "data_manager", "service")]


@pytest.mark.parametrize(("role", "claims", "reached"), WRITERS)
async def test_each_writer_changes_and_logs_within_reach_only(credentials, awards, role, claims, reached):
    caller = credentials.by(role, **claims)

    for who, id in awards.items():
        inside = who in reached
        await caller.log(201 if inside else 404, student_id=who, awarded_on="2025-01-10")
        await caller.act(id, "correct", 1, 200 if inside else 404, license_number="X-1")
        await caller.act(id, "void", 2, 200 if inside else 404, reason="a mistake")


@pytest.mark.parametrize("role", ["coordinator", "counselor", "leader", "student", "operator"])
async def test_who_only_reads_changes_nothing(credentials, awards, role):
    caller = credentials.by(role, programs=["*"], campuses=["*"], districts=["*"], student_id="p1")

    await caller.log(403)
    await caller.batch(["p1"], 403)
    await caller.act(awards["p1"], "void", 1, 403, reason="x")
    await caller.put("osha-10", 403, title="x", issuer="x", type="Badge")
    await caller.load("awards", "student_id", 403)


async def test_an_operator_sees_no_award_and_everybody_the_catalogue(credentials, awards):
    operator = credentials.by("operator")

    await operator.get("/awards", 403)
    await operator.get(f"/awards/{awards['p1']}", 403)
    assert [item["code"] for item in (await operator.get("/catalogue"))["items"]] == ["osha-10"]


async def test_a_class_list_of_somebody_elses_students_is_refused_row_by_row(credentials):
    instructor = credentials.by("instructor", programs=["welding"], campuses=["central"])

    answer = await instructor.batch(["p1", "p2", "p3"])

    assert [row["outcome"] for row in answer["rows"]] == ["created", "refused", "refused"]
    assert "no such student within your reach" in answer["rows"][1]["problem"]


async def test_another_campus_cannot_undo_a_class_list(credentials):
    made = await credentials.by("instructor", programs=["welding"], campuses=["central"]).batch(["p1"])
    path = f"/awards/batch/{made['batch_id']}/void"

    other = credentials.by("instructor", programs=["welding"], campuses=["south-campus"])

    assert (await other.ask("POST", path, json={"reason": "x"})).status_code == 404
    assert len(await credentials.ids()) == 1


async def test_an_award_cannot_be_moved_out_of_reach(credentials, awards):
    instructor = credentials.by("instructor", programs=["welding"], campuses=["central"])

    await instructor.act(awards["p1"], "correct", 1, 422, program_id="nursing")


async def test_nobody_without_a_token(credentials):
    response = await credentials.client.get("/v1/awards")

    assert response.status_code == 401
