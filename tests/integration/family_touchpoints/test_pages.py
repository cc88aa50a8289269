"""Pages of family_touchpoints over HTTP: who may open one, whose, and what of a restriction never stands in it."""

import html
import json
from typing import Any

import pytest

from tests import workshops_app
from tests.family_app import Families
from tests.workshops_app import planned, roll

INSTRUCTOR = {"programs": ["welding"], "campuses": ["central"]}


@pytest.fixture
async def app(settings, keys):
    async with workshops_app.running(settings, keys) as opened:
        yield opened


async def page(app: Families, path: str) -> tuple[int, str]:
    answer = await app.client.get(path, headers={**app.headers, "Accept": "text/html"})
    return answer.status_code, answer.text


@pytest.mark.parametrize(
    ("role", "claims", "status"),
    [
        pytest.param("instructor", INSTRUCTOR, 200, id="an instructor of the student"),
        pytest.param("instructor", {**INSTRUCTOR, "programs": ["nursing"]}, 404, id="another program's"),
        pytest.param("counselor", {"campuses": ["central"]}, 200, id="a counselor of the campus"),
        pytest.param("counselor", {"campuses": ["south-campus"]}, 404, id="another campus's"),
        pytest.param("leader", {"districts": ["*"]}, 403, id="a leader"),
        pytest.param("student", {"student_id": "p1"}, 403, id="the student"),
    ],
)
async def test_a_family_is_open_to_who_speaks_with_it(app, role, claims: dict[str, Any], status) -> None:
    found, _ = await page(app.by(role, **claims), "/family/p1")

    assert found == status


async def test_why_there_is_a_restriction_stands_in_no_page(app) -> None:
    await app.rule("g2", basis="protection_order", told_to_staff="SECRET-WHY")
    for caller in (app.by("instructor", **INSTRUCTOR), app.by("counselor", campuses=["*"])):
        _, text = await page(caller, "/family/p1")
        given = text.partition("data-given=")[2].partition(">")[0]
        assert "SECRET-WHY" not in text
        assert ("protection_order" in given) is ("counselor" in caller.claims["roles"])


async def test_who_came_against_a_restriction_stands_on_the_line_of_a_liaison_alone(app) -> None:
    await app.rule("g2", **{"from": "2025-10-01"})
    held = await planned(app)
    await roll(app, held, {"guardian_id": "g2", "student_ids": ["p1"]})
    _, theirs = await page(app.by("instructor", **INSTRUCTOR), "/family/p1")
    _, ours = await page(app.by("counselor", campuses=["*"]), "/family/p1")

    assert ("2025-11-12" in theirs, "2025-11-12" in ours) == (False, True)


async def test_what_the_programs_plan_asks_for_stands_with_the_day_on_which_it_was_made(app) -> None:
    points = [{"code": "call", "term": 1, "purpose": "progress", "within_days": 45}]
    steps = [{"status": "proposed", "on": "2025-04-01"}, {"status": "approved", "on": "2025-05-06"}]
    await app.put("/programs/welding/touchpoint-plan", {"points": points, "steps": steps}, 201)
    _, before = await page(app, "/family/p1")
    call = {"method": "Phone", "purpose": "progress", "held_on": "2025-09-02", "outcome": "reached"}
    await app.post("/touchpoints", {**call, "students": ["p1"], "guardian_ids": ["g1"]})
    _, after = await page(app, "/family/p1")

    assert [due(text) for text in (before, after)] == [
        [("call", "2025-09-18", None)],
        [("call", "2025-09-18", "2025-09-02")],
    ]


def due(text: str) -> list[tuple[str, str, str | None]]:
    given = json.loads(html.unescape(text.partition('data-given="')[2].partition('"')[0]))
    return [(one["code"], one["due"], one["made_on"]) for one in given["due"]]


@pytest.mark.parametrize(
    ("eighteen_on", "opens"),
    [pytest.param("2026-05-22", True, id="18 today"), pytest.param("2026-05-23", False, id="18 tomorrow")],
)
async def test_a_students_own_page_opens_at_18(app, eighteen_on, opens) -> None:
    await app.eighteen("p1", eighteen_on)
    call = {"method": "Phone", "purpose": "progress", "held_on": "2026-05-20", "outcome": "reached", "note": "SAID"}
    await app.post("/touchpoints", {**call, "students": ["p1", "p2"], "guardian_ids": ["g1"]})
    status, text = await page(app.by("student", student_id="p1"), "/me/contact")

    assert (status, text.count("SAID")) == (200, int(opens))


async def test_a_student_of_whose_birthday_nothing_is_known_is_told_nothing(app) -> None:
    status, text = await page(app.by("student", student_id="p1"), "/me/contact")

    assert (status, "opens when you are 18" in text) == (200, True)
