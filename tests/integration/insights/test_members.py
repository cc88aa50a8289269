"""The people behind a number are exactly those who make it, each with the reason, within the viewer's reach."""

from datetime import date

import pytest

LEADER = {"roles": ["leader"], "districts": ["*"]}
KEYS = ("W1.headline", "W1.strict", "W1.with_satellites", "W1.verified", "W1.any_credential", "W1.by_program")


async def every(ask, claims, path):
    """All pages of a list, three at a time."""
    items, cursor = [], ""
    while True:
        answer = await ask(claims, f"{path}&limit=3{cursor}")
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if answer.json()["next"] is None:
            return items
        cursor = f"&cursor={answer.json()['next']}"


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("when", ["school_year=2024-25", "school_year=2024-25&as_of=2025-05-21", "school_year=2025-26"])
async def test_counted_members_are_the_numerator_and_all_members_the_denominator(look, key, when) -> None:
    """Of every cell of every dimension."""
    for dimension in ("program", "campus", "program_campus", "district", "grade_level", "sex", "low_income"):
        for row in (await look(LEADER, f"/v1/measures/{key}?{when}&dimension={dimension}")).json()["rows"]:
            cell = f"/v1/measures/{key}/members?{when}&dimension={dimension}&value={row['value'].replace('|', '%7C')}"
            counted = await every(look, LEADER, f"{cell}&counted=true")
            others = await every(look, LEADER, f"{cell}&counted=false")
            assert (len(counted), len(counted) + len(others)) == (row["numerator"], row["denominator"])


async def test_a_member_comes_with_the_facts_that_decided_and_the_reason(look) -> None:
    path = "/v1/measures/W1.headline/members?school_year=2024-25&dimension=program&value=welding"
    members = {one["student_id"]: one for one in await every(look, LEADER, path)}

    assert sorted(members) == ["w0", "w1", "w2", "w3", "w4", "w5"]
    assert members["w0"]["counted"] is True
    assert members["w0"]["reason"]["code"] == "earned"
    assert "MOCK-1 (required for welding) on 2025-08-01" in members["w0"]["reason"]["words"]
    assert [fact["record"] for fact in members["w0"]["facts"]] == ["completion/w0-welding", "award/w0-award"]
    assert members["w0"]["facts"][1]["state"]["awarded_on"] == "2025-08-01"
    assert members["w0"]["dimensions"]["campus"] == "northwest"
    assert members["w5"]["counted"] is False
    assert members["w5"]["reason"]["code"] == "no_award"


async def test_who_completed_later_is_no_member_yet(look) -> None:
    path = "/v1/measures/W1.headline/members?school_year=2024-25&as_of=2025-05-21"

    assert [one["student_id"] for one in await every(look, LEADER, path)] == ["w0", "w1", "w2", "w3", "w4", "w5"]


async def test_as_of_an_earlier_day_the_reason_is_that_days(look) -> None:
    path = "/v1/measures/W1.headline/members?school_year=2024-25&dimension=program&value=welding&as_of=2025-07-31"
    first = (await every(look, LEADER, path))[0]

    assert (first["counted"], first["matured"], first["reason"]["code"]) == (False, False, "after_as_of")


@pytest.mark.parametrize(
    ("claims", "students"),
    [
        pytest.param({"roles": ["leader"], "districts": ["south"]}, ["n1", "n2", "n3"], id="leader of one district"),
        pytest.param({"roles": ["data_manager"], "districts": ["south"]}, ["n1", "n2", "n3"], id="data manager of it"),
        pytest.param({"roles": ["coordinator"], "campuses": ["east"]}, ["n0", "n1", "n2", "n3"], id="coordinator"),
        pytest.param({"roles": ["counselor"], "campuses": ["east"]}, ["n0", "n1", "n2", "n3"], id="counselor"),
        pytest.param(
            {"roles": ["instructor"], "programs": ["nursing"], "campuses": ["east"]},
            ["n0", "n1", "n2", "n3"],
            id="instructor of the program at the campus",
        ),
        pytest.param(
            {"roles": ["instructor"], "programs": ["welding"], "campuses": ["east"]},
            [],
            id="instructor of another program at the campus",
        ),
        pytest.param(
            {"roles": ["instructor"], "programs": ["nursing"], "campuses": ["northwest"]},
            [],
            id="instructor of the program at another campus",
        ),
        pytest.param({"roles": ["coordinator"], "campuses": []}, [], id="coordinator of nothing"),
    ],
)
async def test_members_are_those_within_reach(look, claims, students) -> None:
    path = "/v1/measures/W1.headline/members?school_year=2024-25&dimension=program&value=nursing"
    found = await every(look, claims, path)

    assert [one["student_id"] for one in found] == students


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        pytest.param({"roles": ["operator"]}, 403, id="operator"),
        pytest.param({"roles": ["student"], "student_id": "w0"}, 403, id="student"),
        pytest.param({"roles": []}, 403, id="no role"),
        pytest.param(None, 401, id="nobody"),
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "/v1/scoreboard",
        "/v1/measures/W1.headline",
        "/v1/measures/W1.headline/members",
        "/v1/measures/W1.headline/explain",
        "/v1/stream",
        "/",
        "/goals/W1",
        "/goals/W1/members",
    ],
)
async def test_who_has_no_board(look, claims, status, path) -> None:
    """A student or an operator who comes to the board's address is led to a page of their own instead."""
    answer = await look(claims, path)

    led = path == "/" and claims["roles"] in (["student"], ["operator"]) if claims else False
    assert answer.status_code == (303 if led else status)


