"""Nothing of contact leaves the service: no fact, no subject, no reason in a log, none in a refusal."""

import pytest
from structlog.testing import capture_logs

from services.family_touchpoints.contact.record import KINDS
from shared.contracts import catalogue
from shared.producer.life import facts_of
from shared.producer.producers import PRODUCERS
from tests import family_app

OWN = {kind.name for kind in KINDS}
SECRETS = ("court_order", "Ask Made-up Aunt", "reply_stop", "2025-12-03", "602 555 0142", "Made-up Aunt")


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


async def everything(app):
    await app.put(
        "/students/p1/rules/r1",
        {
            "guardian_id": "g1",
            "rule": "no_contact",
            "basis": "court_order",
            "from": "2025-10-01",
            "seen_on": "2025-10-01",
            "told_to_staff": "Ask Made-up Aunt",
        },
    )
    steps = [{"status": "withdrawn", "on": "2025-11-05", "how": "reply_stop"}]
    await app.put("/guardians/g1/consents/text/school", {"steps": steps})
    await app.put("/students/p1/sharing", {"eighteen_on": "2025-12-03"})
    await app.put("/guardians/w-1", {"name": "Made-up Aunt", "phone": "602 555 0142", "student_ids": ["p1"]})


def test_no_kind_of_contact_is_one_of_which_facts_are_known():
    published = {name for one in PRODUCERS for name in one.kinds}

    assert OWN.isdisjoint(published | set(catalogue.BY_KIND))


async def test_of_no_record_is_anything_told_to_anybody(app):
    await everything(app)

    records = [record for kind in sorted(OWN) for record in await app.desk.records.find(kind, {}, limit=10)]

    assert {record.kind for record in records} == OWN
    assert await facts_of(app.desk)(records) == {}
    assert {record.subjects for record in records} == {()}


async def test_the_log_says_who_was_shown_how_much_and_nothing_of_whom(app):
    with capture_logs() as said:
        await everything(app)
        await app.get("/students/p1/rules")
        await app.get("/students/p1/contact")

    (shown,) = [line for line in said if line["event"] == "disclosed"]
    assert {**shown, "log_level": ""} == {
        "event": "disclosed",
        "who": "manager-1",
        "what": "basis of a rule",
        "route": "list_rules",
        "how_many": 1,
        "log_level": "",
    }
    for secret in SECRETS:
        assert secret not in str(said), secret


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/students/p1/contact"),
        ("GET", "/students/p1/rules"),
        ("PUT", "/students/p1/rules/r1"),
        ("GET", "/students/p1/sharing"),
        ("GET", "/guardians/g1"),
        ("GET", "/guardians/w-1"),
        ("GET", "/guardians/g1/consents"),
    ],
)
async def test_a_refusal_quotes_nothing_of_what_is_kept(app, method, path):
    await everything(app)
    caller = app.by("counselor", campuses=["west"])
    body = {"guardian_id": "g1", "rule": "no_contact", "basis": "safety_plan", "from": "2025-10-01"}

    refused = await caller.ask(method, path, **({"json": body} if method == "PUT" else {}))

    assert refused.status_code == 404
    for secret in SECRETS:
        assert secret not in refused.text, secret
