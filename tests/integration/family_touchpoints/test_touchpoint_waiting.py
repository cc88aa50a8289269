"""What touchpoints wait for somebody, over a real mongod: each list names them with its reason, within reach."""

import pytest

from services.family_touchpoints.access import LOG
from services.family_touchpoints.touchpoint import waiting
from shared.doors.auth import Caller, Reach, identity
from shared.producer.worklists import find
from shared.web.paging import Paging
from tests import family_app
from tests.integration.family_touchpoints.calls import act, call, counselor, one, plan

MANAGER = {"sub": "manager-1", "roles": ["data_manager"], "districts": ["*"]}


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


async def due(app, listed, **claims):
    """The reasons of a list by student, as somebody with these claims has it."""
    who = identity({**MANAGER, **claims})
    caller = Caller(who, Reach(who, frozenset(LOG[role] for role in who.roles)))
    found = await find(app.desk, await listed(app.desk, caller), caller=caller, paging=Paging(after=None, limit=50))
    assert not any(each.record.state["note"] for each in found), "no list has notes"
    return [(each.record.state["student_id"], each.why) for each in found]


async def test_what_is_planned_for_today_or_was_and_became_nothing(app):
    await plan(app, "2026-05-20")
    await plan(app, "2026-05-22", students=["p2"], note="bring the form")
    await plan(app, "2026-05-23")

    assert await due(app, waiting.planned) == [("p1", "planned for 2026-05-20"), ("p2", "planned for 2026-05-22")]
    assert await due(app, waiting.planned, roles=["counselor"], campuses=["central"]) == [
        ("p1", "planned for 2026-05-20")
    ]
    assert await due(app, waiting.planned, roles=["coordinator"], campuses=["central"]) == []


async def test_what_was_missed_is_to_be_made_again(app):
    (record,) = (await plan(app, "2025-10-02"))["touchpoints"]
    record = await act(app, record, "missed", on="2025-10-02")

    assert await due(app, waiting.missed) == [("p1", "missed on 2025-10-02")]
    await act(app, record, "held", on="2025-10-09", outcome="reached")
    assert await due(app, waiting.missed) == []


async def test_three_tries_without_an_answer_ask_for_another_way(app):
    for day in ("2025-10-01", "2025-10-02", "2025-10-03"):
        assert await due(app, waiting.unanswered) == []
        await call(app, held_on=day, outcome="no_answer")
    await call(app, held_on="2025-10-04", outcome="no_answer", students=["p2"])

    assert await due(app, waiting.unanswered) == [("p1", "3 tries by Phone since 2025-10-01; try another way")]
    await call(app, held_on="2025-10-05", method="InPerson")
    assert await due(app, waiting.unanswered) == []


async def test_wrong_numbers_stay_until_somebody_is_reached_that_way(app):
    await call(app, outcome="wrong_number")
    await call(app, held_on="2025-10-10", method="Email", outcome="bounced", students=["p2"])
    await call(app, held_on="2025-10-12", method="InPerson")

    assert await due(app, waiting.wrong) == [("p1", "wrong number"), ("p2", "it came back")]
    await call(app, held_on="2025-10-12")
    assert await due(app, waiting.wrong) == [("p2", "it came back")]


async def test_next_weeks_families_of_another_language_need_an_interpreter(app):
    spanish = {"students": ["p3"], "guardian_ids": ["g3"]}
    await plan(app, "2026-05-29", **spanish, language="eng")
    await plan(app, "2026-05-28", **spanish, language="eng", interpreter="contracted")
    await plan(app, "2026-05-30", **spanish, language="eng")
    await plan(app, "2026-05-27", **spanish)
    await plan(app, "2026-05-27", **spanish, interpreter="bilingual_caller")
    await plan(app, "2026-05-27")

    assert await due(app, waiting.interpreted) == [
        ("p3", "spa, interpreter: contracted"),
        ("p3", "spa, interpreter: none"),
    ]


async def test_what_was_planned_before_a_rule_stands_on_its_list(app):
    await plan(app, "2025-10-05")
    await plan(app, "2025-10-05", guardian_ids=["g2"])
    await plan(app, "2025-09-30")
    await plan(counselor(app), "2025-10-05", students=["p2"])
    await app.rule("g1")
    await app.rule("g1", "only_staff", student="p2")

    said = "do not contact this guardian about this student; one other may be: g2; ask the counselor"
    assert await due(app, waiting.against) == [("p1", said)]


async def test_breaches_stand_on_their_list(app):
    await app.rule("g1")
    await call(app, held_on="2025-10-03", breach="called before the order was known")
    await call(app, held_on="2025-10-03", guardian_ids=["g2"])

    assert await due(app, waiting.breaches) == [("p1", "called before the order was known")]


async def test_who_was_contacted_after_a_withdrawal_that_was_entered_later_stands_on_a_list_and_counts(app):
    await one(app, method="Text", held_on="2025-11-03", outcome="reached", reached_on="2025-11-03")
    await one(app, held_on="2025-11-03")
    await one(app, method="Text", held_on="2025-10-30", outcome=None)
    await app.consent(("withdrawn", "2025-11-01"))
    await call(app, method="Text", held_on="2025-11-04", outcome=None, breach="it was known by then")

    assert await due(app, waiting.after_withdrawal) == [("p1", "texts were withdrawn on 2025-11-01")]
    assert len(await app.facts("touchpoint")) == 3
