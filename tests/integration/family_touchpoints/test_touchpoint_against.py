"""What stands against a touchpoint, over HTTP: refused without a reason, or recorded as a breach and told to nobody."""

import pytest

from tests import family_app
from tests.integration.family_touchpoints.calls import act, call, counselor, instructor, one, patch, plan, told


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


async def test_a_plan_against_a_rule_is_refused_with_who_else_may_be_called_and_no_reason(app):
    await plan(app, "2025-10-05")
    await app.rule("g1")
    caller = instructor(app, "welding")

    refused = await plan(caller, "2025-10-03", 422)
    await plan(caller, "2025-10-03", guardian_ids=["g2"])
    await plan(caller, "2025-09-30")

    said = "do not contact this guardian about this student; one other may be: g2; ask the counselor"
    assert refused["detail"] == said
    assert [each["code"] for each in refused["errors"]] == ["do_not_contact"]
    for word in ("court", "order", "SECRET", "no_contact", "2025-10-01"):
        assert word not in repr(refused)


async def test_what_has_happened_against_a_rule_is_a_breach_of_which_nobody_outside_learns(app):
    await app.rule("g1")
    late = {"held_on": "2025-10-03", "breach": "called before the order was known"}

    refused = await call(counselor(app), 422, held_on="2025-10-03")
    by_instructor = await call(instructor(app, "welding"), 422, **late)
    record = await one(counselor(app), **late)

    assert "if it has happened, say why it did (breach)" in refused["detail"]
    assert [each["pointer"] for each in by_instructor["errors"]] == ["/breach"]
    assert "order" not in by_instructor["detail"]
    assert (record["breach"], await told(app)) == ("called before the order was known", [])
    kept = await app.desk.records.get("touchpoint", record["id"])
    assert kept.subjects == ()
    listed = await app.get("/touchpoints")
    assert [each["id"] for each in listed["items"]] == [record["id"]]
    for_instructor = await instructor(app, "welding").get(f"/touchpoints/{record['id']}", history="true")
    assert "before the order" not in repr(for_instructor)


async def test_who_stands_on_the_list_of_breaches_does_not_take_themselves_off_it(app):
    await app.rule("g1")
    late = {"held_on": "2025-10-03", "program_id": "welding", "breach": "called before the order was known"}
    record = await one(counselor(app), **late)

    await act(instructor(app, "welding"), record, "void", 403, reason="a mistake")
    gone = await act(counselor(app), record, "void", reason="another family")

    assert gone["void"]


async def test_a_breach_that_is_found_later_is_taken_back_from_whoever_was_told(app):
    record = await one(app, program_id="welding", held_on="2025-10-03")
    assert len(await told(app)) == 1
    await app.rule("g1")

    record = await patch(app, record, minutes=4)
    assert len(await told(app)) == 1, "what was held stays as it is"
    record = await patch(counselor(app), record, breach="the order came on the same day")

    assert (record["breach"], await told(app)) == ("the order came on the same day", [])
    for_instructor = await instructor(app, "welding").get(f"/touchpoints/{record['id']}", history="true")
    assert not any(past["why"] for past in for_instructor["history"]), "why it was changed is not for everybody"
    await patch(instructor(app, "welding"), record, 422, breach=None)
    for caller, reasons in ((counselor(app), 2), (instructor(app, "welding"), 0)):
        shown = await caller.get(f"/touchpoints/{record['id']}", history="true")
        assert sum(bool(past["why"]) for past in shown["history"]) == reasons, "a reason may tell of a restriction"


async def test_breach_where_nothing_stood_against_it_is_left_out_with_a_word(app):
    record = await one(counselor(app), breach="I was not sure")

    assert record["breach"] is None
    assert "nothing stood against this; it is kept as any other, without breach" in record["warnings"]
    assert len(await told(app)) == 1


async def test_a_rule_about_one_sibling_makes_a_breach_of_that_part_alone(app):
    await app.rule("g1", student="p2")

    answer = await call(counselor(app), students=["p1", "p2"], breach="both were spoken of")

    assert [each["breach"] for each in answer["touchpoints"]] == [None, "both were spoken of"]
    assert [fact.student_id for fact in await told(app)] == ["p1"]


@pytest.mark.parametrize(
    ("rule", "more", "call_of", "says"),
    [
        pytest.param(
            "no_contact", {}, {"guardian_ids": []}, "name which in guardian_ids: one of g2", id="nobody named"
        ),
        pytest.param(
            "only_channels", {"channels": ["Email"]}, {}, "by Phone about this student; Email is open", id="one way"
        ),
        pytest.param("only_staff", {}, {}, "do not contact this guardian", id="left to the liaison"),
    ],
)
async def test_a_rule_of_each_kind_is_told_by_what_may_be_done(app, rule, more, call_of, says):
    await app.rule("g1", rule, **more)

    refused = await plan(instructor(app, "welding"), "2026-05-25", 422, **call_of)

    assert says in refused["detail"]


