"""A class list over HTTP: good rows kept, refused rows explained, repeated safely, undone as a whole."""

import pytest

from tests.credentials_app import running
from tests.producer_app import enrolment, heartbeats, student


@pytest.fixture
async def credentials(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await opened.furnish()
        yield opened


def outcomes(answer):
    return [row["outcome"] for row in answer["rows"]]


async def test_good_rows_are_kept_and_each_refused_row_says_why(credentials):
    await credentials.all_heard()
    answer = await credentials.batch(
        [
            "stateStudentId:900001",
            "nobody",
            {"student_id": "p2", "result": "failed"},
            {"student_id": "p3", "expires_on": "2025-01-01"},
        ]
    )

    assert outcomes(answer) == ["created", "refused", "created", "refused"]
    assert (answer["created"], answer["unchanged"], answer["refused"]) == (2, 0, 2)
    assert answer["rows"][1]["errors"][0]["pointer"] == "/rows/1/student_id"
    assert "there is no student nobody" in answer["rows"][1]["problem"]
    assert answer["rows"][3]["errors"][0]["pointer"] == "/rows/3/expires_on"
    passed = await credentials.get(f"/awards/{answer['rows'][0]['award_id']}")
    failed = await credentials.get(f"/awards/{answer['rows'][2]['award_id']}")
    assert (passed["student_id"], passed["awarded_on"], passed["taken_on"]) == ("p1", "2025-05-20", None)
    assert (failed["result"], failed["awarded_on"], failed["taken_on"]) == ("failed", None, "2025-05-20")
    assert await credentials.ids(batch=answer["batch_id"]) == sorted([passed["id"], failed["id"]])


async def test_a_dry_run_says_the_same_and_keeps_nothing(credentials):
    rows = ["p1", "p1", {"student_id": "p2", "result": "failed"}]

    dry = await credentials.batch(rows, key="b1", dry_run=True)
    assert dry["dry_run"] is True
    assert await credentials.ids() == []
    wet = await credentials.batch(rows, key="b1")

    assert outcomes(dry) == outcomes(wet) == ["created", "unchanged", "created"]
    assert [row["award_id"] for row in dry["rows"]] == [row["award_id"] for row in wet["rows"]]


async def test_an_exact_repeat_whatever_its_key_is_unchanged(credentials):
    first = await credentials.batch(["p1", "p2"], key="b1")

    assert outcomes(await credentials.batch(["p1", "p2"], key="b1")) == ["unchanged", "unchanged"]
    other = await credentials.batch(["p2", "p1"], key="b2")

    assert outcomes(other) == ["unchanged", "unchanged"]
    assert [row["award_id"] for row in other["rows"]] == [row["award_id"] for row in reversed(first["rows"])]
    assert len(await credentials.ids()) == 2


async def test_a_key_is_not_for_two_lists(credentials):
    await credentials.batch(["p1"], key="b1")

    refused = await credentials.batch(["p1", "p2"], 422, key="b1")

    assert "another body" in refused["detail"]
    assert len(await credentials.ids()) == 1


async def test_the_row_that_was_put_right_is_sent_again_under_another_key(credentials):
    await credentials.all_heard()
    await credentials.batch(["p1", "nobody"], key="b1")

    again = await credentials.batch(["p1", "p2"], key="b2")

    assert outcomes(again) == ["unchanged", "created"]


async def test_another_day_within_a_month_is_kept_and_names_the_award_to_change(credentials):
    before = await credentials.batch(["p1"], awarded_on="2025-05-01")

    answer = await credentials.batch(["p1", "p2"])

    assert outcomes(answer) == ["created", "created"]
    assert f"PATCH /v1/awards/{before['rows'][0]['award_id']}" in answer["rows"][0]["warnings"][0]
    assert answer["rows"][1]["warnings"] == []


async def test_a_batch_is_undone_with_a_reason_and_stays_undone(credentials):
    made = await credentials.batch(["p1", "p2"], key="b1")
    kept = await credentials.log(student_id="p3")
    corrected = made["rows"][0]["award_id"]
    await credentials.act(corrected, "correct", 1, license_number="X-1")
    path = f"/awards/batch/{made['batch_id']}/void"

    without = await credentials.ask("POST", path, json={})
    assert without.status_code == 422
    undone = (await credentials.ask("POST", path, json={"reason": "wrong class"})).json()
    again = (await credentials.ask("POST", path, json={"reason": "wrong class"})).json()

    assert (undone["voided"], undone["unchanged"]) == (2, 0)
    assert (again["voided"], again["unchanged"]) == (0, 2)
    assert await credentials.ids() == [kept["id"]]
    shown = await credentials.get(f"/awards/{corrected}", history="true")
    assert [(line["action"], line["why"]) for line in shown["history"]][-1] == ("void", "wrong class")
    late = await credentials.batch(["p1", "p2"], key="b1")
    assert outcomes(late) == ["unchanged", "unchanged"]
    assert "is void since" in late["rows"][0]["warnings"][0]
    assert await credentials.ids() == [kept["id"]]
    assert outcomes(await credentials.batch(["p1", "p2"], key="b2")) == ["created", "created"]


async def test_a_batch_that_never_was_cannot_be_undone(credentials):
    answer = await credentials.ask("POST", "/awards/batch/nobody/void", json={"reason": "x"})

    assert answer.status_code == 404


async def test_a_whole_class_waits_for_roster_once_and_keeps_nothing_when_it_is_behind(credentials):
    behind = await credentials.batch(["p1", "n1", "n2"], 503, key="b1")

    assert "have not arrived" in behind["detail"]
    assert await credentials.ids() == []
    await credentials.told(
        student("n1"), enrolment("f1", "n1"), student("n2"), enrolment("f2", "n2"), *heartbeats(behind_of(credentials))
    )
    assert outcomes(await credentials.batch(["p1", "n1", "n2"], key="b1")) == ["created"] * 3


def behind_of(credentials):
    return credentials.parts.desk.now().replace(year=2001)


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        pytest.param([f"s{n}" for n in range(501)], 422, id="501 rows"),
        pytest.param([], 422, id="none"),
    ],
)
async def test_a_list_has_1_to_500_rows(credentials, rows, status):
    refused = await credentials.batch(rows, status)

    assert refused["errors"][0]["pointer"] == "/rows"
    assert await credentials.ids() == []