@pytest.mark.parametrize("role", ["instructor", "coordinator", "counselor"])
async def test_who_works_with_students_sees_the_whole_board(look, role) -> None:
    answer = await look({"roles": [role], "campuses": ["west"], "programs": ["none"]}, "/v1/scoreboard")

    assert answer.json()["goals"][0]["readings"][0]["denominator"] == 10


@pytest.mark.parametrize("role", ["instructor", "coordinator", "counselor"])
async def test_a_total_does_not_tell_of_the_few_beside_the_own(look, role) -> None:
    claims = {"roles": [role], "campuses": ["east"], "programs": ["nursing"]}
    board = (await look(claims, "/v1/scoreboard")).json()["goals"][0]["readings"][0]
    rows = (await look(claims, "/v1/measures/W1.headline?dimension=program_campus&school_year=2024-25")).json()["rows"]
    page = await look(claims, "/goals/W1?school_year=2024-25", accept="text/html")

    assert (board["status"], board["numerator"], board["denominator"]) == ("too_few", 0, 0)
    assert {row["value"]: row["status"] == "too_few" for row in rows if row["denominator"]} == {"nursing|east": False}
    assert page.status_code == 200
    assert "Too few to show" in page.text


async def test_a_day_within_a_month_is_for_who_may_read_the_members(look) -> None:
    claims = {"roles": ["instructor"], "campuses": ["east"], "programs": ["nursing"]}
    within, end = ("/v1/scoreboard?as_of=2025-06-29", "/v1/scoreboard?as_of=2025-05-31")

    refused = await look(claims, within)

    assert refused.status_code == 422
    assert "send 2025-05-31 or 2025-06-30" in refused.json()["detail"]
    assert (await look(claims, end)).status_code == 200
    assert (await look({"roles": ["leader"], "districts": ["*"]}, within)).status_code == 200


async def test_members_of_a_cell_that_does_not_exist_cost_no_look_at_anybody(look, monkeypatch) -> None:
    async def nobody(*_: object) -> None:
        raise AssertionError("subjects were looked at")

    monkeypatch.setattr("services.insights.numbers.store.Store.subjects_of", nobody)
    path = "/v1/measures/W1.headline/members?dimension=program&value=none&school_year=2024-25"

    answer = await look({"roles": ["leader"], "districts": ["*"]}, path)

    assert (answer.status_code, answer.json()["items"], answer.json()["next"]) == (200, [], None)


async def test_a_leader_of_one_district_gets_its_numbers_alone(look) -> None:
    own = {"roles": ["leader"], "districts": ["south"]}
    board = (await look(own, "/v1/scoreboard?school_year=2024-25")).json()
    rows = (await look(own, "/v1/measures/W1.headline?school_year=2024-25&dimension=district")).json()["rows"]

    assert board["slice"] == {"dimension": "district", "value": "south"}
    assert (board["goals"][0]["readings"][0]["numerator"], board["goals"][0]["readings"][0]["denominator"]) == (2, 3)
    assert [row["value"] for row in rows] == ["south"]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/v1/scoreboard?district=north", id="another district"),
        pytest.param("/v1/scoreboard?campus=east", id="a campus of all districts"),
        pytest.param("/v1/measures/W1.headline?dimension=program", id="programs of all districts"),
        pytest.param("/v1/measures/W1.headline?dimension=district&district=north", id="another district's row"),
        pytest.param("/v1/stream?district=north", id="another district's stream"),
    ],
)
async def test_a_leader_of_one_district_gets_no_other(look, path) -> None:
    answer = await look({"roles": ["leader"], "districts": ["south"]}, path)

    assert answer.status_code == 422
    assert "district" in answer.json()["detail"]


async def test_a_student_with_two_completions_is_two_members_by_program_and_one_in_the_headline(ask, world) -> None:
    await world.complete("w0", date(2025, 5, 28), program="nursing", campus="east")
    path = "/v1/measures/{}/members?school_year=2024-25"
    by_program = [one for one in await every(ask, LEADER, path.format("W1.by_program")) if one["student_id"] == "w0"]
    headline = [one for one in await every(ask, LEADER, path.format("W1.headline")) if one["student_id"] == "w0"]

    assert [one["dimensions"]["program"] for one in by_program] == ["nursing", "welding"]
    assert [one["dimensions"]["program"] for one in headline] == ["nursing"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param("dimension=shoe_size", 422, id="a dimension that is not kept"),
        pytest.param("cursor=nonsense", 400, id="a cursor of nobody"),
        pytest.param("counted=perhaps", 422, id="neither counted nor not"),
    ],
)
async def test_members_that_cannot_be_asked_for(look, query, status) -> None:
    assert (await look(LEADER, f"/v1/measures/W1.headline/members?{query}")).status_code == status