async def test_a_breach_names_with_whom(app):
    await app.rule("g1")

    refused = await call(counselor(app), 422, guardian_ids=[], breach="whoever answered")

    assert [each["code"] for each in refused["errors"]] == ["name_which"]


async def test_neither_a_plan_for_their_call_nor_another_guardian_beside_gets_round_a_rule(app):
    await app.rule("g1")

    theirs = await plan(app, "2026-05-25", 422, direction="from_family")
    beside = await plan(app, "2026-05-25", 422, guardian_ids=["g2", "g1"], with_student=True)

    assert [each["code"] for each in theirs["errors"]] == ["do_not_contact"]
    assert [each["pointer"] for each in beside["errors"]] == ["/guardian_ids/1"]


async def test_a_rule_for_the_liaison_alone_lets_the_liaison_call(app):
    await app.rule("g1", "only_staff")

    await one(counselor(app))

    assert len(await told(app)) == 1


async def test_a_rule_about_everybody_leaves_nobody(app):
    await app.rule(None)

    refused = await plan(app, "2026-05-25", 422)
    unnamed = await plan(app, "2026-05-25", 422, guardian_ids=[])

    assert refused["detail"] == "do not contact this guardian about this student; nobody else may be; ask the counselor"
    assert "do not contact" in unnamed["detail"]
    await plan(app, "2026-05-25", guardian_ids=[], with_student=True)


async def test_a_restricted_guardians_own_call_is_kept_and_told_to_nobody(app):
    await app.rule("g1")
    await app.rule("g1", "no_records")

    record = await one(instructor(app, "welding"), direction="from_family")

    assert any("listen, tell nothing of the student" in text for text in record["warnings"])
    assert any(text.startswith("tell g1 nothing of the student's records") for text in record["warnings"])
    assert "SECRET" not in repr(record)
    assert await told(app) == []
    assert (await counselor(app).get(f"/touchpoints/{record['id']}"))["restricted"]
    assert not (await instructor(app, "welding").get(f"/touchpoints/{record['id']}"))["restricted"]


async def test_texts_that_were_withdrawn_close_texts_alone(app):
    await call(app, method="Text", held_on="2025-11-03", outcome="reached", reached_on="2025-11-03")
    await app.consent(("withdrawn", "2025-11-05"))
    caller = instructor(app, "welding")

    refused = await plan(caller, "2025-11-10", 422, method="Text")
    held = await call(caller, 422, method="Text", held_on="2025-11-10", outcome=None)
    await plan(caller, "2025-11-10", method="Phone")
    await call(caller, method="Text", purpose="emergency", held_on="2025-11-11", outcome=None)
    breach = await one(counselor(app), method="Text", held_on="2025-11-12", outcome=None, breach="sent by mistake")

    assert refused["detail"].startswith("texts were withdrawn on 2025-11-05; Phone, InPerson")
    assert "if it has happened, a counselor records it" in held["detail"]
    assert breach["breach"] == "sent by mistake"
    assert [(str(fact.steps[-1].on), fact.counts) for fact in await told(app)] == [
        ("2025-11-03", True),
        ("2025-11-10", True),
        ("2025-11-11", False),
    ]


async def test_from_eighteen_on_the_student_is_reached_or_consents(app):
    await app.eighteen("p1", "2025-10-01")

    before = await call(app, held_on="2025-09-30")
    refused = await call(instructor(app, "welding"), 422)
    await call(app, guardian_ids=[], with_student=True)
    theirs = await one(app, direction="from_family")

    assert before["outcome"] == "created"
    assert refused["detail"].startswith(
        "rights are the student's since 18; with_student, or record the student's consent"
    )
    assert any("rights are the student's since 18" in text for text in theirs["warnings"])
    await app.eighteen("p1", "2025-10-01", ("student_consents", "2025-10-05"))
    await call(app)


async def test_a_tie_that_does_not_hold_that_day_is_warned_of(app):
    app.at("2025-10-10")
    await app.told(family_app.guardian("g4", "p1", begin="2025-12-01"))

    record = await one(app, guardian_ids=["g4"])

    assert record["warnings"] == [
        "roster knows no tie of g4 to this student on 2025-10-09; it is kept; check who it was"
    ]


async def test_a_plan_that_a_rule_has_overtaken_is_not_held_without_a_breach(app):
    (record,) = (await plan(app, "2025-10-05"))["touchpoints"]
    await app.rule("g1")

    await act(app, record, "plan", 422, on="2025-10-08")
    await act(instructor(app, "welding"), record, "held", 422, on="2025-10-05", outcome="reached")
    record = await act(counselor(app), record, "held", on="2025-10-05", outcome="reached", breach="nobody had told us")

    assert (record["breach"], await told(app)) == ("nobody had told us", [])


async def test_a_plan_that_a_rule_has_overtaken_can_be_called_off(app):
    (record,) = (await plan(app, "2025-10-05"))["touchpoints"]
    await app.rule("g1")

    assert (await act(app, record, "cancel", on="2025-10-02"))["status"] == "cancelled"
